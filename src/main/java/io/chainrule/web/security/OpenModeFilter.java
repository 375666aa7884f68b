package io.chainrule.web.security;

import io.chainrule.web.http.ClientConnection;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * Protects a service without keys from pages of other sites, which a browser on the same machine may show. It refuses names of other hosts,
 * since such a page can have its own name resolved to this machine; and requests that other sites send, but for pictures. What only an
 * operator may see is shown to this machine alone.
 */
final class OpenModeFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Pattern LOOPBACK_HOST = Pattern
            .compile("(?i)(localhost|[a-z0-9.-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");
    private static final Pattern PICTURE = Pattern.compile("/v1/(render|plot|ops/[^/]+/plot)\\.svg");
    private static final String HEALTH = "/actuator/health";

    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    private final boolean isForAnyName;
    private final transient Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final boolean hasOrigins;

    /**
     * {@code isForThisMachine} says that only this machine reaches the service; {@code hosts} are further names of it; {@code hasOrigins}
     * says that some origins may call it.
     */
    OpenModeFilter(boolean isForThisMachine, List<String> hosts, boolean hasOrigins) {
        isForAnyName = !isForThisMachine && hosts.isEmpty();
        names.addAll(hosts);
        this.hasOrigins = hasOrigins;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!request.getRequestURI().startsWith(HEALTH)) {
            checkHost(request.getHeader(HttpHeaders.HOST));
            checkSite(request);
            if (AccessTable.of(request) == Access.ADMIN && !ClientConnection.isFromThisMachine(request)) {
                throw refusal("only this machine may ask for this, since the service runs without keys",
                        "set chainrule.security.mode, and send a key of scope admin");
            }
        }
        chain.doFilter(request, response);
    }

    /** Not the name that a proxy may have put in its place: a page can send the headers that proxies send. */
    private void checkHost(@Nullable String host) {
        if (!isForAnyName && host != null && !LOOPBACK_HOST.matcher(host).matches()
                && !names.contains(PORT.matcher(host).replaceFirst(""))) {
            throw refusal("the service answers to no such name, since it runs without keys",
                    "call it as localhost, or name its host in chainrule.security.hosts; for others than this machine set "
                            + "chainrule.security.mode");
        }
    }

    private void checkSite(HttpServletRequest request) {
        if (!"cross-site".equals(request.getHeader("Sec-Fetch-Site")) || isPicture(request) || isVisit(request)
                || hasOrigins && request.getHeader(HttpHeaders.ORIGIN) != null) {
            return;
        }
        throw refusal("pages of other sites get pictures alone, since the service runs without keys",
                "name the page's origin in chainrule.cors.allowed-origins");
    }

    private static boolean isPicture(HttpServletRequest request) {
        return isGet(request) && PICTURE.matcher(request.getRequestURI()).matches();
    }

    /** A link that was followed: the site that it stands on cannot read the answer. */
    private static boolean isVisit(HttpServletRequest request) {
        return isGet(request) && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    }

    private static boolean isGet(HttpServletRequest request) {
        return HttpMethod.GET.matches(request.getMethod());
    }

    private static RequestException refusal(String message, String hint) {
        return new RequestException(ErrorDetail.of(ProblemType.FORBIDDEN, message).hint(hint));
    }
}
