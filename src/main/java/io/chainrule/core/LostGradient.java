package io.chainrule.core;

import java.util.List;

/**
 * Why the gradient by a node is zero at the values of a run. Nodes are those of {@link BoundProgram#program()}.
 *
 * @param path the nodes from the node in question to where its gradient is lost
 * @param nodes where the gradient is lost: one node, or those whose contributions cancel
 */
public record LostGradient(Why why, List<Integer> path, List<Integer> nodes) {

    public enum Why {
        /** The node passes on no gradient, because its derivative is zero at these values. */
        CLOSED,
        /**
         * The node passes on nothing of the gradient that it gets. Some elements of that gradient are zero, and there the node's derivative
         * may be nonzero.
         */
        CLOSED_IN_PART,
        /** The node passes on no gradient, because its derivative is too small for a double at these values. */
        ROUNDS_TO_ZERO,
        /** The products of the gradient that the node gets and its derivative are too small for a double. */
        UNDERFLOWS,
        /** The last node of the path gets contributions from these nodes, or is computed from them, and they add up to zero. */
        CANCELS_BETWEEN,
        /** The node reads the second-to-last node of the path more than once, and its contributions add up to zero. */
        CANCELS_BETWEEN_OPERANDS,
        /** Terms within the node's own derivative add up to zero. */
        CANCELS_WITHIN,
        /** Contributions add up to zero in the sum over the elements to which the second-to-last node of the path is broadcast. */
        CANCELS_OVER_BROADCAST,
        /** Contributions add up to zero in the sum over the samples. */
        CANCELS_OVER_SAMPLES,
        /** The gradient becomes zero at the node, but whether its terms are zero or cancel is not known. */
        UNKNOWN,
        /**
         * The node's gradient is zero only in the part that belongs to the second-to-last node of the path, and the reason is not known.
         */
        UNKNOWN_IN_PART
    }
}
