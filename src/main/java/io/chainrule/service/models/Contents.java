package io.chainrule.service.models;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.Parts;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.UnusedDigests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Bytes that are kept once, by their SHA-256. They are written before anything refers to them, and what nothing refers to is removed
 * later: a process that ends in between leaves nothing that is seen.
 */
@Component
class Contents {
    private static final int TRIES = 5;
    static final String UNUSED = "not exists (select 1 from model_content m where m.digest = content.digest)";
    private static final String ORPHANED = "not exists (select 1 from content c where c.digest = content_part.digest)";

    private final Store store;
    private final JdbcClient database;

    Contents(Store store, JdbcClient database) {
        this.store = store;
        this.database = database;
    }

    /** The digest of some bytes, in hexadecimal. */
    static String digest(byte[] bytes) {
        return digest(bytes.length, Parts.of(bytes));
    }

    /** The digest under which the elements of an array are kept. */
    static String digestOf(Tensor array) {
        return digest((long) Double.BYTES * array.length(), parts(array));
    }

    private static String digest(long length, IntFunction<byte[]> parts) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (int part = 0; (long) part * Parts.LENGTH < length; part++) {
            digest.update(parts.apply(part));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The contents that one request has added, with the times at which it did so. */
    static final class Added {
        /** Sorted, since transactions that lock rows in different orders could wait for each other for ever. */
        private final Map<String, Instant> times = new TreeMap<>();
    }

    /** Keeps bytes, unless they are there. Returns their digest. */
    String put(byte[] bytes, Added added) {
        String digest = digest(bytes);
        add(digest, added, at -> insert(digest, bytes.length, Parts.of(bytes), at));
        return digest;
    }

    /** Keeps the elements of an array, in little-endian order, unless they are there. Their digest is known from {@link #digestOf}. */
    void put(String digest, Tensor array, Added added) {
        add(digest, added, at -> insert(digest, (long) Double.BYTES * array.length(), parts(array), at));
    }

    private static IntFunction<byte[]> parts(Tensor array) {
        double[] data = array.data();
        return part -> {
            int first = part * (Parts.LENGTH / Double.BYTES);
            int length = Math.min(Parts.LENGTH / Double.BYTES, data.length - first);
            ByteBuffer bytes = ByteBuffer.allocate(length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(data, first, length);
            return bytes.array();
        };
    }

    /**
     * Keeps bytes that are read from a stream, unless they are there. They are to be checked before. Throws {@link ProblemException} if
     * they are others now; then nothing is kept.
     */
    void put(String digest, long length, InputStream bytes, Added added) {
        add(digest, added, at -> {
            MessageDigest found = DigestUtils.getSha256Digest();
            insert(digest, length, part -> part(bytes, length, part, found), at);
            check(digest, length, found, bytes);
        });
    }

    private void add(String digest, Added added, Consumer<Instant> insert) {
        // A request whose client has gone ends where it waits for a permit again. It notes before what it has added.
        Turn.whileClientIsWaitedFor(() -> {
            for (int left = TRIES; !touch(digest); left--) {
                // The database keeps milliseconds.
                Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
                try {
                    store.withTransaction(() -> {
                        insert.accept(at);
                        return true;
                    });
                    added.times.put(digest, at);
                    return;
                } catch (DuplicateKeyException e) {
                    // Another request has written the same bytes meanwhile. If it fails, it removes them again.
                    if (left == 0) {
                        throw store.unavailable(e);
                    }
                }
            }
        });
    }

    /** Throws {@link ProblemException} unless a stream has so many bytes, with this digest. Nothing is kept. */
    static void check(String digest, long length, InputStream bytes) {
        MessageDigest found = DigestUtils.getSha256Digest();
        for (int part = 0; (long) part * Parts.LENGTH < length; part++) {
            part(bytes, length, part, found);
        }
        check(digest, length, found, bytes);
    }

    private static void check(String digest, long length, MessageDigest found, InputStream bytes) {
        if (!HexFormat.of().formatHex(found.digest()).equals(digest) || !isAtEnd(bytes)) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "values are not those that their name tells")
                    .expected(length + " bytes with the SHA-256 " + digest, "others"));
        }
    }

    private static byte[] part(InputStream bytes, long length, int number, MessageDigest digest) {
        try {
            byte[] part = bytes.readNBytes((int) Math.min(Parts.LENGTH, length - (long) number * Parts.LENGTH));
            digest.update(part);
            return part;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAtEnd(InputStream bytes) {
        try {
            return bytes.read() < 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Notes that bytes are used now, so that they are not removed before something refers to them; returns whether they are there. The time
     * always grows, also within a millisecond, so that {@link #remove} sees that somebody else uses them.
     */
    boolean touch(String digest) {
        return store.with(() -> database.sql("update content set used_at = greatest(cast(:now as timestamp(3) with time zone), "
                + "used_at + interval '0.001' second) where digest = :digest")
                .param("now", Timestamp.from(Instant.now())).param("digest", digest).update()) > 0;
    }

    private void insert(String digest, long length, IntFunction<byte[]> parts, Instant at) {
        database.sql("insert into content (digest, bytes, used_at) values (:digest, :bytes, :at)").param("digest", digest)
                .param("bytes", length).param("at", Timestamp.from(at)).update();
        parts(digest).insert(length, parts);
    }

    private Parts parts(String digest) {
        return new Parts(database, "content_part", Map.of("digest", digest));
    }

    /**
     * Removes what a request has added that failed with {@code cause}. If that fails too, the client is still told {@code cause}; what
     * stays counts for no owner.
     */
    void remove(Added added, Throwable cause) {
        try {
            remove(added);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Removes what a request has added, unless a version needs it, or others have used it since and are about to refer to it. */
    void remove(Added added) {
        store.withTransaction(() -> {
            added.times.forEach(this::remove);
            return true;
        });
    }

    private void remove(String digest, Instant at) {
        if (database.sql("delete from content where digest = :digest and used_at = :at and " + UNUSED).param("digest", digest)
                .param("at", Timestamp.from(at)).update() > 0) {
            parts(digest).remove();
        }
    }

    /**
     * Removes what no version needs and nobody has used since a time. Each content has a transaction of its own, so that what is removed
     * stays removed if a later one fails.
     */
    void removeUnused(Instant since) {
        Timestamp before = Timestamp.from(since);
        new UnusedDigests(database, "content", UNUSED).forEach(store, digest -> store.withTransaction(() -> {
            // Another replica may clean at the same time, and others may use the content since.
            if (database.sql("delete from content where digest = :digest and used_at < :since and " + UNUSED)
                    .param("digest", digest).param("since", before).update() > 0) {
                parts(digest).remove();
            }
            return true;
        }));
        new UnusedDigests(database, "content_part", ORPHANED).forEach(store, digest -> store.withTransaction(() -> {
            parts(digest).removeIf(ORPHANED);
            return true;
        }));
    }

    /** Reads the bytes of a digest that something refers to, once this thread's request has taken the memory for them. */
    byte[] read(String digest) {
        int length = Math.toIntExact(Math.max(0, length(digest)));
        Budget.addToLatest(length);
        byte[] bytes = new byte[length];
        forEachPart(digest, (number, part) -> System.arraycopy(part, 0, bytes, number * Parts.LENGTH, part.length));
        return bytes;
    }

    /**
     * Writes bytes to a client that may be slow. Each part is read by itself, so that nobody keeps the database waiting. Throws
     * {@link IOException} if they have been removed meanwhile.
     */
    void write(String digest, OutputStream out) throws IOException {
        long length = length(digest);
        long written = 0;
        for (int number = 0; written < length; number++) {
            byte[] part = part(digest, number);
            out.write(part);
            written += part.length;
            if (part.length == 0) {
                throw new IOException("what a model keeps has been removed");
            }
        }
        if (length < 0) {
            throw new IOException("what a model keeps has been removed");
        }
    }

    /** How many bytes are kept; −1 if none are. */
    private long length(String digest) {
        return store.with(() -> database.sql("select bytes from content where digest = :digest").param("digest", digest)
                .query(Long.class).optional()).orElse(-1L);
    }

    private byte[] part(String digest, int number) {
        return store.with(() -> parts(digest).part(number)).orElseGet(() -> new byte[0]);
    }

    /** Reads an array. Throws {@link IllegalStateException} if as many elements are not kept under this digest. */
    Tensor read(String digest, Shape shape) {
        long kept = length(digest);
        if (kept != Double.BYTES * shape.size()) {
            throw new IllegalStateException("a model keeps an array of shape " + shape + ", and " + kept + " bytes are stored for it");
        }
        double[] data = new double[shape.length()];
        forEachPart(digest, (number, part) -> ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(data,
                number * (Parts.LENGTH / Double.BYTES), part.length / Double.BYTES));
        return Tensor.of(shape, data);
    }

    private void forEachPart(String digest, BiConsumer<Integer, byte[]> parts) {
        store.withTransaction(() -> {
            parts(digest).forEach(parts);
            return true;
        });
    }
}
