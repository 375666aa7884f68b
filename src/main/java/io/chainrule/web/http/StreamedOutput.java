package io.chainrule.web.http;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;

/** Writes to a client, which is waited for no longer than its pace allows. Only the time counts for which writing waited. */
final class StreamedOutput extends ServletOutputStream {
    private static final int PIECE = PacedStream.PIECE;

    private final ServletOutputStream out;
    private final ClientPace pace;
    private long waited;
    private long written;

    StreamedOutput(ServletOutputStream out, ClientPace pace) {
        this.out = out;
        this.pace = pace;
    }

    /** The bytes that were sent. */
    long written() {
        return written;
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void timed(Writing writing) throws IOException {
        long start = System.nanoTime();
        writing.run();
        waited += System.nanoTime() - start;
        if (pace.isTooSlow(written, waited)) {
            throw ClientPace.tooSlow();
        }
    }

    @Override
    public void write(int value) throws IOException {
        timed(() -> out.write(value));
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        for (int at = 0; at < length; at += PIECE) {
            int start = from + at;
            int piece = Math.min(PIECE, length - at);
            timed(() -> out.write(bytes, start, piece));
            written += piece;
        }
    }

    @Override
    public void flush() throws IOException {
        timed(out::flush);
    }

    @Override
    public boolean isReady() {
        return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        out.setWriteListener(listener);
    }
}
