package io.chainrule.core.kernel;

import io.chainrule.core.kernel.Kernels.Largest;

/** {@link Kernels#largest}, one window after the other. */
final class Windows {
    private Windows() {}

    static void largest(Largest which, double[] x, int from, int[] origins, int begin, int n, int[] shifts, double[] out, int outFrom) {
        switch (which) {
            case ELEMENT -> {
                for (int w = 0; w < n; w++) {
                    int origin = from + origins[begin + w];
                    double best = x[origin + shifts[0]];
                    for (int t = 1; t < shifts.length; t++) {
                        double value = x[origin + shifts[t]];
                        // Math.max would take 0 where −0 is the first of both.
                        best = value > best || Double.isNaN(value) ? value : best;
                    }
                    out[outFrom + w] = best;
                }
            }
            case FIRST -> {
                for (int w = 0; w < n; w++) {
                    out[outFrom + w] = origins[begin + w] + first(x, from + origins[begin + w], shifts);
                }
            }
            case LAST -> {
                for (int w = 0; w < n; w++) {
                    out[outFrom + w] = origins[begin + w] + last(x, from + origins[begin + w], shifts);
                }
            }
        }
    }

    private static int first(double[] x, int origin, int[] shifts) {
        int place = shifts[0];
        double best = x[origin + place];
        for (int shift : shifts) {
            double value = x[origin + shift];
            boolean isLarger = value > best || Double.isNaN(value) && !Double.isNaN(best);
            place = isLarger ? shift : place;
            best = isLarger ? value : best;
        }
        return place;
    }

    private static int last(double[] x, int origin, int[] shifts) {
        int place = shifts[0];
        double best = x[origin + place];
        for (int shift : shifts) {
            double value = x[origin + shift];
            boolean isAsLarge = value >= best || Double.isNaN(value);
            place = isAsLarge ? shift : place;
            best = isAsLarge ? value : best;
        }
        return place;
    }
}
