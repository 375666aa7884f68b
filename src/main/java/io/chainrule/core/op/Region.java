package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.tensor.Checkpoint;

/** A strided view of a dense array: lengths, strides (which may be negative) and the offset of the first element. */
record Region(int[] dims, int[] strides, int from) {

    /** A kernel that copies the view's elements of its operand, row-major. */
    Kernel reading() {
        return (operands, result, checkpoint) -> read(operands[0], result, checkpoint);
    }

    /** Copies the view's elements, row-major, into {@code dense}. */
    void read(double[] array, double[] dense, Checkpoint checkpoint) {
        walk(dense.length, checkpoint, (a, d, step, n) -> {
            if (step == 1) {
                System.arraycopy(array, a, dense, d, n);
            } else {
                for (int i = 0; i < n; i++) {
                    dense[d + i] = array[a + i * step];
                }
            }
        });
    }

    /** Adds {@code dense}, row-major, to the view's elements. */
    void addTo(double[] array, double[] dense, Checkpoint checkpoint) {
        walk(dense.length, checkpoint, (a, d, step, n) -> {
            for (int i = 0; i < n; i++) {
                array[a + i * step] += dense[d + i];
            }
        });
    }

    /** A place in the array and in the dense row-major copy of the view. */
    interface Pair {
        void at(int array, int dense);
    }

    void forEach(Pair pair) {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        walk(size, Checkpoint.NONE, (a, d, step, n) -> {
            for (int i = 0; i < n; i++) {
                pair.at(a + i * step, d + i);
            }
        });
    }

    private interface Row {
        void apply(int array, int dense, int step, int n);
    }

    private void walk(int size, Checkpoint checkpoint, Row row) {
        if (size == 0) {
            return;
        }
        int last = dims.length - 1;
        int n = dims.length == 0 ? 1 : dims[last];
        int step = dims.length == 0 ? 0 : strides[last];
        int[] index = new int[dims.length];
        int at = from;
        int sinceCheck = 0;
        for (int done = 0; done < size; done += n) {
            sinceCheck += n;
            if (sinceCheck > 1 << 18) {
                checkpoint.check();
                sinceCheck = 0;
            }
            row.apply(at, done, step, n);
            for (int axis = last - 1; axis >= 0; axis--) {
                at += strides[axis];
                if (++index[axis] < dims[axis]) {
                    break;
                }
                at -= dims[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }
}
