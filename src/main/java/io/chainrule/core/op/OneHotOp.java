package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * An op on a {@link io.chainrule.core.graph.OneHot}, whose values and positions are its first two operands. It is appended where a
 * derivative is mapped over one-hot seeds, so it is not differentiated. It can be mapped over samples: then the values have further leading
 * axes, which its shape rule and kernel accept, and the positions do not.
 */
interface OneHotOp extends Op {

    @Override
    default @Nullable Node vjp(Node node, int operand, Node cotangent) {
        throw new IllegalStateException("one-hot seeds are given to derivatives, which are not differentiated again");
    }

    @Override
    default @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        throw new IllegalStateException("one-hot seeds are given to derivatives, which are not differentiated again");
    }

    @Override
    default Node batch(Node[] operands, boolean[] batched, int n) {
        if (batched[1]) {
            throw new IllegalStateException("all samples have the same seeds");
        }
        return operands[0].graph().add(this, operands);
    }
}
