package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletRequest;

/** Where a request goes, by its address as it was sent. */
public final class RequestPath {
    private static final String HEALTH = "/actuator/health";

    private RequestPath() {}

    /** The path below that of the service ({@code server.servlet.context-path}). */
    public static String of(HttpServletRequest request) {
        return request.getRequestURI().substring(request.getContextPath().length());
    }

    /** Whether a request asks how the service is, which anybody may at any time. */
    public static boolean isOfHealth(HttpServletRequest request) {
        String path = of(request);
        return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
    }
}
