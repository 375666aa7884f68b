package io.chainrule.service.datasets;

import dev.hardwood.internal.thrift.ThriftCompactReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * Reads what describes a Parquet file, or one of its pages. Lengths and counts that are larger than what is left of the bytes are refused
 * before memory is taken for them.
 */
final class ParquetThrift extends ThriftCompactReader {
    private static final int DEEPEST = 64;
    /** About the memory that the objects of a structure take. */
    private static final int BYTES_A_STRUCTURE = 256;
    private static final int STRUCTURES_A_CHARGE = 1 << 10;

    private final int length;
    private final LongConsumer growth;
    private int depth;
    private long passed;
    private int structures;

    /** @param growth is told how many bytes of memory are taken, before they are */
    ParquetThrift(ByteBuffer bytes, LongConsumer growth) {
        super(bytes);
        length = bytes.remaining();
        this.growth = growth;
    }

    @Override
    public byte[] readBinary() throws IOException {
        long size = readVarint();
        if (size < 0 || size > length - getBytesRead()) {
            throw new EOFException("a text is longer than what holds it");
        }
        byte[] bytes = new byte[(int) size];
        readBytes(bytes);
        return bytes;
    }

    @Override
    public CollectionHeader readListHeader() throws IOException {
        CollectionHeader header = super.readListHeader();
        pass(header.size());
        return header;
    }

    @Override
    public void skipField(byte type) throws IOException {
        pass(1);
        if (++depth > DEEPEST) {
            throw new IOException("its description is nested too deeply");
        }
        super.skipField(type);
        depth--;
    }

    /** Counts fields and elements, each of which takes a byte at least, though truth values are passed over without reading one. */
    private void pass(int count) throws IOException {
        passed += count;
        if (count < 0 || passed > length) {
            throw new EOFException("its description has more elements than bytes");
        }
    }

    /** Begins a structure. */
    @Override
    public short pushFieldIdContext() {
        if (structures++ % STRUCTURES_A_CHARGE == STRUCTURES_A_CHARGE - 1) {
            growth.accept((long) STRUCTURES_A_CHARGE * BYTES_A_STRUCTURE);
        }
        return super.pushFieldIdContext();
    }
}
