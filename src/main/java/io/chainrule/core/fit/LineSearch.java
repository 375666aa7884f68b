package io.chainrule.core.fit;

import io.chainrule.core.fit.Objective.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * Finds a step along a direction of descent for which the strong Wolfe conditions hold: the value falls enough, and the slope is flat
 * enough (Nocedal and Wright, "Numerical Optimization", 2nd edition 2006, algorithms 3.5 and 3.6, with cubic interpolation by 3.59). Where
 * values are so near to each other that their rounding decides, slopes tell whether the value falls (Hager and Zhang, "A New Conjugate
 * Gradient Method with Guaranteed Descent and an Efficient Line Search", 2005, equation 4.1). A point without a finite value counts as
 * infinitely high.
 */
final class LineSearch {
    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    /** A relative difference of values that may come from rounding alone. */
    private static final double ROUNDING = 1e-14;
    static final int MOST_EVALUATIONS = 30;
    /** How far a longer step is tried. */
    private static final double LONGER = 4;
    /** The part of an interval, next to its ends, where an interpolated step is not believed. */
    private static final double MARGIN = 0.1;

    private final Objective objective;
    private final double[] start;
    private final double[] direction;
    private final double value;
    private final double slope;
    private int evaluations;

    /**
     * A point along the direction.
     *
     * @param value infinite where the function has no finite value or gradient
     */
    private record Trial(double step, double value, double slope, double[] point, Evaluation evaluation) {}

    /** The point that was found, and what the function is there. */
    record Found(double[] point, Evaluation evaluation) {}

    LineSearch(Objective objective, double[] start, Evaluation atStart, double[] direction) {
        this.objective = objective;
        this.start = start;
        this.direction = direction;
        value = atStart.value();
        slope = Vectors.dot(atStart.gradient(), direction);
    }

    /** How often the function was evaluated. */
    int evaluations() {
        return evaluations;
    }

    /** Returns a better point, beginning with this step; null if none was found, or the function does not fall along the direction. */
    @Nullable
    Found search(double firstStep) {
        if (!(slope < 0)) {
            return null;
        }
        Trial before = new Trial(0, value, slope, start, new Evaluation(value, new double[0]));
        double step = firstStep;
        while (evaluations < MOST_EVALUATIONS) {
            Trial trial = trial(step);
            if (!fallsEnough(trial) || before.step > 0 && trial.value >= before.value && !isRounded(trial)) {
                return zoom(before, trial);
            } else if (isFlat(trial)) {
                return found(trial);
            } else if (trial.slope >= 0) {
                return zoom(trial, before);
            }
            before = trial;
            step = LONGER * step;
        }
        return before.step > 0 ? found(before) : null;
    }

    /** Narrows an interval that contains a step which is wanted; {@code low} is the best step so far, and falls enough or is no step. */
    private @Nullable Found zoom(Trial low, Trial high) {
        Trial best = low;
        Trial other = high;
        while (evaluations < MOST_EVALUATIONS) {
            double step = between(best, other);
            if (step == best.step || step == other.step) {
                break;
            }
            Trial trial = trial(step);
            if (!fallsEnough(trial) || trial.value >= best.value && !isRounded(trial)) {
                other = trial;
            } else if (isFlat(trial)) {
                return found(trial);
            } else {
                if (trial.slope * (other.step - best.step) >= 0) {
                    other = best;
                }
                best = trial;
            }
        }
        return best.step > 0 && best.value < value ? found(best) : null;
    }

    private static Found found(Trial trial) {
        return new Found(trial.point, trial.evaluation);
    }

    private Trial trial(double step) {
        double[] point = new double[start.length];
        for (int i = 0; i < point.length; i++) {
            point[i] = start[i] + step * direction[i];
        }
        evaluations++;
        Evaluation evaluation = objective.at(point);
        boolean isFinite = evaluation.isFinite();
        return new Trial(step, isFinite ? evaluation.value() : Double.POSITIVE_INFINITY,
                isFinite ? Vectors.dot(evaluation.gradient(), direction) : Double.NaN, point, evaluation);
    }

    private boolean fallsEnough(Trial trial) {
        return trial.value <= value + DECREASE * trial.step * slope
                || isRounded(trial) && trial.slope <= (2 * DECREASE - 1) * slope;
    }

    private boolean isRounded(Trial trial) {
        return Math.abs(trial.value - value) <= ROUNDING * Math.abs(value);
    }

    private boolean isFlat(Trial trial) {
        return Math.abs(trial.slope) <= -CURVATURE * slope;
    }

    /**
     * The minimum of the cubic through both ends of an interval, or its middle where that is not known or too near to an end. A minimum
     * near the start of the line is believed, since the first step may be far too long.
     */
    private static double between(Trial a, Trial b) {
        double middle = a.step + (b.step - a.step) / 2;
        double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
        double d2 = Math.copySign(Math.sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
        double step = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
        double margin = MARGIN * Math.abs(b.step - a.step);
        double least = Math.min(a.step, b.step);
        boolean isBelieved = (step >= least + margin || least == 0 && step > 0) && step <= Math.max(a.step, b.step) - margin;
        return isBelieved ? step : middle;
    }
}
