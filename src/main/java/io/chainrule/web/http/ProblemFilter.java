package io.chainrule.web.http;

import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Answers what filters behind it refuse, as refusals of the endpoints are answered. */
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
        } catch (RequestException | StoreUnavailableException | RequestRejectedException e) {
            problems.resolveException(request, response, null, e);
        }
    }
}
