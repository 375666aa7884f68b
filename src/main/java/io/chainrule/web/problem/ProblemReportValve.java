package io.chainrule.web.problem;

import java.io.IOException;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Answers requests that are so malformed that Tomcat refuses them itself. The class is public because Tomcat instantiates it by name. */
public class ProblemReportValve extends ErrorReportValve {
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    protected void report(Request request, Response response, @Nullable Throwable cause) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemType type = ProblemType.ofContainerStatus(response.getStatus());
        ErrorDetail error = ErrorDetail.of(type, type.text().meaning());
        String id = RequestId.of(request);
        response.setStatus(type.status());
        response.setHeader(RequestId.HEADER, id);
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        try {
            response.getOutputStream().write(JSON.writeValueAsBytes(ProblemResponse.of(type, error.message(), null, id, List.of(error))));
            response.finishResponse();
        } catch (IOException _) {
            // The client has disconnected, so the response cannot be sent.
            response.setSuspended(true);
        }
    }
}
