package io.chainrule.service.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
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
    private static final int REMOVED_AT_ONCE = 20;

    /** Replaces what is there. */
    public void write(byte[] bytes) {
        remove();
        insert(bytes.length, of(bytes));
    }

    /** Writes so many bytes where nothing is; {@code parts} answers the part of each number, from 0. */
    public void insert(long length, IntFunction<byte[]> parts) {
        String columns = String.join(", ", key.keySet());
        String values = key.keySet().stream().map(column -> ":" + column).collect(Collectors.joining(", "));
        for (int part = 0; (long) part * LENGTH < length; part++) {
            database.sql("insert into " + table + " (" + columns + ", part, data) values (" + values + ", :part, :data)").params(key)
                    .param("part", part).param("data", parts.apply(part)).update();
        }
    }

    /** The parts of an array. */
    public static IntFunction<byte[]> of(byte[] bytes) {
        return part -> Arrays.copyOfRange(bytes, part * LENGTH, Math.min((part + 1) * LENGTH, bytes.length));
    }

    /** Reads what is there; an empty array if nothing is. */
    public byte[] read() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length()));
        forEach((_, part) -> bytes.put(part));
        return bytes.array();
    }

    /** Reads one part after another, with their numbers. */
    public void forEach(BiConsumer<Integer, byte[]> parts) {
        // The PostgreSQL driver loads all rows at once unless it is given a fetch size in a transaction.
        database.sql("select part, data from " + table + where() + " order by part").params(key).withFetchSize(1).query(row -> {
            parts.accept(row.getInt(1), row.getBytes(2));
        });
    }

    /** How many bytes are there. */
    public long length() {
        return database.sql("select coalesce(sum(octet_length(data)), 0) from " + table + where()).params(key).query(Long.class).single();
    }

    /** One part; empty if it is not there. */
    public Optional<byte[]> part(int number) {
        return database.sql("select data from " + table + where() + " and part = :part").params(key).param("part", number)
                .query((row, _) -> Objects.requireNonNull(row.getBytes(1))).optional();
    }

    /** Removes all parts, which are numbered from 0 without gaps: some with each statement, so that each is done in time. */
    public void remove() {
        removeIf("true");
    }

    /** Does the same as long as a condition in SQL holds. */
    public void removeIf(String condition) {
        int removed = REMOVED_AT_ONCE;
        for (int first = 0; removed == REMOVED_AT_ONCE; first += REMOVED_AT_ONCE) {
            removed = database.sql("delete from " + table + where() + " and part >= :first and part < :end and " + condition).params(key)
                    .param("first", first).param("end", first + REMOVED_AT_ONCE).update();
        }
    }

    private String where() {
        return key.keySet().stream().map(column -> column + " = :" + column).collect(Collectors.joining(" and ", " where ", ""));
    }
}
