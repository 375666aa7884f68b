package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;

/** Shapes as tables of tests write them: {@code "2,3"}, nothing for a scalar. */
public final class ShapeTables {
    private ShapeTables() {}

    public static Shape shape(String dims) {
        return Shape.of(Arrays.stream(dims.split(",")).filter(dim -> !dim.isEmpty()).mapToInt(Integer::parseInt).toArray());
    }

    public static Tensor tensor(String dims, double... data) {
        return Tensor.of(shape(dims), data);
    }
}
