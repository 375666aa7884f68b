package io.chainrule.web.problem;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Answers requests that are so malformed that Tomcat refuses them itself. The class is public because Tomcat instantiates it by name. */
public class ProblemReportValve extends ErrorReportValve {
    private static final JsonMapper JSON = new JsonMapper();
    /** What Tomcat says where the address and the headers have no room in its buffer; the exception is of no type of its own. */
    private static final String TOO_LARGE = StringManager.getManager(Http11InputBuffer.class).getString("iib.requestheadertoolarge.error");

    @Override
    protected void report(Request request, Response response, @Nullable Throwable cause) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ErrorDetail error = error(request, response, cause);
        ProblemType type = ProblemType.of(error.code());
        String id = RequestId.of(request);
        response.setStatus(type.status());
        response.setHeader(RequestId.HEADER, id);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        try {
            // The request may belong to no context, but the host has only one.
            String base = getContainer().findChildren()[0].getName();
            response.getOutputStream()
                    .write(JSON.writeValueAsBytes(ProblemResponse.of(new RequestException(error), base, null, id)));
            response.finishResponse();
        } catch (IOException _) {
            // The client has disconnected, so the response cannot be sent.
            response.setSuspended(true);
        }
    }

    /** Tomcat answers 400 to an address that is too long. It has then read no address. */
    private static ErrorDetail error(Request request, Response response, @Nullable Throwable cause) {
        if (cause != null && TOO_LARGE.equals(cause.getMessage()) && request.getCoyoteRequest().requestURI().isNull()
                && request.getConnector().getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
            int most = http.getMaxHttpRequestHeaderSize();
            return ErrorDetail.of(ProblemType.URI_TOO_LONG, "the address is longer than " + most + " bytes")
                    .expected("at most " + most + " bytes, headers included", "more than " + most)
                    .hint("send the program by POST, in a body");
        }
        ProblemType type = ProblemType.ofContainerStatus(response.getStatus());
        return ErrorDetail.of(type, type.text().meaning());
    }
}
