package io.chainrule.core;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A graph of one op, whose operands are inputs or literals, with the cotangents of its operands appended. If the op is composite, its
 * circuit stands for it.
 */
final class SingleOp {
    private static final int NONE = -1;

    private final Gates.Expansion opened;
    private final int[] operands;
    private final Node seed;
    private final ReverseMode.Sweep sweep;
    private final Graph graph;
    private @Nullable PlannedGraph planned;

    /** What determines a graph: the op, the literals among its operands, and the operands' shapes. */
    record Key(Op op, List<@Nullable Double> literals, List<Shape> shapes) {

        /** The key of a node of a graph; operands that are no literals have these shapes. */
        static Key of(Graph graph, int node, List<Shape> shapes) {
            List<@Nullable Double> literals = new ArrayList<>();
            for (int k = 0; k < graph.operandCount(node); k++) {
                literals.add(graph.op(graph.operand(node, k)) instanceof Leaf.Literal(double value) ? value : null);
            }
            return new Key(graph.op(node), literals, shapes);
        }
    }

    SingleOp(Key key) {
        GraphBuilder builder = GraphBuilder.withShapes();
        operands = new int[key.literals.size()];
        BitSet wrt = new BitSet();
        for (int k = 0; k < operands.length; k++) {
            Double literal = key.literals.get(k);
            Node operand = literal == null ? builder.input("operand " + k, key.shapes.get(k)) : builder.literal(literal);
            operands[k] = operand.index();
        }
        int result = builder.add(key.op, operands.clone());
        opened = Gates.expand(builder.build(), Allowance.UNBOUNDED);
        for (int k = 0; k < operands.length; k++) {
            operands[k] = opened.image()[operands[k]];
            wrt.set(operands[k], key.literals.get(k) == null);
        }
        GraphBuilder extended = GraphBuilder.extending(opened.graph(), Allowance.UNBOUNDED);
        int image = opened.image()[result];
        seed = extended.input("cotangent", opened.graph().shape(image));
        sweep = ReverseMode.sweep(opened.graph(), extended, Map.of(image, seed), wrt);
        graph = extended.build();
    }

    /** Whether all ops of the circuit work element by element. */
    boolean isElementwise() {
        Graph circuit = opened.graph();
        return IntStream.range(0, circuit.size()).allMatch(i -> circuit.isLeaf(i) || circuit.op(i).family() == Family.ELEMENTWISE);
    }

    /** The operand that the op of number {@code inner} of the circuit, leaves not counted, reads at a position; −1 if it reads none there. */
    int operand(int inner, int position) {
        Graph circuit = opened.graph();
        int node = IntStream.range(0, circuit.size()).filter(i -> !circuit.isLeaf(i)).skip(inner).findFirst().orElseThrow();
        int read = circuit.operand(node, position);
        return IntStream.range(0, operands.length).filter(k -> operands[k] == read && !circuit.isLiteral(read)).findFirst().orElse(NONE);
    }

    /** The contributions to the cotangent of an operand, in the order in which they are added, for a cotangent of ones. */
    List<Tensor> parts(int operand, Map<Integer, Tensor> values, Checkpoint checkpoint) {
        Map<Integer, Tensor> placed = new HashMap<>();
        values.forEach((k, value) -> placed.put(operands[k], value));
        placed.put(seed.index(), Tensor.full(seed.shape(), 1));
        List<Integer> wanted = contributions(operand);
        PlannedGraph known = planned;
        if (known == null) {
            BitSet results = new BitSet();
            IntStream.of(sweep.contributions()).filter(i -> i != NONE).forEach(results::set);
            known = PlannedGraph.of(graph, results);
            planned = known;
        }
        PlannedGraph.Run run = known.run(placed, checkpoint);
        return wanted.stream().map(run::value).toList();
    }

    private List<Integer> contributions(int operand) {
        Graph circuit = opened.graph();
        List<Integer> uses = new ArrayList<>();
        for (int i = 0; i < circuit.size(); i++) {
            for (int k = 0; k < circuit.operandCount(i); k++) {
                int use = circuit.use(i, k);
                if (circuit.operand(i, k) == operands[operand] && sweep.contributions()[use] != NONE) {
                    uses.add(use);
                }
            }
        }
        return uses.stream().sorted(Comparator.comparingInt(use -> sweep.order()[use])).map(use -> sweep.contributions()[use]).toList();
    }
}
