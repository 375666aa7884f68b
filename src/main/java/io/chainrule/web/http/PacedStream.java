package io.chainrule.web.http;

import java.io.IOException;
import java.io.OutputStream;

/** Writes to a client as long as it reads fast enough. */
final class PacedStream extends OutputStream {
    /** Bytes that are sent at once. */
    static final int PIECE = 16_384;

    private final OutputStream out;
    private final ClientPace pace;
    private long written;

    PacedStream(OutputStream out, ClientPace pace) {
        this.out = out;
        this.pace = pace;
    }

    /** The bytes that were sent. */
    long written() {
        return written;
    }

    @Override
    public void write(int value) throws IOException {
        out.write(value);
        written++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        for (int at = 0; at < length; at += PIECE) {
            int piece = Math.min(PIECE, length - at);
            out.write(bytes, from + at, piece);
            written += piece;
            if (pace.isTooSlow(written)) {
                throw ClientPace.tooSlow();
            }
        }
    }
}
