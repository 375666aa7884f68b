package io.chainrule.core.expression;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shapes of nodes while a program is evaluated, inferred when one is first asked for. */
final class KnownShapes {
    private final GraphBuilder builder;
    private final Given inputs;
    private final List<@Nullable Shape> shapes = new ArrayList<>();
    /** The nodes whose operands do not fit, and those that depend on such a node. */
    private final BitSet misfits = new BitSet();

    KnownShapes(GraphBuilder builder, Given inputs) {
        this.builder = builder;
        this.inputs = inputs;
    }

    /** Returns null if the shape depends on an input whose shape is not given, or if operands do not fit, which is reported later. */
    @Nullable
    Shape of(int node) {
        while (shapes.size() <= node) {
            shapes.add(infer(shapes.size()));
        }
        return shapes.get(node);
    }

    /** Whether a node has no shape because operands do not fit. */
    boolean isMisfit(int node) {
        return of(node) == null && misfits.get(node);
    }

    private @Nullable Shape infer(int node) {
        Op op = builder.op(node);
        if (op instanceof Leaf.Input(String id, Shape declared)) {
            return inputs.shape(id, declared);
        }
        Shape[] operands = new Shape[builder.operandCount(node)];
        for (int k = 0; k < operands.length; k++) {
            Shape shape = shapes.get(builder.operand(node, k));
            if (shape == null) {
                misfits.set(node, misfits.get(builder.operand(node, k)));
                return null;
            }
            operands[k] = shape;
        }
        try {
            return op.shape(operands);
        } catch (ShapeException | ProblemException _) {
            misfits.set(node);
            return null;
        }
    }
}
