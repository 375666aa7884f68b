package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Which nodes of a program contribute to the gradients of which others, and where the derived graph computes it. */
final class Contributions {
    private static final int NONE = -1;

    private final DerivedGraph derived;
    private final Graph program;
    private final Map<Integer, List<Edge>> edges = new HashMap<>();
    private final Map<SingleOp.Key, SingleOp> mapped = new HashMap<>();

    /** A contribution: node {@code value} of the derived graph. */
    private record Edge(int to, int operand, int part, int parts, int value) {}

    /** Finds the contributions to the gradients of these nodes of the program. */
    static Contributions of(DerivedGraph derived, Iterable<Integer> nodes) {
        Contributions found = new Contributions(derived);
        found.read(nodes);
        return found;
    }

    private Contributions(DerivedGraph derived) {
        this.derived = derived;
        this.program = derived.lowered().program().graph();
    }

    private void read(Iterable<Integer> nodes) {
        Graph lowered = derived.lowered().graph();
        Map<Integer, List<int[]>> uses = new HashMap<>();
        Map<Integer, Integer> wanted = new HashMap<>();
        nodes.forEach(node -> {
            if (node != ResolvedNames.NO_NODE) {
                wanted.put(derived.lowered().image(node), node);
            }
        });
        int owner = NONE;
        int inner = 0;
        for (int i = 0; i < lowered.size(); i++) {
            if (lowered.isLeaf(i)) {
                continue;
            }
            inner = derived.lowered().origin(i) == owner ? inner + 1 : 0;
            owner = derived.lowered().origin(i);
            for (int k = 0; k < lowered.operandCount(i); k++) {
                if (wanted.containsKey(lowered.operand(i, k)) && derived.contributions()[lowered.use(i, k)] != NONE) {
                    uses.computeIfAbsent(lowered.operand(i, k), _ -> new ArrayList<>()).add(new int[]{i, k, inner});
                }
            }
        }
        uses.forEach((image, found) -> {
            found.sort(Comparator.comparingInt(use -> derived.order()[lowered.use(use[0], use[1])]));
            edges.put(wanted.get(image), edges(found));
        });
    }

    private List<Edge> edges(List<int[]> uses) {
        List<Edge> found = new ArrayList<>();
        Map<List<Integer>, Integer> counts = new HashMap<>();
        for (int[] use : uses) {
            int to = derived.lowered().origin(use[0]);
            int operand = program.op(to).isComposite() ? alone(to).operand(use[2], use[1]) : use[1];
            int part = counts.merge(List.of(to, operand), 1, Integer::sum) - 1;
            found.add(new Edge(to, operand, part, 0, derived.contributions()[derived.lowered().graph().use(use[0], use[1])]));
        }
        found.replaceAll(edge -> new Edge(edge.to, edge.operand, edge.part, counts.getOrDefault(List.of(edge.to, edge.operand), 1),
                edge.value));
        return found;
    }

    /** The op of a composite node by itself, for operands of the shapes that they have. */
    private SingleOp alone(int node) {
        return mapped.computeIfAbsent(SingleOp.Key.of(program, node, Arrays.asList(program.operandShapes(node))), SingleOp::new);
    }

    private boolean isElementwise(int node) {
        return program.op(node).family() == Family.ELEMENTWISE || program.op(node).isComposite() && alone(node).isElementwise();
    }

    /** The nodes of the derived graph that a run must keep. */
    BitSet kept() {
        BitSet kept = new BitSet();
        edges.values().stream().flatMap(List::stream).forEach(edge -> {
            kept.set(edge.value);
            kept.set(derived.cotangent(edge.to));
            for (int k = 0; isElementwise(edge.to) && k < program.operandCount(edge.to); k++) {
                if (!program.isLiteral(program.operand(edge.to, k))) {
                    kept.set(derived.lowered().image(program.operand(edge.to, k)));
                }
            }
        });
        return kept;
    }

    /** An estimate of the memory that this takes. */
    long bytes() {
        return 100L * edges.size() + 80L * edges.values().stream().mapToLong(List::size).sum() + 5000L * mapped.size();
    }

    /** The contributions to the gradient of a node in the order in which they are added, without their values. */
    List<Contribution.Edge> edges(int node) {
        return edges.getOrDefault(node, List.of()).stream()
                .map(edge -> new Contribution.Edge(edge.to, edge.operand, edge.part, edge.parts, isElementwise(edge.to))).toList();
    }

    /** The values of contributions in one run. */
    final class Values {
        private final IntFunction<Tensor> derivedValue;
        private final Runner runner;
        private final Map<SingleOp.Key, SingleOp> ops = new HashMap<>();
        private final Map<List<Integer>, List<Tensor>> locals = new HashMap<>();

        /** {@code derivedValue} has the values of nodes of the derived graph. */
        Values(IntFunction<Tensor> derivedValue, Runner runner) {
            this.derivedValue = derivedValue;
            this.runner = runner;
        }

        List<Contribution> of(int node) {
            return edges.getOrDefault(node, List.of()).stream().map(edge -> new Contribution(edge.to, edge.operand, edge.part, edge.parts,
                    derivedValue.apply(derived.cotangent(edge.to)), local(edge), derivedValue.apply(edge.value))).toList();
        }

        private @Nullable Tensor local(Edge edge) {
            if (!isElementwise(edge.to)) {
                return null;
            }
            List<Tensor> parts = locals.computeIfAbsent(List.of(edge.to, edge.operand), _ -> locals(edge.to, edge.operand));
            return parts.size() == edge.parts ? parts.get(edge.part) : null;
        }

        /** The derivatives by one operand along each of its readings, in the shape of the op's value. */
        private List<Tensor> locals(int node, int operand) {
            runner.checkpoint().check();
            Shape result = derivedValue.apply(derived.cotangent(node)).shape();
            boolean hasSamples = result.rank() > program.shape(node).rank();
            int count = program.operandCount(node);
            Map<Integer, Tensor> values = new HashMap<>();
            List<Shape> shapes = new ArrayList<>();
            for (int k = 0; k < count; k++) {
                int read = program.operand(node, k);
                shapes.add(program.isLiteral(read) ? Shape.SCALAR : result);
                if (!program.isLiteral(read)) {
                    values.put(k, Broadcast.to(derivedValue.apply(derived.lowered().image(read)), hasSamples, result));
                }
            }
            return ops.computeIfAbsent(SingleOp.Key.of(program, node, shapes), SingleOp::new).parts(operand, values, runner.checkpoint());
        }
    }
}
