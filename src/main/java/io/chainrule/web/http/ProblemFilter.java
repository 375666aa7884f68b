package io.chainrule.web.http;

import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.util.ContentCachingResponseWrapper;

/** Answers what filters behind it refuse, and what the actuator does not find, as refusals of the endpoints are answered. */
final class ProblemFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient HandlerExceptionResolver problems;

    ProblemFilter(HandlerExceptionResolver problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            chain.doFilter(request, response);
            if (isWithoutAnswer(request, response)) {
                throw new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, ProblemType.NOT_FOUND.text().meaning()));
            }
        } catch (RequestException | StoreUnavailableException | RequestRejectedException e) {
            // An answer without Content-Length ends when the connection is closed, and Tomcat reads the rest of the body before.
            ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
            problems.resolveException(request, answer, null, e);
            answer.copyBodyToResponse();
        }
    }

    /** The actuator answers 404 without a body if a metric, a health group or a bill of materials does not exist. */
    private static boolean isWithoutAnswer(HttpServletRequest request, HttpServletResponse response) {
        return response.getStatus() == HttpServletResponse.SC_NOT_FOUND && !response.isCommitted()
                && request.getAttribute(Problems.CODE_ATTRIBUTE) == null;
    }
}
