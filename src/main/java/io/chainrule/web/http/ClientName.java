package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;

/** Who sent a request, as logs say and turns are shared by: a key, a token's subject, or an address. */
public final class ClientName {
    private static final String ATTRIBUTE = ClientName.class.getName();

    private ClientName() {}

    public static void set(ServletRequest request, String name) {
        request.setAttribute(ATTRIBUTE, name);
    }

    /** The address, as long as nothing more is known. */
    public static String of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof String name ? name : request.getRemoteAddr();
    }
}
