package io.chainrule.web.http;

import io.chainrule.service.access.Client;
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
        return cut(request.getAttribute(ATTRIBUTE) instanceof String name ? name : request.getRemoteAddr());
    }

    /** Shortens a name. Subjects of tokens, and addresses from the headers of a proxy, may be of any length. */
    static String cut(String text) {
        return text.length() <= Client.LONGEST_NAME ? text : text.substring(0, Client.LONGEST_NAME);
    }
}
