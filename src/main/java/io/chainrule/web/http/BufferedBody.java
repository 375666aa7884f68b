package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.JsonMemory;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Spans;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.opentelemetry.api.trace.Span;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body has been read as it was sent. When it is read again, it is unpacked, and takes the memory of what is made of it.
 * A body that is not packed takes that memory in one piece, so that no body waits for memory while it holds some. The bytes that were sent
 * are forgotten when all have been read again.
 */
final class BufferedBody extends HttpServletRequestWrapper implements ReceivedBody {
    private static final int FIRST = 8_192;
    /** Bodies that have not been read again may together hold this part of the budget; those shorter than {@link #SMALL} find room. */
    private static final int PART_OF_BUDGET = 8;
    private static final int SMALL = 65_536;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Budget.Reservation reservation;
    private final Arrivals arrivals;
    private final int length;
    /** What the bytes that were sent take of the reservation. */
    private long held;
    private InputStream unpacked;

    /** The bytes of bodies that are arriving, or have arrived and wait. */
    static final class Arrivals {
        private final AtomicLong bytes = new AtomicLong();
        private final long most;

        Arrivals(Budget budget) {
            most = budget.total() / PART_OF_BUDGET;
        }

        private void add(long more, long held) {
            if (bytes.addAndGet(more) > most && held > SMALL) {
                bytes.addAndGet(-more);
                throw full();
            }
        }

        /** Refuses a body of this length if there is no room for it now. The room is taken later, while the body arrives. */
        private void check(long announced) {
            if (bytes.get() + announced > most) {
                throw full();
            }
        }

        private void remove(long held) {
            bytes.addAndGet(-held);
        }

        private static OverloadedException full() {
            return new OverloadedException(OverloadedException.Resource.MEMORY,
                    "the bodies that are being sent leave no memory for this one", RETRY_AFTER);
        }
    }

    private BufferedBody(HttpServletRequest request, byte[] body, int length, long held, BodyLimit limit, Arrivals arrivals,
            Budget.Reservation reservation) throws IOException {
        super(request);
        this.length = length;
        this.held = held;
        this.arrivals = arrivals;
        this.reservation = reservation;
        InputStream sent = new ByteArrayInputStream(body, 0, length);
        boolean isPacked = ContentEncoding.of(request) == ContentEncoding.GZIP;
        unpacked = new Unpacked(isPacked ? GzipBody.of(sent, limit) : sent, limit, Utf8.ofBody(request.getCharacterEncoding()),
                isPacked ? null : body);
    }

    /**
     * Reads a body from a client that may be slow. Refuses one that is too long before it is read, if the client says how long it is.
     *
     * @param admission is told the length of a body that is not small, before it is read or once it is found not to be; what it throws
     *            refuses the body
     * @throws RequestException also if the body has another digest than the client says
     */
    static BufferedBody of(HttpServletRequest request, BodyLimit limit, ClientPace pace, Arrivals arrivals, Budget.Reservation reservation,
            LongConsumer admission) throws IOException {
        long announced = request.getContentLengthLong();
        ContentDigest digest = ContentDigest.of(request);
        if (announced > limit.bytes()) {
            throw limit.exceeded(String.valueOf(announced));
        }
        if (announced > SMALL) {
            arrivals.check(announced);
            admission.accept(announced);
        }
        byte[] body = new byte[(int) Math.min(announced < 0 ? FIRST : announced, FIRST)];
        int length = 0;
        long held = 0;
        try {
            InputStream in = request.getInputStream();
            while (true) {
                if (length == body.length && length < announced || length == body.length && announced < 0) {
                    int longer = (int) Math.min(announced < 0 ? limit.bytes() + 1 : announced, 2L * length);
                    if (announced < 0 && length <= SMALL && longer > SMALL) {
                        admission.accept(longer);
                    }
                    arrivals.add(longer - length, longer);
                    held += longer - length;
                    reservation.add(longer - length);
                    body = Arrays.copyOf(body, longer);
                }
                int read = length == body.length ? in.read() < 0 ? -1 : 0 : in.read(body, length, body.length - length);
                if (read < 0) {
                    break;
                }
                length += read;
                if (length > limit.bytes()) {
                    throw limit.exceeded("more than " + limit.bytes());
                }
                if (pace.isTooSlow(length)) {
                    throw pace.bodyTooSlow(length);
                }
            }
            digest.check(body, length);
            return new BufferedBody(request, body, length, held, limit, arrivals, reservation);
        } catch (IOException e) {
            arrivals.remove(held);
            if (e.getCause() instanceof SocketTimeoutException || pace.isTooSlow(length)) {
                throw pace.bodyTooSlow(length);
            }
            throw e;
        } catch (RuntimeException | Error e) {
            arrivals.remove(held);
            throw e;
        } finally {
            RequestCost.noteReceived(request, length);
        }
    }

    /** Whether the client says that the body is short. */
    static boolean isSmall(HttpServletRequest request) {
        long announced = request.getContentLengthLong();
        return announced >= 0 && announced <= SMALL;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public ServletInputStream getInputStream() {
        return new Stream();
    }

    /** Frees the memory of what was sent, and of what unpacks it. */
    @Override
    public void close() throws IOException {
        InputStream done = unpacked;
        unpacked = InputStream.nullInputStream();
        done.close();
        reservation.giveBack(held);
        arrivals.remove(held);
        held = 0;
    }

    private final class Unpacked extends LimitedStream {
        private final Utf8 utf8;
        /** What is read, if it is known before; null if it is to be counted. */
        private final byte @Nullable [] known;
        private @Nullable Span parsing;
        private boolean isBegun;

        Unpacked(InputStream in, BodyLimit limit, Utf8 utf8, byte @Nullable [] known) {
            super(in, limit);
            this.utf8 = utf8;
            this.known = known;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (!isBegun) {
                isBegun = true;
                reservation.add(known == null ? 0 : JsonMemory.of(known, 0, BufferedBody.this.length));
                parsing = Spans.begin("parse");
            }
            int read = super.read(buffer, offset, length);
            if (read < 0) {
                endSpan();
            }
            if (read < 0 ? !utf8.isComplete() : !utf8.isContinuedBy(buffer, offset, read)) {
                throw new RequestException(ErrorDetail.of(ProblemType.MALFORMED_JSON, "the body is not UTF-8")
                        .hint("JSON is sent in UTF-8, RFC 8259, section 8.1"));
            }
            reservation.add(known == null ? JsonMemory.of(buffer, offset, Math.max(read, 0)) : 0);
            return read;
        }

        private void endSpan() {
            if (parsing != null) {
                parsing.end();
                parsing = null;
            }
        }

        @Override
        public void close() throws IOException {
            endSpan();
            super.close();
        }
    }

    private final class Stream extends ServletInputStream {
        private boolean isFinished;

        @Override
        public int read() throws IOException {
            return seen(unpacked.read());
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return seen(unpacked.read(buffer, offset, length));
        }

        private int seen(int read) throws IOException {
            if (read < 0) {
                isFinished = true;
                BufferedBody.this.close();
            }
            return read;
        }

        @Override
        public boolean isFinished() {
            return isFinished;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("the body has been read");
        }
    }
}
