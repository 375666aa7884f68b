package io.chainrule.web.http;

import io.chainrule.web.problem.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/** An answer that is a file, sent while it is made, so that it may be longer than what fits into memory. */
public final class Download {
    /** The media type of such files. */
    public static final String ZIP = "application/zip";

    private Download() {}

    /** What writes the file. */
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    /**
     * Sends a file. If it cannot be completed once some of it has been sent, the connection is ended, so that the client sees that it is
     * not complete.
     */
    public static void send(HttpServletRequest request, HttpServletResponse response, String name, Content content) throws IOException {
        response.setContentType(ZIP);
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename(name).build().toString());
        if (HttpMethod.HEAD.matches(request.getMethod())) {
            return;
        }
        try {
            OutputStream out = response.getOutputStream();
            content.write(out);
            out.flush();
        } catch (IOException | RuntimeException e) {
            if (!response.isCommitted() && e instanceof RuntimeException) {
                response.setHeader(HttpHeaders.CONTENT_DISPOSITION, null);
                throw e;
            }
            request.setAttribute(Problems.CODE_ATTRIBUTE,
                    e instanceof SocketTimeoutException ? Problems.SLOW_CLIENT : Problems.CLIENT_GONE);
            ClientConnection connection = ClientConnection.of(request);
            if (connection != null) {
                connection.end();
            }
        }
    }
}
