package io.chainrule.core.op;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The attributes of one op, or of what else takes such, checked against their definition, with defaults filled in. */
public final class Attributes {
    private final String owner;
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private final Map<String, Object> written = new LinkedHashMap<>();

    /** Checks what a client wrote; {@link ProblemException} with every attribute that is unknown, missing or ill-typed. */
    Attributes(OpDefinition definition, Map<String, ?> given) {
        this(definition.name(), definition.attributes(), given);
    }

    /** The same for attributes of something that messages call {@code owner}. */
    public Attributes(String owner, List<Attribute> attributes, Map<String, ?> given) {
        this.owner = owner;
        List<Problem> problems = new ArrayList<>();
        List<String> known = attributes.stream().map(Attribute::name).toList();
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                problems.add(bad(owner, name, "has no attribute '" + name + "'")
                        .expected(known.isEmpty() ? "no attributes" : "one of " + known, name)
                        .hint(Nearest.hint(name, known).orElse(null)));
            }
        }
        for (Attribute attribute : attributes) {
            Object value = given.get(attribute.name());
            if (value == null) {
                values.put(attribute.name(), attribute.defaultValue());
                if (attribute.required()) {
                    problems.add(bad(owner, attribute.name(), "needs attribute '" + attribute.name() + "'")
                            .expected(attribute.type().description(), "nothing"));
                }
                continue;
            }
            Object converted = convert(attribute.type(), value);
            if (converted == null) {
                problems.add(
                        bad(owner, attribute.name(), "attribute '" + attribute.name() + "' is not a " + attribute.type().description())
                                .expected(attribute.type().description(), shortened(value)));
            } else {
                values.put(attribute.name(), converted);
                if (!converted.equals(attribute.defaultValue())) {
                    written.put(attribute.name(), converted);
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    static Problem bad(OpDefinition definition, String attribute, String message) {
        return bad(definition.name(), attribute, message);
    }

    private static Problem bad(String owner, String attribute, String message) {
        return Problem.of(ProblemCode.BAD_ATTRIBUTE, owner + " " + message).attribute(attribute);
    }

    /** What is wrong with an attribute. */
    Problem problem(String attribute, String message) {
        return bad(owner, attribute, message);
    }

    /** What differs from the defaults. */
    public Map<String, Object> written() {
        return Collections.unmodifiableMap(written);
    }

    public boolean has(String name) {
        return values.get(name) != null;
    }

    int integer(String name) {
        return (Integer) value(name);
    }

    /** {@link ProblemException} where the number is not between the bounds. */
    public int integer(String name, int low, int high) {
        int value = integer(name);
        if (value < low || value > high) {
            String range = high == Integer.MAX_VALUE ? "at least " + low : "from " + low + " to " + high;
            throw new ProblemException(
                    bad(owner, name, "attribute '" + name + "' is " + range + ", not " + value).expected(range,
                            String.valueOf(value)));
        }
        return value;
    }

    public double number(String name) {
        return (Double) value(name);
    }

    /** {@link ProblemException} where the number is not between the bounds. */
    public double number(String name, double low, double high) {
        double value = number(name);
        if (!(value >= low && value <= high)) {
            throw new ProblemException(bad(owner, name, "attribute '" + name + "' is from " + low + " to " + high + ", not " + value)
                    .expected("from " + low + " to " + high, String.valueOf(value)));
        }
        return value;
    }

    /** A {@link Double} or a text. */
    Object numberOrText(String name) {
        return value(name);
    }

    double nonzero(String name) {
        double value = number(name);
        if (value == 0) {
            throw new ProblemException(bad(owner, name, "attribute '" + name + "' is 0").expected("a number other than 0", "0"));
        }
        return value;
    }

    public double nonnegative(String name) {
        double value = number(name);
        if (!(value >= 0)) {
            throw new ProblemException(bad(owner, name, "attribute '" + name + "' is not at least 0").expected("a number from 0",
                    String.valueOf(value)));
        }
        return value;
    }

    /** {@link ProblemException} where the text is none of these. */
    String choice(String name, String... choices) {
        String value = (String) value(name);
        List<String> known = List.of(choices);
        if (!known.contains(value)) {
            throw new ProblemException(bad(owner, name, "attribute '" + name + "' is one of " + known).expected("one of " + known,
                    shortened(value)).hint(Nearest.hint(value, known).orElse(null)));
        }
        return value;
    }

    public String text(String name) {
        return (String) value(name);
    }

    /**
     * A number for each of {@code axes} axes, of which one may stand for all; {@link ProblemException} where there are
     * more or fewer, or one is not between the bounds.
     */
    public List<Integer> perAxis(String name, int axes, int low, int high) {
        List<Integer> given = Objects.requireNonNull(integers(name), name);
        if (given.size() != 1 && given.size() != axes || given.stream().anyMatch(n -> n < low || n > high)) {
            String wanted = (axes == 1 ? "one number" : "one number, or " + axes) + ", from " + low + " to " + high;
            throw new ProblemException(
                    bad(owner, name, "attribute '" + name + "' is " + wanted).expected(wanted, shortened(given)));
        }
        return given.size() == axes ? given : Collections.nCopies(axes, given.getFirst());
    }

    /** To throw where a value does not go with others. */
    ProblemException wrong(String name, String rule, String expected, Object actual) {
        return new ProblemException(
                bad(owner, name, "attribute '" + name + "' " + rule + ", not " + actual).expected(expected, shortened(actual)));
    }

    /** A list of whole numbers, or a text. */
    Object padding(String name) {
        return value(name);
    }

    /** A whole number, or two lists of axes. */
    Object axisPairs(String name) {
        return value(name);
    }

    public boolean flag(String name) {
        return (Boolean) value(name);
    }

    /** The list, or null where none was given and none is the default. */
    public @Nullable List<Integer> integers(String name) {
        @SuppressWarnings("unchecked")
        List<Integer> list = (List<Integer>) values.get(name);
        return list;
    }

    /** Lengths, none of them negative. */
    Shape shape(String name) {
        List<Integer> lengths = Objects.requireNonNull(integers(name), name);
        if (lengths.stream().anyMatch(length -> length < 0)) {
            throw new ProblemException(bad(owner, name, "attribute '" + name + "' has a negative length").expected("lengths from 0",
                    shortened(lengths)));
        }
        return Shape.of(lengths);
    }

    List<?> items(String name) {
        return (List<?>) value(name);
    }

    private Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private static @Nullable Object convert(Attribute.Type type, Object value) {
        return switch (type) {
            case INT -> wholeNumber(value);
            case NUMBER -> value instanceof Number number ? (Object) number.doubleValue() : named(value);
            case NUMBER_OR_TEXT -> {
                Object number = convert(Attribute.Type.NUMBER, value);
                yield number == null && value instanceof String ? value : number;
            }
            case BOOLEAN -> value instanceof Boolean ? value : null;
            case TEXT -> value instanceof String ? value : null;
            case INTS -> allWhole(value instanceof List<?> list ? list : List.of(value));
            case ITEMS -> value instanceof List<?> list ? items(list) : null;
            case LISTS -> value instanceof List<?> list ? lists(list) : null;
            case PADDING -> value instanceof String text
                    ? (text.equals("same") || text.equals("valid") ? text : null)
                    : allWhole(value instanceof List<?> list ? list : List.of(value));
            case AXIS_PAIRS -> value instanceof List<?> list ? axisPairs(list) : wholeNumber(value);
        };
    }

    private static @Nullable Integer wholeNumber(Object value) {
        return value instanceof Number number && number.doubleValue() == number.intValue() ? number.intValue() : null;
    }

    private static @Nullable Double named(Object value) {
        if (!(value instanceof String text)) {
            return null;
        }
        return switch (text) {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> null;
        };
    }

    private static @Nullable List<Integer> allWhole(List<?> list) {
        List<Integer> result = new ArrayList<>();
        for (Object item : list) {
            Integer whole = wholeNumber(item);
            if (whole == null) {
                return null;
            }
            result.add(whole);
        }
        return List.copyOf(result);
    }

    private static @Nullable List<Object> lists(List<?> list) {
        List<Object> result = new ArrayList<>();
        for (Object item : list) {
            Object converted = item instanceof List<?> inner ? items(inner) : null;
            if (converted == null) {
                return null;
            }
            result.add(converted);
        }
        return List.copyOf(result);
    }

    private static @Nullable List<Object> axisPairs(List<?> list) {
        List<Object> pairs = new ArrayList<>();
        for (Object item : list) {
            List<Integer> axes = allWhole(item instanceof List<?> inner ? inner : List.of(item));
            if (axes == null) {
                return null;
            }
            pairs.add(axes);
        }
        return pairs.size() == 2 ? List.copyOf(pairs) : null;
    }

    private static @Nullable List<Object> items(List<?> list) {
        List<Object> result = new ArrayList<>();
        for (Object item : list) {
            Object converted = item instanceof String ? item : wholeNumber(item);
            if (converted == null) {
                return null;
            }
            result.add(converted);
        }
        return List.copyOf(result);
    }
}
