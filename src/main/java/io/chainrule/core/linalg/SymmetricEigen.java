package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Eigenvalues, ascending, and eigenvectors of (A + Aᵀ) / 2, as LAPACK's syev computes them. The largest component of a vector is positive.
 *
 * <p>Small matrices are rotated (Jacobi; Golub and Van Loan, 2013, §8.5) with the stopping rule of J. Demmel and K. Veselić, 1992, so that
 * small eigenvalues of definite matrices have as many digits as the matrix determines. Larger ones become {@link Tridiagonal}.
 */
public final class SymmetricEigen {
    /** The largest side of small matrices. Rotations take about ten times as long as a reduction for much larger ones. */
    private static final int SMALL = 32;
    private static final int MOST_SWEEPS = 60;
    private static final double NEGLIGIBLE = 0x1p-54;

    private SymmetricEigen() {}

    /** Writes the eigenvalues and, as columns, the eigenvectors of {@code count} matrices of side n; null is not wanted. */
    public static void write(double[] x, int n, int count, double @Nullable [] values, double @Nullable [] vectors,
            Checkpoint checkpoint) {
        for (int i = 0; i < count; i++) {
            double scale = largest(x, i * n * n, n * n);
            double[] found = new double[n];
            if (Double.isFinite(scale)) {
                write(symmetric(x, i * n * n, n, scale), n, found, vectors, i * n * n, checkpoint);
            } else {
                Arrays.fill(found, Double.NaN);
                if (vectors != null) {
                    Arrays.fill(vectors, i * n * n, (i + 1) * n * n, Double.NaN);
                }
            }
            for (int j = 0; j < n && values != null; j++) {
                values[i * n + j] = scale * found[j];
            }
        }
    }

    private static double[] symmetric(double[] x, int from, int n, double scale) {
        double[] a = new double[n * n];
        Kernels.best().binary(Kernels.Binary.DIV, x, from, 1, new double[]{scale}, 0, 0, a, 0, n * n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                a[i * n + j] = 0.5 * a[i * n + j] + 0.5 * a[j * n + i];
                a[j * n + i] = a[i * n + j];
            }
        }
        return a;
    }

    private static void write(double[] a, int n, double[] values, double @Nullable [] vectors, int to, Checkpoint checkpoint) {
        Tridiagonal reduced = n > SMALL ? Tridiagonal.of(a, n, vectors != null, checkpoint) : null;
        double[] rows = Identity.of(vectors == null || reduced != null ? 0 : n);
        double[] found = reduced == null ? diagonalize(a, n, rows, checkpoint) : reduced.values();
        int[] order = IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble(i -> found[i])).mapToInt(i -> i).toArray();
        for (int j = 0; j < n; j++) {
            values[j] = found[order[j]];
        }
        if (vectors == null) {
            return;
        }
        if (reduced != null) {
            reduced.writeVectors(order, vectors, to);
        } else {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    vectors[to + i * n + j] = rows[order[j] * n + i];
                }
            }
        }
        ColumnSigns.apply(ColumnSigns.of(vectors, to, n, n), vectors, to, n);
    }

    /** The largest magnitude, to divide by: 1 if all elements are 0; not finite if an element is not. */
    static double largest(double[] x, int from, int count) {
        double largest = Reflections.largest(x, from, count);
        return largest == 0 ? 1 : largest;
    }

    /**
     * Rotates all pairs of axes, again and again, until the elements off the diagonal are negligible, and returns the diagonal. Rows of the
     * identity become eigenvectors.
     */
    private static double[] diagonalize(double[] a, int n, double[] rows, Checkpoint checkpoint) {
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < n; p++) {
                checkpoint.check();
                for (int q = p + 1; q < n; q++) {
                    double off = a[p * n + q];
                    if (Math.abs(off) > NEGLIGIBLE * Math.sqrt(Math.abs(a[p * n + p])) * Math.sqrt(Math.abs(a[q * n + q]))) {
                        rotate(a, n, rows, p, q);
                        rotated = true;
                    } else {
                        a[p * n + q] = 0;
                        a[q * n + p] = 0;
                    }
                }
            }
        }
        double[] diagonal = new double[n];
        Arrays.setAll(diagonal, i -> a[i * n + i]);
        return diagonal;
    }

    private static void rotate(double[] a, int n, double[] rows, int p, int q) {
        int rowP = p * n;
        int rowQ = q * n;
        double t = tangent((a[rowQ + q] - a[rowP + p]) / a[rowP + q] / 2);
        double c = 1 / Math.sqrt(1 + t * t);
        double s = t * c;
        double moved = t * a[rowP + q];
        double app = a[rowP + p] - moved;
        double aqq = a[rowQ + q] + moved;
        Kernels.best().rotate(c, s, a, rowP, a, rowQ, n);
        for (int i = 0; i < n; i++) {
            a[i * n + p] = a[rowP + i];
            a[i * n + q] = a[rowQ + i];
        }
        a[rowP + p] = app;
        a[rowQ + q] = aqq;
        a[rowP + q] = 0;
        a[rowQ + p] = 0;
        if (rows.length > 0) {
            Kernels.best().rotate(c, s, rows, rowP, rows, rowQ, n);
        }
    }

    /** The root of t² + 2ζt − 1 of smaller magnitude, the tangent of the angle of rotation. */
    static double tangent(double zeta) {
        return Math.copySign(1, zeta) / (Math.abs(zeta) + Root.hypot(1, zeta));
    }
}
