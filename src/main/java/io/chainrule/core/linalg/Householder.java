package io.chainrule.core.linalg;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The reduced QR factors of matrices by Householder reflections (Golub and Van Loan, 2013, §5.2), with the signs that
 * LAPACK's geqrf gives them: each diagonal element of R has the opposite sign of the element that it replaces.
 */
public final class Householder {
    private Householder() {}

    /** Writes Q and R of {@code count} matrices of m rows and n columns, one after the other; null is not wanted. */
    public static void write(double[] x, int m, int n, int count, double @Nullable [] q, double @Nullable [] r, Checkpoint checkpoint) {
        int k = Math.min(m, n);
        for (int i = 0; i < count; i++) {
            double[] columns = columns(x, i * m * n, m, n);
            Reflections reflections = reduce(columns, m, n, checkpoint);
            if (r != null) {
                for (int row = 0; row < k; row++) {
                    for (int j = 0; j < n; j++) {
                        r[i * k * n + row * n + j] = row <= j ? columns[j * m + row] : 0;
                    }
                }
            }
            if (q != null) {
                Arrays.fill(q, i * m * k, (i + 1) * m * k, 0);
                for (int j = 0; j < k; j++) {
                    q[i * m * k + j * k + j] = 1;
                }
                reflections.multiply(q, i * m * k, k, checkpoint);
            }
        }
    }

    /** The columns of a row-major matrix, one after the other. */
    private static double[] columns(double[] a, int from, int m, int n) {
        double[] columns = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                columns[j * m + i] = a[from + i * n + j];
            }
        }
        return columns;
    }

    /** Turns the columns into those of R and returns the reflections, whose product is Q. */
    static Reflections reduce(double[] columns, int m, int n, Checkpoint checkpoint) {
        int k = Math.min(m, n);
        Reflections reflections = new Reflections(m, 0, k);
        for (int j = 0; j < k; j++) {
            checkpoint.check();
            int diagonal = j * m + j;
            columns[diagonal] = reflections.add(j, columns, diagonal);
            for (int other = j + 1; other < n; other++) {
                reflections.reflect(j, columns, other * m + j);
            }
        }
        return reflections;
    }
}
