package io.chainrule.service.store;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.chainrule.service.run.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.relational.core.conversion.DbActionExecutionException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The database. It is opened, and its tables are brought up to date, when something first needs it: a service that only computes needs no
 * folder. After a failure to reach it, it is tried again at most once a second, so that not every request waits for that.
 */
@Component
public class Store {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    private static final long BETWEEN_TRIES = TimeUnit.SECONDS.toNanos(1);
    /** While a migration waits for a lock, requests of other replicas wait behind it: it has to leave them time. */
    private static final long BETWEEN_MIGRATIONS = TimeUnit.SECONDS.toNanos(10);
    private static final long PATIENCE_SECONDS = 20;

    private final Tables tables;
    private final JdbcConnectionDetails database;
    private final TransactionOperations transactions;
    private final HikariDataSource pool;
    private final Compaction compaction;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Future<?> opening;
    private volatile boolean isOpen;
    private volatile @Nullable Failure last;

    /** Until a time of the clock of {@link System#nanoTime} nothing else is tried. */
    private record Failure(Throwable cause, long until) {
        static Failure now(Throwable cause, long pause) {
            return new Failure(cause, System.nanoTime() + pause);
        }
    }

    Store(Tables tables, JdbcConnectionDetails database, TransactionOperations transactions, HikariDataSource pool, Compaction compaction) {
        this.tables = tables;
        this.database = database;
        this.transactions = transactions;
        this.pool = pool;
        this.compaction = compaction;
    }

    /** Whether the database is a file of this service, which no other replica sees. */
    public boolean isEmbedded() {
        return database instanceof EmbeddedDatabase;
    }

    /**
     * Whether the service may be asked for what it stores: the database is a file, or the tables of the server have been brought up to
     * date. A server that is away later makes no difference, since it is away for all replicas.
     */
    boolean isReady() {
        return isOpen || isEmbedded();
    }

    /** Whether nothing can be stored yet, because the file of the embedded database does not exist. */
    public boolean isUnused() {
        return !isOpen && database instanceof EmbeddedDatabase embedded && !Files.exists(embedded.file());
    }

    /** Does work in the database. Throws {@link StoreUnavailableException} if that cannot be done now. */
    public <T extends @Nullable Object> T with(Supplier<T> work) {
        // The database may take seconds to answer, or to say that it does not, and nothing is computed meanwhile.
        return Turn.asideOfBound(() -> doNow(work));
    }

    private <T extends @Nullable Object> T doNow(Supplier<T> work) {
        open();
        refuseSoonAfterFailure();
        if (database instanceof EmbeddedDatabase embedded) {
            compaction.inTime(embedded.file());
            return compaction.apart(() -> attempt(work));
        }
        return attempt(work);
    }

    private <T extends @Nullable Object> T attempt(Supplier<T> work) {
        try {
            return work.get();
        } catch (DataIntegrityViolationException e) {
            throw e;
        } catch (DbActionExecutionException e) {
            if (e.getCause() instanceof DataIntegrityViolationException violation) {
                throw violation;
            }
            throw unavailable(e);
        } catch (DataAccessException | TransactionException e) {
            throw unavailable(e);
        }
    }

    /** Does work in the database of which others see all, or nothing if it throws. Throws as {@link #with}. */
    public <T extends @Nullable Object> T withTransaction(Supplier<T> work) {
        return with(() -> transactions.execute(_ -> work.get()));
    }

    private void refuseSoonAfterFailure() {
        Failure failure = last;
        if (failure != null && System.nanoTime() - failure.until < 0) {
            throw new StoreUnavailableException(failure.cause);
        }
    }

    /** Sees to it that the database has its tables. Throws as {@link #with}, but not once that has been done. */
    public void open() {
        if (isOpen) {
            return;
        }
        try {
            opening().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(e);
        } catch (TimeoutException e) {
            throw new StoreUnavailableException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        Failure failure = last;
        if (!isOpen && failure != null) {
            throw new StoreUnavailableException(failure.cause);
        }
    }

    /** One thread brings the tables up to date, which may take longer than a request waits for it. */
    private Future<?> opening() {
        lock.lock();
        try {
            Future<?> found = opening;
            if (found == null || found.isDone() && !isOpen) {
                refuseSoonAfterFailure();
                found = CompletableFuture.runAsync(this::migrate, task -> Thread.ofVirtual().name("tables").start(task));
                opening = found;
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    private void migrate() {
        try {
            if (database instanceof EmbeddedDatabase embedded) {
                OwnerOnly.makeFolder(embedded.folder());
                tables.migrate();
                OwnerOnly.restrict(embedded.file());
            } else {
                tables.migrate();
            }
            isOpen = true;
        } catch (FlywayMigrateException e) {
            last = Failure.now(e, BETWEEN_MIGRATIONS);
            LOG.warn("The tables could not be brought up to date ({}): {}", e.getMigration().getScript(), reason(e));
        } catch (IOException | RuntimeException e) {
            last = Failure.now(e, BETWEEN_TRIES);
            report(e);
        }
    }

    /** Whether the pool had none to give within its patience. */
    private static boolean isWithoutConnection(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException) {
                return true;
            }
        }
        return false;
    }

    /**
     * H2 closes a database that it could not write, as on a full disk, and opens it again once all of its connections have been closed.
     * The pool does not notice, since each of the old connections still reports that it is valid.
     */
    private void closeConnections() {
        HikariPoolMXBean connections = pool.getHikariPoolMXBean();
        if (connections != null) {
            connections.softEvictConnections();
        }
    }

    /** Logs why something could not be done now. */
    public StoreUnavailableException unavailable(Exception cause) {
        if (isWithoutConnection(cause)) {
            last = Failure.now(cause, BETWEEN_TRIES);
        }
        report(cause);
        return new StoreUnavailableException(cause);
    }

    private void report(Exception cause) {
        if (isEmbedded()) {
            closeConnections();
        }
        LOG.warn("The store ({} or spring.datasource.url) is not available: {}", StoreProperties.PROPERTY, reason(cause));
        LOG.debug("Why the store is not available", cause);
    }

    private static @Nullable String reason(Exception failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
    }
}
