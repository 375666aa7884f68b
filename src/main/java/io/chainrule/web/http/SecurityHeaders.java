package io.chainrule.web.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;

/**
 * Sets headers by which browsers do not guess the type of an answer, and show answers on other sites as pictures only. Browsers are told
 * not to cache models, data sets, jobs and keys, since the same address may belong to another client or database later. The page at
 * {@code /} sets a policy of its own, which replaces the one set here.
 */
final class SecurityHeaders extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String POLICY = "Content-Security-Policy";
    /** Pictures and explanations as HTML hold their styles. */
    private static final String OF_ANSWERS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";
    private static final String OF_SWAGGER_UI = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final String SWAGGER_UI = "/swagger-ui/";
    private static final String PICTURE = ".svg";
    private static final Pattern STORED = Pattern.compile("/v1/(models|datasets|jobs|keys)(/.*)?", Pattern.DOTALL);

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = RequestPath.of(request);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", path.endsWith(PICTURE) ? "cross-origin" : "same-origin");
        response.setHeader(POLICY, path.startsWith(SWAGGER_UI) ? OF_SWAGGER_UI : OF_ANSWERS);
        if (STORED.matcher(path).matches()) {
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        if (request.isSecure()) {
            response.setHeader("Strict-Transport-Security", "max-age=31536000");
        }
        chain.doFilter(request, response);
    }
}
