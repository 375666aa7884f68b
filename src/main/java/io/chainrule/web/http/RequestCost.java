package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a request has cost.
 *
 * @param seconds for which it held a permit to compute, or of one that needs none the time until it was answered
 * @param bytes of its body and its answer, as they were sent
 */
public record RequestCost(double seconds, long bytes) {
    private static final String ATTRIBUTE = RequestCost.class.getName();
    private static final String RECEIVED = ATTRIBUTE + ".received";

    /** Notes how many bytes of a body have been read, whether it is refused or not. */
    static void noteReceived(ServletRequest request, long bytes) {
        request.setAttribute(RECEIVED, bytes);
    }

    /** How many bytes of a body have been read; null if nobody has begun to read it. */
    static @Nullable Long received(ServletRequest request) {
        return request.getAttribute(RECEIVED) instanceof Long bytes ? bytes : null;
    }

    void noteAt(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** Returns what an answered request has cost. Returns null if it was refused before it waited for a permit. */
    public static @Nullable RequestCost of(ServletRequest request) {
        return (RequestCost) request.getAttribute(ATTRIBUTE);
    }
}
