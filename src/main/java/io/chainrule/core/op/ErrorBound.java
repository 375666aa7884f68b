package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * An op whose value bounds the error of another op's value. It is appended to graphs that are about to run, so it is neither
 * differentiated nor mapped over samples.
 */
interface ErrorBound extends Op {

    @Override
    default @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return null;
    }

    @Override
    default @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return null;
    }

    @Override
    default Node batch(Node[] operands, boolean[] batched, int n) {
        throw new IllegalStateException("bounds of errors are appended after a graph has been mapped over samples");
    }
}
