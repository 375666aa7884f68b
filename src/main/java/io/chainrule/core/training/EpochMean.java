package io.chainrule.core.training;

import java.util.Arrays;

/** The mean of a loss or a metric over the samples of an epoch so far, also where the sum is too large for a double. */
public final class EpochMean {
    /** The second sum is in this unit, so that it stays finite for any number of samples. */
    private static final double UNIT = 0x1p64;
    private static final int SUM = 0;
    private static final int SUM_IN_UNITS = 1;
    private static final int COUNT = 2;

    private final double[] sums = new double[3];

    /** Adds the mean over so many samples. */
    public void add(double mean, long count) {
        sums[SUM] += mean * count;
        sums[SUM_IN_UNITS] += mean / UNIT * count;
        sums[COUNT] += count;
    }

    /** The mean of all that was added since the epoch began; NaN if nothing was. */
    public double mean() {
        double mean = sums[SUM] / sums[COUNT];
        double inUnits = sums[SUM_IN_UNITS] / sums[COUNT];
        // Of finite numbers the mean is finite, too, though rounding may make it a little larger than all of them.
        return Double.isFinite(mean) || !Double.isFinite(inUnits)
                ? mean
                : Math.clamp(inUnits * UNIT, -Double.MAX_VALUE, Double.MAX_VALUE);
    }

    /** Begins another epoch. */
    public void clear() {
        Arrays.fill(sums, 0);
    }

    /** What it keeps. The array may be overwritten by that of an earlier run. */
    public double[] state() {
        return sums;
    }
}
