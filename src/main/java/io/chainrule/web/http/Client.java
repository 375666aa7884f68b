package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;

/** Who sent a request, as the log tells it. */
public final class Client {
    /** Request attribute with the name of the client, which whoever authenticates it may set. */
    public static final String ATTRIBUTE = Client.class.getName();

    private static final int LONGEST = 64;

    private Client() {}

    /** The client's name, if it is known, else the address of its connection or the one that a trusted proxy tells. */
    static String of(HttpServletRequest request) {
        Object name = request.getAttribute(ATTRIBUTE);
        Principal principal = name == null ? request.getUserPrincipal() : null;
        String client = name != null ? name.toString() : principal != null ? principal.getName() : request.getRemoteAddr();
        return client.length() <= LONGEST ? client : client.substring(0, LONGEST);
    }
}
