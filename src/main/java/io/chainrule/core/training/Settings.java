package io.chainrule.core.training;

import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options that a client gave for a part of a training, such as its optimizer; notes those that cannot be. */
final class Settings {
    private final String field;
    private final String type;
    private final Map<String, ?> given;
    private final Problems problems = new Problems();

    /** {@code field} is the part's name in a request, {@code known} are the options that it has. */
    Settings(String field, String type, Map<String, ?> given, List<String> known) {
        this.field = field;
        this.type = type;
        this.given = given;
        given.keySet().stream().filter(name -> !known.contains(name)).forEach(name -> note(name, "has no option '" + name + "'",
                known.isEmpty() ? "no options" : "one of " + known, name, Nearest.hint(name, known).orElse(null)));
    }

    /** A number of at least {@code low}. */
    double number(String name, double fallback, double low) {
        return number(name, fallback, low, Double.MAX_VALUE, "a number from " + shown(low));
    }

    /** A number of at least {@code low} and below 1. */
    double fraction(String name, double fallback, double low) {
        return number(name, fallback, low, Math.nextDown(1.0), "a number from " + shown(low) + " and below 1");
    }

    private double number(String name, double fallback, double low, double high, String expected) {
        return given.get(name) == null ? fallback : inRange(name, given.get(name), fallback, low, high, expected);
    }

    private double inRange(String name, @Nullable Object value, double fallback, double low, double high, String expected) {
        if (value instanceof Number number && number.doubleValue() >= low && number.doubleValue() <= high) {
            return number.doubleValue();
        }
        wrong(name, expected, value);
        return fallback;
    }

    /** A whole number of at least 1; {@code fallback} 0 stands for one that must be given. */
    int count(String name, int fallback) {
        Object value = given.get(name);
        if (value == null && fallback > 0) {
            return fallback;
        }
        if (value instanceof Number number && number.doubleValue() >= 1 && number.doubleValue() == number.intValue()) {
            return number.intValue();
        }
        wrong(name, "a whole number from 1", value);
        return 1;
    }

    boolean has(String name) {
        return given.get(name) != null;
    }

    boolean flag(String name) {
        Object value = given.get(name);
        if (value != null && !(value instanceof Boolean)) {
            wrong(name, "true or false", value);
        }
        return Boolean.TRUE.equals(value);
    }

    /** Two numbers, each from 0 and below 1. */
    double[] fractions(String name, double first, double second) {
        String expected = "two numbers, each from 0 and below 1";
        double[] values = {first, second};
        if (given.get(name) instanceof List<?> list && list.size() == values.length) {
            for (int i = 0; i < values.length; i++) {
                values[i] = inRange(name, list.get(i), values[i], 0, Math.nextDown(1.0), expected);
            }
        } else if (given.get(name) != null) {
            wrong(name, expected, given.get(name));
        }
        return values;
    }

    /** One of {@code choices}, the first unless another is given. */
    String choice(String name, List<String> choices) {
        Object value = given.get(name);
        if (value != null && !choices.contains(value)) {
            wrong(name, "one of " + choices, value);
        }
        return value == null || !choices.contains(value) ? choices.getFirst() : (String) value;
    }

    void wrong(String name, String expected, @Nullable Object actual) {
        note(name, "takes for '" + name + "' " + expected + (actual == null ? "" : ", not " + actual), expected,
                actual == null ? "nothing" : actual.toString(), null);
    }

    private void note(String name, String message, String expected, String actual, @Nullable String hint) {
        problems.add(Problem.of(ProblemCode.INVALID_VALUE, field + " " + type + " " + message).pointer(JsonPointer.of(field, name))
                .expected(expected, actual).hint(hint));
    }

    /** {@link io.chainrule.core.graph.ProblemException} with all that was noted. */
    void verify() {
        problems.throwIfAny();
    }

    private static String shown(double bound) {
        return bound == (int) bound ? String.valueOf((int) bound) : String.valueOf(bound);
    }
}
