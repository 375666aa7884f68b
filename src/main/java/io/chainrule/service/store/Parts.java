package io.chainrule.service.store;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Bytes in a table of parts, since databases limit the length of a value. To be used in a transaction.
 *
 * @param table with the columns {@code part} and {@code data}
 * @param key the other columns of the primary key, with their values
 */
public record Parts(JdbcClient database, String table, Map<String, String> key) {
    /** H2 limits a value to 1 MiB. */
    public static final int LENGTH = 1_000_000;

    /** Replaces what is there. */
    public void write(byte[] bytes) {
        remove();
        String columns = String.join(", ", key.keySet());
        String values = key.keySet().stream().map(column -> ":" + column).collect(Collectors.joining(", "));
        for (int part = 0; part * LENGTH < bytes.length; part++) {
            database.sql("insert into " + table + " (" + columns + ", part, data) values (" + values + ", :part, :data)").params(key)
                    .param("part", part)
                    .param("data", Arrays.copyOfRange(bytes, part * LENGTH, Math.min((part + 1) * LENGTH, bytes.length)))
                    .update();
        }
    }

    /** Reads what is there; an empty array if nothing is. */
    public byte[] read() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // The PostgreSQL driver loads all rows at once unless it is given a fetch size in a transaction.
        database.sql("select data from " + table + where() + " order by part").params(key).withFetchSize(1)
                .query(row -> {
                    bytes.writeBytes(row.getBytes(1));
                });
        return bytes.toByteArray();
    }

    public void remove() {
        database.sql("delete from " + table + where()).params(key).update();
    }

    private String where() {
        return key.keySet().stream().map(column -> column + " = :" + column).collect(Collectors.joining(" and ", " where ", ""));
    }
}
