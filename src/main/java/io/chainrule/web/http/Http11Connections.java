package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.coyote.Adapter;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's HTTP/1.1, which tells of each request on which socket it came, refuses heads that others may read differently or that take too
 * long, and takes only so many connections from one address. The class is public because Tomcat instantiates it by name.
 */
public final class Http11Connections extends Http11NioProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(Http11Connections.class);
    /** Notes 17 to 31 of a request are free for use. */
    private static final int SOCKET = 20;
    private static final String EVERY_PATH = "*";
    private static final byte[] TOO_SLOW = "HTTP/1.1 408 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private final Closed refused = new Closed(
            "A connection was closed because its address has too many (chainrule.http.connections-per-address)");
    private final Closed slow = new Closed(
            "A connection was closed because the head of a request took too long (chainrule.http.head-time)");
    private long headNanos = Long.MAX_VALUE;

    public Http11Connections() {
        super(new Endpoint());
        ((Endpoint) getEndpoint()).refused = refused;
    }

    void configure(HttpProperties properties) {
        ((Endpoint) getEndpoint()).mostFromOneAddress = properties.connectionsPerAddress();
        headNanos = properties.headTime().toNanos();
        // Tomcat sends 100 Continue when the body is first read, and so never to a client whose request is refused before that.
        setContinueResponseTiming(ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
    }

    /** The connections that are open. */
    int connections() {
        return ((Endpoint) getEndpoint()).open();
    }

    /** The connections that were closed at once because their address had as many as it may. */
    long refused() {
        return refused.count.get();
    }

    /** The connections that were closed because the head of a request took too long. */
    long slow() {
        return slow.count.get();
    }

    /** The socket on which a request came, if it came by this protocol. */
    static @Nullable SocketWrapperBase<?> socket(Request request) {
        return (SocketWrapperBase<?>) request.getNote(SOCKET);
    }

    @Override
    protected Processor createProcessor() {
        Http11Processor processor = new StrictProcessor();
        StrictHeaders.install(processor.getRequest());
        return processor;
    }

    private final class StrictProcessor extends Http11Processor {
        /** The connection whose request has no complete head yet, and since when. Tomcat uses a processor for many connections. */
        private @Nullable SocketWrapperBase<?> incomplete;
        private long incompleteFrom;

        StrictProcessor() {
            super(Http11Connections.this, Http11Connections.this.getAdapter());
        }

        /** Tomcat calls this whenever something has come. */
        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            getRequest().setNote(SOCKET, socket);
            if (socket.equals(incomplete) && System.nanoTime() - incompleteFrom > headNanos) {
                incomplete = null;
                slow.tell(socket.getRemoteAddr(), headNanos / 1e9);
                socket.write(true, TOO_SLOW, 0, TOO_SLOW.length);
                socket.flush(true);
                return SocketState.CLOSED;
            }
            SocketState state = super.service(socket);
            if (state != SocketState.LONG || isAsync()) {
                incomplete = null;
            } else if (!socket.equals(incomplete)) {
                incomplete = socket;
                incompleteFrom = System.nanoTime();
            }
            return state;
        }

        // Tomcat calls this when the head of a request is complete.
        @Override
        public Adapter getAdapter() {
            incomplete = null;
            // Tomcat answers OPTIONS * itself, without a body even where it refuses the request, and reads a body of it at any pace.
            if (request.requestURI().equals(EVERY_PATH) && (isRefused() || hasBody())) {
                request.requestURI().setString("/");
            }
            if (isRefused()) {
                tellAsProblem();
            }
            return super.getAdapter();
        }

        private boolean isRefused() {
            return response.getStatus() >= HttpServletResponse.SC_BAD_REQUEST;
        }

        private boolean hasBody() {
            return request.getContentLengthLong() > 0 || request.getHeader("transfer-encoding") != null;
        }

        private void tellAsProblem() {
            // While the service ends, Tomcat does not read the headers of a new request, and refuses it because it has no Host.
            if (isPaused() && response.getStatus() == HttpServletResponse.SC_BAD_REQUEST) {
                response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            }
        }
    }

    /** Counts the connections that were closed for one reason, and logs some of them. */
    private static final class Closed {
        /** The log tells so often at most. */
        private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);

        private final String message;
        private final AtomicLong count = new AtomicLong();
        private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

        Closed(String message) {
            this.message = message;
        }

        void tell(@Nullable String address, Number most) {
            long inAll = count.incrementAndGet();
            long now = System.nanoTime();
            long next = nextLine.get();
            if (now - next >= 0 && nextLine.compareAndSet(next, now + BETWEEN_LINES)) {
                LOG.atWarn().addKeyValue("address", address).addKeyValue("most", most).addKeyValue("closed", inAll).log(message);
            }
        }
    }

    private static final class Endpoint extends NioEndpoint {
        private volatile int mostFromOneAddress;
        private @Nullable Closed refused;

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (mostFromOneAddress > 0 && connections.size() >= mostFromOneAddress && isOneTooMany(socket)) {
                InetAddress address = address(socket);
                Objects.requireNonNull(refused).tell(address == null ? null : Network.of(address), mostFromOneAddress);
                destroySocket(socket);
                return true;
            }
            return super.setSocketOptions(socket);
        }

        /** Tomcat's own count has one more while it waits for the next connection. */
        private int open() {
            return connections.size();
        }

        private boolean isOneTooMany(SocketChannel socket) {
            InetAddress address = address(socket);
            return address != null && connections.keySet().stream().map(Endpoint::address).filter(Objects::nonNull)
                    .filter(other -> Network.isOne(address, other)).limit(mostFromOneAddress).count() >= mostFromOneAddress;
        }

        private static @Nullable InetAddress address(SocketChannel socket) {
            try {
                SocketAddress address = socket.getRemoteAddress();
                return address instanceof InetSocketAddress known ? known.getAddress() : null;
            } catch (IOException _) {
                // It has been closed meanwhile.
                return null;
            }
        }
    }
}
