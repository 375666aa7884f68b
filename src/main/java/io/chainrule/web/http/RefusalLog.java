package io.chainrule.web.http;

import io.chainrule.web.problem.RequestId;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.slf4j.MDC;

/** Logs and counts requests that Tomcat refuses, since these pass no filter. */
final class RefusalLog extends ValveBase implements AccessLog {
    private final RequestLog log;

    RefusalLog(RequestLog log) {
        super(true);
        this.log = log;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    /** Tomcat calls this once for each request, when it has been answered. */
    @Override
    public void log(Request request, Response response, long nanoseconds) {
        if (request.getAttribute(RequestLog.LOGGED) == null && response.getStatus() >= 400) {
            try (var _ = MDC.putCloseable(RequestIdFilter.LOG_FIELD, RequestId.of(request))) {
                log.record(request, response.getStatus(), nanoseconds);
            }
        }
    }

    @Override
    public void setRequestAttributesEnabled(boolean isEnabled) {}

    @Override
    public boolean getRequestAttributesEnabled() {
        return false;
    }
}
