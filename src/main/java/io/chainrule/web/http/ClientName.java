package io.chainrule.web.http;

import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import jakarta.servlet.ServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who sent a request, as logs say and turns are shared by: a key, a token's subject, or an address. */
public final class ClientName {
    private static final String ATTRIBUTE = ClientName.class.getName();
    private static final String OWNER = ATTRIBUTE + ".owner";
    private static final String SCOPES = ATTRIBUTE + ".scopes";
    private static final String QUOTAS = ATTRIBUTE + ".quotas";

    private ClientName() {}

    public static void set(ServletRequest request, String name) {
        request.setAttribute(ATTRIBUTE, name);
    }

    /** Sets who owns what the client stores. */
    public static void setOwner(ServletRequest request, String owner) {
        request.setAttribute(OWNER, owner);
    }

    /** Who owns what the client stores; all clients of an open service are one owner. */
    public static String owner(ServletRequest request) {
        return request.getAttribute(OWNER) instanceof String owner ? owner : "open";
    }

    /** Sets how much a client may have, where that is not any amount. */
    public static void setQuotas(ServletRequest request, Quotas quotas) {
        request.setAttribute(QUOTAS, quotas);
    }

    /** How much a client may have; null for any amount. */
    public static @Nullable Quotas quotas(ServletRequest request) {
        return (Quotas) request.getAttribute(QUOTAS);
    }

    /** Sets what a client may do, where that is not everything. */
    public static void setScopes(ServletRequest request, Set<Scope> scopes) {
        request.setAttribute(SCOPES, scopes);
    }

    /** Whether a client may do something that the address of its request alone does not tell. */
    public static boolean has(ServletRequest request, Scope scope) {
        return !(request.getAttribute(SCOPES) instanceof Set<?> scopes) || scopes.contains(scope);
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
