package io.chainrule.web.problem;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.service.jobs.JobConflictException;
import io.chainrule.service.jobs.UnknownJobException;
import io.chainrule.service.datasets.UnknownDatasetException;
import io.chainrule.service.models.UnknownModelException;
import io.chainrule.service.run.Fault;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.StoreUnavailableException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.web.firewall.RequestRejectedException;

/** Makes the responses to requests that failed. */
public final class Problems {
    /** Request attribute with the code of the problem that was answered. */
    public static final String CODE_ATTRIBUTE = Problems.class.getName() + ".code";

    /** Request attribute that says why, where the code alone does not. */
    public static final String REASON_ATTRIBUTE = Problems.class.getName() + ".reason";

    /**
     * Request attribute with a {@link BooleanSupplier} that says whether the client still sends a body that will not be read, so that the
     * connection is closed after the answer.
     */
    public static final String UNREAD_ATTRIBUTE = Problems.class.getName() + ".unread";

    /** What the log says instead of a code where the client has gone. */
    public static final String CLIENT_GONE = "client-gone";
    /** What it says where the client reads too slowly. */
    public static final String SLOW_CLIENT = "slow-client";
    private static final String SHUTTING_DOWN = "shutting-down";
    /** The database is away. */
    private static final String STORE = "store";
    /** A fault of the service. */
    private static final String FAILURE = "failure";

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final String RETRY_SECONDS = "1";

    private Problems() {}

    /** The body alone, for a request that failed after its status had been sent. */
    public static @Nullable Object body(HttpServletRequest request, Throwable cause) {
        RequestException refusal = refusal(cause);
        tellReason(request, cause);
        ResponseEntity<Object> answer = refusal == null ? unexpected(request, cause) : answer(request, refusal, HttpHeaders.EMPTY);
        return answer.getBody();
    }

    /**
     * The errors alone. A fault of the service is logged; it is told as {@link ProblemType#INTERNAL_ERROR}, since nobody is asked to send a
     * request again.
     *
     * @param subject what has failed, as the log and the client are told
     */
    public static List<ErrorDetail> errors(String subject, Throwable cause) {
        RequestException refusal = refusal(cause);
        if (refusal == null) {
            LOG.error("There was a fault of the service in {}", subject, Fault.of(cause));
            return List.of(ErrorDetail.of(ProblemType.INTERNAL_ERROR,
                    "something unforeseen went wrong in the service; its log tells more of " + subject));
        }
        return refusal.errors();
    }

    /** What a client is told when its request was ended for a reason that is not a fault of the service; null for all other exceptions. */
    public static @Nullable RequestException refusal(Throwable cause) {
        return switch (cause) {
            case RequestException problem -> problem;
            case RequestRejectedException _ ->
                of(ProblemType.BAD_REQUEST, "a header or a parameter has characters that may not stand there");
            case LimitException e -> limited(e, Limits.property(e.limit()));
            case UnknownModelException e -> new RequestException(unknown(e, null));
            case UnknownDatasetException e -> of(ProblemType.NOT_FOUND, String.valueOf(e.getMessage()));
            case StorageQuotaException e -> new RequestException(ErrorDetail.of(ProblemType.LIMIT_EXCEEDED, String.valueOf(e.getMessage()))
                    .expected("at most " + e.allowed() + " (" + e.property() + ")", String.valueOf(e.asked()))
                    .hint(e.hint()));
            case UnknownJobException e -> of(ProblemType.NOT_FOUND, String.valueOf(e.getMessage()));
            case JobConflictException e -> new RequestException(ErrorDetail.of(switch (e.kind()) {
                case KEY_REUSED -> ProblemType.INVALID_VALUE;
                case NO_RESULT -> ProblemType.CONFLICT;
            }, String.valueOf(e.getMessage())).hint(e.hint()));
            case OverloadedException e -> of(ProblemType.OVERLOADED, String.valueOf(e.getMessage()));
            case StoreUnavailableException e -> of(ProblemType.OVERLOADED, String.valueOf(e.getMessage()));
            case ShutdownException e -> of(ProblemType.OVERLOADED, String.valueOf(e.getMessage()));
            case DeadlineExceededException e -> of(ProblemType.DEADLINE_EXCEEDED, "the computation was " + e.getMessage());
            default -> null;
        };
    }

    /** Notes for log and meters what the code of the problem leaves open. */
    static void tellReason(HttpServletRequest request, Throwable cause) {
        if (cause instanceof OverloadedException e) {
            request.setAttribute(REASON_ATTRIBUTE, reason(e.resource()));
        } else if (cause instanceof ShutdownException) {
            request.setAttribute(REASON_ATTRIBUTE, SHUTTING_DOWN);
        } else if (cause instanceof StoreUnavailableException) {
            request.setAttribute(REASON_ATTRIBUTE, STORE);
        }
    }

    private static String reason(OverloadedException.Resource exhausted) {
        return exhausted.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All that {@link #REASON_ATTRIBUTE} and {@link #CODE_ATTRIBUTE} may be. */
    public static List<String> reasons() {
        return Stream.of(Arrays.stream(ProblemType.values()).map(ProblemType::code),
                Arrays.stream(OverloadedException.Resource.values()).map(Problems::reason),
                Stream.of(CLIENT_GONE, SLOW_CLIENT, SHUTTING_DOWN, STORE, FAILURE)).flatMap(Function.identity()).toList();
    }

    /** That there is no such model. The hint says how it comes back if it has been deleted, and else {@code otherwise}. */
    public static ErrorDetail unknown(UnknownModelException e, @Nullable String otherwise) {
        return ErrorDetail.of(ProblemType.NOT_FOUND, String.valueOf(e.getMessage())).hint(e.deleted() == null
                ? otherwise
                : "it has been deleted; POST /v1/models/" + e.deleted() + "/undelete brings it back");
    }

    private static RequestException of(ProblemType type, String message) {
        return new RequestException(ErrorDetail.of(type, message));
    }

    /** What is beyond a limit that a property sets. */
    public static RequestException limited(LimitException e, String property) {
        String need = e.isCounted() ? String.valueOf(e.asked()) : "more than " + e.allowed();
        return new RequestException(ErrorDetail
                .of(ProblemType.LIMIT_EXCEEDED, "the limit on " + e.limit().replace('-', ' ') + " is " + e.allowed()
                        + ", this request needs " + need + "; the operator sets it by " + property)
                .expected("at most " + e.allowed() + " (" + property + ")", need).hint(e.hint()));
    }

    /**
     * A body of a media type that is not read at its address.
     *
     * @param given the type; null if the request has none
     * @param read the types that are read there
     */
    public static RequestException unsupported(@Nullable String given, Collection<MediaType> read) {
        List<String> types = read.stream().map(MediaType::toString).distinct().sorted().toList();
        boolean isJsonAlone = types.size() < 2;
        String expected = "Content-Type: " + (isJsonAlone
                ? MediaType.APPLICATION_JSON_VALUE
                : String.join(", ", types.subList(0, types.size() - 1)) + " or " + types.getLast());
        String message;
        try {
            message = given == null
                    ? "the request has no Content-Type; send " + expected
                    : "Content-Type '" + MediaType.parseMediaType(given) + "' is not supported.";
        } catch (InvalidMediaTypeException _) {
            message = "Could not parse Content-Type.";
        }
        return new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, message)
                .expected(expected, given == null ? "none" : given)
                .hint(isJsonAlone
                        ? "send the request as JSON, such as {\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}"
                        : "say what the body is: curl sends another type unless -H 'Content-Type: …' names it"));
    }

    static ResponseEntity<Object> answer(HttpServletRequest request, RequestException problem, HttpHeaders headers) {
        ProblemType type = ProblemType.of(problem.foremost().code());
        request.setAttribute(CODE_ATTRIBUTE, type.code());
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(type.status()).headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (request.getAttribute(UNREAD_ATTRIBUTE) instanceof BooleanSupplier unread && unread.getAsBoolean()) {
            answer.header(HttpHeaders.CONNECTION, "close");
        }
        return answer.body(ProblemResponse.of(problem, base(request), instance(request), RequestId.of(request)));
    }

    /** The context path of the service, as it was configured. */
    public static String base(HttpServletRequest request) {
        return request.getServletContext().getContextPath();
    }

    /** Handles unexpected exceptions: the log gets the cause, and the client gets the request id to quote. */
    static ResponseEntity<Object> unexpected(HttpServletRequest request, Throwable cause) {
        String id = RequestId.of(request);
        LOG.error("Request {} failed", id, Fault.of(cause));
        request.setAttribute(REASON_ATTRIBUTE, FAILURE);
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        String detail = "Something unforeseen went wrong in the service; its log tells more under request id " + id;
        return answer(request, new RequestException(ErrorDetail.of(ProblemType.OVERLOADED, detail)), headers);
    }

    /**
     * The problem's {@code instance}. It is null for errors of the container, which are answered under another path, since the original
     * path may not be a valid URI.
     */
    private static @Nullable String instance(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.ERROR ? null : request.getRequestURI();
    }
}
