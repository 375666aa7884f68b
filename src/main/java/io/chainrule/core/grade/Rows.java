package io.chainrule.core.grade;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of an array along an axis. */
final class Rows {
    private static final double RELATIVE = 1e-9;
    static final int NONE = -1;

    private Rows() {}

    /** The places of the entries of each row. */
    static List<int[]> of(Shape shape, int axis) {
        int length = shape.dim(axis);
        int stride = shape.sub(axis + 1, shape.rank()).length();
        List<int[]> rows = new ArrayList<>();
        for (int first = 0; first < shape.length(); first++) {
            if (first / stride % length == 0) {
                int[] row = new int[length];
                for (int i = 0; i < length; i++) {
                    row[i] = first + i * stride;
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** The last axis along which all rows are probabilities, more than one each, and add up to 1; {@link #NONE} if there is none. */
    static int addingUp(Tensor value) {
        Shape shape = value.shape();
        double[] data = value.data();
        if (data.length == 0 || !Arrays.stream(data).allMatch(x -> x >= 0 && x <= 1)) {
            return NONE;
        }
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            if (shape.dim(axis) > 1 && of(shape, axis).stream()
                    .allMatch(row -> Math.abs(Arrays.stream(row).mapToDouble(i -> data[i]).sum() - 1) <= RELATIVE)) {
                return axis;
            }
        }
        return NONE;
    }
}
