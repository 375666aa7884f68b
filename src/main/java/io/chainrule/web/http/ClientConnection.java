package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** The connection to the client of a request, for what the servlet API does not tell. Only the request's thread may use it. */
public final class ClientConnection {
    /** What proxies add, also such as do not tell the client's address. */
    private static final List<String> OF_PROXIES = List.of("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
            "Forwarded", "Via");
    /** A client that has sent nothing for this long is taken to have sent all. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(2);
    private static final Duration BETWEEN_PACES = Duration.ofSeconds(1);
    private static final long BETWEEN_READS = TimeUnit.MILLISECONDS.toNanos(10);
    /** All write to it at the same time, and nobody reads it. */
    private static final ByteBuffer DISCARDED = ByteBuffer.allocateDirect(1 << 16);
    static final String ATTRIBUTE = ClientConnection.class.getName();

    private final Request request;
    private final @Nullable SocketWrapperBase<?> socket;
    private final boolean isForwarded;

    /** To be made before Tomcat takes away what proxies that are trusted have added. */
    ClientConnection(Request request) {
        this.request = request;
        isForwarded = OF_PROXIES.stream().anyMatch(header -> request.getHeader(header) != null);
        socket = Http11Connections.socket(request);
    }

    /** The connection of a request; null in a test without a server. */
    static @Nullable ClientConnection of(ServletRequest request) {
        return (ClientConnection) request.getAttribute(ATTRIBUTE);
    }

    /**
     * Whether a request comes from this machine, and not on behalf of a client elsewhere. The address in the request is not enough. A
     * trusted proxy puts its client's address there, which that client may have invented. A client that bypasses the proxy may send any.
     */
    public static boolean isFromThisMachine(HttpServletRequest request) {
        ClientConnection connection = of(request);
        return connection != null && !connection.isForwarded && isLoopback(connection.peer()) && isLoopback(request.getRemoteAddr());
    }

    private String peer() {
        if (request.peerAddr().isNull()) {
            request.action(ActionCode.REQ_PEER_ADDR_ATTRIBUTE, null);
        }
        return request.peerAddr().toString();
    }

    private static boolean isLoopback(@Nullable String address) {
        try {
            return address != null && InetAddress.ofLiteral(address).isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /**
     * Whether the client has closed the connection, or its own end of it, which is found by trying to read on, with and without TLS. To
     * be asked once the body has been read. What a client sends of its next requests is kept where Tomcat reads it later. Behind more than
     * fits there, 8 kB, the end is not seen.
     */
    boolean isGone() {
        if (socket == null) {
            return false;
        }
        if (socket.isClosed() || !(socket.getSocket() instanceof NioChannel channel)) {
            return socket.isClosed();
        }
        channel.getBufHandler().configureReadBufferForWrite();
        ByteBuffer next = channel.getBufHandler().getReadBuffer();
        try {
            return next.hasRemaining() && channel.read(next) < 0;
        } catch (IOException _) {
            return true;
        }
    }

    /** Work that reads from the client. */
    interface Reading<T> {
        T read() throws IOException;
    }

    /**
     * Runs {@code reading}, and ends the client's input if that takes longer than {@code most}. Only Tomcat sees the bytes between and
     * behind the chunks of a body, and it would wait for each of them.
     */
    <T> T within(Duration most, Reading<T> reading) throws IOException {
        return watched(() -> true, most, reading);
    }

    private <T> T watched(BooleanSupplier isOver, Duration between, Reading<T> reading) throws IOException {
        if (socket == null || !(socket.getSocket() instanceof NioChannel channel)) {
            return reading.read();
        }
        SocketChannel from = channel.getIOChannel();
        CountDownLatch isRead = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> endInput(from, isRead, isOver, between));
        try {
            return reading.read();
        } finally {
            isRead.countDown();
        }
    }

    /** Runs {@code reading} likewise, and ends the client's input once the client is too slow, which is asked about every second. */
    <T> T whilePaced(BooleanSupplier isTooSlow, Reading<T> reading) throws IOException {
        return watched(isTooSlow, BETWEEN_PACES, reading);
    }

    private static void endInput(SocketChannel from, CountDownLatch isRead, BooleanSupplier isOver, Duration between) {
        try {
            while (!isRead.await(between.toNanos(), TimeUnit.NANOSECONDS)) {
                if (isOver.getAsBoolean()) {
                    from.shutdownInput();
                    return;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // The client has gone.
        }
    }

    /**
     * Whether the client still sends a body of which not all was read. If it waits to be told to begin, a refusal tells it not to, after
     * which Tomcat closes the connection.
     */
    boolean isSending() {
        AtomicBoolean isRead = new AtomicBoolean();
        request.action(ActionCode.REQUEST_BODY_FULLY_READ, isRead);
        return !isRead.get() && !(request.hasExpectation() && request.getResponse().getStatus() >= HttpServletResponse.SC_MULTIPLE_CHOICES);
    }

    /**
     * Reads the rest of a body that nobody wants, so that the client comes to read the answer. Ends the connection if the client is too
     * slow, or sends more than {@code most} bytes.
     */
    void readRest(ClientPace pace, long most) {
        Rest rest = new Rest();
        long count = 0;
        try {
            for (int read = request.doRead(rest); read >= 0; read = request.doRead(rest)) {
                count += read;
                if (count > most || pace.isTooSlow(count)) {
                    end();
                    return;
                }
            }
        } catch (IOException _) {
            end();
        }
    }

    /**
     * Takes the rest of a body that nobody wants off the network as it is, with TLS still encrypted, so that the client comes to read the
     * answer; then ends the connection. It has ended too once the client sends nothing for a while, is too slow, or sends more than
     * {@code most} bytes.
     */
    void discardRest(ClientPace pace, long most) {
        if (socket != null && socket.getSocket() instanceof NioChannel channel) {
            try {
                discard(channel.getIOChannel(), pace, most);
            } catch (IOException _) {
                // The client has ended it.
            }
        }
        end();
    }

    private static void discard(SocketChannel from, ClientPace pace, long most) throws IOException {
        ByteBuffer nobody = DISCARDED.duplicate();
        long count = 0;
        long latest = System.nanoTime();
        while (count <= most && !pace.isTooSlow(count)) {
            int read = from.read(nobody.clear());
            long now = System.nanoTime();
            if (read < 0 || read == 0 && now - latest > QUIET) {
                return;
            }
            if (read > 0) {
                latest = now;
                count += read;
            }
            if (nobody.hasRemaining()) {
                // What comes meanwhile waits with the operating system, so that one read takes much of it.
                LockSupport.parkNanos(BETWEEN_READS);
            }
        }
    }

    /** Has the connection closed after this request, without reading what the client still sends. */
    void end() {
        request.action(ActionCode.CLOSE_NOW, null);
    }

    /** Takes bytes that nobody looks at. */
    private static final class Rest implements ApplicationBufferHandler {
        private ByteBuffer latest = ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(ByteBuffer buffer) {
            latest = buffer;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return latest;
        }

        @Override
        public void expand(int size) {}
    }
}
