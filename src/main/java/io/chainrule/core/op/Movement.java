package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Moves data only, and is linear in all its operands together: the transpose is the VJP, the op itself the JVP. */
abstract class Movement implements Op {
    @Override
    public Family family() {
        return Family.MOVEMENT;
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }

    /** The transpose by one operand. */
    abstract Node transposed(Node node, int operand, Node cotangent);

    @Override
    public final Node vjp(Node node, int operand, Node cotangent) {
        return transposed(node, operand, cotangent);
    }

    @Override
    public final @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node[] all = new Node[tangents.length];
        boolean any = false;
        for (int k = 0; k < all.length; k++) {
            Node tangent = tangents[k];
            any |= tangent != null;
            all[k] = tangent != null ? tangent : Maths.broadcastTo(Maths.number(node.graph(), 0), node.operand(k).shape());
        }
        return any ? node.graph().add(this, all) : null;
    }
}
