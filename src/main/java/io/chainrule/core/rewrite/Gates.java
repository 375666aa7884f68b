package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import java.util.Arrays;
import java.util.Objects;

/** Opens composite gates: replaces each by the circuit of primitive ops that it stands for. */
public final class Gates {
    private Gates() {}

    /**
     * A graph without composite ops.
     *
     * @param image where each node of the original stands
     * @param origin the node of the original to which each node belongs
     */
    public record Expansion(Graph graph, int[] image, int[] origin) {}

    /** Opens every composite gate; the graph itself where there is none. Circuits are of primitive ops. */
    public static Expansion expand(Graph graph, Allowance allowance) {
        int[] image = new int[graph.size()];
        Arrays.setAll(image, i -> i);
        if (!hasComposite(graph)) {
            return new Expansion(graph, image, image);
        }
        int[] origin = new int[graph.size()];
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        for (int i = 0; i < graph.size(); i++) {
            int before = builder.size();
            int[] operands = new int[graph.operandCount(i)];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = image[graph.operand(i, k)];
            }
            image[i] = graph.op(i) instanceof Leaf.Input input
                    ? builder.input(input.id(), graph.shape(i)).index()
                    : append(builder, graph.op(i), operands);
            if (builder.size() > origin.length) {
                origin = Arrays.copyOf(origin, Math.max(builder.size(), origin.length + (origin.length >> 1)));
            }
            Arrays.fill(origin, before, builder.size(), i);
        }
        return new Expansion(builder.build(), image, origin);
    }

    private static boolean hasComposite(Graph graph) {
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i).isComposite()) {
                return true;
            }
        }
        return false;
    }

    private static int append(GraphBuilder builder, Op op, int[] operands) {
        if (!op.isComposite()) {
            return op instanceof Leaf.Literal literal ? builder.literalIndex(literal.value()) : builder.add(op, operands);
        }
        Node[] nodes = new Node[operands.length];
        for (int k = 0; k < operands.length; k++) {
            nodes[k] = builder.node(operands[k]);
        }
        return Objects.requireNonNull(op.expand(nodes)).index();
    }
}
