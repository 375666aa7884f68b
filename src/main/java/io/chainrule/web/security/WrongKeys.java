package io.chainrule.web.security;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.github.bucket4j.Bucket;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;

/**
 * Refuses to look up keys of an address that has sent too many wrong ones. Keys that need no look are taken all the same, since others may
 * have the same address.
 */
final class WrongKeys implements BearerTokenResolver {
    private static final int MOST_REMEMBERED = 100_000;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final BearerTokenResolver tokens = new DefaultBearerTokenResolver();
    private final Predicate<String> needsNoLook;
    private final LoadingCache<String, Bucket> addresses;

    WrongKeys(SecurityProperties properties, Predicate<String> needsNoLook) {
        this.needsNoLook = needsNoLook;
        int most = properties.wrongKeys();
        addresses = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterAccess(WINDOW.multipliedBy(2))
                .build(_ -> Bucket.builder().addLimit(limit -> limit.capacity(most).refillGreedy(most, WINDOW)).build());
    }

    @Override
    public @Nullable String resolve(HttpServletRequest request) {
        String token = tokens.resolve(request);
        if (token != null && !needsNoLook.test(token)) {
            Bucket left = addresses.getIfPresent(Clients.network(request.getRemoteAddr()));
            if (left != null && left.getAvailableTokens() <= 0) {
                throw new Refused(new RequestException(ErrorDetail.of(ProblemType.TOO_MANY_REQUESTS,
                        "too many wrong keys or tokens came from this address; try again in a minute")));
            }
        }
        return token;
    }

    void note(HttpServletRequest request) {
        addresses.get(Clients.network(request.getRemoteAddr())).tryConsume(1);
    }
}
