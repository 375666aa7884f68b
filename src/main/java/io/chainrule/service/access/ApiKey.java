package io.chainrule.service.access;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;

/**
 * What is kept of a key: not the key itself, but its hash.
 *
 * @param id names the key; it is no secret
 * @param hash of the key, by SHA-256, in hexadecimal. A key is as random as its hash, so that a slow hash would protect it no better
 * @param owner who has it, in the words of whoever made it
 * @param scopes with spaces between them
 * @param requests of this and the next three: quotas in place of the defaults
 */
public record ApiKey(@Id String id, String hash, String owner, String scopes, Instant createdAt, @Nullable Instant expiresAt,
        @Nullable Instant revokedAt, @Nullable Long requests, @Nullable Long computeSeconds, @Nullable Long bytes,
        @Nullable Integer trainings) {

    private static final String CLIENT = "key:";

    /** The name of the client that sends the key. */
    public String client() {
        return CLIENT + id;
    }

    /** The id of the key that a client sends, by the client's name; empty if it sends none. */
    static Optional<String> idOf(String client) {
        return client.startsWith(CLIENT) ? Optional.of(client.substring(CLIENT.length())) : Optional.empty();
    }

    public Set<Scope> allows() {
        return Scope.all(scopes);
    }

    public boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    public boolean isRevoked() {
        return revokedAt != null;
    }

    boolean isUsable(Instant now) {
        return !isRevoked() && !isExpired(now);
    }

    /** Its own quotas, and where it has none the defaults. */
    public Quotas quotas(Quotas standard) {
        return new Quotas(requests == null ? standard.requests() : requests,
                computeSeconds == null ? standard.computeSeconds() : computeSeconds, bytes == null ? standard.bytes() : bytes,
                trainings == null ? standard.trainings() : trainings);
    }
}
