package io.chainrule.core;

import io.chainrule.core.execution.Checks;
import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.Jacobian;
import io.chainrule.core.autodiff.SparseMatrix;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The Jacobian of each single op by each of its operands, at the values of a run. Nodes with the same op and the same shapes share one
 * derived graph, whose inputs are the op's operands.
 */
public final class LocalJacobians {
    /** The most entries of a Jacobian that is answered unless all are asked for. */
    private static final int AUTO_ENTRIES = 1024;

    private final BoundProgram bound;
    private final Map<Key, Matrices> matrices = new HashMap<>();
    private final Map<Key, @Nullable PlannedGraph> diagonals = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    private record Key(Op op, List<Shape> shapes, List<Integer> wrt) {}

    /** The Jacobian of an op as a program of its own; {@code inputs} are the nodes of its operands. */
    private record Matrices(Jacobian jacobian, List<Integer> inputs) {}

    /** The Jacobians of one node; for each operand {@code omitted} has the reason why its Jacobian is left out, or null. */
    private record Entry(int node, List<Integer> operands, List<@Nullable String> omitted, Key key) {}

    /**
     * One local Jacobian.
     *
     * @param node the id of the op's node, {@code wrt} that of its operand
     * @param structure "diagonal" where {@code value} holds the diagonal in the node's shape; else null
     * @param omitted why there is no value, or null
     */
    public record Local(String node, String wrt, int operand, Shape shape, @Nullable String structure, @Nullable Tensor value,
            @Nullable String omitted) {}

    private LocalJacobians(BoundProgram bound, Transformation.Locals which, BuildLimits limits) {
        this.bound = bound;
        if (which != Transformation.Locals.NONE && !bound.samples().areReduced()) {
            boolean all = which == Transformation.Locals.ALL;
            Room room = new Room(all ? Long.MAX_VALUE : AUTO_ENTRIES, limits.jacobianEntries());
            for (int node = 0; node < graph().size(); node++) {
                Family family = graph().op(node).family();
                if (family.mixesElements() || all && family == Family.ELEMENTWISE) {
                    limits.checkpoint().check();
                    add(node, family == Family.ELEMENTWISE, room, limits);
                }
            }
        }
    }

    static LocalJacobians of(BoundProgram bound, Transformation.Locals which, BuildLimits limits) {
        return new LocalJacobians(bound, which, limits);
    }

    private Graph graph() {
        return bound.program().graph();
    }

    private void add(int node, boolean isDiagonal, Room room, BuildLimits limits) {
        Graph graph = graph();
        Op op = graph.op(node);
        List<Integer> operands = IntStream.range(0, graph.operandCount(node))
                .filter(k -> !graph.isLiteral(graph.operand(node, k)) && !op.ignores(k)).boxed().toList();
        List<Integer> shown = new ArrayList<>();
        List<@Nullable String> omitted = new ArrayList<>();
        for (int k : operands) {
            String reason = room.take((isDiagonal ? bound.answered(node) : shape(node, k)).size());
            omitted.add(reason);
            if (reason == null) {
                shown.add(k);
            }
        }
        Key key = new Key(op, Arrays.asList(graph.operandShapes(node)), shown);
        entries.add(new Entry(node, operands, omitted, key));
        if (isDiagonal) {
            shown.forEach(k -> diagonals.computeIfAbsent(new Key(op, key.shapes, List.of(k)), alone -> diagonal(alone, limits)));
        } else if (!shown.isEmpty()) {
            matrices.computeIfAbsent(key, alone -> matrices(alone, limits));
        }
    }

    /** The number of entries that are still allowed: {@code one} for each Jacobian, {@code all} for their sum. */
    private static final class Room {
        private final long one;
        private final long all;
        private long taken;

        Room(long one, long all) {
            this.one = one;
            this.all = all;
        }

        /** Counts a Jacobian with this number of entries; the reason if it is left out, or null. */
        @Nullable
        String take(long entries) {
            if (entries > one) {
                return entries + " entries; more than " + one + " are given with \"jacobians\": \"all\"";
            }
            if (taken + entries > all) {
                return entries + " entries; with those before it more than the " + all + " that an answer may have";
            }
            taken += entries;
            return null;
        }
    }

    private Shape shape(int node, int operand) {
        return bound.answered(graph().shape(node).concat(graph().shape(graph().operand(node, operand))));
    }

    private Matrices matrices(Key key, BuildLimits limits) {
        Allowance allowance = limits.derived();
        Gates.Expansion expansion = BuildLimits.derive(() -> Gates.expand(alone(key), allowance));
        List<Integer> inputs = IntStream.range(0, key.shapes.size()).map(k -> expansion.image()[k]).boxed().toList();
        List<Integer> of = List.of(expansion.image()[key.shapes.size()]);
        List<Integer> chosen = key.wrt.stream().map(inputs::get).toList();
        Compression compression = BuildLimits
                .derive(() -> Compression.of(expansion.graph(), of, chosen, null, limits.jacobianEntries(), limits.checkpoint()));
        return new Matrices(BuildLimits.derive(() -> Jacobian.over(bound.samples().axisLength(), bound.samples().lengths(inputs),
                expansion.graph(), of, chosen, List.of(), compression, allowance)), inputs);
    }

    private static Graph alone(Key key) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] operands = IntStream.range(0, key.shapes.size()).map(k -> builder.input("operand " + k, key.shapes.get(k)).index()).toArray();
        builder.add(key.op, operands);
        return builder.build();
    }

    /** The tangent of an elementwise op for a tangent of ones, which holds the diagonal of its Jacobian; null where it is zero. */
    private @Nullable PlannedGraph diagonal(Key key, BuildLimits limits) {
        Graph alone = alone(key);
        GraphBuilder builder = GraphBuilder.extending(alone, Allowance.UNBOUNDED);
        int operand = key.wrt.getFirst();
        Node ones = builder.constant(Tensor.full(key.shapes.get(operand), 1));
        int tangent = ForwardMode.tangents(alone, builder, Map.of(operand, ones))[key.shapes.size()];
        if (tangent < 0) {
            return null;
        }
        BitSet results = new BitSet();
        results.set(tangent);
        Map<Integer, Integer> lengths = bound.samples().lengths(IntStream.range(0, key.shapes.size()).boxed().toList());
        return PlannedGraph.of(builder.build(), results, Checks.NONE, lengths, bound.samples(), limits);
    }

    /** The nodes of the program whose values the local Jacobians are made from. */
    BitSet operands() {
        BitSet needed = new BitSet();
        for (Entry entry : entries) {
            for (int k = 0; !entry.key.wrt.isEmpty() && k < graph().operandCount(entry.node); k++) {
                needed.set(graph().operand(entry.node, k));
            }
        }
        return needed;
    }

    /** All local Jacobians without their values. */
    List<Local> withoutValues() {
        List<Local> all = new ArrayList<>();
        for (Entry entry : entries) {
            boolean isDiagonal = graph().op(entry.node).family() == Family.ELEMENTWISE;
            for (int i = 0; i < entry.operands.size(); i++) {
                int k = entry.operands.get(i);
                all.add(new Local(id(entry.node), id(graph().operand(entry.node, k)), k,
                        isDiagonal ? bound.answered(entry.node) : shape(entry.node, k), isDiagonal ? "diagonal" : null, null,
                        entry.omitted.get(i)));
            }
        }
        return all;
    }

    /** All local Jacobians at these values of the program's nodes. */
    List<Local> at(IntFunction<Tensor> valueOf, Runner runner) {
        List<Local> found = new ArrayList<>();
        for (Entry entry : entries) {
            runner.checkpoint().check();
            Map<Integer, Tensor> operands = new HashMap<>();
            for (int k = 0; !entry.key.wrt.isEmpty() && k < graph().operandCount(entry.node); k++) {
                operands.put(k, valueOf.apply(graph().operand(entry.node, k)));
            }
            if (graph().op(entry.node).family() == Family.ELEMENTWISE) {
                addDiagonals(entry, operands, runner, found);
            } else {
                addMatrices(entry, operands, runner, found);
            }
        }
        return found;
    }

    private void addDiagonals(Entry entry, Map<Integer, Tensor> values, Runner runner, List<Local> found) {
        Shape shape = bound.answered(entry.node);
        for (int i = 0; i < entry.operands.size(); i++) {
            int k = entry.operands.get(i);
            Tensor value = null;
            if (entry.omitted.get(i) == null) {
                PlannedGraph planned = diagonals.get(new Key(entry.key.op, entry.key.shapes, List.of(k)));
                value = planned == null
                        ? Tensor.zeros(shape)
                        : planned.run(values, runner.checkpoint()).value(planned.results().nextSetBit(0));
            }
            found.add(new Local(id(entry.node), id(graph().operand(entry.node, k)), k, value == null ? shape : value.shape(), "diagonal",
                    value, entry.omitted.get(i)));
        }
    }

    private void addMatrices(Entry entry, Map<Integer, Tensor> values, Runner runner, List<Local> found) {
        List<Integer> shown = entry.key.wrt;
        Matrices compiled = matrices.get(entry.key);
        List<SparseMatrix> jacobians = compiled == null ? List.of() : run(compiled, entry.node, values, runner);
        for (int i = 0; i < entry.operands.size(); i++) {
            int k = entry.operands.get(i);
            Shape shape = shape(entry.node, k);
            found.add(new Local(id(entry.node), id(graph().operand(entry.node, k)), k, shape, null,
                    entry.omitted.get(i) == null ? jacobians.get(shown.indexOf(k)).dense(shape) : null, entry.omitted.get(i)));
        }
    }

    private List<SparseMatrix> run(Matrices compiled, int node, Map<Integer, Tensor> values, Runner runner) {
        Map<Integer, Tensor> inputs = new HashMap<>();
        values.forEach((k, value) -> inputs.put(compiled.inputs.get(k), value));
        try {
            return runner.run(compiled.jacobian.cost(), 0, () -> compiled.jacobian.run(inputs, runner.checkpoint())).jacobians()
                    .getFirst();
        } catch (ProblemException e) {
            throw ProblemLocator.named(e, bound.program(), node, _ -> null);
        }
    }

    private String id(int node) {
        return bound.program().id(node);
    }
}
