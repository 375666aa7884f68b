package io.chainrule.service.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.chainrule.service.store.Store;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What each client has left. It is kept in memory, or with {@code chainrule.quotas.shared=true} in the database, so that all replicas draw
 * on it. Who has not been seen for two hours has all of its quotas again.
 */
@Component
public class Allowances {
    private static final Duration FORGOTTEN_AFTER = Duration.ofHours(2);
    private static final int MOST_REMEMBERED = 100_000;
    private static final String SHARED = "chainrule.quotas.shared";

    private final LoadingCache<Client, Allowance> clients;
    private final @Nullable ProxyManager<String> shared;

    Allowances(Store store, DataSource database, @Value("${" + SHARED + ":false}") boolean isShared) {
        if (isShared && store.isEmbedded()) {
            throw new IllegalStateException(SHARED + " needs a database that all replicas reach: set spring.datasource.url");
        }
        shared = isShared
                ? Bucket4jPostgreSQL.advisoryLockBasedBuilder(database).table("quota").primaryKeyMapper(PrimaryKeyMapper.STRING)
                        .requestTimeout(Duration.ofSeconds(1))
                        .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(FORGOTTEN_AFTER)).build()
                : null;
        clients = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterAccess(FORGOTTEN_AFTER)
                .build(client -> new Allowance(client.quotas(), (quota, configuration) -> bucket(client.name(), quota, configuration)));
    }

    public Allowance of(Client client) {
        return clients.get(client);
    }

    private Bucket bucket(String client, String quota, BucketConfiguration configuration) {
        return shared == null
                ? Bucket.builder().addLimit(configuration.getBandwidths()[0]).withCustomTimePrecision(TimeMeter.SYSTEM_NANOTIME).build()
                : shared.builder().build(client + " " + quota, () -> configuration);
    }
}
