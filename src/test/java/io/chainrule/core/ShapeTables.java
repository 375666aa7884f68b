package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Shapes as tables of tests write them: {@code "2,3"}, nothing for a scalar. */
public final class ShapeTables {
    private ShapeTables() {}

    public static Shape shape(String dims) {
        return Shape.of(Arrays.stream(dims.split(",")).filter(dim -> !dim.isEmpty()).mapToInt(Integer::parseInt).toArray());
    }

    /** Asserts that an op refuses operands of these shapes, with this in its message. */
    public static void assertRefused(String op, Map<String, ?> attributes, List<String> operands, String message) {
        Shape[] shapes = operands.stream().map(ShapeTables::shape).toArray(Shape[]::new);
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, shapes.length).shape(shapes)).isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }

    public static Tensor tensor(String dims, double... data) {
        return Tensor.of(shape(dims), data);
    }
}
