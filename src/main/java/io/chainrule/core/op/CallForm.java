package io.chainrule.core.op;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many operands a call of an op may have, and what a list or a loop in its brackets means.
 *
 * @param isVariadic whether the last operand may be given any number of times, at least once
 * @param isSequence whether the items of a list that is the only operand are the operands
 * @param isLastOptional whether the last operand may be left out
 * @param pairwise the op of two operands that combines values one after another, as {@code maximum} does for {@code max}; null if there
 *        is none
 * @param isSeveral whether a call may have several operands, which are then combined by {@code pairwise}
 */
public record CallForm(boolean isVariadic, boolean isSequence, boolean isLastOptional, @Nullable String pairwise, boolean isSeveral) {
    static final CallForm PLAIN = new CallForm(false, false, false, null, false);

    /**
     * Returns a call as documentation shows it: operands, then attributes in the order in which they follow without their names, with what
     * they are if left out. Those behind {@code *} are given by name. An operand in brackets may be left out, and {@code …} stands for more
     * operands, or for a value that must be given.
     */
    public String text(String name, List<String> operands, List<Attribute> attributes) {
        StringBuilder text = new StringBuilder(name).append('(');
        for (int i = 0; i < operands.size(); i++) {
            boolean isLast = i == operands.size() - 1;
            String operand = operands.get(i) + (isLast && isVariadic ? ", …" : "");
            String before = i == 0 ? "" : ", ";
            String shown = isLast && isSequence ? "[" + operand + "]" : operand;
            text.append(!(isLast && isLastOptional) ? before + shown : i == 0 ? "[" + shown + ",] " : "[" + before + shown + "]");
        }
        boolean areNamed = isVariadic && !isSequence || isSeveral;
        if (areNamed && !attributes.isEmpty()) {
            text.append(operands.isEmpty() ? "*" : ", *");
        }
        boolean isBehindDefault = false;
        for (Attribute attribute : attributes) {
            isBehindDefault |= !attribute.required();
            String value = attribute.required() ? "…" : written(attribute.defaultValue());
            char last = text.charAt(text.length() - 1);
            text.append(last == '(' || last == ' ' ? "" : ", ").append(attribute.name()).append(isBehindDefault ? "=" + value : "");
        }
        return text.append(')').toString();
    }

    private static String written(@Nullable Object value) {
        return switch (value) {
            case null -> "None";
            case String text -> "'" + text + "'";
            case Double number when number == Math.rint(number) && Math.abs(number) < 1e9 -> Long.toString(number.longValue());
            default -> value.toString();
        };
    }

    CallForm variadic() {
        return new CallForm(true, isSequence, isLastOptional, pairwise, isSeveral);
    }

    CallForm sequence() {
        return new CallForm(true, true, isLastOptional, pairwise, isSeveral);
    }

    CallForm lastOptional() {
        return new CallForm(isVariadic, isSequence, true, pairwise, isSeveral);
    }

    CallForm pairwise(String ofTwo) {
        return new CallForm(isVariadic, isSequence, isLastOptional, ofTwo, isSeveral);
    }

    CallForm several(String ofTwo) {
        return new CallForm(isVariadic, isSequence, isLastOptional, ofTwo, true);
    }
}
