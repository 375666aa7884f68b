package io.chainrule.web.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Refuses paths that are not UTF-8, paths with further slashes before the context path, as {@code //app/v1}, and requests without a
 * version. Only a valve sees the bytes of the address.
 */
final class AddressValve extends ValveBase {
    /** What {@link java.nio.charset.Charset} takes as a name. */
    private static final Pattern CHARSET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+.:_-]*");

    AddressValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.getProtocol().isEmpty() || !Utf8.isEncoded(request.getRequestURI())
                || !request.getRequestURI().startsWith(request.getContextPath())) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        String charset = request.getCharacterEncoding();
        if (charset != null && !CHARSET.matcher(charset).matches()) {
            // Spring decodes paths by the charset of the body, and would fail; the header itself is refused later.
            request.setCharacterEncoding(StandardCharsets.UTF_8);
        }
        getNext().invoke(request, response);
    }
}
