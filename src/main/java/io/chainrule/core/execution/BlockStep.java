package io.chainrule.core.execution;

import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.ElementLoop;

/** How a {@link BlockRun} computes a node. */
sealed interface BlockStep {
    int node();

    /** Each element from elements of the operands, which broadcast to the node's shape. */
    record Elements(int node, ElementLoop loop) implements BlockStep {}

    /** Each row from the same row of every operand. */
    record Rows(int node, RowKernel kernel) implements BlockStep {}

    /** Sums that are complete only when all blocks are computed. */
    record Sum(int node, AxisSums sums) implements BlockStep {}
}
