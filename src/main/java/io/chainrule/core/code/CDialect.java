package io.chainrule.core.code;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes C99: the function returns the value, and stores the gradients in the arrays that its last parameters point to. */
record CDialect() implements Dialect {
    /** Elements of local arrays that a stack has room for in any thread. */
    private static final int MOST_ON_THE_STACK = 16_384;
    private static final Pattern ARRAY = Pattern.compile("(?m)^double (\\w+)\\[(\\d+)\\] = \\{0\\};");

    @Override
    public String title() {
        return "C";
    }

    @Override
    public Predicate<String> reserved() {
        return ReservedWords::inC;
    }

    @Override
    public boolean writesToParameters() {
        return true;
    }

    @Override
    public boolean warnsOfUnread() {
        return true;
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
        return "static const double " + name + "[] = {" + list(values) + "};";
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
        return "static " + result + " " + name + "(" + declared + ") {\n" + Dialect.indented(body, 1) + "}\n\n";
    }

    @Override
    public String program(Body body) {
        String parameters = Stream.concat(
                body.inputs().stream().map(input -> (input.isArray() ? "const double *" : "double ") + input.name()),
                body.gradients().stream().map(result -> "double *" + result.variable().name())).collect(Collectors.joining(", "));
        StringBuilder statements = new StringBuilder(body.statements());
        body.gradients().stream().filter(result -> !result.variable().isArray())
                .forEach(result -> statements.append("*" + result.variable().name() + " = " + result.text() + ";\n"));
        // A compiler warns of parameters that are not used.
        body.inputs().stream().filter(input -> !Pattern.compile("\\b" + input.name() + "\\b").matcher(statements).find()
                && !input.name().equals(body.value().text())).forEach(input -> statements.insert(0, "(void)" + input.name() + ";\n"));
        boolean hasRoom = ARRAY.matcher(statements).results().mapToLong(array -> Long.parseLong(array.group(2))).sum() <= MOST_ON_THE_STACK;
        String returned = "return " + body.value().text() + ";\n";
        String inside = hasRoom ? statements + returned : inOneBlock(statements, body, returned);
        return "#include <math.h>\n" + (hasRoom ? "" : "#include <stdlib.h>\n") + "\n" + body.helpers().text() + "/*\n"
                + body.notes("Returns the value and writes the gradients of")
                + (hasRoom ? "" : " * Returns NAN if there is no memory for its arrays.\n") + " */\ndouble value_and_gradient(" + parameters
                + ") {\n" + Dialect.indented(inside, 1) + "}\n";
    }

    /** Puts all arrays into one block of memory. */
    private static String inOneBlock(CharSequence statements, Body body, String returned) {
        String work = body.names().of("work");
        long[] used = {0};
        String inside = ARRAY.matcher(statements).replaceAll(array -> {
            String declared = "double *" + array.group(1) + " = " + work + " + " + used[0] + ";";
            used[0] += Long.parseLong(array.group(2));
            return Matcher.quoteReplacement(declared);
        });
        return "double *" + work + " = calloc(" + used[0] + ", sizeof *" + work + ");\nif (" + work + " == NULL) {\n    return NAN;\n}\n"
                + inside + "free(" + work + ");\n" + returned;
    }
}
