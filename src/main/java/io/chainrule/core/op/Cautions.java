package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * What an op's definition says for those who look for trouble in a run.
 *
 * @param limits the values that the op approaches far out, where its derivative goes to 0; null if there are none
 * @param labels the values that an operand is meant to have; null if it may have any
 * @param applied the op that this one applies to its first operand by itself; null for none
 * @param exactness tells at which values the op rounds nothing; null where that is not known
 */
public record Cautions(@Nullable Limits limits, @Nullable Labels labels, @Nullable OpDefinition applied, @Nullable Exactness exactness) {
    static final Cautions NONE = new Cautions(null, null, null, null);

    public record Limits(double low, double high) {}

    /** Values of an operand from {@code low} to {@code high}, or only these two. */
    public record Labels(int operand, double low, double high, boolean onlyBounds) {

        public boolean contains(double value) {
            return onlyBounds ? value == low || value == high : value >= low && value <= high;
        }
    }

    /** Whether the value y of the operands x is exact. */
    @FunctionalInterface
    public interface Exactness {
        boolean isExact(double[] x, double y);
    }

    Cautions limits(double low, double high) {
        return new Cautions(new Limits(low, high), labels, applied, exactness);
    }

    Cautions labels(int operand, double low, double high) {
        return new Cautions(limits, new Labels(operand, low, high, false), applied, exactness);
    }

    Cautions labelsOnly(int operand, double low, double high) {
        return new Cautions(limits, new Labels(operand, low, high, true), applied, exactness);
    }

    Cautions applies(OpDefinition definition) {
        return new Cautions(limits, labels, definition, exactness);
    }

    Cautions exactWhere(Exactness test) {
        return new Cautions(limits, labels, applied, test);
    }

    /** What can be said of an op; nothing of leaves. */
    public static Cautions of(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        return definition == null ? NONE : definition.cautions();
    }

    /** Whether an op adds up what belongs to its samples, and does not average it. */
    public static boolean isTotal(Op op) {
        return OpCatalogue.has(op, Trait.TOTAL) || "sum".equals(op.attributes().get("reduction"));
    }
}
