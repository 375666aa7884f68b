package io.chainrule.service;

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
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The Jacobian of each single op by each of its operands, at the values of the run. An op's graph, with its operands
 * as inputs, is derived once for all nodes that share the op and the shapes.
 */
final class LocalJacobians {
    /** How large a Jacobian may be that nobody asked for by name. */
    static final int AUTO_ENTRIES = 1024;

    private final Workbench bench;
    private final Call.LocalJacobians which;
    private final boolean all;
    private final Map<Key, Derived> derived = new HashMap<>();
    private final List<Answer.LocalJacobian> found = new ArrayList<>();
    private long entries;

    private record Key(Op op, List<Shape> shapes, List<Integer> wrt) {}

    /** An op as a program of its own, with its inputs' numbers. */
    private record Derived(Jacobian jacobian, List<Integer> inputs) {}

    LocalJacobians(Workbench bench, Call.LocalJacobians which) {
        this.bench = bench;
        this.which = which;
        this.all = which == Call.LocalJacobians.ALL;
    }

    /** The nodes whose operands' values are needed. */
    List<Integer> nodes() {
        Graph graph = bench.program().graph();
        if (which == Call.LocalJacobians.NONE) {
            return List.of();
        }
        return IntStream.range(0, graph.size()).filter(i -> {
            Family family = graph.op(i).family();
            return family.mixesElements() || all && family == Family.ELEMENTWISE;
        }).boxed().toList();
    }

    /** Adds what {@link #collect} gives at most. */
    AnswerSize measure(AnswerSize size) {
        Graph graph = bench.program().graph();
        long counted = 0;
        for (int node : nodes()) {
            for (int k : shown(node)) {
                Shape shape = graph.op(node).family() == Family.ELEMENTWISE ? bench.answered(node) : shape(node, k);
                boolean isShown = (all || shape.size() <= AUTO_ENTRIES) && counted + shape.size() <= bench.limits().jacobianEntries();
                counted += isShown ? shape.size() : 0;
                size.localJacobian(bench.program().id(node), bench.program().id(graph.operand(node, k)), isShown ? shape : Shape.of(4));
            }
        }
        return size;
    }

    /** The operands by which a node's Jacobian is given. */
    private List<Integer> shown(int node) {
        Graph graph = bench.program().graph();
        return IntStream.range(0, graph.operandCount(node))
                .filter(k -> !graph.isLiteral(graph.operand(node, k)) && !graph.op(node).ignores(k)).boxed().toList();
    }

    List<Answer.LocalJacobian> collect(Run values) {
        NamedGraph program = bench.program();
        Graph graph = program.graph();
        for (int node : nodes()) {
            bench.deadline().check();
            List<Integer> operands = shown(node);
            if (graph.op(node).family() == Family.ELEMENTWISE) {
                operands.forEach(k -> found.add(diagonal(node, k, values)));
            } else {
                dense(node, operands, values);
            }
        }
        return found;
    }

    private void dense(int node, List<Integer> operands, Run values) {
        Graph graph = bench.program().graph();
        List<Integer> shown = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (int k : operands) {
            String reason = take(shape(node, k));
            if (reason == null) {
                shown.add(k);
            }
            reasons.add(reason == null ? "" : reason);
        }
        List<Tensor> jacobians = shown.isEmpty() ? List.of() : run(node, shown, values);
        for (int i = 0; i < operands.size(); i++) {
            int operand = operands.get(i);
            int at = shown.indexOf(operand);
            found.add(new Answer.LocalJacobian(bench.program().id(node), bench.program().id(graph.operand(node, operand)), operand,
                    shape(node, operand), null, at < 0 ? null : jacobians.get(at),
                    at < 0 ? reasons.get(i) : null));
        }
    }

    private Shape shape(int node, int operand) {
        Graph graph = bench.program().graph();
        return bench.answered(graph.shape(node).concat(graph.shape(graph.operand(node, operand))));
    }

    /** Counts a Jacobian of this shape, or says why it is left out. */
    private @Nullable String take(Shape shape) {
        if (!all && shape.size() > AUTO_ENTRIES) {
            return shape.size() + " entries; more than " + AUTO_ENTRIES + " are given with \"jacobians\": \"all\"";
        }
        long allowed = bench.limits().jacobianEntries();
        if (entries + shape.size() > allowed) {
            return shape.size() + " entries; with those before it more than the " + allowed + " that an answer may have";
        }
        entries += shape.size();
        return null;
    }

    private List<Tensor> run(int node, List<Integer> wrt, Run values) {
        Graph graph = bench.program().graph();
        Op op = graph.op(node);
        List<Shape> shapes = Arrays.asList(graph.operandShapes(node));
        Derived local = derived.computeIfAbsent(new Key(op, shapes, wrt), key -> derive(op, shapes, wrt));
        Limits.check("flops", local.jacobian().cost().flops(), bench.limits().flops());
        Map<Integer, Tensor> inputs = new HashMap<>();
        for (int k = 0; k < shapes.size(); k++) {
            inputs.put(local.inputs().get(k), operandValue(node, k, values));
        }
        try {
            List<SparseMatrix> matrices = local.jacobian().run(inputs, bench.deadline()).jacobians().getFirst();
            return IntStream.range(0, wrt.size()).mapToObj(i -> matrices.get(i).dense(shape(node, wrt.get(i)))).toList();
        } catch (ProblemException e) {
            throw Culprits.named(e, bench.program(), node, _ -> null);
        }
    }

    private Tensor operandValue(int node, int operand, Run values) {
        return values.value(bench.image(bench.program().graph().operand(node, operand)));
    }

    private Derived derive(Op op, List<Shape> shapes, List<Integer> wrt) {
        Allowance allowance = bench.allowance();
        Gates.Expansion expansion = Runs.derive(() -> Gates.expand(alone(op, shapes), allowance));
        List<Integer> inputs = IntStream.range(0, shapes.size()).map(k -> expansion.image()[k]).boxed().toList();
        List<Integer> of = List.of(expansion.image()[shapes.size()]);
        List<Integer> chosen = wrt.stream().map(inputs::get).toList();
        Compression compression = Runs.derive(() -> Compression.of(expansion.graph(), of, chosen, null, bench.limits().jacobianEntries(),
                bench.deadline()));
        return new Derived(
                Runs.derive(
                        () -> Jacobian.over(bench.samples().axisLength(), bench.samples().lengths(inputs), expansion.graph(), of, chosen,
                                List.of(), compression, allowance)),
                inputs);
    }

    private static Graph alone(Op op, List<Shape> shapes) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] operands = IntStream.range(0, shapes.size()).map(k -> builder.input("operand " + k, shapes.get(k)).index()).toArray();
        builder.add(op, operands);
        return builder.build();
    }

    /** The lecture's local gradient of an elementwise op: its tangent for a tangent of ones. */
    private Answer.LocalJacobian diagonal(int node, int operand, Run values) {
        Graph graph = bench.program().graph();
        Shape shape = bench.answered(node);
        String reason = take(shape);
        String wrt = bench.program().id(graph.operand(node, operand));
        if (reason != null) {
            return new Answer.LocalJacobian(bench.program().id(node), wrt, operand, shape, "diagonal", null, reason);
        }
        List<Shape> shapes = Arrays.asList(graph.operandShapes(node));
        Graph alone = alone(graph.op(node), shapes);
        GraphBuilder builder = GraphBuilder.extending(alone, Allowance.UNBOUNDED);
        Node ones = builder.constant(Tensor.full(shapes.get(operand), 1));
        int tangent = ForwardMode.tangents(alone, builder, Map.of(operand, ones))[shapes.size()];
        Tensor value = Tensor.zeros(shape);
        if (tangent >= 0) {
            BitSet results = new BitSet();
            results.set(tangent);
            Map<Integer, Tensor> operands = new HashMap<>();
            for (int k = 0; k < shapes.size(); k++) {
                operands.put(k, operandValue(node, k, values));
            }
            value = bench.over(bench.samples().lengths(operands.keySet()), builder.build(), results).run(operands, bench.deadline())
                    .value(tangent);
        }
        return new Answer.LocalJacobian(bench.program().id(node), wrt, operand, value.shape(), "diagonal", value, null);
    }
}
