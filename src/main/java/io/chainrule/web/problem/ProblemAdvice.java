package io.chainrule.web.problem;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.jobs.JobConflictException;
import io.chainrule.service.jobs.UnknownJobException;
import io.chainrule.service.datasets.UnknownDatasetException;
import io.chainrule.service.models.UnknownModelException;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.StoreUnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.security.web.firewall.RequestRejectedException;
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
    private static final int STATUS_OF_GONE = 499;
    private static final Duration RETRY_ELSEWHERE = Duration.ofSeconds(5);

    private final NearestEndpoint nearest;

    ProblemAdvice(NearestEndpoint nearest) {
        this.nearest = nearest;
    }

    @ExceptionHandler({RequestException.class, LimitException.class, OverloadedException.class, ShutdownException.class,
            DeadlineExceededException.class, StoreUnavailableException.class, UnknownModelException.class, UnknownDatasetException.class,
            UnknownJobException.class,
            JobConflictException.class, StorageQuotaException.class,
            RequestRejectedException.class})
    ResponseEntity<Object> refused(RuntimeException e, HttpServletRequest request) {
        HttpHeaders headers = new HttpHeaders();
        Duration retryAfter = e instanceof OverloadedException overloaded
                ? overloaded.retryAfter()
                : e instanceof ShutdownException || e instanceof StoreUnavailableException ? RETRY_ELSEWHERE : null;
        if (retryAfter != null) {
            headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(retryAfter.toSeconds()));
        }
        Problems.tellReason(request, e);
        return Problems.answer(request, Objects.requireNonNull(Problems.refusal(e)), headers);
    }

    /** The status is that of nginx for this case; only the log and the meters see it. */
    @ExceptionHandler
    void gone(CancellationException e, HttpServletRequest request, HttpServletResponse response) {
        request.setAttribute(Problems.CODE_ATTRIBUTE, Problems.CLIENT_GONE);
        response.setStatus(STATUS_OF_GONE);
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
        return Problems.answer(servletRequest(request),
                Problems.unsupported(request.getHeader(HttpHeaders.CONTENT_TYPE), e.getSupportedMediaTypes()), headers);
    }

    /** The parameters of addresses that are neither texts nor true or false are whole numbers. */
    @Override
    protected ResponseEntity<Object> handleTypeMismatch(TypeMismatchException e, HttpHeaders headers, HttpStatusCode status,
            WebRequest request) {
        String name = String.valueOf(e.getPropertyName());
        String value = String.valueOf(e.getValue());
        boolean isFlag = e.getRequiredType() == boolean.class || e.getRequiredType() == Boolean.class;
        String wrong = isFlag
                ? "is neither true nor false"
                : value.matches("[+-]?\\d+") ? "is out of range" : "is no whole number";
        return Problems.answer(servletRequest(request),
                new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "'" + name + "' " + wrong).parameter(name)
                        .expected(isFlag ? "true or false" : "a whole number up to " + Integer.MAX_VALUE, value)),
                headers);
    }

    @Override
    protected ResponseEntity<Object> handleNoResourceFoundException(NoResourceFoundException e, HttpHeaders headers, HttpStatusCode status,
            WebRequest request) {
        ErrorDetail error = ErrorDetail.of(ProblemType.NOT_FOUND, ProblemType.NOT_FOUND.text().meaning());
        HttpServletRequest asked = servletRequest(request);
        String hint = nearest.hint(Problems.base(asked),
                asked.getRequestURI().substring(asked.getContextPath().length()));
        return Problems.answer(asked, new RequestException(error.hint(hint)), headers);
    }

    /** Jackson wraps exceptions that end the writing of an answer; the known ones are looked for among the causes. */
    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotWritable(HttpMessageNotWritableException e, HttpHeaders headers,
            HttpStatusCode status, WebRequest request) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CancellationException gone) {
                gone(gone, servletRequest(request), Objects.requireNonNull(((ServletWebRequest) request).getResponse()));
                return null;
            }
            if (cause instanceof RuntimeException known && Problems.refusal(known) != null) {
                return refused(known, servletRequest(request));
            }
        }
        return super.handleHttpMessageNotWritable(e, headers, status, request);
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
