package io.chainrule.core.code;

import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fills templates of {@link io.chainrule.core.op.OpCode}. */
final class Templates {
    private static final Pattern PLACE = Pattern.compile("\\$(\\w+)");
    private static final Pattern CALL = Pattern.compile("(?<![\\w.])([a-z_]\\w*)\\(");
    private static final Map<String, String> IN_NUMPY = Map.ofEntries(Map.entry("fabs", "np.abs"), Map.entry("asin", "np.arcsin"),
            Map.entry("acos", "np.arccos"), Map.entry("atan", "np.arctan"), Map.entry("asinh", "np.arcsinh"),
            Map.entry("acosh", "np.arccosh"), Map.entry("atanh", "np.arctanh"), Map.entry("atan2", "np.arctan2"),
            Map.entry("pow", "np.power"), Map.entry("erf", "erf"), Map.entry("erfc", "erfc"), Map.entry("lgamma", "lgamma"));

    private Templates() {}

    /** Replaces operands and attributes. An attribute that is not set is the operand's own NaN, with which no comparison holds. */
    static String filled(String template, Op op, IntFunction<String> operand, Map<String, String> more,
            Function<@Nullable Object, String> written) {
        return PLACE.matcher(template).replaceAll(place -> {
            String name = place.group(1);
            String text = Character.isDigit(name.charAt(0))
                    ? operand.apply(Integer.parseInt(name))
                    : more.containsKey(name) ? Objects.requireNonNull(more.get(name)) : written.apply(attribute(op, name));
            return Matcher.quoteReplacement(text);
        });
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

    /** A template for numbers as one for arrays: NumPy's functions, and {@code np.where} for a choice. */
    static String inNumpy(String template) {
        String text = template.strip();
        int question = topLevel(text, '?', 0);
        if (question < 0) {
            return calls(text, name -> IN_NUMPY.getOrDefault(name, "np." + name));
        }
        int colon = question + 1;
        for (int open = 1; open > 0; colon++) {
            colon = Math.min(nonNegative(topLevel(text, '?', colon)), nonNegative(topLevel(text, ':', colon)));
            open += text.charAt(colon) == '?' ? 1 : -1;
        }
        String condition = text.substring(0, question).strip();
        String joined = condition.contains("&&") || condition.contains("||")
                ? "(" + condition.replace(" && ", ") & (").replace(" || ", ") | (") + ")"
                : condition;
        return "np.where(" + joined + ", " + inNumpy(text.substring(question + 1, colon - 1)) + ", " + inNumpy(text.substring(colon)) + ")";
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
