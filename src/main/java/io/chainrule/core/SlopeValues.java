package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.print.BackwardPrinter.Derivative;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Computes the formula of a slope, a graph of elementwise ops of numbers, one element after another. Not thread-safe. */
final class SlopeValues {
    private static final MathContext DIGITS = new MathContext(6);
    private static final double TOLERANCE = 1e-9;
    /** How far a calculation with the digits that are written may be from the result and still explain it. */
    private static final double ROUNDING = 1e-3;
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 14;

    private final Graph graph;
    private final int result;
    private final Map<String, Tensor> operands;
    private final double[] values;

    /** {@code operands} are by the ids of the formula's inputs, each in the shape of the slope. */
    SlopeValues(Derivative formula, Map<String, Tensor> operands) {
        this.graph = formula.graph();
        this.result = formula.result();
        this.operands = operands;
        this.values = new double[graph.size()];
    }

    /**
     * Whether the formula has these values. Where its numbers cancel, as in 1 − tanh² where tanh is nearly 1, it may lose the digits that
     * they lose.
     */
    boolean give(Tensor slope, Checkpoint checkpoint) {
        if (!isComputable()) {
            return false;
        }
        for (int element = 0; element < slope.length(); element++) {
            if (element % ELEMENTS_BETWEEN_CHECKS == 0) {
                checkpoint.check();
            }
            compute(element, false);
            double expected = slope.data()[element];
            double largest = Arrays.stream(values).map(Math::abs).filter(Double::isFinite).max().orElse(0);
            boolean isEqual = Double.compare(values[result], expected) == 0 || Math.abs(values[result] - expected) <= TOLERANCE * largest;
            if (!isEqual) {
                return false;
            }
        }
        return true;
    }

    /** The value of each node where the slope is a number; nothing where a reader who calculates with them would get something else. */
    List<Double> shown(Tensor slope) {
        if (!slope.shape().isScalar()) {
            return List.of();
        }
        compute(0, true);
        double expected = slope.item();
        boolean isNear = Double.compare(values[result], expected) == 0
                || Math.abs(values[result] - expected) <= ROUNDING * Math.abs(expected);
        return isNear ? Arrays.stream(values).boxed().toList() : List.of();
    }

    private boolean isComputable() {
        for (int i = 0; i < graph.size(); i++) {
            if (!(graph.op(i) instanceof Elementwise || graph.op(i) instanceof Leaf)) {
                return false;
            }
        }
        return true;
    }

    /** {@code isRounded} says whether every number is rounded to the digits that are written. */
    private void compute(int element, boolean isRounded) {
        for (int i = 0; i < values.length; i++) {
            double value = switch (graph.op(i)) {
                case Leaf.Literal(double number) -> number;
                case Leaf.Constant(var number) -> number.item();
                case Leaf.Input(String id, var _) -> Objects.requireNonNull(operands.get(id)).data()[element];
                case Elementwise op -> op.apply(operand(i, 0), operand(i, 1), operand(i, 2));
                default -> throw new IllegalStateException(graph.op(i).name());
            };
            values[i] = isRounded && Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
        }
    }

    private double operand(int node, int position) {
        return position < graph.operandCount(node) ? values[graph.operand(node, position)] : 0;
    }
}
