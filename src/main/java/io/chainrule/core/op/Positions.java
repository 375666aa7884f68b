package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;

/** The places along an axis at which an array is read or written, for each element of a region that the indices broadcast to. */
final class Positions {
    private static final int BETWEEN_CHECKS = 1 << 18;

    private final int[] dims;
    private final int[] indexStrides;
    private final int[] baseStrides;
    private final int axis;
    private final int step;
    private final int length;

    /** All shapes have the same rank; {@code array} broadcasts to {@code region}, except along the axis. */
    Positions(Shape array, Shape indices, Shape region, int axis) {
        this.dims = region.dims();
        this.axis = axis;
        this.length = array.dim(axis);
        this.step = Strides.of(array)[axis];
        this.indexStrides = Strides.broadcast(indices, region);
        this.baseStrides = Strides.broadcast(array, region);
        baseStrides[axis] = 0;
    }

    /** The length of the array's axis. */
    int length() {
        return length;
    }

    /** The array's step along the axis. */
    int step() {
        return step;
    }

    interface Visitor {
        void at(int region, int index, int base);
    }

    /** Visits each element of a region that is not empty, with the place of its index and the start of the array's line along the axis. */
    void forEach(Checkpoint checkpoint, Visitor visitor) {
        int last = dims.length - 1;
        int n = dims[last];
        int size = Shape.of(dims).length();
        int[] counter = new int[dims.length];
        int index = 0;
        int base = 0;
        int sinceCheck = BETWEEN_CHECKS;
        for (int r = 0; r < size; r += n) {
            sinceCheck += n;
            if (sinceCheck >= BETWEEN_CHECKS) {
                checkpoint.check();
                sinceCheck = 0;
            }
            for (int j = 0; j < n; j++) {
                visitor.at(r + j, index + j * indexStrides[last], base + j * baseStrides[last]);
            }
            for (int i = last - 1; i >= 0; i--) {
                index += indexStrides[i];
                base += baseStrides[i];
                if (++counter[i] < dims[i]) {
                    break;
                }
                index -= dims[i] * indexStrides[i];
                base -= dims[i] * baseStrides[i];
                counter[i] = 0;
            }
        }
    }

    /** The offset of an index along its line; {@link ProblemException} where it is out of range or no whole number. */
    int offset(Op op, int operand, double index) {
        double at = index < 0 ? index + length : index;
        int position = (int) at;
        if (position != at || position < 0 || position >= length) {
            String fault = index == Math.rint(index)
                    ? " is out of range for axis " + axis + ", which has length " + length
                    : " is not a whole number";
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, op.name() + ": index " + text(index) + fault).operand(operand)
                    .expected(length == 0 ? "nothing: the axis is empty" : "a whole number from " + -length + " to " + (length - 1),
                            text(index)));
        }
        return position * step;
    }

    private static String text(double index) {
        return index == (long) index ? String.valueOf((long) index) : String.valueOf(index);
    }
}
