package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node does: its shape rule, value and derivatives. Instances are immutable, hold the attributes and may be
 * shared by any number of nodes. Derivative rules append nodes to the graph of the node that they are given, so that
 * derivatives can be differentiated again.
 */
public interface Op {
    String name();

    /** The attributes that differ from their defaults, as a client would write them, in catalogue order. */
    default Map<String, Object> attributes() {
        return Map.of();
    }

    Family family();

    /** Shape of the result; throws {@link io.chainrule.core.tensor.ShapeException} where the operands do not fit. */
    Shape shape(Shape... operands);

    /** Decides once which loop computes the value for operands of these shapes; the result has at least one element. */
    Kernel prepare(Shape[] operands, Shape result);

    /** Floating point operations of one evaluation; a transcendental function counts as one. */
    long flops(Shape[] operands, Shape result);

    /** What {@code cotangent} of the node contributes to the operand's cotangent, in the operand's shape; null where that is zero. */
    @Nullable
    Node vjp(Node node, int operand, Node cotangent);

    /** {@link #vjp} for each operand that is {@code wanted}, at once. */
    default @Nullable Node[] vjps(Node node, boolean[] wanted, Node cotangent) {
        @Nullable
        Node[] contributions = new Node[wanted.length];
        for (int k = 0; k < wanted.length; k++) {
            contributions[k] = wanted[k] ? vjp(node, k, cotangent) : null;
        }
        return contributions;
    }

    /** The node's tangent from those of its operands, where null is zero; null where the result is zero. */
    @Nullable
    Node jvp(Node node, @Nullable Node[] tangents);

    /**
     * Appends this op mapped over a leading axis of length {@code n}, which the operands marked {@code batched} have
     * in front of their own axes and the result gets. At least one is marked.
     */
    Node batch(Node[] operands, boolean[] batched, int n);

    /** Receives pairs of an element of an operand and one of the result that may depend on it, both counted row-major. */
    interface Dependence {
        void between(int operand, int from, int to);
    }

    /**
     * Tells which elements of the result can depend on which elements of the operands, whatever the values are. An op may
     * tell pairs that do not depend on each other. False, with nothing told, where every element may depend on every other.
     */
    default boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        return false;
    }

    /** The factoring of the only operand, and the number of the result of it that this op computes; null for other ops. */
    default Factoring.@Nullable Part part() {
        return null;
    }

    /** Whether the op has no value of its own and must be opened before it is run. */
    default boolean isComposite() {
        return family() == Family.COMPOSITE;
    }

    /** Whether the op stands for a circuit of simpler ops; a composite one does, and others may. */
    default boolean isGate() {
        return isComposite();
    }

    /**
     * Appends the circuit that a gate stands for to the operands' graph. Answers its result, which is a new node and no
     * leaf; null for ops that are no gates.
     */
    default @Nullable Node expand(Node[] operands) {
        return null;
    }

    /** A mask, 1 where an element of the result sits on a kink of this op; null for ops without kinks. */
    default @Nullable Node kink(Node node) {
        return null;
    }

    /** Whether the derivative by this operand is zero everywhere: the operands of comparisons, rounding, a condition. */
    default boolean ignores(int operand) {
        return false;
    }

    /**
     * Whether a sum of many results of this kind is better computed by one op, {@link #sumOf}, than by additions.
     * Lets the cotangents of many {@code x[i]} land in one array.
     */
    default boolean isSummedAtOnce() {
        return false;
    }

    /** One op that computes the sum of the results of several, from all their operands in order; null where there is none. */
    default @Nullable Op sumOf(List<Op> all) {
        return null;
    }
}
