package io.chainrule.core.simplify;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;

/** Copies short terms for each of their readers, so that the printed text repeats exp(x) rather than naming it. */
final class RepeatedTerms {
    /** Larger graphs keep their shared terms. */
    private static final int MOST_NODES = 80;
    /** The operands and operations of the longest term that is repeated. */
    private static final int LONGEST = 6;

    private final Graph graph;
    private final GraphBuilder copy;
    private final int[] sizes;
    private final int[] image;

    private RepeatedTerms(Graph graph, Allowance allowance) {
        this.graph = graph;
        this.copy = GraphBuilder.withShapes(allowance);
        this.sizes = new int[graph.size()];
        this.image = new int[graph.size()];
    }

    static Graph unshared(Graph graph, Allowance allowance) {
        return graph.size() > MOST_NODES ? graph : new RepeatedTerms(graph, allowance).rebuilt();
    }

    private Graph rebuilt() {
        for (int i = 0; i < graph.size(); i++) {
            sizes[i] = 1 + 2 * graph.op(i).attributes().size();
            for (int k = 0; k < graph.operandCount(i); k++) {
                sizes[i] += sizes[graph.operand(i, k)];
            }
            if (graph.isLeaf(i) || sizes[i] > LONGEST || i == graph.size() - 1) {
                image[i] = graph.op(i) instanceof Leaf.Literal(double value) ? copy.literalIndex(value) : copied(i);
            }
        }
        return copy.build();
    }

    private int copied(int node) {
        int[] operands = new int[graph.operandCount(node)];
        for (int k = 0; k < operands.length; k++) {
            int operand = graph.operand(node, k);
            boolean isRepeated = !graph.isLeaf(operand) && sizes[operand] <= LONGEST;
            operands[k] = isRepeated ? copied(operand) : image[operand];
        }
        return graph.op(node) instanceof Leaf.Input(String id, var _)
                ? copy.input(id, graph.shape(node)).index()
                : copy.add(graph.op(node), operands);
    }
}
