package io.chainrule.benchmark;

import java.util.Arrays;
import java.util.function.Function;

/**
 * The search that GradBench prescribes for its evals saddle and particle: steps against the gradient, which become twice as long after ten
 * in a row that went down, and half as long after one that did not.
 *
 * <p>A point may have tangents, which stand behind its coordinates, as they do in its gradient. A step is linear in both, so that tangents
 * go along with the coordinates. Coordinates alone decide how long a step is, and when the search ends.
 */
final class GradientDescent {
    private static final double PRECISION = 1e-5;
    private static final int STEPS_BEFORE_LONGER_ONES = 10;

    private GradientDescent() {}

    /** An objective at a point. */
    record Slope(double value, double[] gradient) {
        Slope negative() {
            return new Slope(-value, Arrays.stream(gradient).map(g -> -g).toArray());
        }
    }

    /** Where the search for a minimum ends that starts at a point of {@code dimension} coordinates. */
    static double[] minimum(Function<double[], Slope> objective, int dimension, double... start) {
        double[] point = start;
        Slope slope = objective.apply(point);
        double rate = PRECISION;
        int steps = 0;
        while (norm(slope.gradient, dimension) > PRECISION) {
            if (steps == STEPS_BEFORE_LONGER_ONES) {
                rate *= 2;
                steps = 0;
            }
            double[] next = point.clone();
            for (int i = 0; i < next.length; i++) {
                next[i] -= rate * slope.gradient[i];
            }
            if (distance(point, next, dimension) <= PRECISION) {
                return point;
            }
            Slope there = objective.apply(next);
            if (there.value < slope.value) {
                point = next;
                slope = there;
                steps++;
            } else {
                rate /= 2;
                steps = 0;
            }
        }
        return point;
    }

    static double[] maximum(Function<double[], Slope> objective, int dimension, double... start) {
        return minimum(point -> objective.apply(point).negative(), dimension, start);
    }

    private static double norm(double[] vector, int dimension) {
        return distance(vector, new double[dimension], dimension);
    }

    private static double distance(double[] a, double[] b, int dimension) {
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
