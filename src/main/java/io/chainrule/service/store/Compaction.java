package io.chainrule.service.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.stereotype.Component;

/**
 * Makes the file of the embedded database smaller. Each transaction writes some pages anew, and H2 moves the pages that are still needed
 * together only while it writes what was committed later, or is closed.
 */
@Component
class Compaction {
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final long SMALL_BYTES = 64L << 20;
    /** The file is to be larger than what is needed of it by no more than this factor. */
    private static final int FACTOR = 3;
    private static final int PERCENT = 100;
    /** H2 moves at least 16 MB at once, and commits wait meanwhile. */
    private static final int MILLISECONDS = 200;

    private final JdbcOperations database;
    private final Cleaning cleaning = new Cleaning("pages of the embedded database", BETWEEN);

    Compaction(JdbcOperations database) {
        this.database = database;
    }

    /** Begins if the file is large, unless this was done a short time ago. */
    void inTime(Path file) {
        cleaning.inTime(() -> {
            if (Files.size(file) > SMALL_BYTES) {
                compact();
            }
        });
    }

    private void compact() {
        try {
            database.execute((Connection connection) -> {
                compact(connection);
                return true;
            });
        } catch (DataAccessException | MVStoreException e) {
            throw new StoreUnavailableException(e);
        }
    }

    private static void compact(Connection connection) throws SQLException {
        SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        MVStore store = session.getDatabase().getStore().getMvStore();
        if (FACTOR * neededPercent(store.getFileStore()) < PERCENT) {
            // H2 would not set it back: a machine that loses its power needs pages that were written a short time before.
            int retention = store.getRetentionTime();
            try {
                store.compactFile(MILLISECONDS);
            } finally {
                store.setRetentionTime(retention);
            }
        }
    }

    /** A part of the file holds chunks, and of these a part holds pages that are still needed. */
    private static int neededPercent(FileStore<?> file) {
        return file.getFillRate() * file.getChunksFillRate() / PERCENT;
    }
}
