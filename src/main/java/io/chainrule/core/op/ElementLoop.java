package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Computes any run of a result's elements from the elements of its operands, which broadcast to the result; or, if it {@link #isGathering},
 * from any elements of its operands.
 */
public interface ElementLoop {

    /**
     * Computes {@code n} results from {@code position} on and writes them from {@code o} on; operand k begins at {@code from[k]} and
     * advances by {@code stride[k]}, 0 or 1.
     * The results may be written over an operand of stride 1 that begins at the same place of the same array.
     *
     * @throws io.chainrule.core.graph.ProblemException where an operand has an element that the op cannot use
     */
    void run(double[][] x, int[] from, int[] stride, double[] out, int o, int position, int n);

    /** Whether the loop finds what it reads by the position alone, in the whole arrays of its operands, none of which is {@code out}. */
    default boolean isGathering() {
        return false;
    }

    /** The loop of an op that can be computed so for these shapes; else null. */
    static @Nullable ElementLoop of(Op op, Shape[] operands, Shape result) {
        return switch (op) {
            case Elementwise elementwise -> elementwise;
            case AlongAxis.AddAlong add -> add.loop(operands, result);
            case Indexing.Index index -> index.loop(operands[0]);
            case Join join -> join.loop(operands, result);
            default -> null;
        };
    }
}
