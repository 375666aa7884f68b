package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.print.BackwardPrinter.Derivative;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an op adds to the gradient of an operand, as a graph that is short enough to be read. Its inputs are the op's operands, its result
 * and its own gradient.
 */
final class BackwardForm {
    private static final int MOST_NODES = 16;
    /** Derivatives with more nodes are not simplified, since the result would rarely be short. */
    private static final int MOST_RAW_NODES = 120;
    private static final MathContext DIGITS = new MathContext(6);
    private static final double TOLERANCE = 1e-9;

    private final Graph graph;

    private BackwardForm(Graph graph) {
        this.graph = graph;
    }

    /** Returns the form from the rule in the op's definition; null if the definition has no rule, or the form would be too long. */
    static @Nullable BackwardForm declared(SingleOp.Key key, int operand) {
        Graph declared = declaration(key, operand);
        return declared == null ? null : readable(declared);
    }

    private static @Nullable Graph declaration(SingleOp.Key key, int operand) {
        OpDefinition definition = OpCatalogue.find(key.op().name());
        if (definition == null || definition.backward().rule() == null || key.literals().stream().anyMatch(Objects::nonNull)) {
            return null;
        }
        GraphBuilder builder = GraphBuilder.withShapes();
        Node[] operands = IntStream.range(0, key.shapes().size()).mapToObj(k -> builder.input(Derivative.OPERAND + k, key.shapes().get(k)))
                .toArray(Node[]::new);
        Node cotangent = builder.input(Derivative.UPSTREAM, key.op().shape(key.shapes().toArray(Shape[]::new)));
        Node found = definition.backward().written(definition, key.op(), operands, cotangent, operand);
        return found == null ? null : alive(builder.build(), found.index());
    }

    /**
     * A derivative, simplified; null if it is too long, or zero.
     *
     * @param raw the graph of the op, the first {@code written} nodes, and of its derivatives
     * @param result the node of {@code raw} that is the op's value
     * @param node the derivative, or a part of it; −1 if it is zero
     */
    static @Nullable BackwardForm derived(Graph raw, int result, int written, int node) {
        if (node < 0) {
            return null;
        }
        Graph named = withResult(raw, result);
        if (OpCatalogue.has(named.op(node), Trait.PLACES) && named.operandCount(node) == 1
                && named.op(named.operand(node, 0)) instanceof Leaf.Input) {
            // Simplification would turn an element of a vector into a multiple of a unit vector, which is harder to read.
            return new BackwardForm(alive(named, node));
        }
        return simplified(named, node, written);
    }

    private static @Nullable BackwardForm simplified(Graph graph, int node, int written) {
        BitSet read = new BitSet();
        read.set(node);
        if (Activity.ancestors(graph, read).cardinality() > MOST_RAW_NODES) {
            return null;
        }
        try {
            return readable(Simplifier.textbook(graph, node, written, Allowance.nodes(10 * MOST_RAW_NODES)).graph());
        } catch (LimitException _) {
            return null;
        }
    }

    /**
     * The derivative of an elementwise op by an operand, or a part of it, simplified; null if it is too long. Parameters are those of
     * {@link #derived}, for operands that are numbers, and {@code seed} is the cotangent of the op's value.
     */
    static @Nullable Derivative slope(Graph raw, int seed, int written, int node) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[raw.size()];
        for (int i = 0; i < raw.size(); i++) {
            image[i] = i == seed ? builder.literalIndex(1) : builder.copy(raw, i, image);
        }
        BackwardForm form = simplified(builder.build(), image[node], written);
        return form == null ? null : form.written(false);
    }

    /** The value of the op is an input, instead of being computed anew. */
    private static Graph withResult(Graph graph, int result) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            image[i] = i == result && !graph.isLeaf(i)
                    ? builder.input(Derivative.RESULT, graph.shape(i)).index()
                    : builder.copy(graph, i, image);
        }
        return builder.build();
    }

    private static Graph alive(Graph graph, int node) {
        BitSet result = new BitSet();
        result.set(node);
        BitSet live = Activity.ancestors(graph, result);
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[graph.size()];
        live.stream().forEach(i -> image[i] = builder.copy(graph, i, image));
        return builder.build();
    }

    private static @Nullable BackwardForm readable(Graph graph) {
        int nodes = 0;
        for (int i = 0; i < graph.size(); i++) {
            nodes += graph.isLeaf(i) ? 0 : 1;
            boolean isPlaced = OpCatalogue.has(graph.op(i), Trait.PLACES);
            if (OpCatalogue.has(graph.op(i), Trait.ADJOINT) || isPlaced && (i < graph.size() - 1 || graph.operandCount(i) > 1)) {
                return null;
            }
        }
        return nodes <= MOST_NODES ? new BackwardForm(graph) : null;
    }

    /**
     * The graph as it is written: arrays stretch to the shape of others by themselves, as in a textbook, whatever axes they have. It cannot
     * be run. Returns null where the axes along which an array stretches would not be clear. {@code isRounded} says whether numbers have
     * only the digits that are written.
     */
    @Nullable
    Derivative written(boolean isRounded) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            Op op = graph.op(i);
            int first = graph.operandCount(i) == 1 ? graph.operand(i, 0) : -1;
            if (first >= 0 && !graph.isLiteral(first) && OpCatalogue.has(op, Trait.STRETCHES)
                    && isSame(graph.shape(i), graph.shape(first))) {
                image[i] = image[first];
            } else if (graph.op(i) instanceof Leaf.Literal(double value)) {
                image[i] = builder.literal(isRounded ? rounded(value) : value).index();
            } else {
                int[] operands = new int[graph.operandCount(i)];
                for (int k = 0; k < operands.length; k++) {
                    operands[k] = image[graph.operand(i, k)];
                }
                if (!isClear(builder, graph, i, operands)) {
                    return null;
                }
                image[i] = builder.add(plain(op), graph.shape(i), operands);
            }
        }
        return new Derivative(builder.build(), image[graph.size() - 1]);
    }

    /** Numbers have so many digits as are enough to follow a calculation. */
    private static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
    }

    /** Whether one operand at least has the shape to which the others stretch. */
    private static boolean isClear(GraphBuilder builder, Graph graph, int node, int[] operands) {
        boolean isChanged = IntStream.range(0, operands.length)
                .anyMatch(k -> !builder.shape(operands[k]).equals(graph.shape(graph.operand(node, k))));
        return !isChanged || IntStream.of(operands).filter(k -> !builder.shape(k).isScalar()).count() < 2
                || IntStream.of(operands).anyMatch(k -> Arrays.equals(proper(builder.shape(k)), proper(graph.shape(node))));
    }

    /** Whether arrays that hold the same elements in the same order differ in axes of length 1 only, or one of them repeats elements. */
    private static boolean isSame(Shape a, Shape b) {
        return a.size() != b.size() || Arrays.equals(proper(a), proper(b));
    }

    /** The axes that are longer than 1. */
    private static int[] proper(Shape shape) {
        return shape.toList().stream().mapToInt(Integer::intValue).filter(dim -> dim != 1).toArray();
    }

    /** The op without the attribute that keeps axes, which matters to broadcasting alone. */
    private static Op plain(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        if (definition == null || !op.attributes().containsKey("keepdims")) {
            return op;
        }
        Map<String, Object> attributes = new LinkedHashMap<>(op.attributes());
        attributes.remove("keepdims");
        return definition.create(attributes, 1);
    }

    /** Whether the form computes this contribution from the values of one run. {@code values} are by the ids of the form's inputs. */
    boolean gives(Tensor contribution, Map<String, Tensor> values, Parallel parallel) {
        double[] found;
        try {
            found = value(values, parallel);
        } catch (ProblemException _) {
            return false;
        }
        double[] expected = contribution.data();
        double size = Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            boolean isEqual = Double.compare(found[i], expected[i]) == 0 || Math.abs(found[i] - expected[i]) <= TOLERANCE * size;
            if (!isEqual) {
                return false;
            }
        }
        return found.length == expected.length;
    }

    /** Throws {@link ProblemException} where an op refuses a value. */
    private double[] value(Map<String, Tensor> values, Parallel parallel) {
        Gates.Expansion opened = Gates.expand(graph, Allowance.UNBOUNDED);
        Map<Integer, Tensor> placed = new HashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input(String id, var _)) {
                placed.put(opened.image()[i], Objects.requireNonNull(values.get(id)));
            }
        }
        int last = opened.image()[graph.size() - 1];
        BitSet result = new BitSet();
        result.set(last);
        return PlannedGraph.of(opened.graph(), result).run(placed, parallel).value(last).data();
    }
}
