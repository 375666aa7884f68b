package io.chainrule.web.security;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.web.http.AuditLog;
import io.chainrule.web.http.ClientConnection;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.RequestCost;
import io.chainrule.web.http.RequestPath;
import io.chainrule.web.http.TrainingPlace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import org.springframework.http.HttpMethod;

/**
 * Lets each client have no more than its quotas, and tells it what is left, in the headers of draft-ietf-httpapi-ratelimit-headers-10. Who
 * uses an open service on the same machine has all of it.
 */
final class QuotaFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final double NANOS = 1e9;
    static final String POLICY = "RateLimit-Policy";
    static final String LEFT = "RateLimit";

    private final transient Clients clients;
    private final transient Allowances allowances;
    private final transient ApiKeys keys;
    private final Duration keyCache;
    private final boolean isOpen;
    private final boolean isForAll;
    private final transient LongSupplier clock;

    /**
     * @param isForAll whether the audit log also has requests of clients of whom only the address is known
     * @param clock tells nanoseconds, as {@link System#nanoTime}
     */
    QuotaFilter(Clients clients, Allowances allowances, ApiKeys keys, SecurityProperties security, boolean isForAll, LongSupplier clock) {
        this.clients = clients;
        this.allowances = allowances;
        this.keys = keys;
        keyCache = security.keyCache();
        isOpen = security.mode() == SecurityMode.OPEN;
        this.isForAll = isForAll;
        this.clock = clock;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (RequestPath.isOfHealth(request)) {
            chain.doFilter(request, response);
            return;
        }
        if (isOpen && ClientConnection.isFromThisMachine(request)) {
            long begin = clock.getAsLong();
            try {
                chain.doFilter(request, response);
            } finally {
                audit(request, response, cost(request, begin));
            }
            return;
        }
        Client client = clients.of(request);
        ClientName.set(request, client.name());
        ClientName.setQuotas(request, client.quotas());
        if (!isOpen) {
            ClientName.setOwner(request, Clients.owner(request));
            ClientName.setScopes(request, Clients.scopes(request));
        }
        ClientStanding standing = new ClientStanding(keys, allowances, keyCache, client, request, response, clock);
        standing.noteAt(request);
        Allowance allowance = allowances.of(client);
        Access access = AccessTable.of(request);
        boolean isTraining = access == Access.TRAIN;
        // Whoever has used up the quota of computing by a job can still see the job, and cancel it.
        boolean isAboutJobs = access == Access.JOBS && !request.getMethod().equals(HttpMethod.POST.name());
        Allowance.Refusal refusal = isAboutJobs ? allowance.takeWithoutComputing() : allowance.take(isTraining);
        tell(allowance, response);
        if (refusal != null) {
            throw standing.refused(allowance, refusal);
        }
        if (isTraining) {
            TrainingPlace.note(request, allowance::endTraining);
        }
        long begin = clock.getAsLong();
        try {
            chain.doFilter(request, response);
        } finally {
            TrainingPlace.end(request);
            RequestCost cost = cost(request, begin);
            standing.charge(cost);
            audit(request, response, cost);
        }
    }

    private RequestCost cost(HttpServletRequest request, long begin) {
        RequestCost cost = RequestCost.of(request);
        // A refused request may have no measured core time. The elapsed time is then an upper bound of it.
        return cost == null ? new RequestCost((clock.getAsLong() - begin) / NANOS, 0) : cost;
    }

    private void audit(HttpServletRequest request, HttpServletResponse response, RequestCost cost) {
        if (isForAll || request.getUserPrincipal() != null) {
            AuditLog.request(request, response, cost);
        }
    }

    private static void tell(Allowance allowance, HttpServletResponse response) {
        if (allowance.quotas().isEmpty()) {
            return;
        }
        StringJoiner policies = new StringJoiner(", ");
        StringJoiner left = new StringJoiner(", ");
        for (Allowance.Quota quota : allowance.quotas()) {
            policies.add(
                    "\"" + quota.name() + "\";q=" + quota.most() + ";w=" + quota.window().toSeconds() + ";qu=\"" + quota.unit() + "\"");
            left.add("\"" + quota.name() + "\";r=" + quota.left() + ";t=" + seconds(quota.untilFull()));
        }
        response.setHeader(POLICY, policies.toString());
        response.setHeader(LEFT, left.toString());
    }

    static long seconds(Duration duration) {
        return duration.plusMillis(999).toSeconds();
    }
}
