package io.chainrule.core.op;

import io.chainrule.core.graph.Node;

/** An op as a composition of other ops. */
@FunctionalInterface
public interface Circuit {
    /** Appends the circuit to the operands' graph and answers its result. */
    Node of(Node[] operands);
}
