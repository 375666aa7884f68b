package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** A difference of two values. That of a value and itself is exactly 0, as on the diagonal of all differences of a vector's elements. */
final class Difference implements Accuracy {
    @Override
    public double bound(Elementwise op, double[] x, double[] e, double y) {
        return Accuracy.sum(x[0], -x[1], e[0], e[1], y);
    }

    @Override
    public @Nullable Node error(Node node, Elementwise op, @Nullable Node[] errors) {
        Node a = node.operand(0);
        Node b = node.operand(1);
        if (a.index() == b.index()) {
            return null;
        }
        Node bound = ElementwiseError.of(node, op, this, errors);
        Shape shape = node.shape();
        int rank = shape.rank();
        boolean isOuter = a.op() instanceof Shaping.Reshape && b.op() instanceof Shaping.Reshape && rank > 1
                && a.operand(0).index() == b.operand(0).index() && shape.last() == shape.dim(rank - 2) && !a.shape().equals(b.shape())
                && a.operand(0).shape().equals(shape.sub(0, rank - 2).concat(Shape.of(shape.last())));
        return isOuter ? where(MatrixFunction.identity(node), 0, bound) : bound;
    }
}
