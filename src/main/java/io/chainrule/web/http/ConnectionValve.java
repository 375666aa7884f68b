package io.chainrule.web.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Adds the {@link ClientConnection} to each request. Only a valve sees Tomcat's own request behind the servlet's. */
final class ConnectionValve extends ValveBase {
    ConnectionValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(ClientConnection.ATTRIBUTE, new ClientConnection(request.getCoyoteRequest()));
        getNext().invoke(request, response);
    }
}
