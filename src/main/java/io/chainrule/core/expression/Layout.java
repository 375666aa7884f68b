package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;

/**
 * Which nodes of a program become statements: those with a name, those read more than once or never, and where text
 * would nest too deep, one in between.
 */
final class Layout {
    /** A text nested to this depth is still read under a limit that lets through what people write. */
    private static final int MAX_NESTING = 200;

    private final boolean[] statements;
    private final int[] uses;

    Layout(NamedGraph program, Notation notation) {
        Graph graph = program.graph();
        int size = graph.size();
        uses = new int[size];
        for (int node = 0; node < size; node++) {
            for (int k = 0; k < graph.operandCount(node); k++) {
                uses[graph.operand(node, k)]++;
            }
        }
        statements = new boolean[size];
        int[] nesting = new int[size];
        for (int node = 0; node < size; node++) {
            statements[node] = !graph.isLiteral(node) && (program.isNamed(node) || uses[node] != 1 || node == program.output()
                    || graph.op(node) instanceof Leaf.Input || isScalarConstant(graph, node));
            for (int k = 0; k < graph.operandCount(node); k++) {
                int operand = graph.operand(node, k);
                if (!statements[operand]) {
                    int depth = nesting[operand] + (notation.nests(node, k) ? 1 : 0);
                    statements[operand] = depth > MAX_NESTING && !graph.isLiteral(operand);
                    nesting[node] = statements[operand] ? nesting[node] : Math.max(nesting[node], depth);
                }
            }
        }
    }

    /** Whether the node's name stands for it where it is read. */
    boolean isStatement(int node) {
        return statements[node];
    }

    boolean isRead(int node) {
        return uses[node] > 0;
    }

    /** Written where it is read, the number would be a literal and no node. */
    private static boolean isScalarConstant(Graph graph, int node) {
        return graph.op(node) instanceof Leaf.Constant(var value) && value.shape().isScalar();
    }
}
