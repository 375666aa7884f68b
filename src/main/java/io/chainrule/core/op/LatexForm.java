package io.chainrule.core.op;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How formulas write a call, in LaTeX: what stands before and behind the operands, or a text in which {@code $0}, {@code $1} are their
 * places, and {@code #0} the same with parentheses where they are needed.
 *
 * @param equation the attribute with the indices of the operands and the result, as in {@code ij,jk->ik}; empty if there is none
 */
public record LatexForm(String before, String behind, String equation) {
    /** The parts in their order; those behind are empty where they are left out. */
    public static LatexForm of(String... parts) {
        return new LatexForm(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }

    /** The whole text; {@code $*} is the place of all operands and attributes. */
    public String text() {
        boolean isWhole = before.indexOf('$') >= 0 || before.indexOf('#') >= 0 || behind.isEmpty();
        return isWhole ? before : before + "$*" + behind;
    }

    public boolean isIndexed() {
        return !equation.isEmpty();
    }

    /** The indices of the result; null where the equation does not name them. */
    public @Nullable String result(Map<String, Object> attributes) {
        String text = String.valueOf(attributes.get(equation)).replace(" ", "");
        int arrow = text.indexOf("->");
        return arrow < 0 || text.contains(".") ? null : text.substring(arrow + 2);
    }

    /** The indices of each operand. */
    public String[] indices(Map<String, Object> attributes) {
        String text = String.valueOf(attributes.get(equation)).replace(" ", "");
        return text.substring(0, text.indexOf("->")).split(",", -1);
    }

    /** The indices that are summed over. */
    public String summed(Map<String, Object> attributes) {
        String result = String.valueOf(result(attributes));
        return Arrays.stream(String.join("", indices(attributes)).split("")).distinct().filter(index -> !result.contains(index))
                .collect(Collectors.joining());
    }
}
