package io.chainrule.core.code;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JavaScript: a function that returns an object. */
record JavaScriptDialect() implements Dialect {
    private static final Set<String> MISSING = Set.of("erf", "erfc", "lgamma", "rint", "copysign", "fmod");

    @Override
    public String title() {
        return "JavaScript";
    }

    @Override
    public Predicate<String> reserved() {
        return ReservedWords.JAVASCRIPT;
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
    public @Nullable String function(String name) {
        return MISSING.contains(name) ? null : name.equals("fabs") ? "Math.abs" : "Math." + name;
    }

    @Override
    public String helper(String result, String name, List<String> parameters, String body) {
        String names = parameters.stream().map(parameter -> parameter.substring(parameter.lastIndexOf(' ') + 1))
                .collect(Collectors.joining(", "));
        return "function " + name + "(" + names + ") {\n"
                + Dialect.indented(body.replaceAll("\\b(?:double|int) (\\w+) =", "let $1 =").replace("(int) ", ""), 1) + "}\n\n";
    }

    @Override
    public String program(Body body) {
        String gradients = body.gradients().stream().map(result -> Dialect.quoted(result.variable().id()) + ": " + result.text())
                .collect(Collectors.joining(", "));
        String parameters = body.inputs().stream().map(Variable::name).collect(Collectors.joining(", "));
        return body.helpers().text() + "/*\n" + body.notes("Value and gradients of") + " */\nfunction valueAndGradient(" + parameters
                + ") {\n" + Dialect.indented(body.statements(), 1) + "    return {value: " + body.value().text() + ", gradients: {"
                + gradients + "}};\n}\n";
    }
}
