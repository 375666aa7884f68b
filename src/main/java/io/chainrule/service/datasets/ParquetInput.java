package io.chainrule.service.datasets;

import dev.hardwood.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Parquet file, of which the library may read a few times as much as there is, and nothing once it is closed. A damaged file may have the
 * library's threads read for ever; they end when this refuses to read.
 */
final class ParquetInput implements InputFile {
    private static final int TIMES = 4;
    private static final long LITTLE = 1 << 24;
    /** What a read costs by itself, in bytes. */
    private static final long COST = 1 << 10;

    private final Path path;
    private final FileChannel channel;
    private final long length;
    private final AtomicLong left;

    ParquetInput(Path path) throws IOException {
        this.path = path;
        channel = FileChannel.open(path, StandardOpenOption.READ);
        length = channel.size();
        left = new AtomicLong(LITTLE + TIMES * length);
    }

    /** It has been opened when it was made. */
    @Override
    public void open() {}

    @Override
    public ByteBuffer readRange(long from, int bytes) throws IOException {
        if (from < 0 || bytes < 0 || from + bytes > length) {
            throw new EOFException("the bytes from " + from + " on are asked for, " + bytes + " of them, of a file of " + length);
        }
        if (left.addAndGet(-bytes - COST) < 0) {
            throw new IOException("its parts are asked for again and again");
        }
        ByteBuffer range = ByteBuffer.allocate(bytes);
        while (range.hasRemaining()) {
            if (channel.read(range, from + range.position()) < 0) {
                throw new EOFException("the file has become shorter");
            }
        }
        return range.flip();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public String name() {
        return String.valueOf(path.getFileName());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
