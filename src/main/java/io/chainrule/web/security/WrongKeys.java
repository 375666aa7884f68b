package io.chainrule.web.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.web.http.Network;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;

/**
 * Refuses to look at keys and tokens of an address that has sent too many wrong ones, since each takes a look into the store, or into the
 * keys of the server that signs tokens. Those that were right within the last day are looked at all the same: many clients may have one
 * address.
 */
final class WrongKeys implements BearerTokenResolver {
    private static final int MOST_REMEMBERED = 100_000;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration RIGHT_FOR = Duration.ofDays(1);

    private final BearerTokenResolver tokens = new DefaultBearerTokenResolver();
    private final LoadingCache<String, Bucket> addresses;
    /** By their hashes. This says only whether to look, not what is found. */
    private final Cache<String, Boolean> right = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterWrite(RIGHT_FOR).build();

    WrongKeys(SecurityProperties properties) {
        int most = properties.wrongKeys();
        addresses = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterAccess(WINDOW.multipliedBy(2))
                .build(_ -> Bucket.builder().addLimit(limit -> limit.capacity(most).refillGreedy(most, WINDOW))
                        .withCustomTimePrecision(TimeMeter.SYSTEM_NANOTIME).build());
    }

    @Override
    public @Nullable String resolve(HttpServletRequest request) {
        String token = tokens.resolve(request);
        if (token != null) {
            Bucket left = addresses.getIfPresent(Network.of(request.getRemoteAddr()));
            if (left != null && left.getAvailableTokens() <= 0 && right.getIfPresent(ApiKeys.hash(token)) == null) {
                throw new Refused(new RequestException(ErrorDetail.of(ProblemType.TOO_MANY_REQUESTS,
                        "too many wrong keys or tokens came from this address; try again in a minute")), WINDOW);
            }
        }
        return token;
    }

    void noteWrong(HttpServletRequest request) {
        addresses.get(Network.of(request.getRemoteAddr())).tryConsume(1);
    }

    void noteRight(String token) {
        right.put(ApiKeys.hash(token), true);
    }
}
