package io.chainrule.core.code;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Java: a class with a static method, which returns a record. */
record JavaDialect() implements Dialect {
    private static final Map<String, String> RENAMED = Map.of("fabs", "abs", "copysign", "copySign");
    private static final Set<String> MISSING = Set.of("asinh", "acosh", "atanh", "log2", "erf", "erfc", "lgamma", "trunc", "fmod");
    /**
     * A list of numbers takes eight bytes of a method for each of them, and a method has at most 65,535; longer lists are read from texts.
     */
    private static final int LONGEST_LIST = 500;
    private static final int NUMBERS_A_TEXT = 1_000;

    @Override
    public String title() {
        return "Java";
    }

    @Override
    public Predicate<String> reserved() {
        return ReservedWords.JAVA;
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
        return "int[] " + name + " = " + (values.length <= LONGEST_LIST
                ? "{" + Dialect.places(values) + "};"
                : "java.util.Arrays.stream(" + texts(values.length, i -> String.valueOf(values[i]))
                        + ".split(\" \")).mapToInt(Integer::parseInt).toArray();");
    }

    @Override
    public String values(String name, double[] values) {
        return "double[] " + name + " = " + (values.length <= LONGEST_LIST
                ? "{" + list(values) + "};"
                : "java.util.Arrays.stream(" + texts(values.length, i -> String.valueOf(values[i]))
                        + ".split(\" \")).mapToDouble(Double::parseDouble).toArray();");
    }

    /** A sum of texts, none of which is longer than a constant may be, that a compiler does not join. */
    private static String texts(int length, IntFunction<String> number) {
        return IntStream.range(0, (length + NUMBERS_A_TEXT - 1) / NUMBERS_A_TEXT)
                .mapToObj(part -> "\"" + IntStream.range(part * NUMBERS_A_TEXT, Math.min(length, (part + 1) * NUMBERS_A_TEXT))
                        .mapToObj(number).collect(Collectors.joining(" ")) + "\"")
                .collect(Collectors.joining(",\n        ", "String.join(\" \", ", ")"));
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
    public @Nullable String function(String name) {
        return MISSING.contains(name) ? null : "Math." + RENAMED.getOrDefault(name, name);
    }

    @Override
    public String helper(String result, String name, List<String> parameters, String body) {
        return "    private static " + result + " " + name + "(" + String.join(", ", parameters) + ") {\n" + Dialect.indented(body, 2)
                + "    }\n\n";
    }

    @Override
    public String program(Body body) {
        String components = body.results().map(result -> type(result.variable()) + result.variable().name())
                .collect(Collectors.joining(", "));
        String parameters = body.inputs().stream().map(input -> type(input) + input.name()).collect(Collectors.joining(", "));
        String answer = "return new Result(" + body.results().map(Result::text).collect(Collectors.joining(", ")) + ");\n";
        JavaMethods methods = JavaMethods.of(body, answer);
        return "/**\n" + body.notes("Value and gradients of") + " */\npublic final class Gradient {\n" + methods.fields()
                + "    private Gradient() {}\n\n    public record Result(" + components + ") {}\n\n" + body.helpers().text()
                + "    public static Result valueAndGradient(" + parameters + ") {\n" + Dialect.indented(methods.main(), 2) + "    }\n"
                + methods.others() + "}\n";
    }

    static String type(Variable variable) {
        return variable.isArray() ? "double[] " : "double ";
    }
}
