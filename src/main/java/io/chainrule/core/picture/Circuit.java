package io.chainrule.core.picture;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Contribution;
import io.chainrule.core.Contributions;
import io.chainrule.core.Outcome;
import io.chainrule.core.elementary.Root;
import io.chainrule.core.expression.Operator;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program as it is drawn: its nodes with what is known of them, and the wires between them. Parts stand in topological order, a literal
 * before each part that reads it.
 *
 * @param output the id of the output
 * @param steps how many steps the computation has: first a value for each gate, in order, then a gradient for each node, from the output
 *        back
 */
record Circuit(List<Part> parts, List<Wire> wires, String output, int steps) {
    private static final int LONGEST_NAME = 40;

    /** The circuit of a program that was run; nodes that the signature does not list are drawn without numbers. */
    static Circuit of(Outcome outcome, PictureOptions options) {
        return new Reader(outcome, options).read();
    }

    /** The beginning of a name that is too long to be shown. */
    static String shown(String name) {
        int length = name.codePointCount(0, name.length());
        return length <= LONGEST_NAME ? name : name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME - 1)) + "…";
    }

    /** How many operands each part takes by wires. */
    int[] operandCounts() {
        int[] counts = new int[parts.size()];
        wires.forEach(wire -> counts[wire.to()] = Math.max(counts[wire.to()], wire.operand() + 1));
        return counts;
    }

    /** How many layers all wires cross together, which is what a layout takes its time for. */
    int layersCrossed() {
        return layersCrossed(parts.size(), wires);
    }

    static int layersCrossed(int size, List<Wire> wires) {
        int[] depths = depths(size, wires);
        return wires.stream().mapToInt(wire -> depths[wire.to()] - depths[wire.from()]).sum();
    }

    /** The number of wires on the longest way to each part. */
    static int[] depths(int size, List<Wire> wires) {
        int[] depths = new int[size];
        // Wires stand in the order of the parts that read them, and a part comes before those that read it.
        wires.forEach(wire -> depths[wire.to()] = Math.max(depths[wire.to()], depths[wire.from()] + 1));
        return depths;
    }

    private static final class Reader {
        private final Outcome outcome;
        private final boolean withGradients;
        private final BoundProgram bound;
        private final NamedGraph program;
        private final Graph graph;
        private final BitSet listed = new BitSet();
        private final List<Part> parts = new ArrayList<>();
        private final List<Wire> wires = new ArrayList<>();
        private final Set<String> ids;
        private final Groups groups;
        /** By {@link Graph#use}. */
        private final Map<Integer, Double> contributions = new HashMap<>();

        Reader(Outcome outcome, PictureOptions options) {
            this.outcome = outcome;
            withGradients = options.gradients();
            bound = outcome.function().bound();
            program = bound.program();
            graph = program.graph();
            bound.listed().forEach(node -> listed.set(node.node()));
            ids = new HashSet<>(program.allIds());
            groups = Groups.of(bound);
            if (withGradients && options.wires() == WireWidth.CONTRIBUTION) {
                Contributions.Values all = outcome.contributions();
                listed.stream().forEach(node -> addContributions(all.of(node)));
            }
        }

        Circuit read() {
            int gates = 0;
            int nodes = 0;
            for (int i = 0; i < graph.size(); i++) {
                nodes += graph.isLiteral(i) || program.isLoose(i) ? 0 : 1;
                gates += graph.isLeaf(i) || program.isLoose(i) ? 0 : 1;
            }
            int steps = gates + (withGradients ? nodes : 0);
            int[] places = new int[graph.size()];
            int valueStep = 0;
            int gradientStep = gates + nodes;
            for (int i = 0; i < graph.size(); i++) {
                if (graph.isLiteral(i)) {
                    if (i == program.output()) {
                        addLiteral(i, program.outputId(), null);
                    }
                    continue;
                } else if (program.isLoose(i)) {
                    continue;
                }
                for (int k = 0; k < graph.operandCount(i); k++) {
                    int operand = graph.operand(i, k);
                    if (graph.isLiteral(operand)) {
                        addLiteral(operand, program.id(i) + ":" + k, groups.of(i));
                        wires.add(new Wire(parts.size() - 1, parts.size() + literalsFrom(i, k + 1), k, Double.NaN));
                    } else {
                        wires.add(new Wire(places[operand], parts.size() + literalsFrom(i, k), k,
                                contributions.getOrDefault(graph.use(i, k), Double.NaN)));
                    }
                }
                places[i] = parts.size();
                parts.add(node(i, graph.isLeaf(i) ? 0 : ++valueStep, withGradients ? gradientStep-- : 0));
            }
            return new Circuit(List.copyOf(parts), List.copyOf(wires), program.outputId(), steps);
        }

        /** What each gate that reads a node adds to its gradient: the root of the sum of the squares of all elements. */
        private void addContributions(List<Contribution> found) {
            for (Contribution contribution : found) {
                double length = 0;
                for (double element : contribution.value().data()) {
                    length = Root.hypot(length, element);
                }
                contributions.merge(graph.use(contribution.to(), contribution.operand()), length, Root::hypot);
            }
        }

        private int literalsFrom(int node, int position) {
            int count = 0;
            for (int k = position; k < graph.operandCount(node); k++) {
                count += graph.isLiteral(graph.operand(node, k)) ? 1 : 0;
            }
            return count;
        }

        private void addLiteral(int node, String wanted, @Nullable String group) {
            String id = wanted;
            while (!ids.add(id)) {
                id += "'";
            }
            double number = ((Leaf.Literal) graph.op(node)).value();
            parts.add(new Part(id, graph.op(node).name(), "", NumberText.exact(number), true, Part.Kind.LITERAL, "", group, 0, Shape.SCALAR,
                    null, null, 0, 0));
        }

        private Part node(int i, int valueStep, int gradientStep) {
            Op op = graph.op(i);
            Part.Kind kind = switch (op) {
                case Leaf.Input _ -> Part.Kind.INPUT;
                case Leaf _ -> Part.Kind.CONSTANT;
                default -> Part.Kind.GATE;
            };
            boolean isKnown = listed.get(i);
            Tensor value = isKnown || i == program.output() ? outcome.value(i) : null;
            Tensor gradient = isKnown && withGradients ? outcome.gradient(i) : null;
            return new Part(program.id(i), op.name(), symbol(op, kind), shown(program.id(i)), program.isNamed(i), kind, "", groups.of(i), 1,
                    bound.answered(i), value, gradient, valueStep, gradientStep);
        }

        private static String symbol(Op op, Part.Kind kind) {
            Operator operator = Operator.ofOp(op.name());
            return kind != Part.Kind.GATE ? "" : operator == null ? op.name() : operator.symbol();
        }
    }
}
