package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bounds on the errors of what is computed from an n × n matrix, of which each element is known within {@code e}. An approximate inverse
 * and its residual bound the exact one (Rump 1999, after Krawczyk); the backward error of LU is that of Higham 2002, theorem 9.3. Where
 * the matrix may be singular within these errors, the bounds are infinite.
 */
public final class MatrixBounds {
    private static final double UNIT = 0x1p-53;
    /** The norm of a residual above which the Neumann series is not trusted. */
    private static final double LARGEST_RESIDUAL = 0.5;

    private final int n;
    private final double[] a;
    private final double[] e;
    private final Factorization lu;
    private final Checkpoint checkpoint;
    private final double[] inverse;
    /** How far the elements of {@link #inverse} may be from those of the exact inverse. */
    private final double[] spread;
    /** The largest row sum of the residual of the inverse. */
    private final double residual;

    private MatrixBounds(double[] a, double[] e, int n, Checkpoint checkpoint) {
        this.n = n;
        this.a = a;
        this.e = e;
        this.checkpoint = checkpoint;
        this.lu = Factorization.of(a, 0, n, checkpoint);
        this.inverse = new double[n * n];
        this.spread = new double[n * n];
        if (lu.isSingular()) {
            residual = Double.POSITIVE_INFINITY;
            return;
        }
        lu.inverse(inverse, 0, checkpoint);
        double[] rest = rest(Identity.of(n), null, inverse, n);
        residual = norm(rest);
        product(abs(inverse), rest, n, spread);
        double series = residual / (1 - residual);
        boolean isLower = isTriangle(true);
        boolean isUpper = isTriangle(false);
        for (int i = 0; i < n; i++) {
            double row = 0;
            for (int j = 0; j < n; j++) {
                row += spread[i * n + j];
            }
            for (int j = 0; j < n; j++) {
                boolean isZero = i < j && isLower || i > j && isUpper;
                spread[i * n + j] = isZero ? 0 : (spread[i * n + j] + row * series) * (1 + 4 * n * UNIT);
            }
        }
    }

    /** Whether all elements above the diagonal, or below it, are exact zeros; those of the inverse are then zeros too. */
    private boolean isTriangle(boolean lower) {
        for (int i = 0; i < n; i++) {
            for (int j = lower ? i + 1 : 0; j < (lower ? n : i); j++) {
                if (a[i * n + j] != 0 || e[i * n + j] != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    public static MatrixBounds of(double[] a, double[] e, int n, Checkpoint checkpoint) {
        return new MatrixBounds(a, e, n, checkpoint);
    }

    private boolean isRegular() {
        return residual < LARGEST_RESIDUAL;
    }

    /** Bounds |b − A x| for m columns, for every matrix and every b within its errors; those of b may be null. */
    private double[] rest(double[] b, double @Nullable [] errors, double[] x, int m) {
        double[] rest = new double[n * m];
        double rounded = (n + 3) * UNIT;
        for (int i = 0; i < n; i++) {
            checkpoint.check();
            for (int j = 0; j < m; j++) {
                double sum = b[i * m + j];
                double sizes = Math.abs(sum);
                double moved = errors == null ? 0 : errors[i * m + j];
                for (int k = 0; k < n; k++) {
                    double product = a[i * n + k] * x[k * m + j];
                    sum -= product;
                    sizes += Math.abs(product);
                    moved += e[i * n + k] * Math.abs(x[k * m + j]);
                }
                double bound = (Math.abs(sum) + rounded * sizes + moved) * (1 + rounded);
                rest[i * m + j] = sizes == 0 && moved == 0 ? 0 : bound + n * Double.MIN_VALUE;
            }
        }
        return rest;
    }

    /** Bounds on the error of the inverse {@code y}. */
    public void ofInverse(double[] y, double[] bounds) {
        for (int i = 0; i < n * n && isRegular(); i++) {
            bounds[i] = spread[i] + Math.abs(inverse[i] - y[i]);
        }
    }

    /** Bounds on the error of {@code y} as a solution of A y = b for m columns. */
    public void ofSolution(double[] b, double[] errors, double[] y, int m, double[] bounds) {
        if (isRegular()) {
            product(largestInverse(), rest(b, errors, y, m), m, bounds);
        }
    }

    private double[] largestInverse() {
        double[] largest = abs(inverse);
        for (int i = 0; i < n * n; i++) {
            largest[i] += spread[i];
        }
        return largest;
    }

    /** How far the logarithm of |det A| may be from that of the product of the pivots. */
    private double ofLogarithm() {
        double[] moved = new double[n * n];
        double[] backward = lu.backwardError();
        for (int i = 0; i < n * n; i++) {
            backward[i] += e[i];
        }
        product(largestInverse(), backward, n, moved);
        double norm = norm(moved);
        if (!isRegular() || !(norm < LARGEST_RESIDUAL)) {
            return Double.POSITIVE_INFINITY;
        }
        double trace = 0;
        for (int i = 0; i < n; i++) {
            trace += moved[i * n + i];
        }
        return (trace + n * norm * norm / (1 - norm)) * (1 + 4 * n * UNIT);
    }

    /** A bound on the error of {@code y} as the determinant. */
    public double ofDeterminant(double y) {
        double relative = Exponential.expm1(ofLogarithm()) + 2 * n * UNIT;
        double determinant = lu.determinant();
        return Math.abs(determinant) * relative + Math.abs(y - determinant) + n * Double.MIN_VALUE;
    }

    /** A bound on the error of {@code y} as the logarithm of |det A|. */
    public double ofLogDeterminant(double y) {
        return ofLogarithm() + (n + 2) * UNIT * lu.sumOfLogarithms() + UNIT * Math.abs(y);
    }

    /** Bounds on the errors of the cofactors {@code y}: the determinant times the transposed inverse. */
    public void ofCofactors(double[] y, double[] bounds) {
        double determinant = lu.determinant();
        double error = ofDeterminant(determinant);
        for (int i = 0; i < n * n && isRegular(); i++) {
            int transposed = i % n * n + i / n;
            double product = determinant * inverse[transposed];
            bounds[i] = Math.abs(y[i] - product) + 2 * UNIT * Math.abs(product) + Math.abs(determinant) * spread[transposed]
                    + (Math.abs(inverse[transposed]) + spread[transposed]) * error + Double.MIN_VALUE;
        }
    }

    /**
     * Bounds on the error of the Cholesky factor {@code l} of (A + Aᵀ) / 2: to first order that of l Φ(l⁻¹ R l⁻ᵀ), where R is the residual
     * and Φ takes the lower triangle and half the diagonal; the rest is below twice the square of the norm.
     */
    public static void ofCholesky(double[] a, double[] e, double[] l, int n, double[] bounds, Checkpoint checkpoint) {
        double[] rest = new double[n * n];
        double rounded = (n + 4) * UNIT;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0.5 * a[i * n + j] + 0.5 * a[j * n + i];
                double sizes = 0.5 * Math.abs(a[i * n + j]) + 0.5 * Math.abs(a[j * n + i]);
                for (int k = 0; k < n; k++) {
                    double product = l[i * n + k] * l[j * n + k];
                    sum -= product;
                    sizes += Math.abs(product);
                }
                rest[i * n + j] = (Math.abs(sum) + rounded * sizes + 0.5 * e[i * n + j] + 0.5 * e[j * n + i]) * (1 + rounded);
            }
        }
        double[] inverse = Identity.of(n);
        TriangularSystem.solve(Matrix.rows(l, 0, n), n, true, false, inverse, 0, n, checkpoint);
        double[] size = abs(inverse);
        double[] left = new double[n * n];
        multiply(size, rest, n, n, left);
        double[] moved = new double[n * n];
        double squares = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    moved[i * n + j] += left[i * n + k] * size[j * n + k];
                }
                // The inverse of l is rounded as well, by less than this while the norm is small.
                moved[i * n + j] *= 1.1;
                squares += moved[i * n + j] * moved[i * n + j];
            }
        }
        if (!(squares < LARGEST_RESIDUAL * LARGEST_RESIDUAL / 4)) {
            return;
        }
        double[] factor = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                factor[i * n + j] = (i == j ? 0.5 : 1) * moved[i * n + j] + 2 * squares;
            }
        }
        multiply(abs(l), factor, n, n, bounds);
    }

    private void product(double[] left, double[] right, int m, double[] result) {
        multiply(left, right, n, m, result);
    }

    /** The product of an n × n and an n × m matrix without negative elements, rounded up. */
    private static void multiply(double[] left, double[] right, int n, int m, double[] result) {
        Arrays.fill(result, 0, n * m, 0);
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                double factor = left[i * n + k];
                for (int j = 0; j < m && factor != 0; j++) {
                    result[i * m + j] += factor * right[k * m + j];
                }
            }
            for (int j = 0; j < m; j++) {
                result[i * m + j] *= 1 + 4 * n * UNIT;
            }
        }
    }

    private static double[] abs(double[] x) {
        return Arrays.stream(x).map(Math::abs).toArray();
    }

    private double norm(double[] x) {
        double norm = 0;
        for (int i = 0; i < n; i++) {
            double row = 0;
            for (int j = 0; j < n; j++) {
                row += x[i * n + j];
            }
            norm = Math.max(norm, row);
        }
        return norm * (1 + 2 * n * UNIT);
    }
}
