package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An op that maps each line along an axis to a line of the same length: to positions, which pass no gradient, unless overridden. */
abstract class LineOp implements Op {
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 16;

    private final String name;
    private final int axis;

    /** The default axis is −1. */
    LineOp(String name, int axis) {
        this.name = name;
        this.axis = axis;
    }

    /** The same op along another axis. */
    abstract LineOp along(int other);

    /** Computes one line of n elements, which begins at {@code from} in both arrays, and whose elements are {@code step} apart. */
    abstract void line(double[] x, double[] y, int from, int step, int n);

    /**
     * Computes the lines from {@code first} to before {@code end}. They are the columns of matrices with {@code step} columns and n rows,
     * numbered from left to right, one matrix after the other.
     */
    void lines(double[] x, double[] y, int n, int step, int first, int end, Checkpoint checkpoint) {
        int sinceCheck = 0;
        for (int i = first; i < end; i++) {
            sinceCheck += n;
            if (sinceCheck > ELEMENTS_BETWEEN_CHECKS) {
                checkpoint.check();
                sinceCheck = 0;
            }
            line(x, y, i / step * step * n + i % step, step, n);
        }
    }

    /** The least number of lines that a thread computes at a time. */
    int together(int step) {
        return 1;
    }

    /** For ops that yield positions: a mask of 1 where the element that was read at a position is tied with another; null without ties. */
    @Nullable
    Node ties(Node read) {
        return null;
    }

    final int axis() {
        return axis;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public Map<String, Object> attributes() {
        return axis == -1 ? Map.of() : Map.of("axis", axis);
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        operands[0].axis(axis);
        return operands[0];
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int at = result.axis(axis);
        int n = result.dim(at);
        int step = Strides.of(result)[at];
        long operations = flops(operands, result) / result.length() * n;
        return (x, y, parallel) -> parallel.share(y.length / n, parallel.grain(operations, together(step)),
                (first, end) -> lines(x[0], y, n, step, first, end, parallel));
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return null;
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return null;
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(along(axis < 0 ? axis : axis + 1), operands[0]);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        return true;
    }

    @Override
    public boolean ignores(int operand) {
        return true;
    }
}
