package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Jacobian of each single op by each of its operands, at the values of a run. Nodes with the same op and the same shapes share one
 * function, compiled from a program that consists of that op.
 */
public final class LocalJacobians {
    /** The most entries of a Jacobian that is returned unless all are asked for. */
    private static final int AUTO_ENTRIES = 1024;

    private final BoundProgram bound;
    private final Map<Key, CompiledJacobian> matrices = new HashMap<>();
    private final Map<Key, CompiledFunction> diagonals = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    private record Key(Op op, List<Shape> shapes, List<Integer> wrt) {

        Key by(int operand) {
            return new Key(op, shapes, List.of(operand));
        }
    }

    /** The Jacobians of one node; for each operand {@code omitted} holds the reason why its Jacobian is left out, or null. */
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

    /** An estimate of the memory that the compiled functions take. */
    long bytes() {
        return Stream.of(matrices, diagonals).flatMap(functions -> functions.values().stream()).mapToLong(Compiled::bytes).sum();
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
            shown.forEach(k -> diagonals.computeIfAbsent(key.by(k), alone -> diagonal(alone, k, limits)));
        } else if (!shown.isEmpty()) {
            matrices.computeIfAbsent(key, alone -> matrices(alone, limits));
        }
    }

    /** The number of entries that are still allowed: {@code one} for each Jacobian, {@code all} for the sum over all of them. */
    private static final class Room {
        private final long one;
        private final long all;
        private long taken;

        Room(long one, long all) {
            this.one = one;
            this.all = all;
        }

        /** Counts a Jacobian with this number of entries; returns the reason if it must be left out, otherwise null. */
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

    private CompiledJacobian matrices(Key key, BuildLimits limits) {
        Signature signature = Signature
                .of(new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE), inputs(key))
                .withWrt(key.wrt.stream().map(LocalJacobians::name).toList());
        return JacobianCompiler.of(alone(key, signature, limits), limits);
    }

    /** Computes the diagonal of an elementwise op's Jacobian, which is the op's tangent for a tangent of ones. */
    private CompiledFunction diagonal(Key key, int operand, BuildLimits limits) {
        Shapes ones = Shapes.of(Map.of(name(operand), key.shapes.get(operand)));
        return CompiledFunction.of(alone(key, Signature.of(new Transformation.Jvp(ones, null), inputs(key)), limits), limits);
    }

    /** A program that consists of one op, whose inputs are its operands. Over samples, each operand has a value for every sample. */
    private BoundProgram alone(Key key, Signature signature, BuildLimits limits) {
        List<String> operands = List.copyOf(signature.inputs().names());
        NamedGraph program = NamedGraph.ofOp(key.op, operands, key.shapes);
        Signature asked = bound.samples().keepAxis()
                ? signature.withBatch(new Signature.Batch(operands, Signature.Reduction.NONE))
                : signature;
        limits.growByWritten(program.graph());
        return BoundProgram.of(Written.of(program, signature.inputs().toMap(), Signature.Missing.REFUSED), asked, limits);
    }

    private Shapes inputs(Key key) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        key.shapes.forEach(shape -> shapes.put(name(shapes.size()), bound.answered(shape)));
        return Shapes.of(shapes);
    }

    private static String name(int operand) {
        return "x" + operand;
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
        entries.forEach(entry -> addTo(all, entry, _ -> null));
        return all;
    }

    /** All local Jacobians at the values that {@code valueOf} returns for the program's nodes. */
    List<Local> at(IntFunction<Tensor> valueOf, Runner runner) {
        List<Local> found = new ArrayList<>();
        for (Entry entry : entries) {
            runner.parallel().check();
            Map<String, Tensor> operands = new HashMap<>();
            for (int k = 0; !entry.key.wrt.isEmpty() && k < graph().operandCount(entry.node); k++) {
                operands.put(name(k), valueOf.apply(graph().operand(entry.node, k)));
            }
            try {
                addTo(found, entry, values(entry, operands, runner));
            } catch (ProblemException e) {
                throw ProblemLocator.named(e, bound.program(), entry.node, _ -> null);
            }
        }
        return found;
    }

    /** The Jacobians of a node by its operands. */
    private IntFunction<@Nullable Tensor> values(Entry entry, Map<String, Tensor> operands, Runner runner) {
        if (isDiagonal(entry.node)) {
            return k -> {
                CompiledFunction alone = Objects.requireNonNull(diagonals.get(entry.key.by(k)));
                return alone.call(operands, Map.of(name(k), Tensor.full(entry.key.shapes.get(k), 1)), runner).tangent();
            };
        }
        CompiledJacobian alone = matrices.get(entry.key);
        if (alone == null) {
            return _ -> null;
        }
        CompiledJacobian.Result result = alone.call(operands, runner);
        String output = alone.bound().program().outputId();
        return k -> result.block(output, name(k)).dense();
    }

    /** Adds the local Jacobians of one node; {@code valueOf} is called only for operands whose Jacobian is not left out. */
    private void addTo(List<Local> found, Entry entry, IntFunction<@Nullable Tensor> valueOf) {
        boolean isDiagonal = isDiagonal(entry.node);
        for (int i = 0; i < entry.operands.size(); i++) {
            int k = entry.operands.get(i);
            String omitted = entry.omitted.get(i);
            found.add(new Local(id(entry.node), id(graph().operand(entry.node, k)), k,
                    isDiagonal ? bound.answered(entry.node) : shape(entry.node, k), isDiagonal ? "diagonal" : null,
                    omitted == null ? valueOf.apply(k) : null, omitted));
        }
    }

    private boolean isDiagonal(int node) {
        return graph().op(node).family() == Family.ELEMENTWISE;
    }

    private String id(int node) {
        return bound.program().id(node);
    }
}
