package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a computed sum, the second operand, is from the exact sum of the first along axes. The sum is computed again with twice the
 * digits, so that what is left out is of the order n² u² Σ|x| (Ogita, Rump and Oishi 2005, Sum2).
 */
final class SumRounding extends AxisOp {
    SumRounding(@Nullable List<Integer> axes, boolean keepdims) {
        super("sum_error", axes, keepdims);
    }

    @Override
    AxisOp along(List<Integer> others, boolean keep) {
        return new SumRounding(others, keep);
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        Kernel sums = lines(operands[0], SumRounding::rounded);
        Kernel rests = lines(operands[0], SumRounding::rest);
        return (x, y, checkpoint) -> {
            double[] rest = new double[y.length];
            sums.run(x, y, checkpoint);
            rests.run(x, rest, checkpoint);
            for (int i = 0; i < y.length; i++) {
                double bound = Math.abs(y[i] - x[1][i]) + rest[i];
                y[i] = Double.isNaN(bound) ? Double.POSITIVE_INFINITY : bound;
            }
        };
    }

    /** The sum, rounded once. */
    private static double rounded(double[] x, int from, int n, double[] spare) {
        double sum = 0;
        double low = 0;
        for (int i = from; i < from + n; i++) {
            double next = sum + x[i];
            low += rest(sum, x[i], next);
            sum = next;
        }
        return sum + low;
    }

    /** A bound on what {@link #rounded} leaves out. */
    private static double rest(double[] x, int from, int n, double[] spare) {
        double sum = 0;
        double low = 0;
        double sizes = 0;
        for (int i = from; i < from + n; i++) {
            double next = sum + x[i];
            low += rest(sum, x[i], next);
            sizes += Math.abs(rest(sum, x[i], next));
            sum = next;
        }
        return Math.abs(rest(sum, low, sum + low)) + 2.0 * n * Accuracy.UNIT * sizes;
    }

    /** What the rounded sum {@code y} of two numbers leaves out (Knuth 1998, 4.2.2). */
    private static double rest(double a, double b, double y) {
        double ofB = y - a;
        return a - (y - ofB) + (b - ofB);
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return null;
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return null;
    }
}
