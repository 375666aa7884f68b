package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Eigenvalues, ascending, and eigenvectors of (A + Aᵀ) / 2 by Jacobi's rotations (Golub and Van Loan, 2013, §8.5), with the
 * stopping rule of J. Demmel and K. Veselić, 1992: what LAPACK's syev computes. The largest component of a vector is positive.
 */
public final class SymmetricEigen {
    private static final int MOST_SWEEPS = 60;
    private static final double NEGLIGIBLE = 0x1p-54;

    private SymmetricEigen() {}

    /** Writes the eigenvalues and, as columns, the eigenvectors of {@code count} matrices of side n; null is not wanted. */
    public static void write(double[] x, int n, int count, double @Nullable [] values, double @Nullable [] vectors,
            Checkpoint checkpoint) {
        for (int i = 0; i < count; i++) {
            write(x, i * n * n, n, values, vectors, i, checkpoint);
        }
    }

    private static void write(double[] x, int from, int n, double @Nullable [] values, double @Nullable [] vectors, int number,
            Checkpoint checkpoint) {
        double[][] a = new double[n][n];
        double scale = largest(x, from, n * n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i][j] = 0.5 * (x[from + i * n + j] / scale) + 0.5 * (x[from + j * n + i] / scale);
            }
        }
        double[][] v = new double[vectors == null ? 0 : n][n];
        for (int i = 0; i < v.length; i++) {
            v[i][i] = 1;
        }
        if (Double.isFinite(scale)) {
            diagonalize(a, v, checkpoint);
        } else {
            Arrays.stream(a).forEach(row -> Arrays.fill(row, Double.NaN));
            Arrays.stream(v).forEach(row -> Arrays.fill(row, Double.NaN));
        }
        int[] order = IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble(i -> a[i][i])).mapToInt(i -> i).toArray();
        for (int j = 0; j < n; j++) {
            if (values != null) {
                values[number * n + j] = scale * a[order[j]][order[j]];
            }
            if (vectors != null) {
                double sign = sign(v[order[j]]);
                for (int i = 0; i < n; i++) {
                    vectors[from + i * n + j] = sign * v[order[j]][i];
                }
            }
        }
    }

    /** The largest magnitude, to divide by: 1 if all elements are 0; not finite if an element is not. */
    static double largest(double[] x, int from, int count) {
        double largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        return largest == 0 ? 1 : largest;
    }

    /** The sign of the component of largest magnitude; the first of several within a tolerance. */
    static double sign(double[] x) {
        double largest = largest(x, 0, x.length) * (1 - 1e-8);
        for (double component : x) {
            if (Math.abs(component) >= largest) {
                return component < 0 ? -1 : 1;
            }
        }
        return 1;
    }

    /** Rotates all pairs of axes, again and again, until the elements off the diagonal are negligible; rows of v become eigenvectors. */
    private static void diagonalize(double[][] a, double[][] v, Checkpoint checkpoint) {
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < a.length; p++) {
                checkpoint.check();
                for (int q = p + 1; q < a.length; q++) {
                    double off = a[p][q];
                    if (Math.abs(off) > NEGLIGIBLE * Math.sqrt(Math.abs(a[p][p])) * Math.sqrt(Math.abs(a[q][q]))) {
                        rotate(a, v, p, q);
                        rotated = true;
                    } else {
                        a[p][q] = 0;
                        a[q][p] = 0;
                    }
                }
            }
        }
    }

    private static void rotate(double[][] a, double[][] v, int p, int q) {
        double t = tangent((a[q][q] - a[p][p]) / a[p][q] / 2);
        double c = 1 / Math.sqrt(1 + t * t);
        double s = t * c;
        double moved = t * a[p][q];
        double[] rowP = a[p];
        double[] rowQ = a[q];
        double app = rowP[p] - moved;
        double aqq = rowQ[q] + moved;
        turn(rowP, rowQ, c, s);
        for (int i = 0; i < a.length; i++) {
            a[i][p] = rowP[i];
            a[i][q] = rowQ[i];
        }
        rowP[p] = app;
        rowQ[q] = aqq;
        rowP[q] = 0;
        rowQ[p] = 0;
        if (v.length > 0) {
            turn(v[p], v[q], c, s);
        }
    }

    /** The root of t² + 2ζt − 1 of smaller magnitude, the tangent of the angle of rotation. */
    static double tangent(double zeta) {
        return Math.copySign(1, zeta) / (Math.abs(zeta) + Root.hypot(1, zeta));
    }

    /** Rotates two vectors in their plane. */
    static void turn(double[] x, double[] y, double c, double s) {
        for (int i = 0; i < x.length; i++) {
            double kept = x[i];
            x[i] = c * kept - s * y[i];
            y[i] = s * kept + c * y[i];
        }
    }
}
