package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Whether two values are equal. An array that is compared with its own extremum, as the derivative of an extremum does, has errors that
 * depend on each other: an element that no other comes near is the extremum whatever they are.
 */
final class Equality implements Accuracy {
    @Override
    public double bound(Elementwise op, double[] x, double[] e, double y) {
        return Accuracy.comparison(x[0], x[1], e[0], e[1]);
    }

    @Override
    public @Nullable Node error(Node node, Elementwise op, @Nullable Node[] errors) {
        Node x = node.operand(0);
        Node found = node.operand(1);
        while (found.op() instanceof Shaping.Reshape || found.op() instanceof Shaping.BroadcastTo) {
            found = found.operand(0);
        }
        Node error = errors[0];
        return error != null && found.op() instanceof Reductions.Extremum extremum && found.operand(0).index() == x.index()
                ? doubtful(x, node.operand(1), extremum, error)
                : Accuracy.super.error(node, op, errors);
    }

    /** A mask of the elements that may be the extremum and may not. */
    private static Node doubtful(Node x, Node extreme, Reductions.Extremum extremum, Node error) {
        Node moved = error.graph().add(new Reductions.Extremum(true, extremum.axes, extremum.keepdims), error);
        Node near = not(gt(abs(sub(x, extreme)), mul(2 * ROOM, extremum.stretched(moved, x.shape()))));
        Node isDoubtful = and(gt(extremum.total(near), 1), isNonzero(moved));
        return and(near, extremum.stretched(isDoubtful, x.shape()));
    }
}
