package io.chainrule.web.security;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.web.http.Network;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;

/** Tells who sent a request. */
final class Clients {
    private final Quotas standard;

    Clients(Quotas standard) {
        this.standard = standard;
    }

    Client of(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        if (principal == null) {
            return new Client(Network.of(request.getRemoteAddr()), standard);
        }
        if (principal instanceof BearerTokenAuthentication token && token.getPrincipal() instanceof OAuth2AuthenticatedPrincipal known
                && known.getAttribute(ApiKeyIntrospector.KEY) instanceof ApiKey key) {
            return new Client("key:" + key.id(), key.quotas(standard));
        }
        return new Client("subject:" + principal.getName(), standard);
    }
}
