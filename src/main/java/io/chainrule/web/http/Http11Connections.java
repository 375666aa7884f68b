package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.coyote.Adapter;
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
 * Tomcat's HTTP/1.1, which tells of each request on which socket it came, refuses heads that others may read differently, and takes only
 * so many connections from one address. The class is public because Tomcat instantiates it by name.
 */
public final class Http11Connections extends Http11NioProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(Http11Connections.class);
    /** Notes 17 to 31 of a request are free for use. */
    private static final int SOCKET = 20;
    private static final String EVERY_PATH = "*";

    public Http11Connections() {
        super(new Endpoint());
    }

    /** The most connections from one address; 0 for any number. */
    void setMostFromOneAddress(int most) {
        ((Endpoint) getEndpoint()).mostFromOneAddress = most;
    }

    /** The connections that are open. */
    int connections() {
        return ((Endpoint) getEndpoint()).open();
    }

    /** The connections that were closed at once because their address had as many as it may. */
    long refused() {
        return ((Endpoint) getEndpoint()).refused.get();
    }

    /** The socket on which a request came, if it came by this protocol. */
    static @Nullable SocketWrapperBase<?> socket(Request request) {
        return (SocketWrapperBase<?>) request.getNote(SOCKET);
    }

    @Override
    protected Processor createProcessor() {
        Http11Processor processor = new Http11Processor(this, getAdapter()) {
            @Override
            public SocketState service(SocketWrapperBase<?> socket) throws IOException {
                getRequest().setNote(SOCKET, socket);
                return super.service(socket);
            }

            // It is asked for before each use. Tomcat answers OPTIONS * without a body, even where it refuses the request; other paths get
            // a problem.
            @Override
            public Adapter getAdapter() {
                if (response.getStatus() >= HttpServletResponse.SC_BAD_REQUEST && request.requestURI().equals(EVERY_PATH)) {
                    request.requestURI().setString("/");
                }
                return super.getAdapter();
            }
        };
        StrictHeaders.install(processor.getRequest());
        return processor;
    }

    private static final class Endpoint extends NioEndpoint {
        /** The log tells so often at most that an address has too many connections. */
        private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);

        private volatile int mostFromOneAddress;
        private final AtomicLong refused = new AtomicLong();
        private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (mostFromOneAddress > 0 && connections.size() >= mostFromOneAddress && isOneTooMany(socket)) {
                refused(socket);
                destroySocket(socket);
                return true;
            }
            return super.setSocketOptions(socket);
        }

        /** Tomcat's own count has one more while it waits for the next connection. */
        private int open() {
            return connections.size();
        }

        private void refused(SocketChannel socket) {
            long inAll = refused.incrementAndGet();
            long now = System.nanoTime();
            long next = nextLine.get();
            if (now - next >= 0 && nextLine.compareAndSet(next, now + BETWEEN_LINES)) {
                LOG.atWarn().addKeyValue("address", network(socket)).addKeyValue("most", mostFromOneAddress).addKeyValue("refused", inAll)
                        .log("A connection was closed because its address has too many (chainrule.http.connections-per-address)");
            }
        }

        private boolean isOneTooMany(SocketChannel socket) {
            String network = network(socket);
            return network != null && connections.keySet().stream().filter(other -> network.equals(network(other)))
                    .limit(mostFromOneAddress).count() >= mostFromOneAddress;
        }

        private static @Nullable String network(SocketChannel socket) {
            try {
                SocketAddress address = socket.getRemoteAddress();
                return address instanceof InetSocketAddress known ? Network.of(known.getAddress()) : null;
            } catch (IOException _) {
                // It has been closed meanwhile.
                return null;
            }
        }
    }
}
