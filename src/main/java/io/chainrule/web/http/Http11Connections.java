package io.chainrule.web.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.LongAdder;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1, which tells of each request on which socket it came, refuses heads that others may read differently, and takes only
 * so many connections from one address. The class is public because Tomcat instantiates it by name.
 */
public final class Http11Connections extends Http11NioProtocol {
    /** Notes 17 to 31 of a request are free for use. */
    private static final int SOCKET = 20;

    public Http11Connections() {
        super(new Endpoint());
    }

    /** The most connections from one address; 0 for any number. */
    void setMostFromOneAddress(int most) {
        ((Endpoint) getEndpoint()).mostFromOneAddress = most;
    }

    /** The connections that are open. */
    long connections() {
        return getEndpoint().getConnectionCount();
    }

    /** The connections that were refused because their address had as many as it may. */
    long refused() {
        return ((Endpoint) getEndpoint()).refused.sum();
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
        };
        StrictHeaders.install(processor.getRequest());
        return processor;
    }

    private static final class Endpoint extends NioEndpoint {
        private volatile int mostFromOneAddress;
        private final LongAdder refused = new LongAdder();

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (mostFromOneAddress > 0 && connections.size() >= mostFromOneAddress && isOneTooMany(socket)) {
                refused.increment();
                destroySocket(socket);
                return true;
            }
            return super.setSocketOptions(socket);
        }

        private boolean isOneTooMany(SocketChannel socket) {
            InetAddress address = address(socket);
            return address != null && connections.keySet().stream().filter(other -> address.equals(address(other)))
                    .limit(mostFromOneAddress).count() >= mostFromOneAddress;
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
