package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Strides;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An op that makes one element of many along some axes. */
abstract class AxisOp implements Op {
    private final String name;
    final @Nullable List<Integer> axes;
    final boolean keepdims;

    /** {@code axes} null: all. */
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

    /** The result's shape for ops that say nothing of no elements. */
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

    /** Whether no axis that stays lies before one that is reduced, so that the result broadcasts against the operand. */
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

    /** A kernel that folds a contiguous run into one number. */
    interface RunFold {
        double apply(double[] x, int from, int n);
    }

    /** Folds along the axes: contiguous runs by {@code run}, the runs of one result element, and else elementwise by {@code kernel}. */
    final void fold(Tensor x, Tensor result, double start, Checkpoint checkpoint, RunFold run, DoubleBinaryOperator two,
            Kernels.Binary kernel) {
        double[] out = result.data();
        Arrays.fill(out, start);
        if (x.length() == 0) {
            return;
        }
        Shape kept = x.shape().reduced(axes(x.shape()), true);
        Kernels kernels = Kernels.best();
        new BroadcastLoop(x.shape(), x.shape(), kept).forEach(checkpoint, (from, stride, o, n) -> {
            if (stride[1] == 0) {
                out[from[1]] = two.applyAsDouble(out[from[1]], run.apply(x.data(), from[0], n));
            } else {
                kernels.binary(kernel, out, from[1], 1, x.data(), from[0], 1, out, from[1], n);
            }
        });
    }

    /** A function of all elements along the axes of one result element. */
    interface Line {
        double value(double[] line, int n);
    }

    /** Gathers the elements of each result element into one array, in row-major order of the reduced axes. */
    final void lines(Tensor x, Tensor result, Checkpoint checkpoint, Line f) {
        if (x.length() == 0) {
            Arrays.fill(result.data(), f.value(x.data(), 0));
            return;
        }
        boolean[] reduced = axes(x.shape());
        int[] strides = Strides.of(x.shape());
        int[] inner = offsets(x.shape(), strides, reduced, true);
        int[] outer = offsets(x.shape(), strides, reduced, false);
        double[] line = new double[inner.length];
        for (int o = 0; o < outer.length; o++) {
            if (((long) o * inner.length & 0xffff) < inner.length) {
                checkpoint.check();
            }
            for (int i = 0; i < inner.length; i++) {
                line[i] = x.data()[outer[o] + inner[i]];
            }
            result.data()[o] = f.value(line, inner.length);
        }
    }

    /** Offsets of all positions along the axes that are marked {@code which}, row-major. */
    private static int[] offsets(Shape shape, int[] strides, boolean[] reduced, boolean which) {
        int[] offsets = {0};
        for (int axis : IntStream.range(0, shape.rank()).filter(i -> reduced[i] == which).toArray()) {
            int[] longer = new int[offsets.length * shape.dim(axis)];
            for (int i = 0; i < longer.length; i++) {
                longer[i] = offsets[i / shape.dim(axis)] + i % shape.dim(axis) * strides[axis];
            }
            offsets = longer;
        }
        return offsets;
    }
}
