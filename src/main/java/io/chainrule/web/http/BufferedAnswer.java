package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Spans;
import io.chainrule.service.run.Turn;
import io.opentelemetry.api.trace.Span;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.FastByteArrayOutputStream;

/**
 * Keeps an answer until it is complete, so that a client that reads slowly holds no permit to compute, and an answer that fails halfway can
 * still become an error. Its memory is taken from the request's reservation. A small answer becomes one write to the network. Events and
 * files are sent as they are written.
 */
final class BufferedAnswer extends HttpServletResponseWrapper {
    /** Bytes that are sent, or reserved, at once. */
    private static final int PIECE = PacedStream.PIECE;
    /** Shorter answers would hardly become shorter. */
    private static final int LEAST_PACKED = 2_048;
    private static final Pattern PACKED_TYPES = Pattern
            .compile("application/((problem\\+)?json|vnd\\.oai\\.openapi)|text/|image/svg\\+xml");
    private static final Pattern ACCEPTS_GZIP = Pattern.compile(
            "(?:^|,)\\s*(?:x-)?gzip\\s*(?:,|$|;\\s*q\\s*=\\s*+(?!0(?:\\.0*)?\\s*(?:,|$)))",
            Pattern.CASE_INSENSITIVE);

    private final Budget.Reservation reservation;
    private final Turn turn;
    private final HttpProperties properties;
    private FastByteArrayOutputStream kept = new FastByteArrayOutputStream(1_024);
    /** The gzip bytes of a document, shared by all answers that have it. If they are set, they are sent instead of the buffered bytes. */
    private byte @Nullable [] document;
    private long reserved = PIECE;
    private @Nullable ServletOutputStream out;
    private @Nullable StreamedOutput streamed;
    private @Nullable PrintWriter writer;
    private boolean isError;
    private long written;
    private @Nullable Span writing;

    BufferedAnswer(HttpServletResponse response, Budget.Reservation reservation, Turn turn, HttpProperties properties) {
        super(response);
        this.reservation = reservation;
        this.turn = turn;
        this.properties = properties;
    }

    /** Whether it is events, or a file. */
    private boolean isStreamed() {
        String type = getContentType();
        return type != null && (type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE) || Download.isSent(this));
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (writing == null) {
            writing = Spans.begin("write");
        }
        if (out == null) {
            streamed = isStreamed() ? new StreamedOutput(super.getOutputStream(), new ClientPace(properties, ClientPace.FOREVER)) : null;
            out = streamed == null ? new Kept() : streamed;
        }
        return out;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (writer == null) {
            writer = new PrintWriter(new OutputStreamWriter(getOutputStream(), StandardCharsets.UTF_8));
        }
        return writer;
    }

    @Override
    public void flushBuffer() throws IOException {
        if (isStreamed()) {
            super.flushBuffer();
        }
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        forget();
    }

    @Override
    public void reset() {
        super.reset();
        forget();
    }

    private void forget() {
        kept.reset();
        document = null;
        out = null;
        streamed = null;
        writer = null;
    }

    @Override
    public void sendError(int status) throws IOException {
        isError = true;
        super.sendError(status);
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        isError = true;
        super.sendError(status, message);
    }

    /** The length of what is kept is set when it is known. Its memory is taken now, so that nothing is made that has no room. */
    @Override
    public void setContentLength(int length) {
        setContentLengthLong(length);
    }

    @Override
    public void setContentLengthLong(long length) {
        if (isStreamed()) {
            super.setContentLengthLong(length);
        } else {
            reserve(length);
        }
    }

    /** Answers of one piece, as errors are, take no memory that would have to be asked for, and may be late. */
    private void reserve(long size) {
        if (size > reserved) {
            turn.pause();
            long more = Math.max(PIECE, size - reserved);
            // The blocks of what is kept double.
            reservation.add(2 * more);
            reserved += more;
        }
    }

    /**
     * Completes what is kept, while a permit is held: writes what is left, and packs it if the client takes that. An answer that is one of
     * {@code documents} is packed once for all.
     */
    void complete(String acceptedEncodings, @Nullable PackedDocuments documents) throws IOException {
        if (writer != null) {
            writer.flush();
        }
        if (kept.size() < LEAST_PACKED || isError || isCommitted() || !isPackable()) {
            return;
        }
        addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (ACCEPTS_GZIP.matcher(acceptedEncodings).find()) {
            if (documents != null && getStatus() == SC_OK) {
                document = documents.of(kept.toByteArrayUnsafe());
                kept.reset();
                reservation.giveBack(2 * (reserved - PIECE));
                reserved = PIECE;
            } else {
                pack();
            }
            setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
    }

    private void pack() throws IOException {
        FastByteArrayOutputStream plain = kept;
        kept = new FastByteArrayOutputStream(PIECE);
        try (OutputStream packer = new GZIPOutputStream(new Kept(), PIECE)) {
            plain.writeTo(packer);
        }
    }

    /** A partial answer (206) is not compressed, because its Content-Range counts uncompressed bytes. */
    private boolean isPackable() {
        String type = getContentType();
        return type != null && PACKED_TYPES.matcher(type).lookingAt() && getHeader(HttpHeaders.CONTENT_ENCODING) == null
                && getStatus() != SC_PARTIAL_CONTENT;
    }

    /** Sends what was kept. Throws {@link IOException} if the client reads too slowly. */
    void send() throws IOException {
        try {
            sendKept();
        } finally {
            if (writing != null) {
                writing.end();
            }
        }
    }

    private void sendKept() throws IOException {
        if (isError || isCommitted()) {
            return;
        }
        ClientPace pace = new ClientPace(properties, properties.answerTime());
        int size = document == null ? kept.size() : document.length;
        if (size > 0) {
            super.setContentLengthLong(size);
            PacedStream out = new PacedStream(super.getOutputStream(), pace);
            try {
                if (document == null) {
                    kept.writeTo(out);
                } else {
                    out.write(document);
                }
            } finally {
                written = out.written();
            }
        }
    }

    /** Bytes that were sent. */
    long length() {
        return streamed == null ? written : streamed.written();
    }

    /** Writes to memory. */
    private final class Kept extends ServletOutputStream {
        @Override
        public void write(int value) throws IOException {
            reserve(kept.size() + 1L);
            kept.write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            reserve(kept.size() + (long) length);
            kept.write(bytes, from, length);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException("answers are written at once");
        }
    }
}
