package io.chainrule.service.datasets;

import dev.hardwood.internal.thrift.FileMetaDataReader;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.metadata.SchemaElement;
import dev.hardwood.schema.FileSchema;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.service.run.OverloadedException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;

/** An open Parquet file: its columns and row groups, and its bytes, of which at most TIMES x its length + LITTLE may be read. */
final class ParquetFile implements Closeable {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ENCRYPTED = "PARE".getBytes(StandardCharsets.US_ASCII);
    /** The length of the description, and the magic bytes. */
    private static final int TAIL = Integer.BYTES + MAGIC.length;
    private static final int LONGEST_DESCRIPTION = 1 << 26;
    /** Bytes of memory for each byte of the description. */
    private static final long MEMORY_PER_BYTE = 8;
    private static final int DEEPEST = 64;
    private static final int MOST_ELEMENTS = 1 << 16;
    /** How many times its length may be read, and how many bytes more. */
    private static final int TIMES = 4;
    private static final long LITTLE = 1 << 24;
    /** What a read costs by itself, in bytes. */
    private static final long COST = 1 << 6;

    private final FileChannel channel;
    private final LongConsumer growth;
    private final Checkpoint checkpoint;
    private final long length;
    private long left;
    private long charged;
    private long bytesOfDescription;
    private final FileSchema schema;
    private final List<RowGroup> groups;
    private final long rows;

    /**
     * Opens a file. Throws {@link IOException} if it is no Parquet.
     *
     * @param growth is told how many bytes of memory are taken, before they are
     * @param checkpoint is asked before each page
     */
    ParquetFile(RowFile path, LongConsumer growth, Checkpoint checkpoint) throws IOException {
        this.growth = growth;
        this.checkpoint = checkpoint;
        channel = path.open();
        boolean isOpen = false;
        try {
            length = channel.size();
            left = LITTLE + TIMES * length;
            var description = FileMetaDataReader.read(new ParquetThrift(description(), this::takeForDescription));
            checkNesting(description.schema());
            schema = FileSchema.fromSchemaElements(description.schema());
            groups = description.rowGroups();
            rows = description.numRows();
            isOpen = true;
        } catch (LimitException | OverloadedException | StoppedException | CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            // The library tells by any of them what is wrong.
            throw new IOException("its description has no meaning", e);
        } finally {
            if (!isOpen) {
                channel.close();
            }
        }
    }

    private ByteBuffer description() throws IOException {
        if (length < MAGIC.length + TAIL) {
            throw new IOException("it is too short");
        }
        ByteBuffer tail = read(length - TAIL, TAIL).order(ByteOrder.LITTLE_ENDIAN);
        int size = tail.getInt();
        byte[] first = new byte[MAGIC.length];
        byte[] last = new byte[MAGIC.length];
        read(0, first.length).get(first);
        tail.get(last);
        if (Arrays.equals(last, ENCRYPTED)) {
            throw new IOException("it is encrypted");
        }
        if (!Arrays.equals(first, MAGIC) || !Arrays.equals(last, MAGIC)) {
            throw new IOException("it does not begin and end with PAR1");
        }
        if (size < 0 || size > Math.min(LONGEST_DESCRIPTION, length - MAGIC.length - TAIL)) {
            throw new IOException("its description claims a length of " + Integer.toUnsignedString(size) + " bytes");
        }
        takeForDescription(MEMORY_PER_BYTE * size);
        return read(length - TAIL - size, size);
    }

    /** The library builds the tree of columns by recursion, so its depth is bounded. */
    private static void checkNesting(List<SchemaElement> elements) throws IOException {
        if (elements.size() > MOST_ELEMENTS) {
            throw new IOException("it describes more than " + MOST_ELEMENTS + " columns and groups of columns");
        }
        int[] children = new int[DEEPEST];
        int depth = 0;
        children[0] = 1;
        for (SchemaElement element : elements) {
            while (depth > 0 && children[depth] == 0) {
                depth--;
            }
            children[depth]--;
            Integer inner = element.numChildren();
            if (element.isGroup() && inner != null && inner > 0) {
                if (++depth == DEEPEST) {
                    throw new IOException("its columns are nested too deeply");
                }
                children[depth] = inner;
            }
        }
    }

    private void takeForDescription(long bytes) {
        growth.accept(bytes);
        bytesOfDescription += bytes;
    }

    /** The memory that its description takes. */
    long bytesOfDescription() {
        return bytesOfDescription;
    }

    FileSchema schema() {
        return schema;
    }

    List<RowGroup> groups() {
        return groups;
    }

    /** How many rows it claims to have. */
    long rows() {
        return rows;
    }

    /** Charges memory that is held at once. Only what exceeds the largest earlier amount is added. */
    void charge(long bytes) {
        if (bytes > charged) {
            growth.accept(bytes - charged);
            charged = bytes;
        }
    }

    /** Asks whether the work may go on. */
    void check() {
        checkpoint.check();
    }

    /** The bytes from a place on. Throws {@link IOException} if there are fewer, or if too many have been read before. */
    ByteBuffer read(long from, int bytes) throws IOException {
        if (from < 0 || bytes < 0 || from > length - bytes) {
            throw new EOFException("it ends before its rows do");
        }
        left -= bytes + COST;
        if (left < 0) {
            throw new IOException("its parts are asked for again and again");
        }
        ByteBuffer range = ByteBuffer.allocate(bytes);
        while (range.hasRemaining()) {
            if (channel.read(range, from + range.position()) < 0) {
                throw new EOFException("it has become shorter");
            }
        }
        return range.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
