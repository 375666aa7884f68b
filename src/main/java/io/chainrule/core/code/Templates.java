package io.chainrule.core.code;

import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Fills templates of {@link io.chainrule.core.op.OpCode}. */
final class Templates {
    private static final Pattern PLACE = Pattern.compile("\\$(\\w+)( != 0\\.0)?");
    private static final Pattern CALL = Pattern.compile("(?<![\\w.])([a-z_]\\w*)\\(");
    private static final Pattern CONDITION = Pattern.compile("(.*) \\? 1\\.0 : 0\\.0");
    private static final Map<String, String> IN_NUMPY = Map.ofEntries(Map.entry("fabs", "np.abs"), Map.entry("asin", "np.arcsin"),
            Map.entry("acos", "np.arccos"), Map.entry("atan", "np.arctan"), Map.entry("asinh", "np.arcsinh"),
            Map.entry("acosh", "np.arccosh"), Map.entry("atanh", "np.arctanh"), Map.entry("atan2", "np.arctan2"),
            Map.entry("pow", "np.power"), Map.entry("erf", "erf"), Map.entry("erfc", "erfc"), Map.entry("lgamma", "lgamma"));

    private Templates() {}

    /** An operand for a template: its text, and if that is a choice between 1 and 0, the condition. */
    record Operand(Written text, @Nullable Written condition) {}

    /**
     * Replaces operands and attributes, with parentheses where an operand needs them. An attribute that is not set is the operand's own
     * NaN, with which no comparison holds. Factors and divisors that are 1 are left out, as are two signs that cancel each other.
     */
    static Written filled(String template, Op op, IntFunction<Operand> operand, Map<String, String> more,
            Function<@Nullable Object, String> written) {
        String shorter = withoutOnes(template, op);
        StringBuilder text = new StringBuilder();
        Matcher place = PLACE.matcher(shorter);
        int end = 0;
        while (place.find()) {
            text.append(shorter, end, place.start());
            String name = place.group(1);
            end = place.end(1);
            String given = more.get(name);
            if (!Character.isDigit(name.charAt(0))) {
                text.append(given != null ? given : written.apply(attribute(op, name)));
                continue;
            }
            Operand found = operand.apply(Integer.parseInt(name));
            Written part = found.text;
            if (place.group(2) != null && found.condition != null) {
                part = found.condition;
                end = place.end();
            }
            int needed = Written.needed(shorter, place.start(), end);
            boolean cancels = part.level() == Written.SIGN && shorter.startsWith("-", place.start() - 1)
                    && needed == Written.ATOM;
            if (cancels) {
                text.setLength(text.length() - 1);
            }
            text.append(cancels ? part.text().substring(1) : part.within(needed));
        }
        String all = text.append(shorter.substring(end)).toString();
        // Signs that cancelled each other may have left another operator at the top.
        int level = shorter.startsWith("-") && !all.startsWith("-") ? Written.ATOM : Written.level(shorter);
        return new Written(all, level);
    }

    /** The condition of a template that chooses between 1 and 0, or null. */
    static @Nullable String condition(String template) {
        Matcher choice = CONDITION.matcher(template);
        return choice.matches() ? choice.group(1) : null;
    }

    private static String withoutOnes(String template, Op op) {
        String shorter = template;
        for (Attribute attribute : OpCatalogue.of(op).attributes()) {
            if (attribute(op, attribute.name()) instanceof Number number && number.doubleValue() == 1) {
                String place = "\\$" + attribute.name() + "\\b";
                shorter = shorter.replaceAll(place + " \\* ", "").replaceAll(" / " + place, "");
            }
        }
        return Written.stripped(shorter);
    }

    /** The value of an attribute, written or by default. */
    static @Nullable Object attribute(Op op, String name) {
        Object value = op.attributes().get(name);
        if (value != null) {
            return value;
        }
        for (Attribute attribute : OpCatalogue.of(op).attributes()) {
            if (attribute.name().equals(name)) {
                return attribute.defaultValue();
            }
        }
        return null;
    }

    /** How often the template reads an operand. */
    static long reads(String template, int operand) {
        return PLACE.matcher(template).results().filter(place -> place.group(1).equals(String.valueOf(operand))).count();
    }

    static String calls(String text, UnaryOperator<String> renamed) {
        return CALL.matcher(text).replaceAll((MatchResult call) -> Matcher.quoteReplacement(renamed.apply(call.group(1)) + "("));
    }

    /** The functions that a text calls. */
    static Stream<String> called(String text) {
        return CALL.matcher(text).results().map(call -> call.group(1));
    }

    /** A template for numbers as one for arrays: NumPy's functions, and {@code np.where} for a choice. */
    static String inNumpy(String template) {
        String text = template.strip();
        int question = topLevel(text, '?', 0);
        if (question < 0) {
            return calls(joined(text), name -> IN_NUMPY.getOrDefault(name, "np." + name));
        }
        int colon = question + 1;
        for (int open = 1; open > 0; colon++) {
            colon = Math.min(nonNegative(topLevel(text, '?', colon)), nonNegative(topLevel(text, ':', colon)));
            open += text.charAt(colon) == '?' ? 1 : -1;
        }
        return "np.where(" + joined(text.substring(0, question).strip()) + ", " + inNumpy(text.substring(question + 1, colon - 1)) + ", "
                + inNumpy(text.substring(colon)) + ")";
    }

    private static String joined(String condition) {
        return condition.contains("&&") || condition.contains("||")
                ? "(" + condition.replace(" && ", ") & (").replace(" || ", ") | (") + ")"
                : condition;
    }

    private static int nonNegative(int place) {
        return place < 0 ? Integer.MAX_VALUE : place;
    }

    private static int topLevel(String text, char wanted, int from) {
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == wanted && depth == 0) {
                return i;
            }
        }
        return -1;
    }
}
