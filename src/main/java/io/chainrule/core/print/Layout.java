package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;

/**
 * Decides which nodes of a program become statements: named nodes, nodes that are used more than once or not at all, and, in an
 * expression that would nest too deep, a node in between.
 */
final class Layout {
    /**
     * The deepest nesting of printed text. It is much lower than the limit of a parser usually is, so that printed text can be parsed
     * again.
     */
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

    /** Whether the node is a statement, so that its name is written where it is used. */
    boolean isStatement(int node) {
        return statements[node];
    }

    boolean isRead(int node) {
        return uses[node] > 0;
    }

    /** Whether a node is a scalar constant. Written inline, its number would be parsed as a literal, which is not a node of its own. */
    private static boolean isScalarConstant(Graph graph, int node) {
        return graph.op(node) instanceof Leaf.Constant(var value) && value.shape().isScalar();
    }
}
