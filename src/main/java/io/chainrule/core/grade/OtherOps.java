package io.chainrule.core.grade;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ops that users take for each other, on the same operands. */
final class OtherOps {
    private static final String AXIS = "axis";
    private static final String KEEPDIMS = "keepdims";

    private OtherOps() {}

    /** Products by elements, of matrices, and of all pairs. */
    static List<Supplier<Node>> products(Node left, Node right) {
        return List.of(() -> Maths.mul(left, right), () -> Maths.matmul(left, right), () -> Maths.matmul(right, left),
                () -> Maths.mul(column(left), right), () -> Maths.mul(column(right), left));
    }

    private static Node column(Node vector) {
        return Maths.reshape(vector, Shape.of(vector.shape().length(), 1));
    }

    /** An op along each axis, with and without an axis of length 1 in its place; none if it goes along no axis. */
    static List<Supplier<Node>> alongAxes(GraphBuilder builder, Op op, Node operand) {
        OpDefinition definition = OpCatalogue.find(op.name());
        Attribute attribute = definition == null ? null : named(definition, AXIS);
        List<Supplier<Node>> others = new ArrayList<>();
        for (int axis = 0; attribute != null && definition != null && axis < operand.shape().rank(); axis++) {
            Map<String, Object> attributes = new HashMap<>(op.attributes());
            attributes.put(AXIS, attribute.type() == Attribute.Type.INTS ? List.of(axis) : (Object) axis);
            others.add(() -> opened(builder, definition.create(attributes, 1), operand));
            if (named(definition, KEEPDIMS) != null) {
                Map<String, Object> other = new HashMap<>(attributes);
                other.put(KEEPDIMS, !Boolean.TRUE.equals(attributes.get(KEEPDIMS)));
                others.add(() -> opened(builder, definition.create(other, 1), operand));
            }
        }
        return others;
    }

    private static Node opened(GraphBuilder builder, Op op, Node operand) {
        GraphBuilder alone = GraphBuilder.withShapes();
        int result = alone.add(op, alone.input("x", operand.shape())).index();
        return Corrections.opened(builder, alone.build(), result, Map.of("x", operand.index()));
    }

    private static @Nullable Attribute named(OpDefinition definition, String name) {
        return definition.attributes().stream().filter(attribute -> attribute.name().equals(name)).findFirst().orElse(null);
    }
}
