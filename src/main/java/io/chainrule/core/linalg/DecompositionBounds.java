package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/**
 * Bounds on the errors of factors of an m × n matrix a, of which each element is known within e: by the residual of the factors that were
 * computed, their distance from orthogonal ones, and the perturbation theory of G. W. Stewart and J. Sun, 1990 (Weyl for values, Davis,
 * Kahan and Wedin for vectors, chapter III for QR). Where two values, or two signs, cannot be told apart the bounds stay infinite.
 */
public final class DecompositionBounds {
    private static final double UNIT = 0x1p-53;
    /** Angles and relative perturbations above this are not small. */
    private static final double LARGEST = 0.125;

    private DecompositionBounds() {}

    /** Bounds for the eigenvalues of (a + aᵀ) / 2, or for the matrix whose columns are its eigenvectors. */
    public static void ofEigen(boolean vectors, double[] a, double[] e, int n, double[] bounds, Checkpoint checkpoint) {
        double[] values = new double[n];
        double[] v = new double[n * n];
        SymmetricEigen.write(a, n, 1, values, v, checkpoint);
        double[] scaled = new double[n * n];
        double[] transposed = new double[n * n];
        double[] symmetric = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scaled[i * n + j] = v[i * n + j] * values[j];
                transposed[j * n + i] = v[i * n + j];
                symmetric[i * n + j] = 0.5 * a[i * n + j] + 0.5 * a[j * n + i];
            }
        }
        double skew = skewness(v, n, n);
        double error = distance(symmetric, scaled, transposed, n, n, n) + (3 * skew + 4 * UNIT) * norm(symmetric) + norm(e);
        for (int i = 0; i < n; i++) {
            if (!vectors) {
                bounds[i] = error;
                continue;
            }
            double turned = turned(values, i, Double.POSITIVE_INFINITY, error) + 1.5 * skew;
            column(isSigned(v, n, n, i, turned) ? turned : Double.POSITIVE_INFINITY, i, n, n, bounds);
        }
    }

    /** Bounds for one of the results of {@link SingularValues}, which {@code number} names. */
    public static void ofSingularValues(int number, double[] a, double[] e, int m, int n, double[] bounds, Checkpoint checkpoint) {
        int k = Math.min(m, n);
        double[][] results = {new double[m * k], new double[k], new double[k * n], null};
        SingularValues.write(a, m, n, 1, results, checkpoint);
        double[] u = results[SingularValues.U];
        double[] values = results[SingularValues.VALUES];
        double[] vh = results[SingularValues.VH];
        double[] scaled = u.clone();
        double[] v = new double[n * k];
        for (int j = 0; j < k; j++) {
            for (int i = 0; i < m; i++) {
                scaled[i * k + j] *= values[j];
            }
            for (int i = 0; i < n; i++) {
                v[i * k + j] = vh[j * n + i];
            }
        }
        double skew = skewness(u, m, k) + skewness(v, n, k);
        double error = distance(a, scaled, vh, m, k, n) + (3 * skew + 4 * UNIT) * norm(a) + norm(e);
        if (number == SingularValues.PINV) {
            double least = k == 0 ? 1 : values[k - 1] - 4 * error;
            for (int i = 0; i < m * n && least > 0; i++) {
                bounds[i] = 3 * error / least / least + 4 * (k + 4) * Math.sqrt(k) * UNIT / least;
            }
            return;
        }
        for (int j = 0; j < k; j++) {
            double turned = 1.5 * turned(values, j, m == n ? 2 * values[j] : values[j], error) + 1.5 * skew;
            double vector = isSigned(u, m, k, j, turned) ? turned : Double.POSITIVE_INFINITY;
            switch (number) {
                case SingularValues.U -> column(vector, j, m, k, bounds);
                case SingularValues.VALUES -> bounds[j] = error;
                default -> {
                    for (int i = 0; i < n; i++) {
                        bounds[j * n + i] = vector;
                    }
                }
            }
        }
    }

    /** Bounds for the factor Q, or R, of a reduced QR factorisation. */
    public static void ofQr(boolean orthogonal, double[] a, double[] e, int m, int n, double[] bounds, Checkpoint checkpoint) {
        int k = Math.min(m, n);
        double[] q = new double[m * k];
        double[] r = new double[k * n];
        Householder.write(a, m, n, 1, q, r, checkpoint);
        double[] leading = new double[k * k];
        double[] inverse = Identity.of(k);
        for (int i = 0; i < k; i++) {
            System.arraycopy(r, i * n, leading, i * k, k);
        }
        TriangularSystem.solve(Matrix.rows(leading, 0, k), k, false, false, inverse, 0, k, checkpoint);
        double rest = distance(a, q, r, m, k, n) + norm(e);
        double moved = 1.1 * rest * norm(inverse) + skewness(q, m, k);
        if (!(moved < LARGEST)) {
            return;
        }
        for (int j = 0; j < (orthogonal ? k : n); j++) {
            double length = 0;
            for (int i = 0; i < k; i++) {
                length = Root.hypot(length, r[i * n + j]);
            }
            column(orthogonal ? 5 * moved : 5 * moved * length + rest, j, orthogonal ? m : k, orthogonal ? k : n, bounds);
        }
    }

    /** A bound on the elements' errors of the exponential, by norms; its algorithm is backward stable (Higham 2005). */
    public static void ofExponential(double[] a, double[] e, int n, double[] bounds) {
        double size = norm(a);
        double moved = norm(e);
        double bound = moved * Exponential.exp(size + moved) + 32 * n * UNIT * (1 + size) * Exponential.exp(size);
        for (int i = 0; i < n * n; i++) {
            bounds[i] = bound;
        }
    }

    /**
     * How far a unit vector may be turned that belongs to value i. The next value is another one, or at the distance {@code other}: that
     * of −σ, or of the zeros of a matrix that is not square.
     */
    private static double turned(double[] values, int i, double other, double error) {
        double gap = other;
        for (int j = 0; j < values.length; j++) {
            gap = j == i ? gap : Math.min(gap, Math.abs(values[j] - values[i]));
        }
        double turned = 1.5 * error / (gap - 2 * error);
        return turned >= 0 && turned < LARGEST ? turned : Double.POSITIVE_INFINITY;
    }

    /** Whether the largest component of a column, which is made positive, stays the largest. */
    private static boolean isSigned(double[] v, int rows, int columns, int j, double error) {
        double positive = 0;
        double negative = 0;
        for (int i = 0; i < rows; i++) {
            double element = v[i * columns + j];
            positive = Math.max(positive, element);
            negative = Math.max(negative, -element);
        }
        return Math.abs(positive - negative) > 2 * error;
    }

    private static void column(double bound, int j, int rows, int columns, double[] bounds) {
        for (int i = 0; i < rows; i++) {
            bounds[i * columns + j] = bound;
        }
    }

    /** Returns the norm of vᵀ v − I, where v has this number of rows and columns: 0 if the columns of v are orthonormal. */
    private static double skewness(double[] v, int rows, int columns) {
        double[] transposed = new double[v.length];
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                transposed[j * rows + i] = v[i * columns + j];
            }
        }
        return distance(Identity.of(columns), transposed, v, columns, rows, columns);
    }

    /** The norm of z − x y, for an m × k matrix x and a k × n matrix y; summed with twice the digits (Ogita, Rump and Oishi 2005, Dot2). */
    private static double distance(double[] z, double[] x, double[] y, int m, int k, int n) {
        double[] rest = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = z[i * n + j];
                double low = 0;
                for (int l = 0; l < k; l++) {
                    double product = -x[i * k + l] * y[l * n + j];
                    double next = sum + product;
                    double ofProduct = next - sum;
                    low += sum - (next - ofProduct) + (product - ofProduct) + Math.fma(-x[i * k + l], y[l * n + j], -product);
                    sum = next;
                }
                rest[i * n + j] = sum + low;
            }
        }
        return norm(rest) + 2 * k * UNIT * UNIT * norm(x) * norm(y);
    }

    /** The Frobenius norm, rounded up. */
    private static double norm(double[] x) {
        double norm = 0;
        for (double element : x) {
            norm = Root.hypot(norm, element);
        }
        return norm * (1 + 4 * (x.length + 1) * UNIT);
    }
}
