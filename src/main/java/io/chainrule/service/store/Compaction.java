package io.chainrule.service.store;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes the file of the embedded database smaller. Each transaction writes some pages anew, and H2 moves the pages that are still needed
 * together only while it writes what was committed later, or is closed. So it is closed for a moment in which nobody uses it.
 */
@Component
class Compaction {
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final long SMALL_BYTES = 64L << 20;
    /** The file is to be larger than what is needed of it by no more than this factor. */
    private static final int FACTOR = 3;
    private static final int PERCENT = 100;
    /** The percentage of the file that is still needed: that of the file which chunks fill, times that of chunks which live pages fill. */
    private static final String NEEDED_PERCENT = """
            select max(case setting_name when 'info.FILL_RATE' then cast(setting_value as int) end)
                * max(case setting_name when 'info.CHUNKS_FILL_RATE' then cast(setting_value as int) end) / 100
            from information_schema.settings""";
    private static final String SESSIONS = "select count(*) from information_schema.sessions";
    /** New work waits while work that has begun is awaited. */
    private static final long PATIENCE = Duration.ofSeconds(1).toNanos();
    private static final long PAUSE = Duration.ofMillis(2).toNanos();

    /** Held for reading while the database is used, and for writing while it is closed. It is fair, since some work has no pauses. */
    private final ReadWriteLock use = new ReentrantReadWriteLock(true);
    private final HikariDataSource pool;
    private final Cleaning cleaning = new Cleaning("pages of the embedded database", BETWEEN);

    Compaction(HikariDataSource pool) {
        this.pool = pool;
    }

    /** Begins if the file is large, unless this was done a short time ago. */
    void inTime(Path file) {
        cleaning.inTime(() -> {
            if (Files.size(file) > SMALL_BYTES) {
                compact();
            }
        });
    }

    /** Does work in the database, which is not closed meanwhile. */
    <T extends @Nullable Object> T apart(Supplier<T> work) {
        use.readLock().lock();
        try {
            return work.get();
        } finally {
            use.readLock().unlock();
        }
    }

    /** Closes the database if that makes its file much smaller. Returns false if it does not, or if other work took too long. */
    boolean compact() {
        try {
            if (FACTOR * neededPercent() >= PERCENT || !use.writeLock().tryLock(PATIENCE, TimeUnit.NANOSECONDS)) {
                return false;
            }
            try {
                return close();
            } finally {
                use.writeLock().unlock();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } catch (SQLException e) {
            throw new StoreUnavailableException(e);
        }
    }

    private int neededPercent() throws SQLException {
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
            return number(statement, NEEDED_PERCENT);
        }
    }

    /** H2 closes the database together with its last connection. The scheduler of jobs may have others. */
    private boolean close() throws SQLException {
        HikariPoolMXBean connections = pool.getHikariPoolMXBean();
        connections.suspendPool();
        try (Connection own = DriverManager.getConnection(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword());
                Statement statement = own.createStatement()) {
            long start = System.nanoTime();
            boolean isLast = false;
            while (!isLast && System.nanoTime() - start < PATIENCE) {
                connections.softEvictConnections();
                LockSupport.parkNanos(PAUSE);
                isLast = number(statement, SESSIONS) == 1;
            }
            return isLast;
        } finally {
            connections.resumePool();
        }
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
