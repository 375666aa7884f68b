package io.chainrule.service.models;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.store.Store;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Bytes that are kept once, by their SHA-256. They are written before anything refers to them, and what nothing refers to is removed
 * later: a process that ends in between leaves nothing that is seen.
 */
@Component
class Contents {
    /** H2 limits a value to 1 MiB. */
    private static final int PART = 1_000_000;

    private final Store store;
    private final JdbcClient database;

    Contents(Store store, JdbcClient database) {
        this.store = store;
        this.database = database;
    }

    /** The digest of some bytes, in hexadecimal. */
    static String digest(byte[] bytes) {
        return digest(bytes.length, part(bytes));
    }

    /** The digest under which the elements of an array are kept. */
    static String digestOf(Tensor array) {
        return digest((long) Double.BYTES * array.length(), parts(array));
    }

    private static String digest(long length, IntFunction<byte[]> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int part = 0; (long) part * PART < length; part++) {
                digest.update(parts.apply(part));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static IntFunction<byte[]> part(byte[] bytes) {
        return part -> Arrays.copyOfRange(bytes, part * PART, Math.min((part + 1) * PART, bytes.length));
    }

    /** Keeps bytes, unless they are there. Returns their digest. */
    String put(byte[] bytes) {
        return put(bytes.length, part(bytes));
    }

    /** Keeps the elements of an array, in little-endian order. Returns the digest of these bytes. */
    String put(Tensor array) {
        return put((long) Double.BYTES * array.length(), parts(array));
    }

    private static IntFunction<byte[]> parts(Tensor array) {
        double[] data = array.data();
        return part -> {
            int first = part * (PART / Double.BYTES);
            int length = Math.min(PART / Double.BYTES, data.length - first);
            ByteBuffer bytes = ByteBuffer.allocate(length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(data, first, length);
            return bytes.array();
        };
    }

    private String put(long length, IntFunction<byte[]> parts) {
        String digest = digest(length, parts);
        if (!touch(digest)) {
            try {
                store.withTransaction(() -> insert(digest, length, parts));
            } catch (DuplicateKeyException _) {
                // Another request has written the same bytes meanwhile.
                touch(digest);
            }
        }
        return digest;
    }

    /** Notes that bytes are used now, so that they are not removed before something refers to them; returns whether they are there. */
    private boolean touch(String digest) {
        return store.with(() -> database.sql("update content set used_at = :now where digest = :digest")
                .param("now", Timestamp.from(Instant.now())).param("digest", digest).update()) > 0;
    }

    private boolean insert(String digest, long length, IntFunction<byte[]> parts) {
        database.sql("insert into content (digest, bytes, used_at) values (:digest, :bytes, :now)").param("digest", digest)
                .param("bytes", length).param("now", Timestamp.from(Instant.now())).update();
        for (int part = 0; (long) part * PART < length; part++) {
            database.sql("insert into content_part (digest, part, data) values (:digest, :part, :data)").param("digest", digest)
                    .param("part", part).param("data", parts.apply(part)).update();
        }
        return true;
    }

    /** Removes what no version needs and nobody has used since a time. To be called in a transaction. */
    void removeUnused(Instant since) {
        database.sql("delete from content where used_at < :since and not exists "
                + "(select 1 from model_content m where m.digest = content.digest)").param("since", Timestamp.from(since)).update();
        database.sql("delete from content_part where not exists (select 1 from content c where c.digest = content_part.digest)").update();
    }

    /** Reads the bytes of a digest that something refers to. */
    byte[] read(String digest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        forEachPart(digest, (_, part) -> bytes.writeBytes(part));
        return bytes.toByteArray();
    }

    /** Reads an array. */
    Tensor read(String digest, Shape shape) {
        double[] data = new double[shape.length()];
        forEachPart(digest, (number, part) -> ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(data,
                number * (PART / Double.BYTES), part.length / Double.BYTES));
        return Tensor.of(shape, data);
    }

    /** Reads the parts one at a time. The PostgreSQL driver loads all rows at once unless the query runs in a transaction. */
    private void forEachPart(String digest, BiConsumer<Integer, byte[]> parts) {
        store.withTransaction(() -> {
            database.sql("select part, data from content_part where digest = :digest order by part").param("digest", digest)
                    .withFetchSize(1).query(row -> {
                        parts.accept(row.getInt(1), row.getBytes(2));
                    });
            return true;
        });
    }
}
