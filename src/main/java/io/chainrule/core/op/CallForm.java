package io.chainrule.core.op;

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
