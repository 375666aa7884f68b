package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;

/**
 * A bound on the error of a function of matrices, computed for each matrix of a batch from the arrays of one matrix: the function's
 * operands, bounds on their errors, and its value. All operands have the same leading axes.
 */
record MatrixError(String of, int leading, int cost, Bound bound) implements ErrorBound {

    /** Writes the bounds of one value; {@code arrays} are those of the op's operands. */
    @FunctionalInterface
    interface Bound {
        void write(double[][] arrays, double[] result, Checkpoint checkpoint);
    }

    /** An operand as one matrix of n × m for each of {@code full}, or the same bound for all elements. */
    static Node stretched(Shape full, Node x, int n, int m) {
        return broadcastTo(x, full.sub(0, full.rank() - 2).concat(Shape.of(n, m)));
    }

    @Override
    public String name() {
        return of + "_error";
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        return operands[operands.length - 1];
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int count = result.sub(0, leading).length();
        return (x, y, checkpoint) -> {
            double[][] one = new double[x.length][];
            double[] bounds = new double[y.length / count];
            for (int i = 0; i < count; i++) {
                checkpoint.check();
                for (int k = 0; k < x.length; k++) {
                    int length = x[k].length / count;
                    one[k] = Arrays.copyOfRange(x[k], i * length, (i + 1) * length);
                }
                Arrays.fill(bounds, Double.POSITIVE_INFINITY);
                bound.write(one, bounds, checkpoint);
                for (int j = 0; j < bounds.length; j++) {
                    y[i * bounds.length + j] = Double.isNaN(bounds[j]) ? Double.POSITIVE_INFINITY : bounds[j];
                }
            }
        };
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return (long) ((double) cost * operands[0].last() * operands[0].size());
    }
}
