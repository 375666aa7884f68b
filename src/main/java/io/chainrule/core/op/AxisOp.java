package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/** An op that reduces an array along axes: the elements along them become one. */
abstract class AxisOp implements Op {
    /** Longer rows are folded part by part, with checks whether the run may go on between them. */
    private static final int LONGEST_ROW = 1 << 18;
    private static final int OPERATIONS_IN_A_LINE = 4;

    private final String name;
    final @Nullable List<Integer> axes;
    final boolean keepdims;

    /** {@code axes} are all if null. */
    AxisOp(String name, @Nullable List<Integer> axes, boolean keepdims) {
        this.name = name;
        this.axes = axes;
        this.keepdims = keepdims;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> written = new LinkedHashMap<>();
        if (axes != null) {
            written.put("axis", axes);
        }
        if (keepdims) {
            written.put("keepdims", true);
        }
        return written;
    }

    @Override
    public Shape shape(Shape... operands) {
        return operands[0].reduced(axes(operands[0]), keepdims);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        if (operands[0].size() > 0) {
            Shape kept = operands[0].reduced(axes(operands[0]), true);
            new BroadcastLoop(operands[0], kept).forEach(Checkpoint.NONE, (from, stride, o, n) -> {
                for (int i = 0; i < n; i++) {
                    dependence.between(0, o + i, from[0] + i * stride[0]);
                }
            });
        }
        return true;
    }

    /** The shape rule of ops that have no value for no elements: {@link ShapeException} where the reduced axes are empty. */
    final Shape shapeOfSome(Shape x) {
        Shape shape = x.reduced(axes(x), keepdims);
        if (x.size() == 0 && shape.size() > 0) {
            throw new ShapeException("nothing has no " + name() + ": shape " + x + " is empty along the reduced axes",
                    "at least one element",
                    x.toString());
        }
        return shape;
    }

    /** This op along other axes. */
    abstract AxisOp along(List<Integer> others, boolean keep);

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        Shape one = operands[0].shape().sub(1, operands[0].shape().rank());
        List<Integer> shifted = Reductions.numbers(axes(one)).stream().map(axis -> axis + 1).toList();
        return operands[0].graph().add(along(shifted, keepdims), operands[0]);
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return operands[0].size();
    }

    final boolean[] axes(Shape x) {
        if (axes == null) {
            boolean[] all = new boolean[x.rank()];
            Arrays.fill(all, true);
            return all;
        }
        return x.axes(axes.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Whether the reduced axes are the first ones, so that the result broadcasts against the operand. */
    final boolean isLeading(Shape x) {
        boolean[] reduced = axes(x);
        for (int i = 1; i < reduced.length; i++) {
            if (reduced[i] && !reduced[i - 1]) {
                return false;
            }
        }
        return true;
    }

    /** {@code reduced}, in this op's result shape, stretched back along the reduced axes of {@code full}. */
    final Node stretched(Node reduced, Shape full) {
        Node aligned = reduced.shape().isScalar() ? reduced : Maths.reshape(reduced, full.reduced(axes(full), true));
        return Maths.broadcastTo(aligned, full);
    }

    /** The sum along this op's axes, in its result shape. */
    final Node total(Node x) {
        return x.graph().add(new Reductions.Sum(axes, keepdims), x);
    }

    /** The length of the rows that become one element each, if the reduced axes are the last ones, apart from axes of length 1; else 0. */
    private int rowLength(Shape x) {
        boolean[] reduced = axes(x);
        int length = 1;
        boolean isInRow = true;
        for (int axis = x.rank() - 1; axis >= 0; axis--) {
            if (x.dim(axis) > 1 && reduced[axis]) {
                if (!isInRow) {
                    return 0;
                }
                length *= x.dim(axis);
            } else if (x.dim(axis) > 1) {
                isInRow = false;
            }
        }
        return length;
    }

    /** A kernel that folds a contiguous run into one number. */
    interface RunFold {
        double apply(double[] x, int from, int n);
    }

    /**
     * Folds along the axes. Where the last axis is reduced, {@code run} folds each run and {@code two} combines the results;
     * else {@code kernel} folds whole rows.
     */
    final Kernel fold(Shape x, double start, RunFold run, DoubleBinaryOperator two, Kernels.Binary kernel) {
        if (x.size() == 0) {
            return (operands, result, checkpoint) -> Arrays.fill(result, start);
        }
        int row = rowLength(x);
        if (row > 0 && row <= LONGEST_ROW) {
            return new RowKernel(x.length() / row, 1, 0, (operands, at, result, o, spare) -> result[o] = two.applyAsDouble(start,
                    run.apply(operands[0], at[0], row)));
        }
        BroadcastLoop loop = new BroadcastLoop(x, x, x.reduced(axes(x), true));
        Kernels kernels = Kernels.best();
        return (operands, result, checkpoint) -> {
            double[] from = operands[0];
            Arrays.fill(result, start);
            loop.forEach(checkpoint, (at, stride, o, n) -> {
                if (stride[1] == 0) {
                    result[at[1]] = two.applyAsDouble(result[at[1]], run.apply(from, at[0], n));
                } else {
                    kernels.binary(kernel, result, at[1], 1, from, at[0], 1, result, at[1], n);
                }
            });
        };
    }

    /** A function of all elements along the axes of one result element. */
    interface Line {
        /**
         * The value of {@code n} elements from {@code from} on.
         *
         * @param spare an array for intermediate results, as long as {@link #lines} was told; it may be the array of the elements itself if
         *        these begin at 0
         */
        double value(double[] x, int from, int n, double[] spare);
    }

    /** The kernel of a function that is given room for all elements of a line. */
    final Kernel lines(Shape x, Line f) {
        return lines(x, Integer.MAX_VALUE, f);
    }

    /**
     * Gathers the elements of each result element into one array, in row-major order of the reduced axes, if they are no row.
     *
     * @param room how many elements of {@code spare} the function uses at most; where a line is shorter, it uses no more than the line has
     */
    final Kernel lines(Shape x, int room, Line f) {
        if (x.size() == 0) {
            double[] none = new double[0];
            return (operands, result, checkpoint) -> Arrays.fill(result, f.value(none, 0, 0, none));
        }
        int row = rowLength(x);
        if (row > 0) {
            return new RowKernel(x.length() / row, OPERATIONS_IN_A_LINE, Math.min(row, room),
                    (operands, at, result, o, spare) -> result[o] = f.value(operands[0], at[0], row, spare));
        }
        Places inner = Places.of(x, axes(x), true);
        Places outer = Places.of(x, axes(x), false);
        return (operands, result, checkpoint) -> {
            int n = inner.count();
            double[] line = new double[n];
            int[] offsets = inner.isEven() ? null : inner.offsets();
            for (int o = 0; o < result.length; o++) {
                if (((long) o * n & 0xffff) < n) {
                    checkpoint.check();
                }
                gather(operands[0], outer.offset(o), offsets, inner.offset(1), line);
                result[o] = f.value(line, 0, n, line);
            }
        };
    }

    /** Elements at {@code offsets} from {@code from}, or in equal steps if there are no offsets. */
    private static void gather(double[] x, int from, int @Nullable [] offsets, int step, double[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] = x[from + (offsets == null ? i * step : offsets[i])];
        }
    }

    /** The offsets of all positions along some axes of a dense array, row-major; adjacent axes are merged where possible. */
    private record Places(int[] dims, int[] strides) {
        static Places of(Shape shape, boolean[] reduced, boolean which) {
            int[] steps = Strides.of(shape);
            int[] dims = new int[shape.rank()];
            int[] strides = new int[shape.rank()];
            int rank = 0;
            for (int axis = 0; axis < shape.rank(); axis++) {
                if (reduced[axis] != which || shape.dim(axis) == 1) {
                    continue;
                }
                if (rank > 0 && strides[rank - 1] == steps[axis] * shape.dim(axis)) {
                    dims[rank - 1] *= shape.dim(axis);
                } else {
                    dims[rank++] = shape.dim(axis);
                }
                strides[rank - 1] = steps[axis];
            }
            return new Places(Arrays.copyOf(dims, rank), Arrays.copyOf(strides, rank));
        }

        int count() {
            int count = 1;
            for (int dim : dims) {
                count *= dim;
            }
            return count;
        }

        /** Whether all are equally far apart. */
        boolean isEven() {
            return dims.length <= 1;
        }

        int offset(int position) {
            int offset = 0;
            int rest = position;
            for (int axis = dims.length - 1; axis > 0; axis--) {
                offset += rest % dims[axis] * strides[axis];
                rest /= dims[axis];
            }
            return dims.length == 0 ? 0 : offset + rest * strides[0];
        }

        int[] offsets() {
            int[] offsets = new int[count()];
            Arrays.setAll(offsets, this::offset);
            return offsets;
        }
    }
}
