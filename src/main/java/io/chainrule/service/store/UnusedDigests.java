package io.chainrule.service.store;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The digests in a table to which nothing refers. The table is read in the order of digests, some rows with each statement: one statement
 * for the whole of a long table would not end in time.
 *
 * @param table with a column {@code digest} that an index begins with
 * @param isUnused a condition in SQL that an index answers for each digest
 * @param atOnce how many rows a statement reads
 */
public record UnusedDigests(JdbcClient database, String table, String isUnused, int atOnce) {
    private static final int AT_ONCE = 1_000;

    public UnusedDigests(JdbcClient database, String table, String isUnused) {
        this(database, table, isUnused, AT_ONCE);
    }

    private record Row(String digest, boolean isUnused) {}

    /** Calls {@code remove} for each of them, outside of any transaction. Whoever removes one has to check it again. */
    public void forEach(Store store, Consumer<String> remove) {
        // The number stands in the text: PostgreSQL plans for many rows where the limit is a parameter.
        String sql = "select digest, " + isUnused + " from (select digest from " + table + " where digest > :after order by digest limit "
                + atOnce + ") " + table + " order by digest";
        String after = "";
        List<Row> found;
        do {
            String last = after;
            found = store.with(() -> database.sql(sql).param("after", last)
                    .query((row, _) -> new Row(Objects.requireNonNull(row.getString(1)), row.getBoolean(2))).list());
            found.stream().filter(Row::isUnused).map(Row::digest).distinct().forEach(remove);
            after = found.isEmpty() ? last : found.getLast().digest;
        } while (found.size() == atOnce);
    }
}
