package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.print.BackwardPrinter;
import io.chainrule.core.print.BackwardPrinter.Derivative;
import io.chainrule.core.print.SlopePrinter;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Knows which nodes of a program contribute to the gradients of which other nodes, and which node of the derived graph is the contribution.
 */
public final class Contributions {
    private static final int NONE = -1;
    /** The most runs for one column of a gate in several parts. */
    private static final int MOST_ROWS = 1024;

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

    /** Returns a graph that holds the op of a composite node alone, for operands of the same shapes. */
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
            kept.set(derived.lowered().image(edge.to));
            kept.set(derived.cotangent(edge.to));
            for (int k = 0; k < program.operandCount(edge.to); k++) {
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

    /** The values of contributions in one run, and what its ops make of other gradients at the same values. Not thread-safe. */
    public final class Values {
        private final IntFunction<Tensor> derivedValue;
        private final Runner runner;
        private final Map<SingleOp.Key, SingleOp> ops = new HashMap<>();
        private final Map<List<Integer>, List<Tensor>> locals = new HashMap<>();

        /** {@code derivedValue} has the values of nodes of the derived graph. */
        Values(IntFunction<Tensor> derivedValue, Runner runner) {
            this.derivedValue = derivedValue;
            this.runner = runner;
        }

        /** The contributions to the gradient of a node in the order in which they are added: so added they give it, bit for bit. */
        public List<Contribution> of(int node) {
            runner.parallel().check();
            return edges.getOrDefault(node, List.of()).stream().map(edge -> new Contribution(edge.to, edge.operand, edge.part, edge.parts,
                    derivedValue.apply(derived.cotangent(edge.to)), local(edge), derivedValue.apply(edge.value))).toList();
        }

        /** The nodes that contribute to the gradient of a node, each once. */
        public List<Integer> readers(int node) {
            return edges.getOrDefault(node, List.of()).stream().map(Edge::to).distinct().toList();
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
            runner.parallel().check();
            Shape result = derivedValue.apply(derived.cotangent(node)).shape();
            boolean hasSamples = result.rank() > program.shape(node).rank();
            List<Shape> shapes = new ArrayList<>();
            for (int k = 0; k < program.operandCount(node); k++) {
                shapes.add(program.isLiteral(program.operand(node, k)) ? Shape.SCALAR : result);
            }
            Map<Integer, Tensor> values = operands(node);
            values.replaceAll((_, value) -> Broadcast.to(value, hasSamples, result));
            return op(node, shapes).parts(operand, values, Tensor.full(result, 1), runner.parallel());
        }

        /**
         * Returns the derivative that an elementwise op multiplies by as a formula for one element, with the value of each of its nodes
         * where it is a number. Null if there is no short one that has the values of this run.
         */
        public SlopePrinter.@Nullable Local slope(Contribution contribution) {
            runner.parallel().check();
            Tensor local = contribution.local();
            int node = contribution.to();
            if (local == null) {
                return null;
            }
            List<Shape> numbers = Collections.nCopies(program.operandCount(node), Shape.SCALAR);
            Derivative found = op(node, numbers).slope(contribution.operand(), contribution.part());
            if (found == null) {
                return null;
            }
            boolean hasSamples = local.shape().rank() > program.shape(node).rank();
            Map<String, Tensor> placed = new HashMap<>();
            operands(node).forEach((k, value) -> placed.put(Derivative.OPERAND + k, Broadcast.to(value, hasSamples, local.shape())));
            SlopeValues values = new SlopeValues(found, placed);
            return values.give(local, runner.parallel()) ? new SlopePrinter.Local(found, values.shown(local)) : null;
        }

        private SingleOp op(int node, List<Shape> shapes) {
            return ops.computeIfAbsent(SingleOp.Key.of(program, node, shapes), SingleOp::new);
        }

        private Map<Integer, Tensor> operands(int node) {
            Map<Integer, Tensor> values = new HashMap<>();
            for (int k = 0; k < program.operandCount(node); k++) {
                if (!program.isLiteral(program.operand(node, k))) {
                    values.put(k, value(program.operand(node, k)));
                }
            }
            return values;
        }

        /** The value of a node that is read by one that contributes. */
        public Tensor value(int node) {
            return derivedValue.apply(derived.lowered().image(node));
        }

        /**
         * Returns the pullback of a node to one operand, or one part of it, as a short graph that computes the contribution of this run, or
         * of its first sample. Null if there is no such graph.
         *
         * @param part the number of the part, or {@link BackwardPrinter#WHOLE}
         */
        public @Nullable Derivative form(int to, int operand, int part) {
            runner.parallel().check();
            List<BackwardForm> forms = op(to, Arrays.asList(program.operandShapes(to))).forms(operand, part);
            if (forms.isEmpty()) {
                return null;
            }
            Map<String, Tensor> values = new HashMap<>(
                    Map.of(Derivative.RESULT, sample(derivedValue.apply(derived.lowered().image(to)), to),
                            Derivative.UPSTREAM, sample(derivedValue.apply(derived.cotangent(to)), to)));
            operands(to).forEach((k, value) -> values.put(Derivative.OPERAND + k, sample(value, program.operand(to, k))));
            int node = program.operand(to, operand);
            Tensor sum = Tensor.zeros(program.shape(node));
            for (Edge edge : edges.getOrDefault(node, List.of())) {
                if (edge.to == to && edge.operand == operand && (part == BackwardPrinter.WHOLE || part == edge.part)) {
                    double[] added = sample(derivedValue.apply(edge.value), node).data();
                    Arrays.setAll(sum.data(), i -> sum.data()[i] + added[i]);
                }
            }
            return forms.stream().filter(form -> form.gives(sum, values, runner.parallel()))
                    .flatMap(form -> Stream.ofNullable(form.written(true))).findFirst().orElse(null);
        }

        private Tensor sample(Tensor value, int node) {
            Shape shape = program.shape(node);
            return value.shape().equals(shape) ? value : Tensor.of(shape, Arrays.copyOf(value.data(), shape.length()));
        }

        /** What the op of a node adds to the gradient of an operand if this is its own gradient. The run must not be over samples. */
        public Tensor pulledBack(int node, int operand, Tensor cotangent) {
            runner.parallel().check();
            List<Tensor> parts = op(node, Arrays.asList(program.operandShapes(node)))
                    .parts(operand, operands(node), cotangent, runner.parallel());
            Tensor sum = Tensor.zeros(program.shape(program.operand(node, operand)));
            parts.forEach(part -> Arrays.setAll(sum.data(), i -> sum.data()[i] + part.data()[i]));
            return sum;
        }

        /**
         * The derivative of a node by one element of an operand, in the node's shape; of a gate in several parts only that of the part.
         * Returns null if the derivative would take too many runs. Does not work for runs over samples.
         */
        public @Nullable Tensor column(Contribution contribution, int element) {
            int node = contribution.to();
            int operand = contribution.operand();
            SingleOp op = op(node, Arrays.asList(program.operandShapes(node)));
            if (contribution.parts() == 1) {
                Tensor unit = Tensor.zeros(program.shape(program.operand(node, operand)));
                unit.data()[element] = 1;
                return op.tangent(operand, operands(node), unit, runner.parallel());
            }
            if (program.shape(node).size() > MOST_ROWS) {
                return null;
            }
            Tensor column = Tensor.zeros(program.shape(node));
            for (int row = 0; row < column.length(); row++) {
                runner.parallel().check();
                Tensor unit = Tensor.zeros(column.shape());
                unit.data()[row] = 1;
                List<Tensor> parts = op.parts(operand, operands(node), unit, runner.parallel());
                column.data()[row] = parts.get(contribution.part()).data()[element];
            }
            return column;
        }
    }
}
