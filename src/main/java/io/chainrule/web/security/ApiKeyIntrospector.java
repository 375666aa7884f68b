package io.chainrule.web.security;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Instant;
import java.util.Map;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;

/** Looks up a key that a client sent as its bearer token. */
final class ApiKeyIntrospector implements OpaqueTokenIntrospector {
    /** The attribute of the principal that holds the {@link ApiKey}. */
    static final String KEY = "key";

    private final ApiKeys keys;
    private final WrongKeys wrong;

    ApiKeyIntrospector(ApiKeys keys, WrongKeys wrong) {
        this.keys = keys;
        this.wrong = wrong;
    }

    @Override
    public OAuth2AuthenticatedPrincipal introspect(String token) {
        ApiKey key = find(token);
        if (key.isRevoked()) {
            throw new BadOpaqueTokenException("the key " + key.id() + " was revoked at " + key.revokedAt());
        }
        if (key.isExpired(Instant.now())) {
            throw new BadOpaqueTokenException("the key " + key.id() + " expired at " + key.expiresAt());
        }
        wrong.noteRight(token);
        String[] authorities = key.allows().stream().map(ScopeRule::authority).toArray(String[]::new);
        return new DefaultOAuth2AuthenticatedPrincipal(key.id(), Map.of(KEY, key), AuthorityUtils.createAuthorityList(authorities));
    }

    private ApiKey find(String token) {
        try {
            return keys.bySecret(token).orElseThrow(() -> new BadOpaqueTokenException("there is no such key"));
        } catch (StoreUnavailableException e) {
            throw new Refused(e, null);
        }
    }
}
