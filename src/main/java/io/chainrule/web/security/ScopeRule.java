package io.chainrule.web.security;

import io.chainrule.service.access.Scope;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Decides by the {@link AccessTable}. */
final class ScopeRule implements AuthorizationManager<RequestAuthorizationContext> {
    /** Spring gives the scopes of tokens this prefix. */
    static String authority(Scope scope) {
        return "SCOPE_" + scope.text();
    }

    @Override
    public AuthorizationDecision authorize(Supplier<? extends @Nullable Authentication> client, RequestAuthorizationContext context) {
        Access access = AccessTable.of(context.getRequest());
        if (access == null) {
            return new AuthorizationDecision(false);
        }
        if (access == Access.OPEN) {
            return new AuthorizationDecision(true);
        }
        Authentication known = client.get();
        Set<String> authorities = access.scopes().stream().map(ScopeRule::authority).collect(Collectors.toSet());
        return new AuthorizationDecision(known != null && known.isAuthenticated()
                && known.getAuthorities().stream().map(GrantedAuthority::getAuthority).anyMatch(authorities::contains));
    }
}
