package io.chainrule.core;

import java.util.List;

/**
 * Why the gradient by a node is zero at the values of a run. Nodes are those of {@link BoundProgram#program()}.
 *
 * @param path from the node to where its gradient is lost
 * @param nodes where it is lost: one node, or those whose contributions cancel
 */
public record LostGradient(Why why, List<Integer> path, List<Integer> nodes) {

    public enum Why {
        /** The node passes no gradient on: its derivative is zero there. */
        CLOSED,
        /** The node passes nothing on of the gradient that it gets; where it gets none, its derivative may be other than zero. */
        CLOSED_IN_PART,
        /** The last node of the path gets contributions through the nodes, or is computed from them, and the sum is zero. */
        CANCELS_BETWEEN,
        /** The node reads the last but one of the path more than once, and the contributions add up to zero. */
        CANCELS_BETWEEN_OPERANDS,
        /** Terms of a sum within the derivative of the node add up to zero. */
        CANCELS_WITHIN,
        /** The same in the sum over the elements that the last but one node of the path is broadcast to. */
        CANCELS_OVER_BROADCAST,
        /** The same in the sum over the samples. */
        CANCELS_OVER_SAMPLES,
        /** The gradient becomes zero at the node: its terms are zero, or they cancel; which of both is not known. */
        UNKNOWN,
        /** The node has a gradient that is zero only in the part that belongs to the last but one of the path. */
        UNKNOWN_IN_PART
    }
}
