package io.chainrule.core.code;

import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a language with loops writes what C, Java and JavaScript have in common. Arrays are flat, row by row. */
sealed interface Dialect permits CDialect, JavaDialect, JavaScriptDialect {
    /** A parameter or result; the id is its name in the program. */
    record Variable(String name, String id, Shape shape) {
        boolean isArray() {
            return !shape.isScalar();
        }

        private String note(boolean isAlone) {
            String cleaned = id.replaceAll("[^\\p{L}\\p{N}_.,-]", "_");
            return " *   " + name + (isAlone && name.equals(id) ? "" : ", of " + cleaned) + ": "
                    + (isArray() ? "array of shape " + shape : "number") + "\n";
        }
    }

    /** A result: what it is called outside of the function, and the variable or number that is returned. */
    record Result(Variable variable, String text) {}

    /** The function to be written. {@code names} has all names that it uses. */
    record Body(String output, List<Variable> inputs, Result value, List<Result> gradients, String statements, LoopHelpers helpers,
            Names names) {
        /** A comment without its first and last line. */
        String notes(String what) {
            return " * " + what + " " + output.replaceAll("[^\\p{L}\\p{N}_.-]", "_")
                    + (value.variable.isArray() ? ", an array of shape " + value.variable.shape() : "") + ". Arrays are flat, row by row.\n"
                    + " * Parameters, in the order of the request:\n"
                    + inputs.stream().map(input -> input.note(true)).collect(Collectors.joining()) + " * Gradients, in the same order:\n"
                    + gradients.stream().map(result -> result.variable.note(false)).collect(Collectors.joining());
        }

        Stream<Result> results() {
            return Stream.concat(Stream.of(value), gradients.stream());
        }
    }

    String title();

    /** The names that a variable cannot have. */
    Predicate<String> reserved();

    /** Whether array results are parameters, into which the function writes. */
    default boolean writesToParameters() {
        return false;
    }

    /** Whether compilers warn of variables that are not read, unless they are cast to void. */
    default boolean warnsOfUnread() {
        return false;
    }

    /** The declaration of an array of zeros. */
    String array(String name, int length);

    String number(String name, String value);

    String table(String name, int[] values);

    String values(String name, double[] values);

    String loop(String variable, int length);

    String infinity();

    String nan();

    /** How a function of C is called; null if the language does not have it. */
    @Nullable
    String function(String name);

    /** A function of its own, from a body in the common subset. Parameters are "double x", "double[] x" and "int n". */
    String helper(String result, String name, List<String> parameters, String body);

    /** The whole text; {@link ProblemException} if the language has no room for it. */
    String program(Body body);

    default String literal(double value) {
        return Double.isNaN(value)
                ? nan()
                : Double.isInfinite(value) ? (value > 0 ? "" : "-") + infinity() : String.valueOf(value).toLowerCase(Locale.ROOT);
    }

    static String places(int[] values) {
        return IntStream.of(values).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    }

    default String list(double[] values) {
        return Arrays.stream(values).mapToObj(this::literal).collect(Collectors.joining(", "));
    }

    /** A text in double quotes, for languages that escape as JavaScript does. */
    static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\R", " ") + "\"";
    }

    static String indented(String lines, int depth) {
        return lines.lines().map(line -> line.isBlank() ? "\n" : "    ".repeat(depth) + line + "\n").collect(Collectors.joining());
    }
}
