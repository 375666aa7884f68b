package io.chainrule.web.security;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.http.AuditLog;
import io.chainrule.web.http.RequestCost;
import io.chainrule.web.http.Standing;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The standing of a client that has a key, a token or quotas. */
final class ClientStanding implements Standing {
    /** The least time between two look-ups of the key: one for each piece of a file would cost more than sending it. */
    private static final Duration LEAST = Duration.ofMillis(500);

    private final ApiKeys keys;
    private final Allowances allowances;
    private final Client client;
    private final @Nullable Instant until;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final LongSupplier clock;
    private final long between;
    private long nextLook;
    private boolean isLetIn = true;
    private long taken;
    /** When bytes were first taken, as {@code clock} tells it. */
    private long takenAt;

    /** A key is looked up once in {@code between}; {@code clock} tells nanoseconds. */
    ClientStanding(ApiKeys keys, Allowances allowances, Duration between, Client client, HttpServletRequest request,
            HttpServletResponse response, LongSupplier clock) {
        this.keys = keys;
        this.allowances = allowances;
        this.client = client;
        this.request = request;
        this.response = response;
        this.clock = clock;
        this.between = (between.compareTo(LEAST) < 0 ? LEAST : between).toNanos();
        until = Clients.tokenEnd(request).orElse(null);
        nextLook = clock.getAsLong() + this.between;
    }

    @Override
    public synchronized boolean isLetIn() {
        long now = clock.getAsLong();
        if (now - nextLook >= 0) {
            nextLook = now + between;
            try {
                look();
            } catch (StoreUnavailableException _) {
                // The request goes on. The key is looked up again, for the store may be back before a long file is sent.
            }
        }
        return isLetIn;
    }

    private void look() {
        isLetIn = (until == null || Instant.now().isBefore(until)) && keys.isLetIn(client.name());
    }

    @Override
    public void check() {
        if (!isLetIn()) {
            throw refused();
        }
    }

    @Override
    public synchronized void checkNow() {
        look();
        if (!isLetIn) {
            throw refused();
        }
    }

    private RequestException refused() {
        Refusals.challengeWrong(response);
        return new RequestException(ErrorDetail
                .of(ProblemType.UNAUTHENTICATED,
                        "the key or token is not valid any more: it was revoked, or has ended, since the request began")
                .expected("Authorization: Bearer …", "one that is not valid").hint("send the request again with another key or token"));
    }

    @Override
    public synchronized void take(long bytes) {
        Allowance allowance = allowances.of(client);
        Allowance.Taken charged = allowance.takeBytes(bytes);
        if (charged.refusal() != null) {
            throw refused(allowance, charged.refusal());
        }
        if (taken == 0) {
            takenAt = clock.getAsLong();
        }
        taken += charged.bytes();
    }

    /** Charges what the request has cost, but for the bytes that were charged before they were sent. */
    synchronized void charge(RequestCost cost) {
        // It is asked for again: a client is forgotten that sends nothing for some hours, as a file may take.
        Allowance allowance = allowances.of(client);
        allowance.charge(cost.seconds(), Math.max(0, cost.bytes() - taken));
        if (cost.bytes() < taken) {
            allowance.giveBack(taken - cost.bytes(), Duration.ofNanos(clock.getAsLong() - takenAt));
        }
    }

    /** The refusal of this client, which has used a quota; the audit log is told of it once a minute. */
    RequestException refused(Allowance allowance, Allowance.Refusal refusal) {
        if (allowance.isToBeTold()) {
            AuditLog.event(request, "quota-used", Map.of("reason", refusal.reason()));
        }
        long seconds = Math.max(1, QuotaFilter.seconds(refusal.delay()));
        response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        return new RequestException(ErrorDetail.of(ProblemType.TOO_MANY_REQUESTS, refusal.reason() + "; try again in " + seconds + " s")
                .hint("whoever runs the service sets quotas by chainrule.quotas, or for a key"));
    }
}
