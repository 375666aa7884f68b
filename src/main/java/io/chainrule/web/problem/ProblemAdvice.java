package io.chainrule.web.problem;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.OverloadedException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.util.DisconnectedClientHelper;

/** Answers every exception with problem details. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final String JSON = "Content-Type: application/json";

    private final NearestEndpoint nearest;

    ProblemAdvice(NearestEndpoint nearest) {
        this.nearest = nearest;
    }

    @ExceptionHandler
    ResponseEntity<Object> refused(RequestException problem, HttpServletRequest request) {
        return Problems.answer(request, problem, HttpHeaders.EMPTY);
    }

    @ExceptionHandler
    ResponseEntity<Object> limited(LimitException e, HttpServletRequest request) {
        String need = e.isCounted() ? String.valueOf(e.asked()) : "more than " + e.allowed();
        String property = Limits.property(e.limit());
        ErrorDetail error = ErrorDetail
                .of(ProblemType.LIMIT_EXCEEDED, "the limit on " + e.limit().replace('-', ' ') + " is " + e.allowed()
                        + ", this request needs " + need + "; the operator sets it by " + property)
                .expected("at most " + e.allowed() + " (" + property + ")", need).hint(e.hint());
        return Problems.answer(request, new RequestException(error), HttpHeaders.EMPTY);
    }

    @ExceptionHandler
    ResponseEntity<Object> overloaded(OverloadedException e, HttpServletRequest request) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(Math.max(1, e.retryAfter().plusMillis(999).toSeconds())));
        return Problems.answer(request, new RequestException(ErrorDetail.of(ProblemType.OVERLOADED, String.valueOf(e.getMessage()))),
                headers);
    }

    @ExceptionHandler
    ResponseEntity<Object> late(DeadlineExceededException e, HttpServletRequest request) {
        return Problems.answer(request, ProblemType.DEADLINE_EXCEEDED, "the computation was " + e.getMessage());
    }

    /** Handles a body that ends early or whose chunks are malformed. After such an error Tomcat writes nothing but its error page. */
    @ExceptionHandler
    void unreadable(IOException e, HttpServletResponse response) throws IOException {
        if (!response.isCommitted()) {
            response.sendError(ProblemType.BAD_REQUEST.status());
        }
    }

    /** Handles all other exceptions, and errors of the JVM, which Spring passes on as causes. */
    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> unexpected(Throwable e, HttpServletRequest request) {
        return DisconnectedClientHelper.isClientDisconnectedException(e) ? null : Problems.unexpected(request, e);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(HttpMessageNotReadableException e, HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return Problems.answer(servletRequest(request), new RequestException(UnreadableBody.error(e.getCause())), headers);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMediaTypeNotSupported(HttpMediaTypeNotSupportedException e, HttpHeaders headers,
            HttpStatusCode status, WebRequest request) {
        String given = request.getHeader(HttpHeaders.CONTENT_TYPE);
        String message = given == null ? "the request has no Content-Type; send " + JSON : String.valueOf(e.getBody().getDetail());
        ErrorDetail error = ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, message).expected(JSON, given == null ? "none" : given)
                .hint("send the request as JSON, such as {\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}");
        return Problems.answer(servletRequest(request), new RequestException(error), headers);
    }

    @Override
    protected ResponseEntity<Object> handleNoResourceFoundException(NoResourceFoundException e, HttpHeaders headers, HttpStatusCode status,
            WebRequest request) {
        ErrorDetail error = ErrorDetail.of(ProblemType.NOT_FOUND, ProblemType.NOT_FOUND.text().meaning());
        return Problems.answer(servletRequest(request),
                new RequestException(error.hint(nearest.hint(servletRequest(request).getRequestURI()))), headers);
    }

    /** Keeps the status and the headers of Spring's own exceptions, and replaces the body. */
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(Exception e, @Nullable Object body, HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        if (status.is5xxServerError()) {
            return unexpected(e, servletRequest(request));
        }
        ProblemType type = ProblemType.ofContainerStatus(status.value());
        String detail = e instanceof ErrorResponse response && type != ProblemType.NOT_FOUND ? response.getBody().getDetail() : null;
        ErrorDetail error = ErrorDetail.of(type, detail == null ? type.text().meaning() : detail);
        if (e instanceof HttpRequestMethodNotSupportedException other && other.getSupportedMethods() != null) {
            error = error.hint("send " + String.join(" or ", other.getSupportedMethods()));
        }
        return Problems.answer(servletRequest(request), new RequestException(error), headers);
    }

    private static HttpServletRequest servletRequest(WebRequest request) {
        return ((ServletWebRequest) request).getRequest();
    }
}
