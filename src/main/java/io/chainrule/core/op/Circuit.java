package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.List;

/** An op as a composition of other ops. */
@FunctionalInterface
public interface Circuit {
    /** Circuits of ops with an axis have operands of this shape, along {@link #SAMPLE_AXIS}, and reductions that keep their dimensions. */
    Shape SAMPLE_SHAPE = Shape.of(3, 3);
    int SAMPLE_AXIS = 1;
    List<Integer> SAMPLE_AXES = List.of(SAMPLE_AXIS);

    /** Appends the circuit to the operands' graph and answers its result. */
    Node of(Node[] operands);
}
