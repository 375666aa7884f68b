package io.chainrule.core;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Runs a checked function at points near its inputs, with many points in one batched run. */
final class ShiftedRuns {
    private static final int ELEMENTS = 1 << 17;
    private static final int MOST_POINTS = 4096;

    private final CompiledCheck check;
    private final Graph graph;
    private final Runner runner;
    private final BuildLimits limits;
    private final Map<Integer, Tensor> base = new HashMap<>();
    /** The plans made so far. A check whose progress is followed works in small parts, and all parts need the same plans. */
    private final Map<Batch, PlannedGraph> plans = new HashMap<>();

    /** So many points at once, which differ in these inputs. */
    private record Batch(List<Integer> inputs, List<Integer> results, int width) {}

    ShiftedRuns(CompiledCheck check, Map<String, Tensor> inputs, Runner runner, BuildLimits limits) {
        this.check = check;
        this.graph = check.graph();
        this.runner = runner;
        this.limits = limits;
        for (int node : check.seeds()) {
            base.put(node, Tensor.zeros(graph.shape(node)));
        }
        base.putAll(check.lowered().placed(inputs));
    }

    /** Changes the value of an input, which begins at {@code start} in {@code data}, to its value at a point. */
    interface Move {
        void to(int point, int input, double[] data, int start);
    }

    Tensor value(int input) {
        return Objects.requireNonNull(base.get(input));
    }

    /** A run at the point itself. */
    PlannedGraph.Run still() {
        try {
            return runner.run(check.cost(), 0, () -> check.still().run(base, runner.parallel()));
        } catch (ProblemException e) {
            throw check.lowered().located(e, graph);
        }
    }

    /** Concatenates the values of {@code nodes} in a run; a node of −1 is zero and contributes as many zeros as {@code lengths} says. */
    static double[] joined(PlannedGraph.Run run, int[] nodes, int[] lengths) {
        double[] all = new double[IntStream.of(lengths).sum()];
        int offset = 0;
        for (int k = 0; k < nodes.length; k++) {
            if (nodes[k] >= 0) {
                System.arraycopy(run.value(nodes[k]).data(), 0, all, offset, lengths[k]);
            }
            offset += lengths[k];
        }
        return all;
    }

    /** Returns, for each point, the concatenated results; a result of −1 is zero and contributes as many zeros as {@code lengths} says. */
    double[][] at(int points, int[] inputs, Move move, int[] results, int[] lengths) {
        BitSet wanted = new BitSet();
        IntStream.of(results).filter(node -> node >= 0).forEach(wanted::set);
        double[][] values = new double[points][IntStream.of(lengths).sum()];
        if (points == 0 || wanted.isEmpty()) {
            return values;
        }
        int width = width(points);
        PlannedGraph planned = plans.computeIfAbsent(new Batch(boxed(inputs), boxed(results), width), _ -> plan(inputs, width, wanted));
        AtomicInteger done = new AtomicInteger();
        try {
            runner.repeat(planned.cost(), (points + width - 1) / width, () -> {
                int first = done.getAndAdd(width);
                int count = Math.min(width, points - first);
                collect(planned.run(moved(first, count, width, inputs, move), runner.parallel()), first, first + count, values, results,
                        lengths);
            });
        } catch (ProblemException e) {
            throw check.lowered().located(e, graph);
        }
        return values;
    }

    private PlannedGraph plan(int[] inputs, int width, BitSet wanted) {
        Map<Integer, Integer> batched = new HashMap<>();
        IntStream.of(inputs).forEach(input -> batched.put(input, width));
        PlannedGraph planned = PlannedGraph.over(Batching.of(graph, wanted, batched, limits.derived()), width, wanted);
        limits.checkSizes(planned.graph());
        return planned;
    }

    private static List<Integer> boxed(int[] nodes) {
        return IntStream.of(nodes).boxed().toList();
    }

    private static void collect(PlannedGraph.Run run, int from, int to, double[][] values, int[] results, int[] lengths) {
        int offset = 0;
        for (int r = 0; r < results.length; r++) {
            if (results[r] >= 0) {
                double[] found = run.value(results[r]).data();
                for (int p = from; p < to; p++) {
                    System.arraycopy(found, (p - from) * lengths[r], values[p], offset, lengths[r]);
                }
            }
            offset += lengths[r];
        }
    }

    /** How many points one batched run has, out of so many. */
    int width(int points) {
        long largest = 1;
        for (int i = 0; i < graph.size(); i++) {
            largest = Math.max(largest, graph.shape(i).size());
        }
        return Math.clamp(ELEMENTS / largest, 1, Math.min(points, MOST_POINTS));
    }

    private Map<Integer, Tensor> moved(int first, int count, int width, int[] inputs, Move move) {
        Map<Integer, Tensor> values = new HashMap<>(base);
        for (int input : inputs) {
            Tensor all = value(input).repeated(width);
            int length = value(input).length();
            for (int p = 0; p < count; p++) {
                move.to(first + p, input, all.data(), p * length);
            }
            values.put(input, all);
        }
        return values;
    }
}
