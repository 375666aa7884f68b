package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * The product H₀ H₁ … of Householder's reflections H_k = I − v vᵀ of vectors with n elements. The first {@code offset + k} elements of the
 * k-th v are 0, its length is √2, or 0 where nothing is to be reflected.
 */
final class Reflections {
    private static final int BLOCK = 32;

    private final int n;
    private final int offset;
    private final int count;
    private final double[] v;

    Reflections(int n, int offset, int count) {
        this.n = n;
        this.offset = offset;
        this.count = count;
        this.v = new double[count * n];
    }

    /** The vectors, one after the other. */
    double[] vectors() {
        return v;
    }

    /** Where the k-th vector stands from its first element on that may differ from 0. */
    int start(int k) {
        return k * (n + 1) + offset;
    }

    /**
     * Makes the k-th reflection that sets all elements of {@code x} to 0 but the first; {@code x} has as many as the vector may have that
     * differ from 0. Returns what becomes of the first one.
     */
    double add(int k, double[] x, int from) {
        Kernels kernels = Kernels.best();
        int length = n - offset - k;
        int at = start(k);
        kernels.unary(Kernels.Unary.ABS, x, from, v, at, length);
        double others = Math.max(0, kernels.max(v, at + 1, length - 1));
        if (others == 0) {
            Arrays.fill(v, at, at + length, 0);
            return x[from];
        }
        // Numbers around 1 have squares that neither overflow nor underflow.
        double scale = Math.max(v[at], others);
        kernels.binary(Kernels.Binary.DIV, x, from, 1, new double[]{scale}, 0, 0, v, at, length);
        double first = v[at];
        double norm = Math.sqrt(kernels.dot(v, at, v, at, length));
        double root = Math.sqrt(1 + Math.abs(first) / norm);
        kernels.binary(Kernels.Binary.DIV, v, at + 1, 1, new double[]{norm}, 0, 0, v, at + 1, length - 1);
        kernels.binary(Kernels.Binary.DIV, v, at + 1, 1, new double[]{root}, 0, 0, v, at + 1, length - 1);
        v[at] = first >= 0 ? root : -root;
        return first >= 0 ? -norm * scale : norm * scale;
    }

    /** Reflects a vector by the k-th reflection; {@code from} is where its part stands that changes. */
    void reflect(int k, double[] x, int from) {
        int length = n - offset - k;
        double product = Kernels.best().dot(v, start(k), x, from, length);
        Kernels.best().addMultiple(-product, v, start(k), x, from, length);
    }

    /** The largest magnitude; NaN if there is one. */
    static double largest(double[] x, int from, int n) {
        double largest = 0;
        for (int i = from; i < from + n; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        return largest;
    }

    /** The Euclidean norm, without overflow or underflow on the way. */
    static double norm(double[] x, int from, int n) {
        double largest = largest(x, from, n);
        if (largest == 0 || !Double.isFinite(largest)) {
            return largest;
        }
        double[] scaled = new double[n];
        Kernels.best().binary(Kernels.Binary.DIV, x, from, 1, new double[]{largest}, 0, 0, scaled, 0, n);
        return largest * Math.sqrt(Kernels.best().dot(scaled, 0, scaled, 0, n));
    }

    /**
     * Overwrites a matrix of n rows with the product of the reflections and it. A block of them is I − Vᵀ T V with a triangle T (Schreiber
     * and Van Loan 1989), so that matrix products do the work.
     */
    void multiply(double[] x, int to, int columns, Checkpoint checkpoint) {
        Kernels kernels = Kernels.best();
        for (int first = Math.floorDiv(count - 1, BLOCK) * BLOCK; first >= 0; first -= BLOCK) {
            int size = Math.min(BLOCK, count - first);
            int above = offset + first;
            int rows = n - above;
            int target = to + above * columns;
            double[] triangle = triangle(first, size, rows, checkpoint);
            double[] products = new double[size * columns];
            kernels.gemm(size, columns, rows, new Matrix(v, first * n + above, n, 1), Matrix.rows(x, target, columns), products, 0,
                    Parallel.onThisThread(checkpoint));
            double[] scaled = new double[size * columns];
            kernels.gemm(size, columns, size, triangle, 0, products, 0, scaled, 0, checkpoint);
            kernels.chains(false, rows, columns, size, new Matrix(v, first * n + above, 1, n), Matrix.rows(scaled, 0, columns), x, target,
                    checkpoint);
        }
    }

    /** Returns −T, by which the products are multiplied, since kernels add and do not subtract. */
    private double[] triangle(int first, int size, int length, Checkpoint checkpoint) {
        int at = first * n + n - length;
        double[] gram = new double[size * size];
        Kernels.best().gemm(size, size, length, new Matrix(v, at, n, 1), new Matrix(v, at, 1, n), gram, 0,
                Parallel.onThisThread(checkpoint));
        double[] t = new double[size * size];
        for (int j = 0; j < size; j++) {
            t[j * size + j] = -1;
            for (int i = 0; i < j; i++) {
                double sum = 0;
                for (int k = i; k < j; k++) {
                    sum = Math.fma(t[i * size + k], gram[k * size + j], sum);
                }
                t[i * size + j] = -sum;
            }
        }
        return t;
    }
}
