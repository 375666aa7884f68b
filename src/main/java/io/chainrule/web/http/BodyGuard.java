package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses bodies that are too long or compressed before they are read, and opens the reservation of the shared budget that holds a body's
 * memory until the answer has been written.
 */
class BodyGuard implements HandlerInterceptor {
    private static final String RESERVATION = BodyGuard.class.getName() + ".reservation";

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
            refuseCompression(request.getHeader(HttpHeaders.CONTENT_ENCODING));
        }
        request.setAttribute(RESERVATION, budget.reserve(0));
        return true;
    }

    /** The budget reservation of the request that this thread is handling. */
    static Budget.Reservation reservation() {
        return (Budget.Reservation) Objects.requireNonNull(
                RequestContextHolder.currentRequestAttributes().getAttribute(RESERVATION, RequestAttributes.SCOPE_REQUEST));
    }

    @Override
    public void afterCompletion(HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception exception) {
        if (request.getAttribute(RESERVATION) instanceof Budget.Reservation reservation) {
            reservation.close();
        }
    }

    private static void refuseCompression(@Nullable String encoding) {
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "compressed bodies are not read")
                    .expected("no Content-Encoding", "Content-Encoding: " + encoding));
        }
    }
}
