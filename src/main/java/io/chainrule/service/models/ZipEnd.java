package io.chainrule.service.models;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** The record at the end of a zip (APPNOTE 4.3.16), which a reader of its entries in their order does not come to. */
final class ZipEnd {
    /** A zip of more than 4 GiB has this number instead of the offset, and keeps the offset in another record (Zip64). */
    private static final long ELSEWHERE = 0xFFFFFFFFL;

    private ZipEnd() {}

    /**
     * Whether a file ends with the directory of so many entries. A file does not that is cut off within it, has something before or behind
     * the zip, or has entries which only the directory lists.
     */
    static boolean isThere(Path file, int entries) throws IOException {
        ByteBuffer end = ByteBuffer.allocate(ZipFile.ENDHDR).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file)) {
            long begin = Math.max(0, channel.size() - ZipFile.ENDHDR);
            for (int read = 0; read >= 0 && end.hasRemaining();) {
                read = channel.read(end, begin + end.position());
            }
            long offset = Integer.toUnsignedLong(end.getInt(ZipFile.ENDOFF));
            long length = Integer.toUnsignedLong(end.getInt(ZipFile.ENDSIZ));
            boolean isDirectory = offset == ELSEWHERE && channel.size() > ELSEWHERE
                    || offset + length == begin && Short.toUnsignedInt(end.getShort(ZipFile.ENDTOT)) == entries;
            return end.getInt(0) == ZipFile.ENDSIG && isDirectory;
        }
    }
}
