package io.chainrule.web.security;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.http.Standing;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The standing of a client that has a key, a token or quotas. */
final class ClientStanding implements Standing {
    /** A client that is looked up each time would cost more than what it does. */
    private static final Duration LEAST = Duration.ofMillis(500);

    private final ApiKeys keys;
    private final Allowances allowances;
    private final Client client;
    private final @Nullable Instant until;
    private final HttpServletResponse response;
    private final long between;
    private long nextLook;
    private boolean isLetIn = true;
    private long taken;

    /** A key is looked up once in {@code between}. */
    ClientStanding(ApiKeys keys, Allowances allowances, Duration between, Client client, HttpServletRequest request,
            HttpServletResponse response) {
        this.keys = keys;
        this.allowances = allowances;
        this.client = client;
        this.response = response;
        this.between = (between.compareTo(LEAST) < 0 ? LEAST : between).toNanos();
        until = Clients.tokenEnd(request).orElse(null);
        nextLook = System.nanoTime() + this.between;
    }

    @Override
    public synchronized boolean isLetIn() {
        if (System.nanoTime() - nextLook >= 0) {
            nextLook = System.nanoTime() + between;
            try {
                look();
            } catch (StoreUnavailableException _) {
                // A file may take longer than the store is away. It is looked again.
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
        Allowance.Taken charged = allowances.of(client).takeBytes(bytes);
        if (charged.refusal() != null) {
            throw refused(response, charged.refusal());
        }
        taken += charged.bytes();
    }

    /** The bytes that were charged before they were sent. */
    synchronized long taken() {
        return taken;
    }

    /** The refusal of a client that has used a quota. */
    static RequestException refused(HttpServletResponse response, Allowance.Refusal refusal) {
        long seconds = Math.max(1, QuotaFilter.seconds(refusal.delay()));
        response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        return new RequestException(ErrorDetail.of(ProblemType.TOO_MANY_REQUESTS, refusal.reason() + "; try again in " + seconds + " s")
                .hint("whoever runs the service sets quotas by chainrule.quotas, or for a key"));
    }
}
