package io.chainrule.core.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an axis shows: numbers from {@code low} to {@code high}, which is greater. */
public record PlotRange(double low, double high) {
    private static final int TICKS = 6;
    /** The part of the values, at either end, that may lie outside of the picture. */
    private static final double OUTLIERS = 0.03;
    private static final double MARGIN = 0.06;

    public PlotRange {
        if (!(low < high) || !Double.isFinite(high - low)) {
            throw new IllegalArgumentException("a range goes from a number to a greater one, not from " + low + " to " + high);
        }
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
    double[] points(int count) {
        double[] points = new double[count];
        Arrays.setAll(points, i -> at((double) i / (count - 1)));
        return points;
    }

    /** A range that shows most of the finite values among these, and 0 if it is near. */
    static PlotRange of(double[]... values) {
        double[] finite = Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite).sorted().toArray();
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
        double margin = high > low ? MARGIN * (high - low) : Math.max(1, Math.abs(high));
        return new PlotRange(low - margin, high + margin);
    }

    /** Round numbers in the range, about six. */
    List<Double> ticks() {
        double rough = (high - low) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = rough / power < 1.5 ? power : rough / power < 3.5 ? 2 * power : rough / power < 7.5 ? 5 * power : 10 * power;
        List<Double> ticks = new ArrayList<>();
        for (double k = Math.ceil(low / step); k * step <= high && ticks.size() < 4 * TICKS; k++) {
            ticks.add(k * step + 0.0);
        }
        return ticks;
    }
}
