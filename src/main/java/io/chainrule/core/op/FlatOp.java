package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** An op with piecewise constant results (positions, labels, masks), so that its derivative is zero everywhere. */
interface FlatOp extends Op {
    @Override
    default @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return null;
    }

    @Override
    default @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return null;
    }

    @Override
    default boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        return true;
    }

    @Override
    default boolean ignores(int operand) {
        return true;
    }
}
