package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Axes;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The deviation of an array from its mean along axes, {@code x - sum(x) / n}: its sum is 0, and adding a constant to x changes nothing. */
record Deviation(Node x, Node sum, BitSet axes) {

    /** Reads a deviation from a node; null if the node is not one. */
    static @Nullable Deviation of(Node node) {
        if (!node.op().name().equals("sub") || !node.operand(1).op().name().equals("div")) {
            return null;
        }
        Node x = node.operand(0);
        Node sum = node.operand(1).operand(0);
        BitSet axes = sum.op().name().equals("sum") ? Axes.of(sum.op(), x.shape().rank()) : null;
        if (axes == null || sum.operand(0).index() != x.index()) {
            return null;
        }
        boolean meetsX = sum.op().attributes().containsKey("keepdims") || Axes.areLeading(axes);
        boolean isMean = node.operand(1).operand(1).isLiteral(count(x.shape(), axes));
        return meetsX && isMean ? new Deviation(x, sum, axes) : null;
    }

    private static double count(Shape shape, BitSet axes) {
        return axes.stream().mapToDouble(shape::dim).reduce(1, (a, b) -> a * b);
    }

    /** Whether the sum of the deviation along other axes is zero, because these axes include those of the mean. */
    boolean vanishesAlong(@Nullable BitSet others) {
        BitSet left = (BitSet) axes.clone();
        if (others != null) {
            left.andNot(others);
        }
        return left.isEmpty() && !axes.isEmpty();
    }

    /**
     * If x is a sum or difference whose second operand does not vary along the axes, the deviation of its first operand, which is the same;
     * otherwise null.
     */
    @Nullable
    Node unshifted(UniqueNodes graph, Node divisor) {
        boolean isShifted = x.op().name().equals("sub") || x.op().name().equals("add");
        if (!isShifted || !x.operand(0).shape().equals(x.shape())) {
            return null;
        }
        Shape shift = x.operand(1).shape();
        int missing = x.shape().rank() - shift.rank();
        if (axes.stream().anyMatch(axis -> axis >= missing && shift.dim(axis - missing) != 1)) {
            return null;
        }
        return graph.call("sub", x.operand(0), graph.call("div", graph.add(sum.op(), x.operand(0)), divisor));
    }
}
