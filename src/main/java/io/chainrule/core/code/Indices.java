package io.chainrule.core.code;

import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Index arithmetic in generated text: an index is a list of expressions, one for each axis, and arrays are flat and in row-major order. */
final class Indices {
    private Indices() {}

    /** The index in an operand of this shape that is broadcast to the indexed shape. */
    static List<String> broadcast(List<String> index, Shape shape) {
        int missing = index.size() - shape.rank();
        return IntStream.range(0, shape.rank()).mapToObj(axis -> shape.dim(axis) == 1 ? "0" : index.get(axis + missing)).toList();
    }

    static String flat(List<String> index, Shape shape) {
        return offset(index, strides(shape), 0);
    }

    /** The place in a flat array; axes with the stride 0 do not count. */
    static String offset(List<String> index, int[] strides, int start) {
        List<String> terms = new ArrayList<>(start == 0 ? List.of() : List.of(String.valueOf(start)));
        for (int axis = 0; axis < strides.length; axis++) {
            if (strides[axis] != 0 && !index.get(axis).equals("0")) {
                terms.add(strides[axis] == 1 ? index.get(axis) : strides[axis] + " * " + index.get(axis));
            }
        }
        return terms.isEmpty() ? "0" : String.join(" + ", terms);
    }

    static int[] strides(Shape shape) {
        int[] strides = new int[shape.rank()];
        int step = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step *= shape.dim(axis);
        }
        return strides;
    }
}
