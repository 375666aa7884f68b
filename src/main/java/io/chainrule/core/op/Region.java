package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A strided view of a dense array: lengths, strides (which may be negative) and the offset of the first element. */
record Region(int[] dims, int[] strides, int from) {
    /** Lines of fewer elements than these take less time than the step from one to the next. */
    private static final int SHORT = 16;
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;
    /** The elements of a line of the cache. */
    private static final int TILE = 8;
    private static final double[] ZERO = {0};

    /** A kernel that copies the view's elements of its operand, row-major. */
    Kernel reading() {
        if (dims.length == 0) {
            return (operands, result, checkpoint) -> result[0] = operands[0][from];
        }
        return (operands, result, parallel) -> {
            int length = result.length / dims[0];
            parallel.share(dims[0], parallel.grain(length),
                    (first, end) -> with(0, first, end - first, 1).read(operands[0], result, first * length, parallel));
        };
    }

    /** A loop that copies any run of the view's elements, if its lines are long enough for that; else null. */
    @Nullable
    ElementLoop loop() {
        Region view = merged();
        return view.dims.length == 0 || view.dims[view.dims.length - 1] < SHORT ? null : new PartLoop(view);
    }

    /** The same view, with neighbouring axes joined along which elements are evenly spaced. */
    private Region merged() {
        int[] lengths = new int[dims.length];
        int[] steps = new int[dims.length];
        int rank = 0;
        for (int axis = 0; axis < dims.length; axis++) {
            if (rank > 0 && steps[rank - 1] == dims[axis] * strides[axis]) {
                lengths[rank - 1] *= dims[axis];
            } else {
                lengths[rank++] = dims[axis];
            }
            steps[rank - 1] = strides[axis];
        }
        return new Region(Arrays.copyOf(lengths, rank), Arrays.copyOf(steps, rank), from);
    }

    /** @param view a view with at least one axis */
    private record PartLoop(Region view) implements ElementLoop {
        @Override
        public boolean isGathering() {
            return true;
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int position, int n) {
            int last = view.dims.length - 1;
            int length = view.dims[last];
            int step = view.strides[last];
            for (int done = 0; done < n;) {
                int inLine = (position + done) % length;
                int count = Math.min(length - inLine, n - done);
                int at = view.line((position + done) / length) + inLine * step;
                copy(x[0], at, step, out, o + done, 1, count);
                done += count;
            }
        }
    }

    /** Where a line along the last axis begins. */
    private int line(int number) {
        int at = from;
        int left = number;
        for (int axis = dims.length - 2; axis >= 0; axis--) {
            at += left % dims[axis] * strides[axis];
            left /= dims[axis];
        }
        return at;
    }

    boolean isSameAs(Region other) {
        return from == other.from && Arrays.equals(dims, other.dims) && Arrays.equals(strides, other.strides);
    }

    /** Copies the view's elements, row-major, into a part of {@code dense}. */
    private void read(double[] array, double[] dense, int begin, Checkpoint checkpoint) {
        int across = across();
        int[] denseStrides = denseStrides();
        int tiles = across < 0 ? 0 : dims[across] / TILE;
        if (tiles > 0) {
            int row = denseStrides[across];
            int[] ofTiles = denseStrides.clone();
            ofTiles[across] *= TILE;
            with(across, 0, tiles, TILE).walk(ofTiles, dims.length - 1, checkpoint,
                    (a, step, d, _, n) -> copyTiles(array, a, step, dense, begin + d, row, n));
        }
        Region rest = tiles == 0 ? this : with(across, tiles * TILE, dims[across] - tiles * TILE, 1);
        int restBegin = tiles == 0 ? begin : begin + tiles * TILE * denseStrides[across];
        rest.walk(denseStrides, rest.inner(), checkpoint,
                (a, step, d, denseStep, n) -> copy(array, a, step, dense, restBegin + d, denseStep, n));
    }

    /** An axis along which elements lie next to each other, if it is not the last one, and both are long; else −1. */
    int across() {
        int last = dims.length - 1;
        for (int axis = 0; axis < last; axis++) {
            if (strides[axis] == 1 && Math.abs(strides[last]) > 1 && Math.min(dims[axis], dims[last]) >= TILE) {
                return axis;
            }
        }
        return -1;
    }

    /** The part with {@code n} positions along an axis, from {@code first} on, {@code by} apart. */
    private Region with(int axis, int first, int n, int by) {
        int[] lengths = dims.clone();
        int[] steps = strides.clone();
        lengths[axis] = n;
        steps[axis] *= by;
        return new Region(lengths, steps, from + first * strides[axis]);
    }

    /** Copies the transpose of a matrix of n rows and {@link #TILE} columns. Each cache line of the matrix is read once. */
    private static void copyTiles(double[] from, int at, int step, double[] to, int toAt, int toStep, int n) {
        for (int i = 0; i < n; i++) {
            int source = at + i * step;
            int target = toAt + i;
            for (int k = 0; k < TILE; k++) {
                to[target + k * toStep] = from[source + k];
            }
        }
    }

    /** Copies n elements that are {@code step} apart to places that are {@code toStep} apart. */
    static void copy(double[] from, int at, int step, double[] to, int toAt, int toStep, int n) {
        if (step == 1 && toStep == 1) {
            System.arraycopy(from, at, to, toAt, n);
        } else if (step == 0 && toStep == 1) {
            Arrays.fill(to, toAt, toAt + n, from[at]);
        } else {
            for (int i = 0; i < n; i++) {
                to[toAt + i * toStep] = from[at + i * step];
            }
        }
    }

    /** Adds {@code dense}, row-major, to the view's elements. */
    void addTo(double[] array, double[] dense, Checkpoint checkpoint) {
        Kernels kernels = Kernels.best();
        walk(denseStrides(), inner(), checkpoint, (a, step, d, denseStep, n) -> {
            if (step == 1 && denseStep == 1) {
                kernels.binary(Kernels.Binary.ADD, array, a, 1, dense, d, 1, array, a, n);
            } else {
                for (int i = 0; i < n; i++) {
                    array[a + i * step] += dense[d + i * denseStep];
                }
            }
        });
    }

    /** Writes what adding {@code dense}, row-major, to zeros gives, which is 0 for −0. */
    void write(double[] array, double[] dense, Checkpoint checkpoint) {
        Kernels kernels = Kernels.best();
        walk(denseStrides(), inner(), checkpoint, (a, step, d, denseStep, n) -> {
            if (step == 1 && denseStep == 1) {
                kernels.binary(Kernels.Binary.ADD, dense, d, 1, ZERO, 0, 0, array, a, n);
            } else {
                for (int i = 0; i < n; i++) {
                    array[a + i * step] = dense[d + i * denseStep] + 0.0;
                }
            }
        });
    }

    /** Writes zeros at least where the view has no elements. */
    void clearOthers(double[] array) {
        Region view = merged();
        boolean isRun = view.dims.length == 1 && view.strides[0] == 1;
        Arrays.fill(array, 0, isRun ? from : array.length, 0);
        Arrays.fill(array, isRun ? from + view.dims[0] : array.length, array.length, 0);
    }

    /** A place in the array and in the dense row-major copy of the view. */
    interface Pair {
        void at(int array, int dense);
    }

    void forEach(Pair pair) {
        walk(denseStrides(), inner(), Checkpoint.NONE, (a, step, d, denseStep, n) -> {
            for (int i = 0; i < n; i++) {
                pair.at(a + i * step, d + i * denseStep);
            }
        });
    }

    /** Elements along one axis: where they begin in the array and in the dense copy, and how far they are apart. */
    private interface Line {
        void apply(int array, int step, int dense, int denseStep, int n);
    }

    private int[] denseStrides() {
        return Strides.of(Shape.of(dims));
    }

    /** Visits the lines along the axis {@code inner} of the view and a copy of it with these strides. */
    private void walk(int[] denseStrides, int inner, Checkpoint checkpoint, Line line) {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        int n = dims.length == 0 ? 1 : dims[inner];
        int step = dims.length == 0 ? 0 : strides[inner];
        int denseStep = dims.length == 0 ? 0 : denseStrides[inner];
        int[] index = new int[dims.length];
        int at = from;
        int dense = 0;
        int sinceCheck = 0;
        for (int done = 0; done < size; done += n) {
            sinceCheck += n;
            if (sinceCheck > ELEMENTS_BETWEEN_CHECKS) {
                checkpoint.check();
                sinceCheck = 0;
            }
            line.apply(at, step, dense, denseStep, n);
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                if (axis == inner) {
                    continue;
                }
                at += strides[axis];
                dense += denseStrides[axis];
                if (++index[axis] < dims[axis]) {
                    break;
                }
                at -= dims[axis] * strides[axis];
                dense -= dims[axis] * denseStrides[axis];
                index[axis] = 0;
            }
        }
    }

    /** The axis along which lines go: the last one, whose elements lie next to each other, unless it is short beside another. */
    int inner() {
        int inner = dims.length - 1;
        for (int axis = dims.length - 2; axis >= 0; axis--) {
            if (dims[inner] < SHORT && dims[axis] > dims[inner]) {
                inner = axis;
            }
        }
        return inner;
    }
}
