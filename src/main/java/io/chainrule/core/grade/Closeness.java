package io.chainrule.core.grade;

import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Whether two arrays are the same numbers but for rounding. An entry may differ by a part of its own size, and beyond that by what the
 * errors of both computations can come to, so that another order of operations is no mistake. Where these are not known, it may differ by a
 * part of the largest entry.
 */
final class Closeness {
    static final double RELATIVE = 1e-9;
    /** Errors are bounded for exact inputs; a user's constants may be rounded themselves. */
    private static final double ERRORS = 8;

    private Closeness() {}

    /** Whether a claim is the gradient; entries of the gradient that are not finite are not compared. */
    static boolean isRight(Tensor claimed, Tensor gradient, @Nullable Tensor claimedError, @Nullable Tensor error) {
        if (!claimed.shape().broadcastsTo(gradient.shape())) {
            return false;
        }
        double[] expected = gradient.data();
        double[] errors = error == null ? null : error.data();
        double[] values = stretched(claimed, gradient);
        double[] claimedErrors = claimedError == null ? null : stretched(claimedError, gradient);
        double largest = largest(expected);
        for (int i = 0; i < expected.length; i++) {
            double own = claimedErrors == null ? Double.NaN : claimedErrors[i];
            double known = errors == null ? Double.NaN : errors[i];
            double unknown = RELATIVE * largest / ERRORS;
            double rounding = (Double.isFinite(own) ? own : unknown) + (Double.isFinite(known) ? known : unknown);
            double allowed = RELATIVE * Math.abs(expected[i]) + ERRORS * rounding + Double.MIN_NORMAL;
            if (Double.isFinite(expected[i]) && !(Math.abs(values[i] - expected[i]) <= allowed)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The largest difference of two arrays, the first of which may be broadcast to the second; entries that are not finite are not
     * compared.
     */
    static double distance(Tensor value, Tensor other) {
        double[] a = stretched(value, other);
        double[] b = other.data();
        double largest = 0;
        for (int i = 0; i < b.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            largest = Double.isFinite(difference) ? Math.max(largest, difference) : largest;
        }
        return largest;
    }

    /** Whether two guesses agree in every entry, by a looser measure. */
    static boolean agree(Tensor a, Tensor b) {
        return a.shape().equals(b.shape()) && agree(a.data(), b.data());
    }

    static boolean agree(double[] a, double[] b) {
        double largest = Math.max(largest(a), largest(b));
        for (int i = 0; i < a.length; i++) {
            if (!(Math.abs(a[i] - b[i]) <= 100 * RELATIVE * largest)) {
                return false;
            }
        }
        return true;
    }

    static double largest(double[] data) {
        double largest = 0;
        for (double x : data) {
            largest = Double.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
        }
        return largest;
    }

    /** The entries of an array that is broadcast to the shape of another. */
    static double[] stretched(Tensor value, Tensor like) {
        if (value.shape().equals(like.shape())) {
            return value.data();
        }
        double[] stretched = new double[like.length()];
        int rank = like.shape().rank();
        int offset = rank - value.shape().rank();
        for (int i = 0; i < stretched.length; i++) {
            int[] index = like.shape().index(i);
            int at = 0;
            for (int axis = offset; axis < rank; axis++) {
                int length = value.shape().dim(axis - offset);
                at = at * length + (length == 1 ? 0 : index[axis]);
            }
            stretched[i] = value.data()[at];
        }
        return stretched;
    }
}
