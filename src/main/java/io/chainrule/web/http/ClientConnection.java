package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** The connection to the client of a request, for what the servlet API does not tell. Only the request's thread may use it. */
public final class ClientConnection {
    static final String ATTRIBUTE = ClientConnection.class.getName();

    private final Request request;
    private final @Nullable SocketWrapperBase<?> socket;
    private boolean hasNextRequest;

    ClientConnection(Request request) {
        this.request = request;
        socket = Http11Connections.socket(request);
    }

    /** The connection of a request; null in a test without a server. */
    static @Nullable ClientConnection of(ServletRequest request) {
        return (ClientConnection) request.getAttribute(ATTRIBUTE);
    }

    /**
     * Whether a request comes from this machine, and on nobody else's behalf. The address alone would not do: a proxy that is trusted tells
     * another one, and whoever reaches the service past the proxy may tell any.
     */
    public static boolean isFromThisMachine(HttpServletRequest request) {
        ClientConnection connection = of(request);
        return connection != null && isLoopback(connection.peer()) && isLoopback(request.getRemoteAddr());
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
     * Whether the client has closed the connection, or its own end of it, which is found by trying to read on. To be asked once the body
     * has been read. After the first byte of a next request, which is put back, the end cannot be seen any more.
     */
    boolean isGone() {
        if (socket == null || hasNextRequest) {
            return false;
        }
        ByteBuffer next = ByteBuffer.allocate(1);
        try {
            int read = socket.read(false, next);
            if (read > 0) {
                hasNextRequest = true;
                socket.unRead(next.flip());
            }
            return read < 0;
        } catch (IOException _) {
            return true;
        }
    }

    /** Has the connection closed after this request, without reading what the client still sends. */
    void end() {
        request.action(ActionCode.CLOSE_NOW, null);
    }
}
