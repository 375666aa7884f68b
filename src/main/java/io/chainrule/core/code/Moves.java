package io.chainrule.core.code;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the elements of a result come from, if the op only moves and adds up elements, whatever they are: element {@code to[i]} of the
 * result is the sum of {@code fixed} and of the elements {@code from[i]} of the operands.
 */
record Moves(int[] operand, int[] from, int[] to, double[] fixed) {
    /** Numbers or places that a code lists. */
    static final int MOST_LISTED = 100_000;
    private static final int MOST = 1 << 22;

    /** Null if the op computes, or moves elements as other operands say. */
    static @Nullable Moves of(Graph graph, int node) {
        Op op = graph.op(node);
        Shape[] shapes = IntStream.range(0, graph.operandCount(node)).mapToObj(k -> graph.shape(graph.operand(node, k)))
                .toArray(Shape[]::new);
        boolean moves = op.family() == Family.MOVEMENT || op.family() == Family.LINEAR || shapes.length == 0;
        if (!moves || IntStream.range(0, shapes.length).anyMatch(op::ignores)) {
            return null;
        }
        double[] fixed = new double[graph.shape(node).length()];
        op.prepare(shapes, graph.shape(node)).run(Arrays.stream(shapes).map(shape -> new double[shape.length()]).toArray(double[][]::new),
                fixed, Parallel.NONE);
        IntStream.Builder operand = IntStream.builder();
        IntStream.Builder from = IntStream.builder();
        IntStream.Builder to = IntStream.builder();
        boolean isKnown = shapes.length == 0 || op.dependences(shapes, graph.shape(node), (k, a, b) -> {
            operand.add(k);
            from.add(a);
            to.add(b);
        });
        Moves found = new Moves(operand.build().toArray(), from.build().toArray(), to.build().toArray(), fixed);
        return isKnown ? found : null;
    }

    /** Whether the moves of elements are too many to be looked at one by one. */
    static boolean isTooLarge(Graph graph, int node) {
        return size(graph, node) > MOST;
    }

    private static long size(Graph graph, int node) {
        return Stream.concat(Stream.of(graph.shape(node)), Stream.of(graph.operandShapes(node))).mapToLong(Shape::size).max().orElse(0);
    }

    static String tooLarge(Graph graph, int node, String language) {
        return language + " code moves at most " + MOST + " elements at once; '" + graph.op(node).name()
                + "' in the program or its gradient has an array of " + size(graph, node);
    }

    static String tooLong(Graph graph, int node, int length, String language) {
        return language + " code lists at most " + MOST_LISTED + " numbers; '" + graph.op(node).name()
                + "' in the program or its gradient needs a list of " + length;
    }

    /** Whether each element of the result is one element of the only operand. */
    boolean isGather() {
        return to.length == fixed.length && Arrays.stream(operand).allMatch(k -> k == 0) && isFilled(0)
                && Arrays.stream(to).distinct().count() == to.length;
    }

    boolean isFilled(double value) {
        return Arrays.stream(fixed).allMatch(x -> x == value);
    }

    /** For a gather: where each element of the result comes from. */
    int[] sources() {
        int[] sources = new int[fixed.length];
        for (int i = 0; i < to.length; i++) {
            sources[to[i]] = from[i];
        }
        return sources;
    }

    /** The steps by which the source of a gather moves along each axis of the result; null if they are not even. */
    static int @Nullable [] strides(int[] sources, Shape shape) {
        int[] strides = new int[shape.rank()];
        int step = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            strides[axis] = shape.dim(axis) > 1 ? sources[step] - sources[0] : 0;
            step *= shape.dim(axis);
        }
        for (int i = 0; i < sources.length; i++) {
            int at = sources[0];
            int rest = i;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                at += rest % shape.dim(axis) * strides[axis];
                rest /= shape.dim(axis);
            }
            if (at != sources[i]) {
                return null;
            }
        }
        return strides;
    }
}
