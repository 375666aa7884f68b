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

    /**
     * The attributes that differ from their defaults, as a client would write them, in catalogue order. If two ops of one class have equal
     * names and attributes, they give equal results from the same operands. A bound on the error of a value reads that value as an operand,
     * so it need not repeat the attributes of the value's op.
     */
    default Map<String, Object> attributes() {
        return Map.of();
    }

    Family family();

    /** The shape of the result; throws {@link io.chainrule.core.tensor.ShapeException} if the operands do not fit. */
    Shape shape(Shape... operands);

    /**
     * Chooses the loop that computes the value for operands of these shapes, so that runs need not choose again. The result has at least
     * one element.
     */
    Kernel prepare(Shape[] operands, Shape result);

    /**
     * Whether a result that has as many elements as the first operand has the same elements in the same order, so that both share an array.
     */
    default boolean isView() {
        return false;
    }

    /** Whether the result is its only operand, broadcast, so that ops which broadcast can read the operand instead. */
    default boolean isStretched() {
        return false;
    }

    /** Whether the result is the only operand with its last two axes swapped, for an operand of this shape. */
    default boolean swapsLastAxes(Shape operand) {
        return false;
    }

    /**
     * Which operand of another op this op gives back when it is applied to the other op's result: slicing a concatenation can give back one
     * of the arrays that were joined. The plan then reads that array and copies nothing.
     *
     * @param operands the shapes of the other op's operands
     * @return the number of that operand; −1 if the result is not one of them
     */
    default int selects(Op of, Shape[] operands) {
        return -1;
    }

    /** Whether {@link #prepareSwapped} can read this operand from an array in which its last two axes are swapped. */
    default boolean readsSwapped(int operand) {
        return false;
    }

    /** Like {@link #prepare}; the arrays of operands that are {@code swapped} have the last two axes in the other order. */
    default Kernel prepareSwapped(Shape[] operands, Shape result, boolean[] swapped) {
        return prepare(operands, result);
    }

    /**
     * What the op computes first of its first operand and shares with other ops; null if there is nothing of the kind. The kernels of
     * {@link #prepareSwapped} read it as one more operand after the others, while those of {@link #prepare} compute it themselves.
     */
    default @Nullable Preparation preparation() {
        return null;
    }

    /** Floating point operations of one evaluation; a transcendental function counts as one. */
    long flops(Shape[] operands, Shape result);

    /**
     * The contribution to the operand's cotangent, in the operand's shape, if the node's cotangent is {@code cotangent}; null if it is
     * zero.
     */
    @Nullable
    Node vjp(Node node, int operand, Node cotangent);

    /** Computes {@link #vjp} for all operands that are {@code wanted} together, so that they can share work. */
    default @Nullable Node[] vjps(Node node, boolean[] wanted, Node cotangent) {
        @Nullable
        Node[] contributions = new Node[wanted.length];
        for (int k = 0; k < wanted.length; k++) {
            contributions[k] = wanted[k] ? vjp(node, k, cotangent) : null;
        }
        return contributions;
    }

    /**
     * Appends a bound on the distance of each computed element from the exact one. {@code errors} are such bounds for the operands, where
     * null stands for an exact operand. Returns null if the result is exact. The default, infinity, says that nothing is known. A bound may
     * also be infinite or NaN for elements whose values allow no other. Its shape is the result's, or can be broadcast to it. The result
     * has at least one element, and operands without elements are exact.
     */
    default @Nullable Node error(Node node, @Nullable Node[] errors) {
        return node.graph().literal(Double.POSITIVE_INFINITY);
    }

    /**
     * Returns the node's tangent, or null if it is zero. {@code tangents} are those of the operands, null where they are zero. At least one
     * of them is not null.
     */
    @Nullable
    Node jvp(Node node, @Nullable Node[] tangents);

    /**
     * Appends this op mapped over a leading axis of length {@code n}. Operands marked {@code batched} have that axis in front of their own,
     * and so has the result. At least one operand is marked.
     */
    Node batch(Node[] operands, boolean[] batched, int n);

    /**
     * Appends this op for operands of which some are {@link OneHot} batches, marked {@code hot} and given by their values. The result is
     * then a batch of the same positions, with the appended values. Null if the result may be other than zero where those operands are
     * zero, whatever the others hold.
     */
    default @Nullable Node onOneHot(Node[] operands, boolean[] hot) {
        return null;
    }

    /**
     * Appends this op mapped over a batch of which only operand {@code k} has a leading axis and is {@code hot}, in a form that costs less
     * than {@link #batch} of all the zeros and has the same value; null if there is none.
     */
    default @Nullable Node batchOneHot(Node[] operands, int k, OneHot hot) {
        return null;
    }

    /** Receives pairs of an operand's element and a result's element that may depend on it, both numbered in row-major order. */
    interface Dependence {
        void between(int operand, int from, int to);

        /** Every one of these elements of the result may depend on every one of these elements of the operand. */
        default void all(int operand, Line from, Line to) {
            for (int i = 0; i < to.count; i++) {
                for (int j = 0; j < from.count; j++) {
                    between(operand, from.element(j), to.element(i));
                }
            }
        }
    }

    /** {@code count} elements of an array, {@code step} apart. */
    record Line(int first, int step, int count) {
        public int element(int i) {
            return first + i * step;
        }
    }

    /**
     * Reports which elements of the result can depend on which elements of the operands, for some values of the operands. It may report too
     * many pairs. Returns false, without reporting any, if every element may depend on every other.
     */
    default boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        return false;
    }

    /** For an op that is one result of a factoring of its only operand, that factoring and the number of the result; null for other ops. */
    default Factoring.@Nullable Part part() {
        return null;
    }

    /** Whether the op cannot be run itself and must first be expanded into its circuit. */
    default boolean isComposite() {
        return family() == Family.COMPOSITE;
    }

    /** Whether the op stands for a circuit of simpler ops. All composite ops do, and some others. */
    default boolean isGate() {
        return isComposite();
    }

    /**
     * Appends the circuit that a gate stands for to the operands' graph. Returns its result, which must be a new node and not a leaf; null
     * for ops that are not gates.
     */
    default @Nullable Node expand(Node[] operands) {
        return null;
    }

    /** A mask that is 1 where an element of the result sits on a kink of this op; null for ops without kinks. */
    default @Nullable Node kink(Node node) {
        return null;
    }

    /** Whether the derivative by this operand is zero everywhere, as for the operands of comparisons and rounding, and for a condition. */
    default boolean ignores(int operand) {
        return false;
    }

    /**
     * Whether a sum of many results of this op is better computed by one op, {@link #sumOf}, than by additions. It lets the cotangents of
     * many {@code x[i]} be written to one array.
     */
    default boolean isSummedAtOnce() {
        return false;
    }

    /**
     * One op that adds up the results of several ops, in order, from all their operands in order; null if there is none. With {@code
     * hasBase} the sum begins with an array of the results' shape, which is the first operand.
     */
    default @Nullable Op sumOf(List<Op> all, boolean hasBase) {
        return null;
    }
}
