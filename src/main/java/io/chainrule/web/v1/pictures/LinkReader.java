package io.chainrule.web.v1.pictures;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.json.LinkTo;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.problem.UnreadableBody;
import io.chainrule.web.v1.JsonPointer;
import io.chainrule.web.v1.LinkQuery;
import io.chainrule.web.v1.ParameterCheck;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the parameters of a link as the request that a POST would have as its body: {@code digits=4} is {@code "digits": 4}, {@code in.x=2}
 * an input. What is wrong is told as it is told of a body.
 */
@Component
final class LinkReader {
    static final String EXPRESSION = "expression";
    private static final String MODEL = "model";
    private static final String INPUTS = "inputs";
    private static final String INPUT_PREFIX = "in.";
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final char MARK = '\u0001';
    private static final String WORD = "(?:if|else|for|in|and|or|not|is|def|return|lambda)";
    private static final String OPENING = "(\\[{|‖√∛";
    /** A plus between two operands that would be a program without it too: a product, a call, an index. A word of Python parts operands. */
    private static final Pattern BETWEEN_OPERANDS = Pattern
            .compile("(?:(?<=[\\p{N})\\]}|‖])\u0001(?!" + WORD + "\\b)(?=[\\p{L}\\p{N}_" + OPENING
                    + "])|(?<=[\\p{L}_])(?<!\\b" + WORD + ")\u0001(?=[" + OPENING + "]))");
    private static final Pattern BEFORE_EQUALS = Pattern.compile("\\+=(?!=)");
    /** What a hint says of an input in a body. */
    private static final Pattern ADDED_INPUT = Pattern.compile("add \"([^\"]+)\" to inputs");
    static final String PLUS = "a + in a query stands for a blank: write %2B for a plus sign, and %20 for a blank";

    private final JsonMapper json;

    LinkReader(JsonMapper json) {
        this.json = json;
    }

    /** Throws {@link RequestException} for parameters that the request does not have, and for values of another type. */
    <R extends Record> R read(LinkQuery query, Class<R> type) {
        Map<String, RecordComponent> fields = LinkTo.Fields.of(type);
        boolean hasProgram = fields.containsKey(EXPRESSION);
        List<ErrorDetail> errors = new ArrayList<>();
        Map<String, String> body = new LinkedHashMap<>();
        Map<String, String> inputs = new LinkedHashMap<>();
        query.values().forEach((name, values) -> {
            RecordComponent field = fields.get(name);
            if (hasProgram && name.startsWith(INPUT_PREFIX) && name.length() > INPUT_PREFIX.length()) {
                inputs.put(name.substring(INPUT_PREFIX.length()), value(values.getFirst()));
            } else if (field == null) {
                errors.add(unknown(name, List.copyOf(fields.keySet()), hasProgram));
            } else {
                body.put(name, LinkTo.Fields.isNames(field) ? list(values) : field(field, name, values.getFirst(), errors));
            }
            if (values.size() > 1 && (field == null || !LinkTo.Fields.isNames(field))) {
                errors.add(ParameterCheck.repeated(name, values));
            }
        });
        if (hasProgram && !body.containsKey(EXPRESSION) && !body.containsKey(MODEL)) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "the link has no program").at(JsonPointer.of(EXPRESSION))
                    .expected("expression=… or model=…", "nothing").hint("as in ?expression=x^2&in.x=3"));
        }
        addInputs(body, inputs, errors);
        checkPlus(query, errors);
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return json.readValue(object(body), type);
    }

    /** The same of a link that has no program; what is wrong is told in terms of the link. */
    <R extends Record> R options(LinkQuery query, Class<R> type) {
        try {
            return read(query, type);
        } catch (RequestException e) {
            throw e.with(error -> ofLink(error, query));
        }
    }

    private void addInputs(Map<String, String> body, Map<String, String> inputs, List<ErrorDetail> errors) {
        String whole = body.get(INPUTS);
        if (whole == null) {
            if (!inputs.isEmpty()) {
                body.put(INPUTS, object(inputs));
            }
        } else if (!inputs.isEmpty()) {
            errors.add(ErrorDetail.of(ProblemType.BAD_REQUEST, "inputs are given by 'inputs' and by 'in.…'; one of them is enough")
                    .expected("'inputs' or 'in.…'", "both"));
        }
    }

    private static ErrorDetail unknown(String name, List<String> names, boolean hasProgram) {
        ErrorDetail unknown = ParameterCheck.unknown(name, names);
        if (!hasProgram) {
            return unknown;
        }
        String input = "an input is given as " + INPUT_PREFIX + (name.equals(INPUT_PREFIX) ? "NAME" : ParameterCheck.shown(name)) + "=…";
        return unknown.expected("one of " + names + ", or in.NAME for an input", ParameterCheck.shown(name))
                .hint(Nearest.hint(name, names).orElse(input));
    }

    private String field(RecordComponent field, String name, String text, List<ErrorDetail> errors) {
        if (LinkTo.Fields.isJson(field)) {
            ErrorDetail error = malformed(text);
            if (error != null) {
                errors.add(ErrorDetail
                        .of(ProblemType.MALFORMED_JSON,
                                "the parameter '" + name + "' is no JSON: " + error.message().replace("the body", "it"))
                        .at(JsonPointer.of(name) + Objects.requireNonNullElse(error.pointer(), "")).position(error.line(), error.column())
                        .expected(field.getType() == List.class ? "a JSON array" : "a JSON object, such as {\"x\": 2}",
                                ParameterCheck.shown(text))
                        .hint(error.hint() == null ? null : error.hint().replace("the body", "it")));
            }
            return text;
        }
        if (LinkTo.Fields.isNames(field, text)) {
            return list(List.of(text));
        }
        boolean isText = field.getType() == String.class || field.getType().isEnum();
        return isText ? quoted(text) : value(text);
    }

    /** A value as JSON: as it stands, a number that JSON writes in another way, or text. */
    private String value(String text) {
        String stripped = text.strip();
        if (malformed(stripped) == null) {
            return stripped;
        }
        if (NUMBER.matcher(stripped).matches()) {
            return stripped.replaceFirst("^\\+", "").replaceFirst("^(-?)0*(?=\\d)", "$1").replaceFirst("^(-?)\\.", "$10.")
                    .replaceFirst("\\.(?!\\d)", ".0");
        }
        return quoted(text);
    }

    /** What keeps a text from being JSON; null if it is. */
    private @Nullable ErrorDetail malformed(String text) {
        if (text.isBlank()) {
            return ErrorDetail.of(ProblemType.MALFORMED_JSON, "it is empty");
        }
        try {
            json.readTree(text);
            return null;
        } catch (JacksonException e) {
            return UnreadableBody.error(e);
        }
    }

    private String list(List<String> values) {
        return values.stream().flatMap(value -> List.of(value.split(",", -1)).stream()).map(name -> quoted(name.strip()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private String object(Map<String, String> fields) {
        return fields.entrySet().stream().map(field -> quoted(field.getKey()) + ":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private String quoted(String text) {
        return json.writeValueAsString(text);
    }

    /** Refuses an expression that a plus sign, which arrives as a blank, would make another program without an error. */
    private static void checkPlus(LinkQuery query, List<ErrorDetail> errors) {
        List<String> raw = query.raw().getOrDefault(EXPRESSION, List.of());
        List<String> marked = query.marked(EXPRESSION, MARK);
        for (int i = 0; i < raw.size(); i++) {
            if (BETWEEN_OPERANDS.matcher(marked.get(i)).find() || BEFORE_EQUALS.matcher(raw.get(i)).find()) {
                errors.add(ErrorDetail.of(ProblemType.SYNTAX_ERROR, "a + between two operands, or before =, arrives as a blank")
                        .at(JsonPointer.of(EXPRESSION))
                        .expected("%2B", "+").hint(PLUS));
            }
        }
    }

    /** The error in terms of the link: the parameter, how an input is given, and the hint on plus signs where one may have caused it. */
    static ErrorDetail ofLink(ErrorDetail error, LinkQuery query) {
        String name = error.parameter() == null ? parameter(error.pointer(), query) : error.parameter();
        String hint = error.hint();
        if (hint != null && !query.values().containsKey(INPUTS)) {
            hint = ADDED_INPUT.matcher(hint).replaceAll("add " + INPUT_PREFIX + "$1=…");
        }
        if (name != null && query.hasPlus(name)) {
            hint = hint == null ? PLUS : hint.contains("%2B") ? hint : hint + "; " + PLUS;
        }
        return error.parameter(name).hint(hint);
    }

    /** The parameter that a place in the body of a POST stands in; null for the body as a whole. */
    private static @Nullable String parameter(@Nullable String pointer, LinkQuery query) {
        if (pointer == null || pointer.isEmpty()) {
            return null;
        }
        String[] steps = pointer.substring(1).split("/", -1);
        boolean isInput = steps[0].equals(INPUTS) && steps.length > 1 && !query.values().containsKey(INPUTS);
        return isInput ? INPUT_PREFIX + steps[1].replace("~1", "/").replace("~0", "~") : steps[0];
    }
}
