package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;

/** The places along an axis at which an array is read or written, for each element of a region that the indices broadcast to. */
final class Positions {
    private static final int BETWEEN_CHECKS = 1 << 18;
    /** The most indices of which offsets are held. They take 256 KiB, which no estimate counts. */
    private static final int MOST_SHARED = 1 << 16;

    /** The region's axes. Two neighbours are merged where one step along the first is as far as its length in steps along the second. */
    private final int[] dims;
    private final int[] indexStrides;
    private final int[] baseStrides;
    private final int rank;
    private final int axis;
    private final int step;
    private final int length;

    /** All shapes have the same rank; {@code array} broadcasts to {@code region}, except along the axis. */
    Positions(Shape array, Shape indices, Shape region, int axis) {
        this.axis = axis;
        this.length = array.dim(axis);
        this.step = Strides.of(array)[axis];
        this.dims = new int[region.rank()];
        this.indexStrides = Strides.broadcast(indices, region);
        this.baseStrides = Strides.broadcast(array, region);
        baseStrides[axis] = 0;
        Arrays.fill(dims, 1);
        int merged = 0;
        for (int i = 0; i < dims.length; i++) {
            int n = region.dim(i);
            boolean goesOn = merged > 0 && indexStrides[merged - 1] == n * indexStrides[i] && baseStrides[merged - 1] == n * baseStrides[i];
            merged += goesOn || n == 1 ? 0 : 1;
            if (goesOn || n != 1) {
                dims[merged - 1] = goesOn ? dims[merged - 1] * n : n;
                indexStrides[merged - 1] = indexStrides[i];
                baseStrides[merged - 1] = baseStrides[i];
            }
        }
        this.rank = Math.max(1, merged);
    }

    /** The length of the array's axis. */
    int length() {
        return length;
    }

    /** The array's step along the axis. */
    int step() {
        return step;
    }

    /** Elements of the region that follow each other. */
    private interface Run {
        /**
         * Visits n elements from {@code region} on. For element i of them, the index stands at {@code index + i * indexStep}, and the
         * array's line along the axis begins at {@code base + i * baseStep}.
         */
        void visit(int region, int index, int indexStep, int base, int baseStep, int n);
    }

    /** Visits each element of the region. */
    private void forEach(Checkpoint checkpoint, Run run) {
        int last = rank - 1;
        int n = dims[last];
        int indexStep = indexStrides[last];
        int baseStep = baseStrides[last];
        int size = 1;
        for (int i = 0; i < rank; i++) {
            size *= dims[i];
        }
        int[] counter = new int[rank];
        int index = 0;
        int base = 0;
        int sinceCheck = BETWEEN_CHECKS;
        for (int r = 0; r < size; r += n) {
            for (int done = 0; done < n; done += BETWEEN_CHECKS) {
                int count = Math.min(BETWEEN_CHECKS, n - done);
                sinceCheck += count;
                if (sinceCheck >= BETWEEN_CHECKS) {
                    checkpoint.check();
                    sinceCheck = 0;
                }
                run.visit(r + done, index + done * indexStep, indexStep, base + done * baseStep, baseStep, count);
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

    /** Reads the array's element for each element of the region; op's second operand has the indices. */
    void read(Op op, double[] x, double[] indices, double[] y, Checkpoint checkpoint) {
        // Where several lines are read at the same indices, these are checked and turned into offsets once.
        boolean areShared = indices.length < y.length && indices.length <= MOST_SHARED;
        int[] offsets = areShared ? offsets(op, indices) : new int[0];
        forEach(checkpoint, (r, i, indexStep, base, baseStep, n) -> {
            if (indexStep == 0) {
                Region.copy(x, base + offset(op, 1, indices[i]), baseStep, y, r, 1, n);
            } else if (offsets.length > 0) {
                for (int j = 0; j < n; j++) {
                    y[r + j] = x[base + j * baseStep + offsets[i + j * indexStep]];
                }
            } else {
                for (int j = 0; j < n; j++) {
                    y[r + j] = x[base + j * baseStep + offset(op, 1, indices[i + j * indexStep])];
                }
            }
        });
    }

    private int[] offsets(Op op, double[] indices) {
        int[] offsets = new int[indices.length];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = offset(op, 1, indices[i]);
        }
        return offsets;
    }

    /** Adds an update to the array's element for each element of the region; op's first operand has the indices. */
    void add(Op op, double[] indices, double[] updates, double[] y, Checkpoint checkpoint) {
        Kernels kernels = Kernels.best();
        forEach(checkpoint, (r, i, indexStep, base, baseStep, n) -> {
            if (indexStep == 0 && baseStep == 1) {
                int at = base + offset(op, 0, indices[i]);
                kernels.binary(Kernels.Binary.ADD, y, at, 1, updates, r, 1, y, at, n);
                return;
            }
            for (int j = 0; j < n; j++) {
                y[base + j * baseStep + offset(op, 0, indices[i + j * indexStep])] += updates[r + j];
            }
        });
    }

    /** An element of the region, and where the array's line along the axis begins. */
    interface Pair {
        void at(int region, int base);
    }

    void forEachElement(Pair pair) {
        forEach(Checkpoint.NONE, (region, _, _, base, baseStep, n) -> {
            for (int j = 0; j < n; j++) {
                pair.at(region + j, base + j * baseStep);
            }
        });
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
