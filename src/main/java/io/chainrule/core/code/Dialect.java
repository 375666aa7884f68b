package io.chainrule.core.code;

import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How a language with loops writes what C, Java and JavaScript have in common. Arrays are flat, row by row. */
sealed interface Dialect {
    /** A parameter or result. */
    record Variable(String name, String id, Shape shape) {
        boolean isArray() {
            return !shape.isScalar();
        }

        String note() {
            return id.replaceAll("[^\\p{L}\\p{N}_.-]", "_") + ": " + (isArray() ? "array of shape " + shape : "number");
        }
    }

    String title();

    String array(String name, int length);

    String number(String name, String value);

    String table(String name, int[] values);

    String values(String name, double[] values);

    String loop(String variable, int length);

    String infinity();

    String nan();

    /** The name of a function of C; that itself if it is a helper. */
    String function(String name);

    /** A function of its own, from a body in the common subset. Parameters are "double x", "double[] x" and "int n". */
    String helper(String result, String name, List<String> parameters, String body);

    /** The function around the statements; results are names of numbers or arrays, the first one the value. */
    String program(List<Variable> inputs, List<Variable> results, String statements, String helpers);

    default String literal(double value) {
        if (Double.isNaN(value)) {
            return nan();
        } else if (Double.isInfinite(value)) {
            return value > 0 ? infinity() : "(-" + infinity() + ")";
        }
        String text = String.valueOf(value).toLowerCase(Locale.ROOT);
        return value < 0 || 1 / value < 0 ? "(" + text + ")" : text;
    }

    static String notes(List<Variable> inputs, List<Variable> results) {
        return inputs.stream().map(input -> " *   " + input.note() + "\n").collect(Collectors.joining()) + " * Gradients:\n"
                + results.stream().skip(1).map(result -> " *   " + result.name() + ", of " + result.note() + "\n")
                        .collect(Collectors.joining());
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

    /** Java: a class with one method, which returns a record. */
    record Java() implements Dialect {
        private static final Map<String, String> RENAMED = Map.of("fabs", "abs", "copysign", "copySign");
        private static final Set<String> MISSING = Set.of("asinh", "acosh", "atanh", "log2", "erf", "erfc", "lgamma", "trunc", "fmod");

        @Override
        public String title() {
            return "Java";
        }

        @Override
        public String array(String name, int length) {
            return "double[] " + name + " = new double[" + length + "];";
        }

        @Override
        public String number(String name, String value) {
            return "double " + name + " = " + value + ";";
        }

        @Override
        public String table(String name, int[] values) {
            return "int[] " + name + " = {" + Dialect.places(values) + "};";
        }

        @Override
        public String values(String name, double[] values) {
            return "double[] " + name + " = {" + list(values) + "};";
        }

        @Override
        public String loop(String variable, int length) {
            return "for (int " + variable + " = 0; " + variable + " < " + length + "; " + variable + "++) {";
        }

        @Override
        public String infinity() {
            return "Double.POSITIVE_INFINITY";
        }

        @Override
        public String nan() {
            return "Double.NaN";
        }

        @Override
        public String function(String name) {
            boolean isOwn = MISSING.contains(name) || LoopHelpers.isOwn(name);
            return isOwn ? name : "Math." + RENAMED.getOrDefault(name, name);
        }

        @Override
        public String helper(String result, String name, List<String> parameters, String body) {
            return "    private static " + result + " " + name + "(" + String.join(", ", parameters) + ") {\n" + indented(body, 2)
                    + "    }\n\n";
        }

        @Override
        public String program(List<Variable> inputs, List<Variable> results, String statements, String helpers) {
            String components = results.stream().map(result -> type(result) + result.name()).collect(Collectors.joining(", "));
            String parameters = inputs.stream().map(input -> type(input) + input.name()).collect(Collectors.joining(", "));
            String answer = results.stream().map(Variable::name).collect(Collectors.joining(", "));
            return "/**\n * A value and its gradients. Arrays are flat, row by row.\n" + notes(inputs, results)
                    + " */\npublic final class Gradient {\n    private Gradient() {}\n\n"
                    + "    public record Result(" + components + ") {}\n\n" + helpers + "    public static Result valueAndGradient("
                    + parameters
                    + ") {\n" + indented(statements, 2) + "        return new Result(" + answer + ");\n    }\n}\n";
        }

        private static String type(Variable variable) {
            return variable.isArray() ? "double[] " : "double ";
        }
    }

    /** JavaScript: a function that returns an object. */
    record JavaScript() implements Dialect {
        private static final Set<String> MISSING = Set.of("erf", "erfc", "lgamma", "rint", "copysign", "fmod");

        @Override
        public String title() {
            return "JavaScript";
        }

        @Override
        public String array(String name, int length) {
            return "const " + name + " = new Float64Array(" + length + ");";
        }

        @Override
        public String number(String name, String value) {
            return "const " + name + " = " + value + ";";
        }

        @Override
        public String table(String name, int[] values) {
            return "const " + name + " = [" + Dialect.places(values) + "];";
        }

        @Override
        public String values(String name, double[] values) {
            return "const " + name + " = Float64Array.of(" + list(values) + ");";
        }

        @Override
        public String loop(String variable, int length) {
            return "for (let " + variable + " = 0; " + variable + " < " + length + "; " + variable + "++) {";
        }

        @Override
        public String infinity() {
            return "Infinity";
        }

        @Override
        public String nan() {
            return "NaN";
        }

        @Override
        public String function(String name) {
            boolean isOwn = MISSING.contains(name) || LoopHelpers.isOwn(name);
            return isOwn ? name : name.equals("fabs") ? "Math.abs" : "Math." + name;
        }

        @Override
        public String helper(String result, String name, List<String> parameters, String body) {
            String names = parameters.stream().map(parameter -> parameter.substring(parameter.lastIndexOf(' ') + 1))
                    .collect(Collectors.joining(", "));
            return "function " + name + "(" + names + ") {\n"
                    + indented(body.replaceAll("\\b(?:double|int) (\\w+) =", "let $1 =").replace("(int) ", ""), 1) + "}\n\n";
        }

        @Override
        public String program(List<Variable> inputs, List<Variable> results, String statements, String helpers) {
            String gradients = results.stream().skip(1).map(result -> quoted(result.id()) + ": " + result.name())
                    .collect(Collectors.joining(", "));
            String parameters = inputs.stream().map(Variable::name).collect(Collectors.joining(", "));
            return helpers + "/*\n * A value and its gradients. Arrays are flat, row by row.\n" + notes(inputs, results)
                    + " */\nfunction valueAndGradient("
                    + parameters + ") {\n" + indented(statements, 1) + "    return {value: " + results.getFirst().name() + ", gradients: {"
                    + gradients + "}};\n}\n";
        }
    }

    /** C: a function that returns the value and writes gradients to where its last parameters point. */
    record C() implements Dialect {
        @Override
        public String title() {
            return "C";
        }

        @Override
        public String array(String name, int length) {
            return "double " + name + "[" + length + "] = {0};";
        }

        @Override
        public String number(String name, String value) {
            return "const double " + name + " = " + value + ";";
        }

        @Override
        public String table(String name, int[] values) {
            return "static const int " + name + "[] = {" + Dialect.places(values) + "};";
        }

        @Override
        public String values(String name, double[] values) {
            return "const double " + name + "[] = {" + list(values) + "};";
        }

        @Override
        public String loop(String variable, int length) {
            return "for (int " + variable + " = 0; " + variable + " < " + length + "; " + variable + "++) {";
        }

        @Override
        public String infinity() {
            return "INFINITY";
        }

        @Override
        public String nan() {
            return "NAN";
        }

        @Override
        public String function(String name) {
            return name;
        }

        @Override
        public String helper(String result, String name, List<String> parameters, String body) {
            String declared = parameters.stream().map(parameter -> parameter.equals("double[] y")
                    ? "double *y"
                    : parameter.replace("double[] ", "const double *")).collect(Collectors.joining(", "));
            return "static " + result + " " + name + "(" + declared + ") {\n" + indented(body, 1) + "}\n\n";
        }

        @Override
        public String program(List<Variable> inputs, List<Variable> results, String statements, String helpers) {
            String parameters = Stream.concat(
                    inputs.stream().map(input -> (input.isArray() ? "const double *" : "double ") + input.name()),
                    results.stream().skip(1).map(result -> "double *out_" + result.name())).collect(Collectors.joining(", "));
            StringBuilder copies = new StringBuilder();
            results.stream().skip(1).forEach(result -> copies.append(result.isArray()
                    ? "for (int i = 0; i < " + result.shape().size() + "; i++) {\n    out_" + result.name() + "[i] = " + result.name()
                            + "[i];\n}\n"
                    : "*out_" + result.name() + " = " + result.name() + ";\n"));
            return "#include <math.h>\n\n" + helpers + "/*\n * Returns the value and writes its gradients. Arrays are flat, row by row.\n"
                    + notes(inputs, results) + " */\ndouble value_and_gradient(" + parameters + ") {\n" + indented(statements, 1)
                    + indented(copies.toString(), 1) + "    return " + results.getFirst().name() + ";\n}\n";
        }
    }
}
