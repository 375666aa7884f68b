package io.chainrule.web.problem;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Every kind of error that clients meet, with its HTTP status; {@link ProblemText} has the words. */
public enum ProblemType {
    BAD_REQUEST(400),
    MALFORMED_JSON(400),
    UNKNOWN_FIELD(400),
    WRONG_TYPE(400),

    UNAUTHENTICATED(401),
    FORBIDDEN(403),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    NOT_ACCEPTABLE(406),
    REQUEST_TIMEOUT(408),
    CONFLICT(409),
    PRECONDITION_FAILED(412),
    BODY_TOO_LARGE(413),
    URI_TOO_LONG(414),
    UNSUPPORTED_MEDIA_TYPE(415),
    RANGE_NOT_SATISFIABLE(416),

    SYNTAX_ERROR(422),
    UNKNOWN_OP(422),
    UNKNOWN_NODE(422),
    MISSING_INPUT(422),
    MISSING_OUTPUT(422),
    DUPLICATE_ID(422),
    CYCLE(422),
    WRONG_ARITY(422),
    BAD_ATTRIBUTE(422),
    SHAPE_MISMATCH(422),
    NOT_SCALAR(422),
    SINGULAR_MATRIX(422),
    INVALID_VALUE(422),
    LIMIT_EXCEEDED(422),

    TOO_MANY_REQUESTS(429),
    INTERNAL_ERROR(500),
    OVERLOADED(503),
    DEADLINE_EXCEEDED(504);

    private static final Map<String, ProblemType> BY_CODE = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(ProblemType::code, Function.identity()));

    private final int status;

    ProblemType(int status) {
        this.status = status;
    }

    public static ProblemType of(String code) {
        return find(code).orElseThrow(() -> new IllegalArgumentException("no problem type has code " + code));
    }

    public static Optional<ProblemType> find(String code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    public static List<ProblemType> ofStatus(int status) {
        return Arrays.stream(values()).filter(type -> type.status == status).toList();
    }

    /** The type for an error of the servlet container; {@link #BAD_REQUEST} unless exactly one type has this status. */
    public static ProblemType ofContainerStatus(int status) {
        List<ProblemType> types = ofStatus(status);
        return types.size() == 1 ? types.getFirst() : BAD_REQUEST;
    }

    public int status() {
        return status;
    }

    /** The name of the type in answers, such as {@code shape-mismatch}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The relative URI of the help page, below the path of the service. */
    public String uri() {
        return "/problems/" + code();
    }

    public ProblemText text() {
        return ProblemText.of(this);
    }
}
