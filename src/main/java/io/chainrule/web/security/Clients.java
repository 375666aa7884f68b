package io.chainrule.web.security;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import io.chainrule.web.http.Network;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/** Tells who sent a request. */
final class Clients {
    /** For so long after its end Spring Security takes a token for a new request, as clocks may differ. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private final Quotas standard;

    Clients(Quotas standard) {
        this.standard = standard;
    }

    /**
     * Who owns what a client stores: whoever has its key, so that a new key in place of an old one finds it, or of a token its subject, or
     * the program that it names.
     */
    static String owner(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        ApiKey key = key(principal);
        return key != null
                ? "owner:" + key.owner()
                : kind(principal) + Client.shortened(String.valueOf(request.getRemoteUser()));
    }

    /** A program that may choose its id must not become a subject by it (RFC 9700, section 4.15). */
    private static String kind(@Nullable Principal principal) {
        return principal instanceof JwtAuthenticationToken token && !token.getToken().hasClaim(JwtClaimNames.SUB) ? "client:" : "subject:";
    }

    /** What a key, or a token, allows. */
    static Set<Scope> scopes(HttpServletRequest request) {
        Set<String> authorities = request.getUserPrincipal() instanceof Authentication known
                ? known.getAuthorities().stream().map(GrantedAuthority::getAuthority).collect(Collectors.toSet())
                : Set.of();
        return Arrays.stream(Scope.values()).filter(scope -> authorities.contains(ScopeRule.authority(scope))).collect(Collectors.toSet());
    }

    /** Until when the token of a request is taken. A key is looked up again, since it can be revoked. */
    static Optional<Instant> tokenEnd(HttpServletRequest request) {
        return request.getUserPrincipal() instanceof JwtAuthenticationToken token
                ? Optional.ofNullable(token.getToken().getExpiresAt()).map(end -> end.plus(CLOCK_SKEW))
                : Optional.empty();
    }

    private static @Nullable ApiKey key(@Nullable Principal principal) {
        return principal instanceof BearerTokenAuthentication token && token.getPrincipal() instanceof OAuth2AuthenticatedPrincipal known
                && known.getAttribute(ApiKeyIntrospector.KEY) instanceof ApiKey key ? key : null;
    }

    Client of(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        if (principal == null) {
            return new Client(Network.of(request.getRemoteAddr()), standard);
        }
        ApiKey key = key(principal);
        if (key != null) {
            return new Client(key.client(), key.quotas(standard));
        }
        return new Client(kind(principal) + principal.getName(), standard);
    }
}
