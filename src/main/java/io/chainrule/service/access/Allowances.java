package io.chainrule.service.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ExpiredEntriesCleaner;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLadvisoryLockBasedProxyManager;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What each client has left. It is kept in memory, or with {@code chainrule.quotas.shared=true} in the database, so that all replicas draw
 * on it. A client that sends nothing for two hours has its full quotas again.
 */
@Component
public final class Allowances {
    private static final Duration FORGOTTEN_AFTER = Duration.ofHours(2);
    private static final int MOST_REMEMBERED = 100_000;
    private static final Logger LOG = LoggerFactory.getLogger(Allowances.class);
    private static final long BETWEEN_CLEANINGS = TimeUnit.MINUTES.toNanos(10);
    private static final int BATCH = 1_000;
    private static final int PARTS = 100;

    private final Store store;
    private final Allowance.Outage outage = new Allowance.Outage();
    private final LoadingCache<Client, Allowance> clients;
    private final @Nullable PostgreSQLadvisoryLockBasedProxyManager<String> shared;
    private final AtomicLong nextCleaning = new AtomicLong(System.nanoTime());

    Allowances(Store store, DataSource database, @Value("${chainrule.quotas.shared:false}") boolean isShared) {
        if (isShared && store.isEmbedded()) {
            throw new IllegalStateException("chainrule.quotas.shared needs a database that all replicas reach: set spring.datasource.url");
        }
        shared = isShared
                ? Bucket4jPostgreSQL.advisoryLockBasedBuilder(database).table("quota").primaryKeyMapper(PrimaryKeyMapper.STRING)
                        .lockColumn("explicit_lock").requestTimeout(Duration.ofSeconds(1))
                        .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(FORGOTTEN_AFTER)).build()
                : null;
        clients = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterAccess(FORGOTTEN_AFTER)
                .build(client -> new Allowance(client.quotas(), (quota, configuration) -> bucket(client.name(), quota, configuration),
                        outage));
        this.store = store;
    }

    /** What a client has left. While quotas are shared and the database is away, it has all of them. */
    public Allowance of(Client client) {
        if (shared != null && isReached()) {
            forget(shared);
        }
        return clients.get(client);
    }

    /** Returns whether the database has been reached, which creates the table of quotas. */
    private boolean isReached() {
        if (!outage.isOver()) {
            return false;
        }
        long start = System.nanoTime();
        try {
            store.open();
            return true;
        } catch (StoreUnavailableException e) {
            outage.begin(System.nanoTime() - start, e);
            return false;
        }
    }

    /** Removes rows of clients that have all of their quotas again. */
    private void forget(ExpiredEntriesCleaner rows) {
        long now = System.nanoTime();
        long next = nextCleaning.get();
        if (now - next >= 0 && nextCleaning.compareAndSet(next, now + BETWEEN_CLEANINGS)) {
            Thread.ofVirtual().name("quotas").start(() -> {
                try {
                    while (rows.removeExpired(BATCH) == BATCH) {
                        Thread.onSpinWait();
                    }
                } catch (BucketExceptions.BucketExecutionException e) {
                    LOG.warn("Rows of quotas that nobody needs could not be removed: {}", e.getMessage());
                }
            });
        }
    }

    /** The size is part of the name: a bucket in the database keeps its own. */
    private Bucket bucket(String client, String quota, BucketConfiguration configuration) {
        return shared == null
                ? Bucket.builder().addLimit(configuration.getBandwidths()[0]).withCustomTimePrecision(TimeMeter.SYSTEM_NANOTIME).build()
                : shared.builder().withOptimization(Optimizations.delaying(delay(configuration.getBandwidths()[0].getCapacity())))
                        .build(client + " " + quota + " " + configuration.getBandwidths()[0].getCapacity(), () -> configuration);
    }

    /** A replica asks the database when it has spent a hundredth of a quota, or not asked for half a second. */
    private static DelayParameters delay(long most) {
        return new DelayParameters(Math.max(1, most / PARTS), Duration.ofMillis(500));
    }
}
