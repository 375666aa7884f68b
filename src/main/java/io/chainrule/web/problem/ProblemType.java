package io.chainrule.web.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every kind of error that clients meet: its status, what it means, how to mend it, and a request that shows it. */
public enum ProblemType {
    BAD_REQUEST(400, "The request is not proper HTTP",
            "The request line, a header, the address or the framing of the body breaks the rules of HTTP.",
            "Look at what the client sends; characters that an address may not have are written as %XX.",
            null), MALFORMED_JSON(400, "The body is not JSON",
                    "The body could not be read as one JSON value: it is empty, breaks the syntax, names a field twice in one object, or goes on after its end.",
                    "Mend the body at the line and column given. Infinity and NaN are written as strings.",
                    at("/v1/gradient", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3,}}", null)), UNKNOWN_FIELD(400,
                            "A field is not known",
                            "The body has a field that this endpoint does not take. Nothing is ignored in silence: a misspelt option would otherwise pass unnoticed.",
                            "Correct the name, which the hint may give, or leave the field out.",
                            at("/v1/gradient", "{\"expresion\": \"x^2\", \"inputs\": {\"x\": 3}}", "/expresion")), WRONG_TYPE(400,
                                    "A value has the wrong type",
                                    "A value in the body is of another JSON type than it must be: a string for a number, null where a value is needed, a number that no float64 holds.",
                                    "Write what 'expected' names. A number is never written as a string, except \"NaN\", \"Infinity\" and \"-Infinity\".",
                                    at("/v1/gradient", "{\"expression\": \"x^2\", \"inputs\": {\"x\": \"3\"}}", "/inputs/x")),

    NOT_FOUND(404, "Nothing is here",
            "There is no endpoint, page or op at this address.",
            "Look the address up in the OpenAPI document; GET /v1/ops lists the ops.", null), METHOD_NOT_ALLOWED(405,
                    "The method is not allowed here",
                    "The address exists, but not for this HTTP method; the header Allow names those that it takes.",
                    "Computations are POSTed; the catalogue is read with GET.", null), NOT_ACCEPTABLE(406,
                            "The answer is not to be had in that form",
                            "The header Accept asks for a media type that this address does not offer.",
                            "Accept application/json, or leave the header out.", null), BODY_TOO_LARGE(413, "The body is too large",
                                    "The body has more bytes than the property chainrule.limits.body-bytes allows, 8 MiB unless it is set.",
                                    "Send less: base64 arrays are smaller than decimal ones. Whoever runs the service can raise the limit.",
                                    null), UNSUPPORTED_MEDIA_TYPE(415, "The body is not in a form that is read here",
                                            "Bodies are JSON in an encoding of Unicode, and not compressed.",
                                            "Send Content-Type: application/json and no Content-Encoding.", null),

    SYNTAX_ERROR(422, "The expression cannot be parsed",
            "The text is not an expression of the language: a bracket that is not closed, an operator without an operand.",
            "Mend the expression at the line and column given.",
            at("/v1/gradient", "{\"expression\": \"f = (x + 1\", \"inputs\": {\"x\": 3}}", "/expression")), UNKNOWN_OP(422,
                    "There is no such op",
                    "The program calls an op that the catalogue does not have, by name or alias.",
                    "The hint gives the nearest name; GET /v1/ops lists them all.",
                    at("/v1/gradient", "{\"expression\": \"f = tahn(x)\", \"inputs\": {\"x\": 3}}", "/expression")), UNKNOWN_NODE(422,
                            "There is no such node",
                            "A name in output, wrt, of, tangents, cotangents or nodes is no node of the program.",
                            "Use an input's name, a statement's name or an id that the answer's nodes[] shows.",
                            at("/v1/gradient", "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}, \"wrt\": [\"y\"]}",
                                    "/wrt/0")), MISSING_INPUT(422, "An input has no value",
                                            "The program reads a name for which the request gives no value.",
                                            "Give the value in 'inputs'; if the name is misspelt, mend the program.",
                                            at("/v1/gradient", "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 3}}",
                                                    null)), MISSING_OUTPUT(422, "The output is not known",
                                                            "The program has no node to answer, or several nodes that no other uses, and the request does not say which one is the output.",
                                                            "Name it in 'output'.",
                                                            at("/v1/gradient",
                                                                    "{\"graph\": {\"nodes\": [{\"id\": \"a\", \"op\": \"exp\", \"inputs\": [\"x\"]}, {\"id\": \"b\", \"op\": \"sin\", \"inputs\": [\"x\"]}]},"
                                                                            + " \"inputs\": {\"x\": 3}}",
                                                                    null)), DUPLICATE_ID(422, "Two nodes have the same id",
                                                                            "An id stands for one node, and two nodes of the graph claim it.",
                                                                            "Rename one of them.",
                                                                            at("/v1/gradient",
                                                                                    "{\"graph\": {\"nodes\": [{\"id\": \"a\", \"op\": \"exp\", \"inputs\": [\"x\"]}, {\"id\": \"a\", \"op\": \"sin\", \"inputs\": [\"x\"]}]},"
                                                                                            + " \"inputs\": {\"x\": 3}}",
                                                                                    null)), CYCLE(422, "The graph goes in a circle",
                                                                                            "A node depends on itself, directly or through others, so that there is no order in which to compute.",
                                                                                            "Cut the circle: unroll a loop into nodes of its own for each step.",
                                                                                            at("/v1/gradient",
                                                                                                    "{\"graph\": {\"nodes\": [{\"id\": \"a\", \"op\": \"exp\", \"inputs\": [\"b\"]}, {\"id\": \"b\", \"op\": \"sin\", \"inputs\": [\"a\"]}],"
                                                                                                            + " \"output\": \"a\"}}",
                                                                                                    null)), WRONG_ARITY(422,
                                                                                                            "An op has too few or too many operands",
                                                                                                            "The number of operands is not one that the op takes.",
                                                                                                            "GET /v1/ops/{name} lists the op's operands; options go by name, as in sum(x, axis=0).",
                                                                                                            at("/v1/gradient",
                                                                                                                    "{\"expression\": \"f = exp(x, x)\", \"inputs\": {\"x\": 3}}",
                                                                                                                    "/expression")), BAD_ATTRIBUTE(
                                                                                                                            422,
                                                                                                                            "An attribute does not fit",
                                                                                                                            "An op was given an attribute that it does not have, that it needs and was not given, or whose value it cannot use.",
                                                                                                                            "GET /v1/ops/{name} lists the op's attributes with their types and defaults.",
                                                                                                                            at("/v1/gradient",
                                                                                                                                    "{\"expression\": \"f = sum(x, axes=0)\", \"inputs\": {\"x\": [3, 4]}}",
                                                                                                                                    "/expression")), SHAPE_MISMATCH(
                                                                                                                                            422,
                                                                                                                                            "Shapes do not fit",
                                                                                                                                            "Arrays meet whose shapes do not broadcast, multiply or agree as they must.",
                                                                                                                                            "Compare 'expected' and 'actual'; transpose, reshape or expand_dims bring arrays into shape.",
                                                                                                                                            at("/v1/gradient",
                                                                                                                                                    "{\"expression\": \"f = sum(W @ x)\", \"inputs\": {\"W\": [[1, 2], [3, 4]], \"x\": [1, 2, 3]}}",
                                                                                                                                                    "/expression")), NOT_SCALAR(
                                                                                                                                                            422,
                                                                                                                                                            "The output is not a scalar",
                                                                                                                                                            "A gradient is that of a number; the output is an array and no cotangent was given to weigh its entries.",
                                                                                                                                                            "Reduce the output, with sum for instance, or give 'cotangent' in the output's shape; /v1/jacobian differentiates every entry.",
                                                                                                                                                            at("/v1/gradient",
                                                                                                                                                                    "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": [3, 4]}}",
                                                                                                                                                                    "/expression")), SINGULAR_MATRIX(
                                                                                                                                                                            422,
                                                                                                                                                                            "A matrix is singular",
                                                                                                                                                                            "A matrix that must be inverted has no inverse.",
                                                                                                                                                                            "Look at the matrix of the node named: a row of zeros, or two rows that are multiples of each other.",
                                                                                                                                                                            null), INVALID_VALUE(
                                                                                                                                                                                    422,
                                                                                                                                                                                    "A value cannot be used",
                                                                                                                                                                                    "A value is of the right type but says something that cannot be: rows of different lengths, an option that does not exist, an index out of range.",
                                                                                                                                                                                    "Compare 'expected' and 'actual'.",
                                                                                                                                                                                    at("/v1/gradient",
                                                                                                                                                                                            "{\"expression\": \"f = sum(x)\", \"inputs\": {\"x\": [[1, 2], [3]]}}",
                                                                                                                                                                                            "/inputs/x/1")), LIMIT_EXCEEDED(
                                                                                                                                                                                                    422,
                                                                                                                                                                                                    "A limit is exceeded",
                                                                                                                                                                                                    "The request asks for more nodes, elements, memory or arithmetic than the service allows. This is found out before any of it is computed.",
                                                                                                                                                                                                    "Ask for less, in several requests perhaps. Whoever runs the service can raise the property named.",
                                                                                                                                                                                                    at("/v1/jacobian",
                                                                                                                                                                                                            "{\"expression\": \"f = broadcast_to(x, shape=[40000])\", \"inputs\": {\"x\": 1}, \"wrt\": [\"f\"]}",
                                                                                                                                                                                                            null)),

    TOO_MANY_REQUESTS(429, "Too many requests",
            "This client sends more requests than it is allowed in this time.",
            "Wait as long as the header Retry-After says, in seconds.", null), OVERLOADED(503, "The service cannot take this request now",
                    "The memory that requests at work share is spoken for, or something unforeseen went wrong in the service.",
                    "Try again after the seconds in the header Retry-After. If the detail names an incident, report it: the service's log tells more.",
                    null), DEADLINE_EXCEEDED(504, "The computation took too long",
                            "The computation was stopped because it took longer than the property chainrule.limits.time allows.",
                            "Ask for less. Whoever runs the service can raise the limit.", null);

    private static final Map<String, ProblemType> BY_CODE = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(ProblemType::code, Function.identity()));

    private final int status;
    private final String title;
    private final String meaning;
    private final String cure;
    private final @Nullable Example example;

    ProblemType(int status, String title, String meaning, String cure, @Nullable Example example) {
        this.status = status;
        this.title = title;
        this.meaning = meaning;
        this.cure = cure;
        this.example = example;
    }

    /** A request that is answered with this problem, and the pointer that its error has. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Example(String endpoint, String body, @Nullable String pointer) {}

    private static Example at(String endpoint, String body, @Nullable String pointer) {
        return new Example(endpoint, body, pointer);
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

    /** What stands for an error of the servlet container, which may have statuses that are none of ours. */
    public static ProblemType ofContainerStatus(int status) {
        List<ProblemType> types = ofStatus(status);
        return types.size() == 1 ? types.getFirst() : BAD_REQUEST;
    }

    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Relative URI of the page of help. */
    public String uri() {
        return "/problems/" + code();
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    public String meaning() {
        return meaning;
    }

    public String cure() {
        return cure;
    }

    public Optional<Example> example() {
        return Optional.ofNullable(example);
    }
}
