package io.chainrule.web.http;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.springframework.util.StreamUtils;

/** Unpacks a gzip body. Throws a {@link RequestException} for data that is not in gzip format, and for data that unpacks to nothing. */
final class GzipBody extends FilterInputStream {
    private final Packed packed;

    private GzipBody(Packed packed) throws IOException {
        super(new GZIPInputStream(packed));
        this.packed = packed;
    }

    /** Closing it frees the unpacker's memory, and leaves {@code body} open. */
    static GzipBody of(InputStream body, BodyLimit limit) throws IOException {
        try {
            return new GzipBody(new Packed(StreamUtils.nonClosing(body), limit));
        } catch (ZipException | EOFException _) {
            throw damaged();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        packed.fruitless = 0;
        try {
            return super.read(buffer, offset, length);
        } catch (ZipException _) {
            throw damaged();
        }
    }

    private static RequestException damaged() {
        return new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, "the body is not in gzip, as its Content-Encoding says")
                .hint("compress the body, or leave Content-Encoding out"));
    }

    /** The packed bytes, of which there may be no more than of unpacked ones, and few that unpack to nothing. */
    private static final class Packed extends LimitedStream {
        /** For each empty part of the data the unpacker calls itself. */
        private static final int MOST_FRUITLESS = 8_192;

        private int fruitless;

        Packed(InputStream in, BodyLimit limit) {
            super(in, limit);
        }

        @Override
        void count(int read) {
            super.count(read);
            fruitless += read;
            if (fruitless > MOST_FRUITLESS) {
                throw new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, "the body unpacks to nothing"));
            }
        }
    }
}
