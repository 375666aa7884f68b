package io.chainrule.service.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.chainrule.service.store.Store;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.stereotype.Service;

/**
 * Keys are made, found and revoked. What was found is remembered for {@code chainrule.security.key-cache}: so long after a key was revoked
 * by another replica it may still be taken.
 */
@Service
public class ApiKeys {
    /** Tools that look for secrets in sources find keys by this. */
    private static final String PREFIX = "crk_";
    private static final int BYTES = 32;
    private static final int ID_BYTES = 6;
    private static final int MOST_REMEMBERED = 10_000;

    private final Store store;
    private final ApiKeyRepository keys;
    private final JdbcAggregateOperations rows;
    private final Cache<String, Optional<ApiKey>> found;
    private final SecureRandom random = new SecureRandom();

    ApiKeys(Store store, ApiKeyRepository keys, JdbcAggregateOperations rows, SecurityProperties properties) {
        this.store = store;
        this.keys = keys;
        this.rows = rows;
        found = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterWrite(properties.keyCache()).build();
    }

    /**
     * What a new key is to be.
     *
     * @param quotas in place of the defaults; null where the default is to hold
     */
    public record Wish(String owner, Collection<Scope> scopes, @Nullable Instant expiresAt, OwnQuotas quotas) {}

    /** Quotas of a key's own; null where the default holds. */
    public record OwnQuotas(@Nullable Long requests, @Nullable Long computeSeconds, @Nullable Long bytes, @Nullable Integer trainings) {
        public static final OwnQuotas STANDARD = new OwnQuotas(null, null, null, null);
    }

    /** A key as it is told once. */
    public record Issued(ApiKey key, String secret) {}

    /** Makes a key. */
    public Issued issue(Wish wish) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        String secret = newSecret();
        return new Issued(insert(HexFormat.of().formatHex(id), secret, wish), secret);
    }

    String newSecret() {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** Keeps a key. Throws {@link org.springframework.dao.DuplicateKeyException} if there is one with this id, or the same key. */
    ApiKey insert(String id, String secret, Wish wish) {
        OwnQuotas quotas = wish.quotas;
        ApiKey key = new ApiKey(id, hash(secret), wish.owner, wish.scopes.stream().map(Scope::text).sorted()
                .collect(Collectors.joining(" ")), now(), wish.expiresAt == null ? null : wish.expiresAt.truncatedTo(ChronoUnit.MILLIS),
                null,
                quotas.requests, quotas.computeSeconds, quotas.bytes, quotas.trainings);
        // In a transaction: a server that answers too late finds the client gone and drops the row. By itself it would keep a row of which
        // nobody has the key.
        store.withTransaction(() -> rows.insert(key));
        found.invalidate(key.hash());
        return key;
    }

    /** All keys, the oldest first, also those that are revoked or expired. */
    public List<ApiKey> all() {
        return store.with(keys::findAllByOrderByCreatedAtAscIdAsc);
    }

    public Optional<ApiKey> find(String id) {
        return store.with(() -> keys.findById(id));
    }

    /** The key of a client, by the client's name, usable or not; empty if it has none. */
    public Optional<ApiKey> ofClient(String name) {
        return ApiKey.idOf(name).flatMap(this::find);
    }

    /** Whether a client may go on with what it is doing: its key, if it has one, was not revoked and has not ended meanwhile. */
    public boolean isLetIn(String client) {
        return ofClient(client).map(key -> key.isUsable(now())).orElse(true);
    }

    /** The key that a client sent, usable or not. */
    public Optional<ApiKey> bySecret(String secret) {
        return found.get(hash(secret), hash -> store.with(() -> keys.findByHash(hash)));
    }

    /** Whether one of these keys can make keys now. */
    static boolean haveAdmin(List<ApiKey> keys) {
        Instant now = now();
        return keys.stream().anyMatch(key -> key.isUsable(now) && key.allows().contains(Scope.ADMIN));
    }

    /**
     * From now on the key is not taken any more. Returns false, and does nothing, if no other key could make keys then.
     */
    public boolean revoke(ApiKey key) {
        boolean isDone = store.withTransaction(() -> {
            keys.lockAdmins();
            return keys.revoke(key.id(), now()) > 0 || keys.findById(key.id()).stream().anyMatch(ApiKey::isRevoked);
        });
        found.invalidate(key.hash());
        return isDone;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** What is kept of a key: its SHA-256, in hexadecimal. */
    public static String hash(String secret) {
        return DigestUtils.sha256Hex(secret);
    }
}
