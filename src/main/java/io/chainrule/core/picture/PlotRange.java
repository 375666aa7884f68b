package io.chainrule.core.picture;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Power;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an axis shows: numbers from {@code low} to {@code high}, which is greater. */
public record PlotRange(double low, double high) {
    private static final int TICKS = 6;
    /** The part of the values, at either end, that may lie outside of the picture. */
    private static final double OUTLIERS = 0.03;
    private static final double MARGIN = 0.06;
    /** Values that are larger are outside of every picture, so that none is wider than a number can tell. */
    private static final double MOST = 4e307;
    /** Values that differ by less than this part of them are taken for the same, and a range is not narrower. */
    private static final double LEAST = 1e-12;
    /** The digits that every number of an axis may have, {@code 1000000} among them. */
    private static final int DIGITS = 7;

    public PlotRange {
        if (!(low < high) || !Double.isFinite(high - low)) {
            throw new IllegalArgumentException("a range goes from a number to a greater one, not from " + low + " to " + high);
        }
    }

    /** Whether there are numbers enough between these two to draw a curve by. */
    public static boolean isWideEnough(double low, double high) {
        return high - low >= LEAST * Math.max(Math.abs(low), Math.abs(high));
    }

    double size() {
        return high - low;
    }

    double at(double part) {
        return low + part * (high - low);
    }

    double part(double value) {
        return (value - low) / (high - low);
    }

    boolean contains(double value) {
        return value >= low && value <= high;
    }

    /** Evenly spaced numbers, the ends among them. */
    public double[] points(int count) {
        double[] points = new double[count];
        Arrays.setAll(points, i -> at((double) i / (count - 1)));
        return points;
    }

    /** A range that shows most of the finite values among these, and 0 if it is near. */
    static PlotRange of(double[]... values) {
        double[] finite = Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite)
                .map(value -> Math.clamp(value, -MOST, MOST)).sorted().toArray();
        if (finite.length == 0) {
            return new PlotRange(-1, 1);
        }
        int cut = (int) (OUTLIERS * finite.length);
        double low = finite[cut];
        double high = finite[finite.length - 1 - cut];
        // Without outliers that are far away, nothing is cut off.
        double size = high - low;
        low = finite[0] >= low - size ? finite[0] : low;
        high = finite[finite.length - 1] <= high + size ? finite[finite.length - 1] : high;
        low = low > 0 && low < high - low ? 0 : low;
        high = high < 0 && -high < high - low ? 0 : high;
        double margin = high - low > 1e3 * LEAST * Math.max(Math.abs(low), Math.abs(high))
                ? MARGIN * (high - low)
                : high == 0 ? 1 : Math.abs(high);
        return new PlotRange(low - margin, high + margin);
    }

    /** The range that holds this one and another. */
    PlotRange with(PlotRange other) {
        return new PlotRange(Math.min(low, other.low), Math.max(high, other.high));
    }

    private double step() {
        double rough = size() / TICKS;
        double power = Power.pow(10, Math.floor(Logarithm.log10(rough)));
        return rough / power < 1.5 ? power : rough / power < 3.5 ? 2 * power : rough / power < 7.5 ? 5 * power : 10 * power;
    }

    /** A number of the range, with digits enough to tell it from its neighbours. */
    String text(double tick) {
        int largest = exponent(Math.max(Math.abs(low), Math.abs(high)));
        int digits = digits(DIGITS, 0);
        // All numbers of an axis are written alike.
        boolean hasExponents = largest >= digits || largest <= NumberText.SMALLEST_PLAIN_EXPONENT
                && exponent(step()) < NumberText.SMALLEST_PLAIN_EXPONENT;
        return hasExponents ? new NumberText(digits).withExponent(tick) : new NumberText(digits).rounded(tick);
    }

    /** A number of the range that is no tick. */
    String precise(double number) {
        return new NumberText(digits(DIGITS - 1, 3)).rounded(number);
    }

    /** How many digits tell numbers from each other that are a step apart, and so many more. */
    private int digits(int least, int more) {
        int digits = exponent(Math.max(Math.abs(low), Math.abs(high))) - exponent(step()) + 1 + more;
        return Math.clamp(digits, least, PictureOptions.MOST_DIGITS);
    }

    private static int exponent(double size) {
        return (int) Math.floor(Logarithm.log10(size));
    }

    /** Round numbers in the range, about six. */
    List<Double> ticks() {
        double step = step();
        List<Double> ticks = new ArrayList<>();
        for (double k = Math.ceil(low / step); k * step <= high && ticks.size() < 4 * TICKS; k++) {
            ticks.add(k * step + 0.0);
        }
        return ticks;
    }
}
