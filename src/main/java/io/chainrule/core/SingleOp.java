package io.chainrule.core;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.print.BackwardPrinter;
import io.chainrule.core.print.BackwardPrinter.Derivative;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
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
    private final int result;
    private final Node seed;
    private final ReverseMode.Sweep sweep;
    private final Graph graph;
    private final Key key;
    private final Map<List<Integer>, List<BackwardForm>> forms = new HashMap<>();
    private final Map<List<Integer>, Optional<Derivative>> slopes = new HashMap<>();
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

    /** With the cotangents of all operands. */
    SingleOp(Key key) {
        this(key, all(key));
    }

    private static BitSet all(Key key) {
        BitSet all = new BitSet();
        IntStream.range(0, key.literals.size()).filter(k -> key.literals.get(k) == null).forEach(all::set);
        return all;
    }

    /** {@code by} are the numbers of the operands whose cotangents are appended. */
    SingleOp(Key key, BitSet by) {
        this.key = key;
        GraphBuilder builder = GraphBuilder.withShapes();
        operands = new int[key.literals.size()];
        BitSet wrt = new BitSet();
        for (int k = 0; k < operands.length; k++) {
            Double literal = key.literals.get(k);
            Node operand = literal == null ? builder.input(Derivative.OPERAND + k, key.shapes.get(k)) : builder.literal(literal);
            operands[k] = operand.index();
        }
        int alone = builder.add(key.op, operands.clone());
        opened = Gates.expand(builder.build(), Allowance.UNBOUNDED);
        for (int k = 0; k < operands.length; k++) {
            operands[k] = opened.image()[operands[k]];
            wrt.set(operands[k], by.get(k));
        }
        GraphBuilder extended = GraphBuilder.extending(opened.graph(), Allowance.UNBOUNDED);
        result = opened.image()[alone];
        seed = extended.input(Derivative.UPSTREAM, opened.graph().shape(result));
        sweep = ReverseMode.sweep(opened.graph(), extended, Map.of(result, seed), wrt);
        graph = extended.build();
    }

    /** How the op pulls a cotangent back to an operand, or what one part adds to that, in forms that can be read, the best first. */
    List<BackwardForm> forms(int operand, int part) {
        return forms.computeIfAbsent(List.of(operand, part), _ -> {
            boolean isWhole = part == BackwardPrinter.WHOLE;
            int node = isWhole ? sweep.cotangents()[operands[operand]] : contributions(operand).get(part);
            return Stream.of(isWhole ? BackwardForm.declared(key, operand) : null,
                    BackwardForm.derived(graph, result, opened.graph().size(), node)).filter(Objects::nonNull).toList();
        });
    }

    /** The derivative of an elementwise op of numbers by an operand, or one part of it, if it is short enough to be read; else null. */
    @Nullable
    Derivative slope(int operand, int part) {
        return slopes.computeIfAbsent(List.of(operand, part), _ -> Optional
                .ofNullable(BackwardForm.slope(graph, seed.index(), opened.graph().size(), contributions(operand).get(part)))).orElse(null);
    }

    /** Whether all ops of the circuit work element by element. */
    boolean isElementwise() {
        Graph circuit = opened.graph();
        return IntStream.range(0, circuit.size()).allMatch(i -> circuit.isLeaf(i) || circuit.op(i).family() == Family.ELEMENTWISE);
    }

    /**
     * The operand that the op of number {@code inner} of the circuit, leaves not counted, reads at a position; −1 if it reads none there.
     */
    int operand(int inner, int position) {
        Graph circuit = opened.graph();
        int node = IntStream.range(0, circuit.size()).filter(i -> !circuit.isLeaf(i)).skip(inner).findFirst().orElseThrow();
        int read = circuit.operand(node, position);
        return IntStream.range(0, operands.length).filter(k -> operands[k] == read && !circuit.isLiteral(read)).findFirst().orElse(NONE);
    }

    /** The contributions to the cotangent of an operand, in the order in which they are added. */
    List<Tensor> parts(int operand, Map<Integer, Tensor> values, Tensor cotangent, Parallel parallel) {
        Map<Integer, Tensor> placed = placed(values);
        placed.put(seed.index(), cotangent);
        PlannedGraph known = planned;
        if (known == null) {
            BitSet results = new BitSet();
            IntStream.of(sweep.contributions()).filter(i -> i != NONE).forEach(results::set);
            known = PlannedGraph.of(graph, results);
            planned = known;
        }
        PlannedGraph.Run run = known.run(placed, parallel);
        return contributions(operand).stream().map(run::value).toList();
    }

    /** The op's tangent for a tangent of one operand; zeros where it is zero whatever the values are. */
    Tensor tangent(int operand, Map<Integer, Tensor> values, Tensor tangent, Parallel parallel) {
        GraphBuilder extended = GraphBuilder.extending(opened.graph(), Allowance.UNBOUNDED);
        Node direction = extended.input("tangent", tangent.shape());
        int[] tangents = ForwardMode.tangents(opened.graph(), extended, Map.of(operands[operand], direction));
        int found = tangents[result];
        if (found == NONE) {
            return Tensor.zeros(seed.shape());
        }
        BitSet results = new BitSet();
        results.set(found);
        Map<Integer, Tensor> placed = placed(values);
        placed.put(direction.index(), tangent);
        return PlannedGraph.of(extended.build(), results).run(placed, parallel).value(found);
    }

    private Map<Integer, Tensor> placed(Map<Integer, Tensor> values) {
        Map<Integer, Tensor> placed = new HashMap<>();
        values.forEach((k, value) -> placed.put(operands[k], value));
        return placed;
    }

    /** The circuit, and the cotangents of operands. */
    Graph graph() {
        return graph;
    }

    /** The node that is an operand. */
    int input(int operand) {
        return operands[operand];
    }

    /** The node that is the cotangent of the op's value. */
    int seed() {
        return seed.index();
    }

    /** Returns the nodes of the operands' cotangents, without those that are zero. */
    List<Integer> cotangents() {
        return IntStream.of(operands).map(node -> sweep.cotangents()[node]).filter(node -> node != NONE).boxed().toList();
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
