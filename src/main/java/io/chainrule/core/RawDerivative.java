package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.simplify.JacobianForm;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.simplify.Textbook;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.Map;

/**
 * A derivative that is not simplified yet.
 *
 * @param node its node; -1 where it is zero
 * @param program the number of nodes at the front that are the program that was differentiated
 * @param written the number of nodes at the front whose sums are in the order in which they are to be printed
 * @param shape that of the program's result, followed by that of what it is differentiated by
 */
record RawDerivative(Graph graph, int node, int program, int written, Shape shape) {

    /** The derivative of the last node of a graph by an input of this shape. */
    static RawDerivative of(Graph program, String input, Shape inputShape, Allowance allowance) {
        Gates.Expansion opened = Gates.expand(program, allowance);
        Graph graph = opened.graph();
        int result = opened.image()[program.size() - 1];
        int by = input(graph, input);
        return by < 0 ? zero(program.shape(program.size() - 1).concat(inputShape)) : of(graph, result, by, allowance);
    }

    /** The derivative of a node by an input; of a graph without composite ops. */
    static RawDerivative of(Graph graph, int result, int by, Allowance allowance) {
        Shape shape = graph.shape(result).concat(graph.shape(by));
        GraphBuilder builder = GraphBuilder.extending(graph, allowance);
        int node;
        if (graph.shape(result).isScalar()) {
            BitSet sources = new BitSet();
            sources.set(by);
            node = ReverseMode.cotangents(graph, builder, Map.of(result, builder.literal(1)), sources)[by];
        } else {
            Node found = JacobianForm.of(graph, builder, result, by, allowance);
            node = found == null ? -1 : found.index();
        }
        int written = graph.shape(result).isScalar() ? graph.size() : builder.size();
        return node < 0 ? zero(shape) : new RawDerivative(builder.build(), node, graph.size(), written, shape);
    }

    static RawDerivative zero(Shape shape) {
        GraphBuilder builder = GraphBuilder.withShapes();
        Maths.broadcastTo(builder.literal(0), shape);
        return new RawDerivative(builder.build(), -1, 0, 0, shape);
    }

    private static int input(Graph graph, String id) {
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input(String name, var _) && name.equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /** The number of nodes that are read to compute the derivative. */
    int size() {
        BitSet result = new BitSet();
        result.set(at());
        return Activity.ancestors(graph, result).cardinality();
    }

    private int at() {
        return node < 0 ? graph.size() - 1 : node;
    }

    Graph simplified(Allowance allowance) {
        return Simplifier.simplify(graph, at(), written, allowance);
    }

    Graph shared(Allowance allowance) {
        return Simplifier.shared(graph, at(), written, allowance);
    }

    Textbook textbook(Allowance allowance) {
        return Simplifier.textbook(graph, at(), written, program, allowance);
    }
}
