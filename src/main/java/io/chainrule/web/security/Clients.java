package io.chainrule.web.security;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.Principal;
import java.util.Arrays;
import java.util.HexFormat;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;

/** Tells who sent a request. */
final class Clients {
    private static final int BYTES_OF_NETWORK = 8;

    private final Quotas standard;

    Clients(Quotas standard) {
        this.standard = standard;
    }

    Client of(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        if (principal == null) {
            return new Client("address:" + network(request.getRemoteAddr()), standard);
        }
        if (principal instanceof BearerTokenAuthentication token && token.getPrincipal() instanceof OAuth2AuthenticatedPrincipal known
                && known.getAttribute(ApiKeyIntrospector.KEY) instanceof ApiKey key) {
            return new Client("key:" + key.id(), key.quotas(standard));
        }
        return new Client("subject:" + principal.getName(), standard);
    }

    /** Of an IPv6 address the first half, since whoever has one has all of that network. */
    static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            InetAddress parsed = InetAddress.ofLiteral(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), BYTES_OF_NETWORK)) + "/64"
                    : address;
        } catch (IllegalArgumentException _) {
            return address;
        }
    }
}
