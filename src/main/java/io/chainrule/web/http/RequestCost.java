package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a request has cost.
 *
 * @param seconds for which it held a permit to compute
 * @param bytes of its body and its answer, as they were sent
 */
public record RequestCost(double seconds, long bytes) {
    public static final RequestCost NONE = new RequestCost(0, 0);

    private static final String ATTRIBUTE = RequestCost.class.getName();

    void noteAt(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The cost of a request that is answered; null if it did not get as far as to cost anything. */
    public static @Nullable RequestCost of(ServletRequest request) {
        return (RequestCost) request.getAttribute(ATTRIBUTE);
    }
}
