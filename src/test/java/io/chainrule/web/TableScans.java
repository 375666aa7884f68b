package io.chainrule.web;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Which tables of a PostgreSQL are read as a whole. */
public final class TableScans {
    private TableScans() {}

    /** The tables of which work reads all rows on this thread, because no index finds those that it asks for. */
    public static Set<String> of(JdbcClient database, TransactionOperations transactions, Runnable work) {
        return Objects.requireNonNull(transactions.execute(_ -> {
            // Otherwise PostgreSQL reads small tables as a whole, and keeps to plans that it has made before.
            database.sql("set local enable_seqscan = off").update();
            database.sql("discard plans").update();
            Map<String, Long> before = scans(database);
            work.run();
            return scans(database).entrySet().stream().filter(table -> table.getValue() > before.getOrDefault(table.getKey(), 0L))
                    .map(Map.Entry::getKey).collect(Collectors.toSet());
        }));
    }

    /** How many rows of a table work reads on this thread, each as often as it reads it. */
    public static long rows(String table, JdbcClient database, TransactionOperations transactions, Runnable work) {
        return Objects.requireNonNull(transactions.execute(_ -> {
            long before = rows(table, database);
            work.run();
            return rows(table, database) - before;
        }));
    }

    private static long rows(String table, JdbcClient database) {
        return database.sql("select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_xact_user_tables "
                + "where relname = :table").param("table", table).query(Long.class).single();
    }

    private static Map<String, Long> scans(JdbcClient database) {
        return database.sql("select relname, seq_scan from pg_stat_xact_user_tables")
                .query((row, _) -> Map.entry(row.getString(1), row.getLong(2))).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
