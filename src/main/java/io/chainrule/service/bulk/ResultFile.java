package io.chainrule.service.bulk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;

/** The file to which results are joined. Bytes that another attempt has written stay, and count in the SHA-256. */
final class ResultFile extends OutputStream {
    /** So many bytes stay in the cache of a core while they are looked at and written. */
    static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final MessageDigest digest = DigestUtils.getSha256Digest();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private long position;

    private ResultFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Whether a file has at least so many bytes. */
    static boolean has(Path path, long bytes) throws IOException {
        return Files.size(path) >= bytes;
    }

    /**
     * Opens a file behind its first bytes, which are read for the SHA-256. What follows them is written again, and not dropped before: an
     * attempt that does not know yet that it has been replaced may do the same in the same file, and both write the same bytes.
     *
     * @param bytes how many stay
     * @param checkpoint is asked now and then whether to go on
     */
    static ResultFile open(Path path, long bytes, Runnable checkpoint) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ResultFile file = new ResultFile(channel);
        try {
            while (file.position < bytes) {
                checkpoint.run();
                file.buffer.limit((int) Math.min(BUFFER, bytes - file.position));
                if (channel.read(file.buffer) < 0) {
                    throw new IOException("the results have become shorter");
                }
                file.digest.update(file.buffer.flip());
                file.position += file.buffer.limit();
                file.buffer.clear();
            }
            return file;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** How many bytes there are. */
    long position() {
        return position;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        for (int at = 0; at < length;) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int piece = Math.min(buffer.remaining(), length - at);
            buffer.put(bytes, from + at, piece);
            at += piece;
        }
        position += length;
    }

    @Override
    public void flush() throws IOException {
        buffer.flip();
        digest.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** Has all bytes written to the disk. */
    void force() throws IOException {
        flush();
        channel.force(true);
    }

    /** Ends the file here, on the disk. Returns the SHA-256 of all bytes, in hexadecimal. */
    String end() throws IOException {
        flush();
        channel.truncate(position);
        channel.force(true);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Closes the file. Bytes that are still in the buffer are lost. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
