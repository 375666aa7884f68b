package io.chainrule.core.explain;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a form as a reader does, from its text, and computes it. Letters side by side are multiplied: numbers as such, matrices and vectors
 * as matrices, where a vector is a column. Forms with indices that are letters, or with words, are not read.
 */
final class PrintedForm {
    /** Thrown for what is not read. */
    static final class Unread extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unread(String text) {
            super(text);
        }
    }

    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{Nd}_.₀-₉]*");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");
    static final Pattern PLACE = Pattern.compile("_\\{([0-9−:., ]*[:.][0-9−:., ]*)\\}");
    private static final String DIGITS = "₀₁₂₃₄₅₆₇₈₉";

    private final String text;
    private final Map<String, Tensor> values;
    private int at;

    private PrintedForm(String text, Map<String, Tensor> values) {
        this.text = text;
        this.values = values;
    }

    /** The value of a text in which {@code values} are the nodes, and the gradients of nodes under names such as {@code ∂f/∂y}. */
    static Tensor value(String text, Map<String, Tensor> values) {
        PrintedForm form = new PrintedForm(text, values);
        Tensor value = form.sum();
        if (form.at < text.length()) {
            throw new Unread(text + " at " + form.at);
        }
        return value;
    }

    private boolean takes(String token) {
        int from = at;
        while (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        if (!text.startsWith(token, from)) {
            return false;
        }
        at = from + token.length();
        return true;
    }

    private Tensor sum() {
        Tensor left = takes("−") ? call("-a", product(), Tensor.scalar(0)) : product();
        while (true) {
            if (takes("+")) {
                left = call("a + b", left, product());
            } else if (takes("−")) {
                left = call("a - b", left, product());
            } else {
                return left;
            }
        }
    }

    private Tensor product() {
        Tensor left = factor();
        while (at < text.length()) {
            int before = at;
            if (takes("⊙") || takes("⋅")) {
                left = call("a * b", left, factor());
            } else if (takes("/")) {
                left = call("a / b", left, factor());
            } else if (text.charAt(at) == ' ' && at + 1 < text.length() && "+−=,;)⊙⋅/<>≤≥".indexOf(text.charAt(at + 1)) < 0) {
                at++;
                left = multiplied(left, factor());
            } else {
                at = before;
                return left;
            }
        }
        return left;
    }

    private static Tensor multiplied(Tensor left, Tensor right) {
        boolean isNumber = left.shape().isScalar() || right.shape().isScalar();
        return isNumber ? call("a * b", left, right) : call("a @ b", left, right);
    }

    private Tensor factor() {
        Tensor base = atom();
        while (at < text.length()) {
            if (takes("²")) {
                base = call("a^2", base, base);
            } else if (takes("³")) {
                base = call("a^3", base, base);
            } else if (text.startsWith("ᵀ", at)) {
                at++;
                base = base.shape().rank() == 1 ? base : call("a.T", base, base);
                if (base.shape().rank() == 1 && at < text.length()) {
                    throw new Unread("a row");
                }
            } else if (text.startsWith("⁻ᵀ", at)) {
                at += 2;
                base = call("inv(a).T", base, base);
            } else if (place() != null) {
                base = call("a[" + place() + "]", base, base);
                at = text.indexOf('}', at) + 1;
            } else if (text.startsWith("^", at) || text.startsWith("_", at)) {
                throw new Unread(text);
            } else {
                return base;
            }
        }
        return base;
    }

    /** The place that follows as index has it, as {@code 0:2}; null where none does. */
    private @Nullable String place() {
        Matcher place = PLACE.matcher(text).region(at, text.length());
        return place.lookingAt() ? place.group(1).replace("−", "-") : null;
    }

    private Tensor atom() {
        takesBlanks();
        for (Map.Entry<String, Tensor> gradient : values.entrySet()) {
            if (gradient.getKey().startsWith("∂") && (takes("(" + gradient.getKey() + ")") || takes(gradient.getKey()))) {
                return gradient.getValue();
            }
        }
        if (takes("(")) {
            Tensor inside = sum();
            if (!takes(")")) {
                throw new Unread(text + " at " + at);
            }
            return inside;
        }
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (number.lookingAt()) {
            at = number.end();
            return Tensor.scalar(Double.parseDouble(number.group()));
        }
        Matcher name = NAME.matcher(text).region(at, text.length());
        if (!name.lookingAt()) {
            throw new Unread(text + " at " + at);
        }
        at = name.end();
        if (text.startsWith("(", at)) {
            at++;
            return function(name.group());
        }
        Tensor value = values.get(id(name.group()));
        if (value == null) {
            throw new Unread(name.group() + " in " + text);
        }
        return value;
    }

    private void takesBlanks() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private static String id(String printed) {
        String plain = printed.codePoints().mapToObj(c -> DIGITS.indexOf(c) < 0 ? Character.toString(c) : String.valueOf(DIGITS.indexOf(c)))
                .collect(Collectors.joining());
        return plain.matches(".*[a-z][0-9]+") && !plain.equals(printed) ? plain.replaceAll("([0-9]+)$", "_$1") : printed;
    }

    private Tensor function(String name) {
        List<Tensor> operands = new ArrayList<>();
        while (operands.isEmpty() || takes(",")) {
            operands.add(sum());
        }
        String attributes = "";
        if (takes(";")) {
            int end = text.indexOf(')', at);
            attributes = ", " + text.substring(at, end).strip();
            at = end;
        }
        if (!takes(")")) {
            throw new Unread(text + " at " + at);
        }
        String known = name.equals("σ") ? "sigmoid" : name;
        String keep = known.equals("sum") || known.equals("mean") ? ", keepdims=true" : "";
        return call(known + (operands.size() == 1 ? "(a" : "(a, b") + attributes + keep + ")", operands.getFirst(), operands.getLast());
    }

    private static Tensor call(String expression, Tensor a, Tensor b) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(new HashMap<>(Map.of("a", a)));
        if (expression.contains("b")) {
            inputs.put("b", b);
        }
        try {
            Signature signature = Signature.of(new Transformation.Value(), Shapes.ofValues(inputs));
            return CompiledFunction.of(Program.parse(expression).bind(signature, BuildLimits.GENEROUS), BuildLimits.GENEROUS).call(inputs)
                    .value();
        } catch (ProblemException e) {
            throw new Unread(expression + ": " + e.getMessage());
        }
    }
}
