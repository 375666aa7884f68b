package io.chainrule.service.jobs;

import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import org.jspecify.annotations.Nullable;

/**
 * The client that sent a job, whose quotas are charged.
 *
 * @param quotas those that the client had then; null if it may have any amount
 */
public record JobClient(String name, @Nullable Quotas quotas) {
    /** The client with its quotas of today; null if it may have any amount. */
    @Nullable
    Client charged(Quotas today) {
        return quotas == null ? null : new Client(name, today);
    }

    /** The quotas as the database has them; an empty text stands for none. */
    String quotasText() {
        return quotas == null
                ? ""
                : quotas.requests() + " " + quotas.computeSeconds() + " " + quotas.bytes() + " " + quotas.trainings();
    }

    static JobClient of(String name, @Nullable String quotas) {
        if (quotas == null || quotas.isEmpty()) {
            return new JobClient(name, null);
        }
        String[] parts = quotas.split(" ", -1);
        return new JobClient(name, new Quotas(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]),
                Integer.parseInt(parts[3])));
    }
}
