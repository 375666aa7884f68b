package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses bodies that are too long, or packed in a way that is not read here, before they are read. Opens the reservation of the shared
 * budget that holds a body's memory until the answer has been written.
 */
class BodyGuard implements HandlerInterceptor {
    private static final String RESERVATION = BodyGuard.class.getName() + ".reservation";

    private static final String UNPACKED = BodyGuard.class.getName() + ".unpacked";

    private final BodyLimit limit;
    private final Budget budget;

    BodyGuard(BodyLimit limit, Budget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        boolean lengthUnknown = request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        long length = lengthUnknown ? limit.bytes() : request.getContentLengthLong();
        if (length > limit.bytes()) {
            throw limit.exceeded(String.valueOf(length));
        }
        if (length > 0) {
            try {
                ContentEncoding.of(request);
            } catch (RequestException e) {
                response.setHeader(HttpHeaders.ACCEPT_ENCODING, ContentEncoding.ACCEPTED);
                throw e;
            }
        }
        request.setAttribute(RESERVATION, budget.reserve(0));
        return true;
    }

    /** The budget reservation of the request that this thread is handling. */
    static Budget.Reservation reservation() {
        return (Budget.Reservation) Objects.requireNonNull(
                RequestContextHolder.currentRequestAttributes().getAttribute(RESERVATION, RequestAttributes.SCOPE_REQUEST));
    }

    /** Leaves a stream to be closed when the request that this thread is handling has been answered. */
    static InputStream closeAtEnd(InputStream unpacked) {
        RequestContextHolder.currentRequestAttributes().setAttribute(UNPACKED, unpacked, RequestAttributes.SCOPE_REQUEST);
        return unpacked;
    }

    @Override
    public void afterCompletion(HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception exception)
            throws IOException {
        if (request.getAttribute(UNPACKED) instanceof InputStream unpacked) {
            unpacked.close();
        }
        if (request.getAttribute(RESERVATION) instanceof Budget.Reservation reservation) {
            reservation.close();
        }
    }
}
