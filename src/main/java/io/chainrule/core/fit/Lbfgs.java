package io.chainrule.core.fit;

import io.chainrule.core.fit.Objective.Evaluation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * L-BFGS minimises a smooth function. It estimates the curvature from the latest steps and from how they changed the gradient (Nocedal and
 * Wright, "Numerical Optimization", 2nd edition 2006, algorithms 7.4 and 7.5, with the first scaling by 7.20). Each step depends on the
 * state before it alone, so that a stored state leads to the same bits. Immutable.
 *
 * @param history how many of the latest steps are remembered
 * @param gradientTolerance the largest size of an element of the gradient at a point that counts as a minimum
 * @param changeTolerance the end is reached if a step changes the value by no more than this, relative to the size of the value or to 1
 * @param iterations the largest number of steps
 */
public record Lbfgs(int history, double gradientTolerance, double changeTolerance, long iterations) {
    /** How many steps are remembered unless it is said otherwise. */
    public static final int HISTORY = 10;

    /** Steps are not remembered along which the gradient changes by less than this part of its whole change. */
    private static final double LEAST_CURVATURE = 0x1p-52;

    /** A step searches once more, along the gradient, where the first search has found nothing. */
    private static final long SEARCHES = 2;

    /** Vectors beside history and evaluations: the point, the gradient and the direction, of this step and of the next. */
    private static final int OTHER_VECTORS = 6;

    /** Why there are no more steps. */
    public enum Stop {
        /** The gradient is as small as it was to be. */
        GRADIENT,
        /** The value hardly changes any more. */
        CHANGE,
        /** As many steps were made as were wanted. */
        ITERATIONS,
        /** No step along the gradient makes the value smaller: it has a kink there, or rounding decides. */
        LINE_SEARCH,
        /** The function has no finite value or gradient where it was to begin. */
        NON_FINITE
    }

    public Lbfgs {
        if (history < 1) {
            throw new IllegalArgumentException("a step at least is remembered, not " + history);
        }
    }

    /** The memory in bytes of what is remembered of steps, and of the evaluations of a step, for a point of so many elements. */
    public long bytes(long elements) {
        return Double.BYTES * elements * (2L * history + SEARCHES * LineSearch.MOST_EVALUATIONS + OTHER_VECTORS);
    }

    /** Evaluates the function where the first step begins. */
    public LbfgsState start(Objective objective, double[] point) {
        double[] start = point.clone();
        Evaluation evaluation = objective.at(start);
        Stop stop = evaluation.isFinite() ? stop(0, evaluation, Double.POSITIVE_INFINITY) : Stop.NON_FINITE;
        return new LbfgsState(0, 1, start, evaluation.value(), evaluation.gradient().clone(), List.of(), stop);
    }

    /** Makes a step. A state that has stopped is returned as it is. */
    public LbfgsState next(Objective objective, LbfgsState state) {
        if (state.stop() != null) {
            return state;
        }
        Evaluation before = new Evaluation(state.value(), state.gradient());
        List<LbfgsState.Pair> pairs = state.pairs();
        double[] direction = direction(state.gradient(), pairs);
        LineSearch search = new LineSearch(objective, state.point(), before, direction);
        LineSearch.Found found = search.search(pairs.isEmpty() ? firstStep(direction) : 1);
        long evaluations = state.evaluations() + search.evaluations();
        if (found == null && !pairs.isEmpty()) {
            pairs = List.of();
            direction = direction(state.gradient(), pairs);
            search = new LineSearch(objective, state.point(), before, direction);
            found = search.search(firstStep(direction));
            evaluations += search.evaluations();
        }
        if (found == null) {
            return new LbfgsState(state.iteration(), evaluations, state.point(), state.value(), state.gradient(), pairs, Stop.LINE_SEARCH);
        }
        long iteration = state.iteration() + 1;
        Evaluation evaluation = found.evaluation();
        double scale = Math.max(1, Math.max(Math.abs(before.value()), Math.abs(evaluation.value())));
        Stop stop = stop(iteration, evaluation, Math.abs(before.value() - evaluation.value()) / scale);
        return new LbfgsState(iteration, evaluations, found.point(), evaluation.value(), evaluation.gradient().clone(),
                with(pairs, Vectors.difference(found.point(), state.point()),
                        Vectors.difference(evaluation.gradient(), before.gradient())),
                stop);
    }

    private @Nullable Stop stop(long iteration, Evaluation evaluation, double change) {
        if (Vectors.largest(evaluation.gradient()) <= gradientTolerance) {
            return Stop.GRADIENT;
        } else if (change <= changeTolerance) {
            return Stop.CHANGE;
        }
        return iteration >= iterations ? Stop.ITERATIONS : null;
    }

    /** Without a remembered step nothing is known of the curvature; the first step has length 1 at most. */
    private static double firstStep(double[] direction) {
        return Math.min(1, 1 / Vectors.norm(direction));
    }

    /**
     * The negative gradient, scaled by the remembered steps (algorithm 7.4). If there are none, and the square of the gradient's norm is
     * too large for a double, the gradient is divided by its norm, so that the slope along the direction is finite.
     */
    private static double[] direction(double[] gradient, List<LbfgsState.Pair> pairs) {
        double[] direction = new double[gradient.length];
        boolean isHuge = pairs.isEmpty() && Double.isInfinite(Vectors.dot(gradient, gradient));
        Vectors.add(isHuge ? -1 / Vectors.norm(gradient) : -1, gradient, direction);
        double[] factors = new double[pairs.size()];
        for (int k = pairs.size() - 1; k >= 0; k--) {
            LbfgsState.Pair pair = pairs.get(k);
            factors[k] = Vectors.dot(pair.step(), direction) / Vectors.dot(pair.change(), pair.step());
            Vectors.add(-factors[k], pair.change(), direction);
        }
        if (!pairs.isEmpty()) {
            LbfgsState.Pair latest = pairs.getLast();
            double curvature = Vectors.dot(latest.step(), latest.change());
            double squares = Vectors.dot(latest.change(), latest.change());
            double norm = Vectors.norm(latest.change());
            double scale = Double.isInfinite(squares) ? curvature / norm / norm : curvature / squares;
            for (int i = 0; i < direction.length; i++) {
                direction[i] *= scale;
            }
        }
        for (int k = 0; k < pairs.size(); k++) {
            LbfgsState.Pair pair = pairs.get(k);
            double back = Vectors.dot(pair.change(), direction) / Vectors.dot(pair.change(), pair.step());
            Vectors.add(factors[k] - back, pair.step(), direction);
        }
        return direction;
    }

    private List<LbfgsState.Pair> with(List<LbfgsState.Pair> pairs, double[] step, double[] change) {
        if (!(Vectors.dot(step, change) > LEAST_CURVATURE * Vectors.norm(step) * Vectors.norm(change))) {
            return pairs;
        }
        List<LbfgsState.Pair> longer = new ArrayList<>(pairs.subList(Math.max(0, pairs.size() + 1 - history), pairs.size()));
        longer.add(new LbfgsState.Pair(step, change));
        return longer;
    }
}
