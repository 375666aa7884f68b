package io.chainrule.web.security;

import io.chainrule.web.http.ClientConnection;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.RequestPath;
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
    private static final String API = "/v1/";
    /** The owner, who has stored nothing, of what pages of other sites ask for. */
    private static final String NOBODY = "another site";
    /** What browsers say of the page's own requests, and of those that no page makes. */
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");
    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    private final boolean isForAnyName;
    private final transient Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final transient Set<String> origins;

    /**
     * {@code isForThisMachine} says that only this machine reaches the service; {@code hosts} are further names of it; pages of
     * {@code origins} may call it.
     */
    OpenModeFilter(boolean isForThisMachine, List<String> hosts, List<String> origins) {
        isForAnyName = !isForThisMachine && hosts.isEmpty();
        names.addAll(hosts);
        this.origins = Set.copyOf(origins);
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!RequestPath.isOfHealth(request)) {
            String host = request.getHeader(HttpHeaders.HOST);
            checkHost(host, isForAnyName);
            checkSite(request);
            if (isOfAnotherSite(request) && !isVisit(request) && !isAllowed(request)) {
                // A page sees whether its picture came, and how large it is. With models in it, that would tell their values.
                ClientName.setOwner(request, NOBODY);
            }
            if (isForOperators(request)) {
                if (!ClientConnection.isFromThisMachine(request)) {
                    throw refusal("only this machine may ask for this, since the service runs without keys",
                            "set chainrule.security.mode, and send a key of scope admin");
                }
                // A browser of this machine may send the request for a page of another site, whose name resolves to this machine.
                checkHost(host, false);
            }
        }
        chain.doFilter(request, response);
    }

    /** Looks at the header itself, not at the name that a proxy tells: a page can send the headers that proxies send. */
    private void checkHost(@Nullable String host, boolean isAnyTaken) {
        if (!isAnyTaken && host != null && !LOOPBACK_HOST.matcher(host).matches()
                && !names.contains(PORT.matcher(host).replaceFirst(""))) {
            throw refusal("the service answers to no such name, since it runs without keys",
                    "call it as localhost, or name its host in chainrule.security.hosts; for others than this machine set "
                            + "chainrule.security.mode");
        }
    }

    /** What has no row in the table may be an endpoint that somebody has exposed, but for addresses of the API, which has rows for all. */
    private static boolean isForOperators(HttpServletRequest request) {
        Access access = AccessTable.of(request);
        return access == Access.ADMIN || access == null && !RequestPath.of(request).startsWith(API);
    }

    private void checkSite(HttpServletRequest request) {
        if (!isOfAnotherSite(request) || isPicture(request) || isVisit(request) || isAllowed(request)) {
            return;
        }
        if (isForOperators(request)) {
            throw refusal("pages of other origins get nothing that is for operators", "ask for it without a browser, as by curl");
        }
        throw refusal("pages of other sites get pictures alone, since the service runs without keys",
                "name the page's origin in chainrule.cors.allowed-origins");
    }

    /**
     * Pages on other ports of this machine are of the same site. They may call the API, but ask for nothing that is for operators. Over
     * plain HTTP to another machine, browsers send no Sec-Fetch-Site. They send the Origin header instead, except with simple GET requests.
     */
    private static boolean isOfAnotherSite(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("cross-site") || isForOperators(request) && !OWN_SITES.contains(site);
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String host = request.getHeader(HttpHeaders.HOST);
        return origin != null && (host == null || !origin.endsWith("://" + host));
    }

    private boolean isAllowed(HttpServletRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin != null && origins.contains(origin) && RequestPath.of(request).startsWith(API);
    }

    private static boolean isPicture(HttpServletRequest request) {
        return isGet(request) && PICTURE.matcher(RequestPath.of(request)).matches();
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
