package io.chainrule.core;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the longest way that gradients go back, on which the same ops come again and again: the layers of a network, or the passes
 * of a loop.
 *
 * @param nodes one node of the program for each repetition, beginning at the output's end
 */
record GradientChain(int[] nodes) {
    private static final int NONE = -1;
    private static final int LONGEST_PERIOD = 32;
    private static final int LEAST_STEPS = 5;
    /** How much the norm changes over all steps of a chain that is told of. */
    private static final double LEAST_CHANGE = 1e3;
    /** Steps whose factor is nearer to 1 do not count as those of a chain that explodes or vanishes. */
    private static final double LEAST_FACTOR = 1.05;
    /** A step that changes more than this is a place where the gradient ends, such as the root that an iteration has found. */
    private static final double MOST_FACTOR = 1e12;
    /** So many steps need not be like each other, if all of them together change the norm by so much. */
    private static final int MANY_STEPS = 20;
    private static final double MUCH_CHANGE = 1e6;
    /** The part of the whole change that each half of a chain must have: a power of the number of steps changes less and less. */
    private static final double LEAST_PART = 0.3;
    /** The part of the steps that must go the same way. */
    private static final double MOST_OF_THEM = 0.8;

    static @Nullable GradientChain of(DerivedGraph derived) {
        int[] path = longest(derived);
        int[] ops = ops(derived.lowered().program().graph(), path);
        int best = 0;
        int start = 0;
        int period = 0;
        for (int p = 1; p <= Math.min(LONGEST_PERIOD, path.length / LEAST_STEPS); p++) {
            int run = 0;
            for (int i = 0; i + p < path.length; i++) {
                run = ops[i] == ops[i + p] ? run + 1 : 0;
                if (run >= LEAST_STEPS * p && run + p > best) {
                    best = run + p;
                    start = i - run + 1;
                    period = p;
                }
            }
        }
        if (period == 0) {
            return null;
        }
        int phase = named(derived, path, start, period);
        int[] nodes = new int[(best - 1 - phase) / period + 1];
        for (int k = 0; k < nodes.length; k++) {
            nodes[k] = path[start + phase + k * period];
        }
        return new GradientChain(nodes);
    }

    /** The first place of a period that has a name of its own in two repetitions; 0 without one. */
    private static int named(DerivedGraph derived, int[] path, int start, int period) {
        for (int k = 0; k < period; k++) {
            if (derived.lowered().program().isNamed(path[start + k]) && derived.lowered().program().isNamed(path[start + k + period])) {
                return k;
            }
        }
        return 0;
    }

    /** The longest path that gradients go, from the output on. */
    private static int[] longest(DerivedGraph derived) {
        Graph graph = derived.lowered().program().graph();
        int output = derived.lowered().program().output();
        int[] lengths = new int[graph.size()];
        int[] next = new int[graph.size()];
        Arrays.fill(next, NONE);
        lengths[output] = 1;
        int farthest = output;
        for (int i = output; i >= 0; i--) {
            if (lengths[i] == 0 || derived.isZero(i)) {
                continue;
            }
            farthest = lengths[i] > lengths[farthest] ? i : farthest;
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                if (lengths[i] + 1 > lengths[operand] && !derived.isZero(operand) && !graph.op(i).ignores(k)) {
                    lengths[operand] = lengths[i] + 1;
                    next[operand] = i;
                }
            }
        }
        int[] path = new int[lengths[farthest]];
        for (int i = path.length - 1, node = farthest; i >= 0; i--, node = next[node]) {
            path[i] = node;
        }
        return path;
    }

    private static int[] ops(Graph graph, int[] path) {
        Map<String, Integer> numbers = new HashMap<>();
        return Arrays.stream(path).map(node -> numbers.computeIfAbsent(graph.op(node).name(), _ -> numbers.size())).toArray();
    }

    /** Looks at the norms of the gradients in a run; null where they neither explode nor vanish, or are not known. */
    @Nullable
    Trouble trouble(DerivedGraph derived, PlannedGraph.Run run) {
        double[] norms = new double[nodes.length];
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int k = 0; k < norms.length; k++) {
            int cotangent = derived.cotangent(nodes[k]);
            boolean isScalar = !run.isMapped() && derived.graph().shape(cotangent).isScalar();
            norms[k] = isScalar ? Math.abs(run.scalar(cotangent)) : norm(run.known(cotangent));
            least = norms[k] > 0 ? Math.min(least, norms[k]) : least;
            most = Math.max(most, norms[k]);
        }
        if (!(most >= LEAST_CHANGE * least)) {
            return null;
        }
        Trouble exploding = trouble(norms, 1);
        return exploding == null ? trouble(norms, -1) : exploding;
    }

    private static double norm(@Nullable Tensor value) {
        double squares = 0;
        if (value != null) {
            for (double x : value.data()) {
                squares += x * x;
            }
        }
        return value == null ? Double.NaN : Math.sqrt(squares);
    }

    /** Finds the stretch that grows, or with {@code sign} −1 falls, the most beyond the least factor. */
    private @Nullable Trouble trouble(double[] norms, int sign) {
        double threshold = Logarithm.log(LEAST_FACTOR);
        double sum = 0;
        double best = 0;
        int from = 0;
        int bestFrom = 0;
        int bestTo = 0;
        for (int k = 1; k < norms.length; k++) {
            double step = sign * Logarithm.log(norms[k] / norms[k - 1]) - threshold;
            step = Math.abs(step) < Logarithm.log(MOST_FACTOR) ? step : Double.NaN;
            if (!Double.isFinite(step) || sum <= 0) {
                sum = 0;
                from = k - 1;
            }
            if (Double.isFinite(step)) {
                sum += step;
            } else {
                from = k;
            }
            if (sum > best) {
                best = sum;
                bestFrom = from;
                bestTo = k;
            }
        }
        return bestTo - bestFrom < LEAST_STEPS ? null : trouble(norms, sign, bestFrom, bestTo);
    }

    private @Nullable Trouble trouble(double[] norms, int sign, int from, int to) {
        int steps = to - from;
        List<Double> factors = new ArrayList<>();
        for (int k = from + 1; k <= to; k++) {
            factors.add(norms[k] / norms[k - 1]);
        }
        double change = norms[to] / norms[from];
        double largest = factors.stream().mapToDouble(factor -> Power.pow(factor, sign)).max().orElseThrow();
        long same = factors.stream().filter(factor -> Power.pow(factor, sign) > 1).count();
        double whole = Power.pow(change, sign);
        double first = sign * Logarithm.log(norms[(from + to) / 2] / norms[from]) / Logarithm.log(whole);
        double mean = Logarithm.log(whole) / steps;
        long like = factors.stream().filter(factor -> sign * Logarithm.log(factor) > mean / 2).count();
        // One step that makes up half of the change is no chain, nor are steps of which each changes more than the one before.
        boolean isGradual = whole >= LEAST_CHANGE && Logarithm.log(largest) <= 0.5 * Logarithm.log(whole) && first >= LEAST_PART
                && first <= 1 - LEAST_PART;
        boolean areLike = same >= MOST_OF_THEM * steps && 2 * like >= steps;
        boolean areMany = steps >= MANY_STEPS && whole >= MUCH_CHANGE;
        if (!isGradual || !areLike && !areMany) {
            return null;
        }
        return new Trouble(sign > 0 ? Trouble.Kind.EXPLODING_GRADIENT : Trouble.Kind.VANISHING_GRADIENT, nodes[to],
                List.of(nodes[from]), Map.of("factor", Power.pow(change, 1.0 / steps), "steps", (double) steps, "from", norms[from], "to",
                        norms[to]));
    }
}
