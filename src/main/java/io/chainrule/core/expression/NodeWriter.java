package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Appends nodes and remembers where each was written. What could not be made is {@link #BROKEN}, and so is what reads
 * it: one mistake is one problem.
 */
final class NodeWriter {
    static final int BROKEN = -1;

    private final GraphBuilder builder;
    private int[] tokens = new int[64];

    NodeWriter(int maxNodes) {
        builder = GraphBuilder.withoutShapes(maxNodes);
    }

    int literal(double value, int token) {
        return written(builder.literalIndex(value), token);
    }

    int leaf(Leaf leaf, int token) {
        return written(builder.add(leaf, new int[0]), token);
    }

    int operation(Op op, int token, int... operands) {
        for (int operand : operands) {
            if (operand == BROKEN) {
                return BROKEN;
            }
        }
        return written(builder.add(op, operands), token);
    }

    /** The node as one of its own: a literal becomes a constant. */
    int statement(int node, int token) {
        return node != BROKEN && builder.op(node) instanceof Leaf.Literal literal
                ? leaf(new Leaf.Constant(Tensor.scalar(literal.value())), token)
                : node;
    }

    Graph graph() {
        return builder.build();
    }

    /** The token at which the node was written. */
    int token(int node) {
        return tokens[node];
    }

    /** Where in the text each node was written. */
    int[] offsets(Tokens source) {
        return IntStream.range(0, builder.size()).map(node -> source.start(tokens[node])).toArray();
    }

    private int written(int node, int token) {
        if (node >= tokens.length) {
            tokens = Arrays.copyOf(tokens, node + (node >> 1));
        }
        tokens[node] = token;
        return node;
    }
}
