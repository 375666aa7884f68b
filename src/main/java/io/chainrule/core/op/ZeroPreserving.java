package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.stream.IntStream;

/** Whether an elementwise op on one-hot batches makes one-hot batches: whether it is zero where these operands are. */
final class ZeroPreserving {
    private ZeroPreserving() {}

    /** Whether every element that is zero in the {@code hot} operands is zero in the result, whatever the other operands hold. */
    static boolean is(Elementwise op, Node[] operands, boolean[] hot) {
        Shape shape = op.shape(IntStream.range(0, operands.length).mapToObj(k -> operands[k].shape()).toArray(Shape[]::new));
        boolean isStretched = IntStream.range(0, operands.length).anyMatch(k -> hot[k] && !operands[k].shape().equals(shape));
        return !isStretched && (IntStream.of(op.absorbing()).anyMatch(k -> hot[k]) || isZero(op, operands, hot));
    }

    /** Whether the op is zero where the hot operands are. Of the others only literals are known. */
    private static boolean isZero(Elementwise op, Node[] operands, boolean[] hot) {
        boolean isChoice = op == Comparisons.WHERE.op();
        double[] x = new double[3];
        for (int k = isChoice ? 1 : 0; k < operands.length; k++) {
            if (!hot[k] && operands[k].literal().isEmpty()) {
                return false;
            }
            x[k] = hot[k] ? 0 : operands[k].literal().getAsDouble();
        }
        return isChoice ? x[1] == 0 && x[2] == 0 : op.apply(x[0], x[1], x[2]) == 0;
    }
}
