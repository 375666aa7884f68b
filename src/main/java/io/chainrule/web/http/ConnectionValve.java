package io.chainrule.web.http;

import io.chainrule.web.problem.Problems;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.http.HttpHeaders;

/**
 * Adds the {@link ClientConnection} to each request, and has the rest of a body that was refused taken no slower than other bodies: Tomcat
 * itself would wait for each byte. A long rest is discarded and ends the connection, which costs much less than to read it as HTTP. This
 * is a valve because filters do not see Tomcat's own request.
 */
final class ConnectionValve extends ValveBase {
    private final HttpProperties properties;

    ConnectionValve(HttpProperties properties) {
        super(true);
        this.properties = properties;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        ClientConnection connection = new ClientConnection(request.getCoyoteRequest());
        request.setAttribute(ClientConnection.ATTRIBUTE, connection);
        request.setAttribute(Problems.UNREAD_ATTRIBUTE, (BooleanSupplier) () -> !isRestRead(request) && connection.isSending());
        getNext().invoke(request, response);
        if (connection.isSending() && !request.isAsync()) {
            long most = mostOfRest(request);
            ClientPace pace = new ClientPace(properties, properties.bodyTime());
            if (isRestRead(request)) {
                response.finishResponse();
                connection.readRest(pace, most);
            } else {
                // Tomcat ignores this if it has sent the head of the answer.
                response.setHeader(HttpHeaders.CONNECTION, "close");
                response.finishResponse();
                connection.discardRest(pace, most);
            }
        }
    }

    /**
     * Whether the rest of the body is read so that the connection stays open for the next request. It is not read from a client that waits
     * for 100 Continue, because such a client may send its next request without the body.
     */
    private static boolean isRestRead(Request request) {
        return BufferedBody.isSmall(request) && !request.getCoyoteRequest().hasExpectation();
    }

    /** As many bytes as Tomcat would read. */
    private static long mostOfRest(Request request) {
        int most = request.getConnector().getProtocolHandler() instanceof AbstractHttp11Protocol<?> http ? http.getMaxSwallowSize() : 0;
        return most < 0 ? Long.MAX_VALUE : most;
    }
}
