package io.chainrule.core;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A program and its derivative, compiled together so that the derivative can be compared with central differences around the inputs of a
 * call. Samples must be reduced; the reduced value is then checked.
 */
public final class CompiledCheck implements Compiled {
    private final LoweredProgram lowered;
    private final Map<String, Integer> wrt;
    private final int order;
    private final Graph graph;
    private final int[] points;
    private final int[] results;
    private final int[] seeds;
    private final int[] derivatives;
    private final Map<Integer, Integer> sensitivities;
    private final PlannedGraph still;

    private CompiledCheck(LoweredProgram lowered, DerivedGraph gradient, Map<String, Integer> wrt, int order, BuildLimits limits) {
        this.lowered = lowered;
        this.wrt = wrt;
        this.order = order;
        List<Integer> nodes = nodes();
        Map<String, Integer> moved = new LinkedHashMap<>();
        nodes.forEach(node -> moved.put(lowered.program().id(node), node));
        DerivedGraph derived = order == 1 ? gradient : gradient.forward(moved, limits);
        int[] cotangents = nodes.stream().mapToInt(gradient::cotangent).toArray();
        points = nodes.stream().mapToInt(lowered::point).toArray();
        seeds = derived.seeds().values().stream().mapToInt(seed -> seed).toArray();
        results = order == 1 ? new int[]{lowered.result(lowered.program().output())} : cotangents;
        derivatives = order == 1 ? cotangents : nodes.stream().mapToInt(derived::tangentOfCotangent).toArray();
        GraphBuilder builder = GraphBuilder.extending(derived.graph(), limits.derived());
        sensitivities = Rounding.sensitivities(lowered.graph(), builder, gradient.cotangents());
        graph = builder.build();
        limits.checkSizes(graph);
        BitSet wanted = new BitSet();
        IntStream.of(results).filter(node -> node >= 0).forEach(wanted::set);
        IntStream.of(derivatives).filter(node -> node >= 0 && order == 1).forEach(wanted::set);
        sensitivities.values().forEach(wanted::set);
        still = PlannedGraph.of(graph, wanted, limits.checkpoint());
    }

    static CompiledCheck of(BoundProgram bound, BuildLimits limits) {
        int order = ((Transformation.Check) bound.signature().transformation()).order();
        LoweredProgram lowered = LoweredProgram.moving(bound, bound.names().wrtNodes(), limits);
        BitSet all = new BitSet();
        all.set(0, lowered.graph().size());
        DerivedGraph gradient = DerivedGraph.gradient(lowered, all, false, limits);
        Map<String, Integer> wrt = new LinkedHashMap<>(bound.names().wrt());
        if (bound.signature().wrt() == null) {
            BitSet indices = indices(lowered.graph(), all, limits);
            wrt.values().removeIf(node -> node != ResolvedNames.NO_NODE && gradient.isZero(node) && indices.get(lowered.image(node)));
        }
        return new CompiledCheck(lowered, gradient, wrt, order, limits);
    }

    /** The nodes that move what ops read as indices or labels; an op refuses one that a shift has moved. */
    private static BitSet indices(Graph graph, BitSet all, BuildLimits limits) {
        GraphBuilder builder = GraphBuilder.extending(graph, limits.derived());
        Map<Integer, Node> refused = new LinkedHashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            Integer operand = ValueChecks.checkedOperand(graph.op(i));
            if (operand != null) {
                refused.computeIfAbsent(graph.operand(i, operand), node -> Maths.broadcastTo(builder.literal(1), graph.shape(node)));
            }
        }
        BitSet indices = new BitSet();
        if (!refused.isEmpty()) {
            int[] cotangents = ReverseMode.cotangents(graph, builder, refused, all);
            IntStream.range(0, cotangents.length).filter(node -> cotangents[node] >= 0).forEach(indices::set);
        }
        return indices;
    }

    /**
     * Checks the derivative at these inputs, given by name, with the default options. Throws the same exceptions as the other {@code call}.
     */
    public CheckReport call(Map<String, Tensor> inputs) {
        return call(inputs, CheckOptions.DEFAULT);
    }

    public CheckReport call(Map<String, Tensor> inputs, CheckOptions options) {
        return call(inputs, options, Runner.DIRECT, BuildLimits.GENEROUS);
    }

    /**
     * Checks the derivative at these inputs. All runs go through {@code runner}, and the graphs that evaluate many points at once stay
     * within {@code limits}.
     *
     * @throws IllegalArgumentException if the values do not match the program's inputs
     * @throws io.chainrule.core.graph.ProblemException where an op meets values that it cannot use
     */
    public CheckReport call(Map<String, Tensor> inputs, CheckOptions options, Runner runner, BuildLimits limits) {
        return call(inputs, options, runner, limits, CheckProgress.NONE);
    }

    /**
     * The same check, which {@code progress} follows. It may go on from an earlier one with the same inputs and options, and then has the
     * same report.
     *
     * @throws io.chainrule.core.tensor.UnreadableBytesException if the earlier state belongs to another check
     */
    public CheckReport call(Map<String, Tensor> inputs, CheckOptions options, Runner runner, BuildLimits limits, CheckProgress progress) {
        return new Checker(this, new ShiftedRuns(this, inputs, runner, limits), options).run(progress);
    }

    LoweredProgram lowered() {
        return lowered;
    }

    /**
     * The nodes that the derivative is checked by, by name; by default those of all inputs but indices and labels, which have no
     * derivative and cannot be shifted.
     */
    Map<String, Integer> wrt() {
        return wrt;
    }

    /** The nodes of {@link #wrt()}, each once. */
    List<Integer> nodes() {
        return wrt.values().stream().filter(node -> node != ResolvedNames.NO_NODE).distinct().toList();
    }

    /** The function and its derivative in one graph. */
    Graph graph() {
        return graph;
    }

    /** The inputs that are shifted to compute differences. */
    int[] points() {
        return points;
    }

    /**
     * The nodes whose differences are compared: the output, or at order 2 its gradient by each point; −1 for a gradient that is zero
     * everywhere.
     */
    int[] results() {
        return results;
    }

    /** Inputs for the tangents of the points; empty at order 1. */
    int[] seeds() {
        return seeds;
    }

    /** At order 1 the gradient by each point, at order 2 the tangent of each result; −1 where it is zero everywhere. */
    int[] derivatives() {
        return derivatives;
    }

    /** For each node of the lowered graph, the node that holds how far relative errors in its value move the output. */
    Map<Integer, Integer> sensitivities() {
        return sensitivities;
    }

    int order() {
        return order;
    }

    /** The plan that runs the program and its derivative at the inputs themselves, without a shift. */
    PlannedGraph still() {
        return still;
    }

    @Override
    public BoundProgram bound() {
        return lowered.bound();
    }

    @Override
    public Map<String, Shape> derivativeShapes() {
        Map<String, Shape> shapes = lowered.derivativeShapes();
        shapes.keySet().retainAll(wrt.keySet());
        return shapes;
    }

    /** What the value and the derivative cost at one point; a check runs them at many. */
    @Override
    public CostModel cost() {
        return still.cost();
    }

    /** What it costs to check all entries if the first differences already confirm the derivative. */
    public CostModel cost(CheckOptions options) {
        return cost().times(1 + Checker.POINTS * entries(options));
    }

    /** How many entries are checked, each of them for all rows of the derivative. */
    public long entries(CheckOptions options) {
        return wrt.values().stream().filter(node -> node != ResolvedNames.NO_NODE)
                .mapToLong(node -> Math.min(options.samples(), graph.shape(lowered.point(node)).size())).sum();
    }

    @Override
    public long bytes() {
        return bound().bytes() + Footprint.ofGraphs(bound().program().graph(), lowered.graph(), graph) + still.bytes();
    }

    @Override
    public String toString() {
        return bound() + "\n# " + bound().signature().summary() + " of order " + order + ": " + still.plan() + "; " + cost();
    }
}
