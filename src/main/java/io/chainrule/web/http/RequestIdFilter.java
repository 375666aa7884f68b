package io.chainrule.web.http;

import io.chainrule.web.problem.RequestId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.MDC;

/** Puts the request's id into the answer's header and into every line that is logged on the way. */
class RequestIdFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    static final String LOG_FIELD = "request_id";

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String id = RequestId.of(request);
        response.setHeader(RequestId.HEADER, id);
        try (var _ = MDC.putCloseable(LOG_FIELD, id)) {
            chain.doFilter(request, response);
        }
    }
}
