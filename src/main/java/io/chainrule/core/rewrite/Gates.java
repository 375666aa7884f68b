package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.NamedGraph;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Opens gates into the circuits of simpler ops that they stand for, and closes known circuits into gates. */
public final class Gates {
    private Gates() {}

    /**
     * A graph that replaces another one.
     *
     * @param image the node that stands for each node of the original; −1 if it was removed
     * @param origin the node of the original to which each node belongs
     */
    public record Expansion(Graph graph, int[] image, int[] origin) {
        private static Expansion same(Graph graph) {
            int[] all = new int[graph.size()];
            Arrays.setAll(all, i -> i);
            return new Expansion(graph, all, all);
        }

        /** Composes two replacements: {@code next} replaces this graph. */
        private Expansion then(Expansion next) {
            return new Expansion(next.graph, Arrays.stream(image).map(i -> next.image[i]).toArray(),
                    Arrays.stream(next.origin).map(i -> origin[i]).toArray());
        }
    }

    /** Opens every composite gate, so that the graph can be run and differentiated; returns the graph itself if there is none. */
    public static Expansion expand(Graph graph, Allowance allowance) {
        return open(graph, i -> graph.op(i).isComposite(), allowance);
    }

    /** Opens these gates, and those among what they stand for, until there are none. */
    public static Expansion expand(Graph graph, Predicate<Op> wanted, Allowance allowance) {
        return openAll(graph, at -> i -> wanted.test(at.graph().op(i)), allowance);
    }

    /** The program with every gate opened, nested ones too, until only primitive ops are left. */
    public static NamedGraph open(NamedGraph program, Allowance allowance) {
        Expansion opened = expand(program.graph(), Op::isGate, allowance);
        return program.rewritten(opened.graph(), opened.image(), opened.origin());
    }

    /** The program with these gates opened, and those inside them, until they consist of primitive ops. */
    public static NamedGraph open(NamedGraph program, BitSet gates, Allowance allowance) {
        Expansion opened = openAll(program.graph(), at -> i -> gates.get(at.origin()[i]) && at.graph().op(i).isGate(), allowance);
        return program.rewritten(opened.graph(), opened.image(), opened.origin());
    }

    /**
     * The program with every known circuit closed into a gate, if nothing outside the circuit reads its inner nodes. The {@code kept} nodes
     * and the output do not disappear inside a gate.
     */
    public static NamedGraph close(NamedGraph program, BitSet kept) {
        BitSet needed = (BitSet) kept.clone();
        needed.set(program.output());
        BitSet named = new BitSet();
        IntStream.range(0, program.graph().size()).filter(program::isNamed).forEach(named::set);
        Expansion closed = new Closing(program.graph(), Pattern.all(), needed, named).result();
        return program.rewritten(closed.graph(), closed.image(), closed.origin());
    }

    /** Opens the nodes that are wanted, and those that are wanted then, until there are none. */
    private static Expansion openAll(Graph graph, Function<Expansion, IntPredicate> wanted, Allowance allowance) {
        Expansion opened = Expansion.same(graph);
        while (true) {
            Expansion next = open(opened.graph(), wanted.apply(opened), allowance);
            if (next.graph() == opened.graph()) {
                return opened;
            }
            opened = opened.then(next);
        }
    }

    private static Expansion open(Graph graph, IntPredicate wanted, Allowance allowance) {
        if (IntStream.range(0, graph.size()).noneMatch(wanted)) {
            return Expansion.same(graph);
        }
        int[] image = new int[graph.size()];
        int[] origin = new int[graph.size()];
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        for (int i = 0; i < graph.size(); i++) {
            int before = builder.size();
            image[i] = wanted.test(i)
                    ? appendCircuit(builder, graph.op(i), operands(graph, i, image), allowance)
                    : builder.copy(graph, i, image);
            if (builder.size() > origin.length) {
                origin = Arrays.copyOf(origin, Math.max(builder.size(), origin.length + (origin.length >> 1)));
            }
            Arrays.fill(origin, before, builder.size(), i);
        }
        return new Expansion(builder.build(), image, Arrays.copyOf(origin, builder.size()));
    }

    private static int[] operands(Graph graph, int node, int[] image) {
        int[] operands = new int[graph.operandCount(node)];
        Arrays.setAll(operands, k -> image[graph.operand(node, k)]);
        return operands;
    }

    /**
     * Builds the circuit in a graph of its own, whose inputs stand for the operands, and copies it. If it were built in the client's graph,
     * {@code Maths} would see which ops the operands are and might skip, say, a {@code broadcast_to} that the client wrote.
     */
    private static int appendCircuit(GraphBuilder builder, Op op, int[] operands, Allowance allowance) {
        GraphBuilder sheet = GraphBuilder.withShapes(allowance.uncounted());
        Node[] standIns = new Node[operands.length];
        for (int k = 0; k < operands.length; k++) {
            standIns[k] = builder.op(operands[k]) instanceof Leaf.Literal literal
                    ? sheet.literal(literal.value())
                    : sheet.input("x", builder.shape(operands[k]));
        }
        int result = Objects.requireNonNull(op.expand(standIns)).index();
        Graph circuit = sheet.build();
        int[] at = new int[circuit.size()];
        for (int k = 0; k < operands.length; k++) {
            at[standIns[k].index()] = operands[k];
        }
        for (int i = 0; i < circuit.size(); i++) {
            if (!(circuit.op(i) instanceof Leaf.Input)) {
                at[i] = builder.copy(circuit, i, at);
            }
        }
        return at[result];
    }
}
