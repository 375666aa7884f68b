package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** log Σ exp, shifted by the largest element; accurate where one element dominates. */
final class LogSumExp extends AxisOp {
    /** The elements that are shifted and added at once. */
    private static final int PART = 16 * Blocks.BLOCK;

    LogSumExp(@Nullable List<Integer> axes, boolean keepdims) {
        super("logsumexp", axes, keepdims);
    }

    @Override
    public boolean isGate() {
        return true;
    }

    /** The reduced axes are kept until the end where the maximum would not broadcast against x without them. */
    @Override
    public Node expand(Node[] operands) {
        Node x = operands[0];
        if (x.shape().size() == 0) {
            return log(total(exp(x)));
        }
        boolean keep = keepdims || !isLeading(x.shape());
        Node largest = Reductions.shift(x, axes, keep);
        Node sum = x.graph().add(new Reductions.Sum(axes, keep), exp(sub(x, largest)));
        return reshape(add(largest, log(sum)), shape(x.shape()));
    }

    @Override
    AxisOp along(List<Integer> others, boolean keep) {
        return new LogSumExp(others, keep);
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        return lines(operands[0], PART, LogSumExp::value);
    }

    /**
     * Computes m + log1p(s), where m is the largest element and s is the sum of exp(x − m) over the other elements. It computes a long line
     * part by part, so that the shifted elements stay in the cache.
     */
    private static double value(double[] x, int from, int n, double[] spare) {
        Kernels kernels = Kernels.best();
        double[] largest = {kernels.max(x, from, n)};
        double m = largest[0];
        if (!Double.isFinite(m)) {
            return m;
        }
        if (n <= PART) {
            kernels.binary(Kernels.Binary.SUB, x, from, 1, largest, 0, 0, spare, 0, n);
            return m + ofShifted(spare, 0, spare, n);
        }
        double[] sum = new double[1];
        RunningSums sums = new RunningSums(n, 1, sum, 0);
        boolean isFound = false;
        for (int i = 0; i < n; i += PART) {
            int length = Math.min(PART, n - i);
            kernels.binary(Kernels.Binary.SUB, x, from + i, 1, largest, 0, 0, spare, 0, length);
            int atLargest = isFound ? length : kernels.find(0, spare, 0, length);
            kernels.unary(Kernels.Unary.EXP, spare, 0, spare, 0, length);
            if (atLargest < length) {
                // Its exponential is the 1 that log1p adds.
                spare[atLargest] = 0;
                isFound = true;
            }
            sums.add(spare, 0, length);
        }
        return m + Logarithm.log1p(sum[0]);
    }

    /** Returns log Σ exp of n elements from {@code from} on, of which the largest is 0; NaN where none is 0. Overwrites {@code spare}. */
    static double ofShifted(double[] x, int from, double[] spare, int n) {
        Kernels kernels = Kernels.best();
        int largest = kernels.find(0, x, from, n);
        if (largest == n) {
            return Double.NaN;
        }
        kernels.unary(Kernels.Unary.EXP, x, from, spare, 0, n);
        spare[largest] = 0;
        return Logarithm.log1p(kernels.sum(spare, 0, n));
    }

    @Override
    public Node vjp(Node node, int operand, Node cotangent) {
        return strong(stretched(cotangent, node.operand(0).shape()), shares(node));
    }

    @Override
    public Node jvp(Node node, @Nullable Node[] tangents) {
        return total(strong(Objects.requireNonNull(tangents[0]), shares(node)));
    }

    /**
     * The value moves no farther than the element that moves most; the sum of n exponentials is of positive terms. An infinite value is
     * that of an infinite element, or of none.
     */
    @Override
    public Node error(Node node, @Nullable Node[] errors) {
        double n = Math.max(1, (double) node.operand(0).shape().size() / node.shape().size());
        Node terms = mul(Accuracy.UNIT, add(mul(2, abs(node)), 10 + n + 4 * Logarithm.log(n)));
        Node rounding = where(eq(abs(node), Double.POSITIVE_INFINITY), 0, terms);
        return errors[0] == null ? rounding : add(rounding, node.graph().add(new Reductions.Extremum(true, axes, keepdims), errors[0]));
    }

    /** exp(x − y), divided by its sum to remove the rounding error of y; where y is infinite, the elements equal to it share equally. */
    private Node shares(Node node) {
        Node x = node.operand(0);
        Node y = stretched(node, x.shape());
        Node same = where(stretched(isFinite(node), x.shape()), 0, eq(x, y));
        Node weights = exp(where(same, 0, sub(x, y)));
        return div(weights, stretched(total(weights), x.shape()));
    }
}
