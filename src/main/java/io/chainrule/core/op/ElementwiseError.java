package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A bound on the error of an elementwise op's value. Its operands are those of the op, a bound on the error of each, and the op's value.
 */
final class ElementwiseError implements ErrorBound {
    private static final int FLOPS = 10;

    private final Elementwise op;
    private final Accuracy accuracy;

    private ElementwiseError(Elementwise op, Accuracy accuracy) {
        this.op = op;
        this.accuracy = accuracy;
    }

    /** Appends the bound for {@code node}. */
    static Node of(Node node, Elementwise op, Accuracy accuracy, @Nullable Node[] errors) {
        int arity = op.arity();
        Node[] operands = new Node[2 * arity + 1];
        for (int k = 0; k < arity; k++) {
            Node error = errors[k];
            operands[k] = node.operand(k);
            operands[arity + k] = error == null ? node.graph().literal(0) : error;
        }
        operands[2 * arity] = node;
        return node.graph().add(new ElementwiseError(op, accuracy), operands);
    }

    @Override
    public String name() {
        return op.name() + "_error";
    }

    @Override
    public Family family() {
        return Family.ELEMENTWISE;
    }

    @Override
    public Shape shape(Shape... operands) {
        return operands[operands.length - 1];
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        BroadcastLoop loop = new BroadcastLoop(result, operands);
        int arity = op.arity();
        return (in, out, checkpoint) -> {
            double[] x = new double[arity];
            double[] e = new double[arity];
            double[] values = in[2 * arity];
            loop.forEach(checkpoint, (from, stride, o, n) -> {
                for (int i = 0; i < n; i++) {
                    for (int k = 0; k < arity; k++) {
                        x[k] = in[k][from[k] + i * stride[k]];
                        double error = in[arity + k][from[arity + k] + i * stride[arity + k]];
                        e[k] = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
                    }
                    double y = values[from[2 * arity] + i * stride[2 * arity]];
                    double bound = accuracy.bound(op, x, e, y);
                    out[o + i] = Double.isNaN(bound) ? Double.POSITIVE_INFINITY : bound;
                }
            });
        };
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return FLOPS * result.size();
    }
}
