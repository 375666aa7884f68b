package io.chainrule.core.picture;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Power;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds where a curve has a kink, a jump or a pole, by looking closer where neighbouring samples differ most. */
final class PlotMarks {
    /** A place; {@code value} is that of the function, NaN at a pole. */
    record Mark(Kind kind, double x, double value) {}

    enum Kind {
        KINK,
        JUMP,
        POLE
    }

    private static final int MOST = 12;
    private static final int ROUNDS = 7;
    private static final double CLOSE = 1e-7;
    /** Derivatives that differ by less than this part of the largest are no kink. */
    private static final double LEAST_BEND = 0.02;
    private static final double LEAST_JUMP = 0.01;
    /** At a kink the derivative changes so many times as much as beside it. */
    private static final double STEEPER = 3;
    /** At a pole values are so many times as large as those at a hundred times the distance. */
    private static final double TOWERS = 2;

    private final PlotFunction function;
    private final PlotRange range;
    private final int samples;

    private PlotMarks(PlotFunction function, PlotRange range, int samples) {
        this.function = function;
        this.range = range;
        this.samples = samples;
    }

    /** Finds the marks of a curve that was sampled at the points {@code xs}; {@code shown} is the range of values that the plot shows. */
    static List<Mark> of(PlotFunction function, PlotRange range, double[] xs, PlotFunction.Samples found, PlotRange shown) {
        PlotMarks marks = new PlotMarks(function, range, xs.length);
        List<double[]> suspects = new ArrayList<>();
        double[] values = found.values();
        double[] slopes = found.slopes()[0];
        double bend = LEAST_BEND * spread(slopes);
        double jump = LEAST_JUMP * (shown.high() - shown.low());
        for (int i = 0; i + 1 < xs.length; i++) {
            // A kink on a sample changes the derivative on both sides of it, so the comparison is with the next but one.
            double change = change(slopes, i);
            boolean isBent = change > bend && change > STEEPER * Math.max(change(slopes, i - 2), change(slopes, i + 2));
            boolean hasJumped = Math.abs(values[i + 1] - values[i] - slopes[i] * (xs[i + 1] - xs[i])) > jump;
            boolean isEnd = Double.isFinite(values[i]) != Double.isFinite(values[i + 1]);
            if (isBent || hasJumped || isEnd) {
                suspects.add(new double[]{xs[i], xs[i + 1]});
            }
        }
        return marks.closer(suspects, bend, jump, shown);
    }

    /** How much neighbours differ; 0 where one of them is missing. */
    private static double change(double[] slopes, int i) {
        double change = i < 0 || i + 1 >= slopes.length ? 0 : Math.abs(slopes[i + 1] - slopes[i]);
        return Double.isNaN(change) ? 0 : change;
    }

    /** The middle part of what the slopes span, without poles. */
    private static double spread(double[] slopes) {
        PlotRange most = PlotRange.of(slopes);
        return most.high() - most.low();
    }

    private List<Mark> closer(List<double[]> suspects, double bend, double jump, PlotRange shown) {
        List<Mark> marks = new ArrayList<>();
        for (double[] suspect : suspects.size() > samples / 8 ? List.<double[]>of() : suspects) {
            double low = suspect[0];
            double high = suspect[1];
            PlotFunction.Samples near = null;
            int at = 0;
            for (int round = 0; round < ROUNDS && high - low > CLOSE * (range.high() - range.low()); round++) {
                double[] points = new PlotRange(low, high).points(samples);
                near = function.at(points);
                at = steepest(near);
                low = points[at];
                high = points[at + 1];
            }
            Mark mark = near == null ? null : mark(near, at, (low + high) / 2, bend, jump, shown);
            if (mark != null && marks.size() < MOST
                    && marks.stream().noneMatch(other -> Math.abs(other.x - mark.x) < 1e-5 * (range.high() - range.low()))) {
                marks.add(mark);
            }
        }
        return marks;
    }

    /** The neighbours between which value and derivative change most. */
    private static int steepest(PlotFunction.Samples near) {
        int best = near.values().length / 2;
        double most = -1;
        for (int i = 0; i + 1 < near.values().length; i++) {
            double change = Math.abs(near.values()[i + 1] - near.values()[i]) + Math.abs(near.slopes()[0][i + 1] - near.slopes()[0][i]);
            boolean isEnd = Double.isFinite(near.values()[i]) != Double.isFinite(near.values()[i + 1]);
            if (isEnd || change > most) {
                best = i;
                most = isEnd ? Double.POSITIVE_INFINITY : change;
            }
        }
        return best;
    }

    private @Nullable Mark mark(PlotFunction.Samples near, int at, double x, double bend, double jump,
            PlotRange shown) {
        double left = near.values()[at];
        double right = near.values()[at + 1];
        double unit = 1e-6 * Power.pow(10, Math.floor(Logarithm.log10(range.size())));
        double rounded = Math.abs(x) < 1e-6 * range.size() ? 0 : Math.round(x / unit) * unit;
        double far = 10 * (shown.high() - shown.low());
        boolean isFar = !(Math.abs(left) < far && Math.abs(right) < far);
        double highest = Double.isNaN(left)
                ? Math.abs(right)
                : Double.isNaN(right) ? Math.abs(left) : Math.max(Math.abs(left), Math.abs(right));
        if (isFar && (Math.abs(left) > far || Math.abs(right) > far)) {
            // Where a curve that is smooth leaves the picture, it is as high a little farther on.
            boolean isPole = Arrays.stream(beside(x, 100 * CLOSE).values()).anyMatch(value -> highest > TOWERS * Math.abs(value));
            return isPole ? new Mark(Kind.POLE, rounded, Double.NaN) : null;
        }
        PlotFunction.Samples sides = beside(rounded, 2 * CLOSE);
        // Where a curve ends, as a root does at 0, there is no mark.
        boolean isInside = Arrays.stream(sides.values()).allMatch(Double::isFinite);
        if (isInside && Double.isInfinite(function.at(new double[]{rounded}).values()[0])) {
            return new Mark(Kind.POLE, rounded, Double.NaN);
        } else if (Double.isFinite(right - left) && Math.abs(right - left) > jump) {
            return new Mark(Kind.JUMP, rounded, (left + right) / 2);
        }
        // A curve may be steep, or vertical as a cube root is at 0, without a kink.
        boolean isKink = isInside && Double.isFinite(left) && change(near.slopes()[0], at) > bend && change(sides.slopes()[0], 0) > bend;
        return isKink ? new Mark(Kind.KINK, rounded, left) : null;
    }

    /** The function on both sides, at this part of the range. */
    private PlotFunction.Samples beside(double x, double part) {
        double distance = part * range.size();
        return function.at(new double[]{x - distance, x + distance});
    }
}
