package io.chainrule.web.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Refuses addresses that are not UTF-8 and requests without a version. Only a valve sees the bytes of the address. */
final class AddressValve extends ValveBase {
    AddressValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.getProtocol().isEmpty() || !Utf8.isEncoded(request.getRequestURI()) || !Utf8.isEncoded(request.getQueryString())) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        getNext().invoke(request, response);
    }
}
