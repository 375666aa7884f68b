package io.chainrule.service.datasets;

import com.github.luben.zstd.Zstd;
import dev.hardwood.metadata.CompressionCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.xerial.snappy.Snappy;

/** Unpacks pages of Parquet. */
final class ParquetPacking {
    private ParquetPacking() {}

    /** Unpacks to the end of an array, from a place on. Throws {@link IOException} if it comes to more or fewer bytes. */
    static void unpack(CompressionCodec codec, ByteBuffer packed, byte[] target, int from) throws IOException {
        byte[] bytes = packed.array();
        int first = packed.arrayOffset() + packed.position();
        int length = packed.remaining();
        int size = target.length - from;
        long found = switch (codec) {
            case UNCOMPRESSED -> {
                System.arraycopy(bytes, first, target, from, Math.min(length, size));
                yield length;
            }
            case SNAPPY -> {
                int told = Snappy.uncompressedLength(bytes, first, length);
                yield told == size ? Snappy.uncompress(bytes, first, length, target, from) : told;
            }
            case GZIP -> {
                try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, first, length))) {
                    yield in.readNBytes(target, from, size) + (in.read() < 0 ? 0L : 1);
                }
            }
            case ZSTD -> Zstd.decompressByteArray(target, from, size, bytes, first, length);
            default -> throw new IOException("it is packed by " + codec);
        };
        if (found != size) {
            throw new IOException("a page does not unpack to the " + size + " bytes that it claims");
        }
    }
}
