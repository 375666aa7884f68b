package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bounds on errors that ops of several families have in common; see {@link Op#error}. */
final class Errors {
    /** Products of numbers that are not zero stay above the least double when they are multiplied by the unit roundoff. */
    private static final double LEAST = 0x1p-500;

    private static final Elementwise MAGNITUDE = Elementwise.unary("magnitude", Map.of(), x -> x == 0 ? 0 : Math.abs(x) + LEAST);
    private static final Elementwise WRITTEN = Elementwise.binary("written_error", null,
            (x, largest) -> Leaf.Literal.rounding(x) == 0 ? 0 : 4 * Accuracy.UNIT * (Math.abs(x) + largest));

    private Errors() {}

    /** The sum of two bounds; null stands for 0. */
    static @Nullable Node sum(@Nullable Node a, @Nullable Node b) {
        return a == null ? b : b == null ? a : add(a, b);
    }

    /** The magnitude of an operand, of which products with others cannot vanish. */
    private static Node magnitude(Node x) {
        return x.graph().add(MAGNITUDE, x);
    }

    /** Infinity where a position, a label or an order is in doubt, since what is read there may be anything. */
    static Node whereDoubtful(Node mask) {
        return where(isNonzero(mask), number(mask.graph(), Double.POSITIVE_INFINITY), 0);
    }

    /** The same for positions that are computed from whole numbers: any error makes them doubtful. */
    static @Nullable Node unlessExact(@Nullable Node error) {
        return error == null ? null : whereDoubtful(error);
    }

    /**
     * An op that is linear in each of two operands, with coefficients 0 and 1, and in which no product of two elements is rounded more
     * often than {@code roundings} times.
     */
    static Node ofProduct(Node node, @Nullable Node[] errors, int roundings) {
        double rounded = roundings * Accuracy.UNIT * (1 + 0x1p-20);
        Node a = magnitude(node.operand(0));
        Node b = magnitude(node.operand(1));
        Node ofA = errors[0] == null ? null : magnitude(errors[0]);
        Node error = errors[1] == null ? null : magnitude(errors[1]);
        Node first = node.graph().add(node.op(), a, error == null ? mul(rounded, b) : add(error, mul(rounded, b)));
        return ofA == null ? first : add(first, node.graph().add(node.op(), ofA, error == null ? b : add(b, error)));
    }

    /** Sums of updates that may share a place: {@code terms} is how many there are at each. */
    static Node ofAdded(Node terms, Node magnitudes, @Nullable Node moved) {
        Node rounded = mul(Accuracy.UNIT, mul(relu(sub(terms, 1)), magnitudes));
        return moved == null ? rounded : add(moved, rounded);
    }

    private static Node relu(Node x) {
        return x.graph().add(Activations.RELU.op(), x);
    }

    /** Numbers that were made of the attributes of an op: a short one is exact. */
    static Node ofWritten(Node node) {
        Node largest = node.shape().size() == 0 ? abs(node) : node.graph().add(new Reductions.Extremum(true, null, false), abs(node));
        return node.graph().add(WRITTEN, node, largest);
    }

    /** The largest error along an axis, in the shape of {@code error} or, with {@code keep}, with length 1 there. */
    static Node largest(Node error, int axis) {
        return error.graph().add(new Reductions.Extremum(true, List.of(axis), true), error);
    }
}
