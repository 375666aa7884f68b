package io.chainrule.core.linalg;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reduced singular value decomposition, and the pseudoinverse of it. Values descend; the largest component of each column of U is
 * positive. Columns of small matrices are rotated until they are orthogonal ({@link OrthogonalColumns}), which finds small values with as
 * many digits as the matrix determines; larger ones become {@link Bidiagonal}.
 */
public final class SingularValues {
    public static final int U = 0;
    public static final int VALUES = 1;
    public static final int VH = 2;
    public static final int PINV = 3;
    /** The largest shorter side of small matrices. Rotations take about ten times as long as a reduction for much larger ones. */
    private static final int SMALL = 32;

    private SingularValues() {}

    /** Writes, of {@code count} matrices of m rows and n columns, those of the four results that are not null. */
    public static void write(double[] x, int m, int n, int count, double[] @Nullable [] results, Checkpoint checkpoint) {
        boolean vectors = results[U] != null || results[VH] != null || results[PINV] != null;
        for (int i = 0; i < count; i++) {
            Decomposition one = Decomposition.of(x, i * m * n, m, n, vectors, checkpoint);
            write(results[U], i, one.left(), true);
            write(results[VALUES], i, new double[][]{one.values()}, false);
            write(results[VH], i, one.right(), false);
            double[] inverse = results[PINV];
            if (inverse != null) {
                one.invert(inverse, i * m * n, checkpoint);
            }
        }
    }

    /** Writes vectors as the rows or columns of one matrix of the batch. */
    private static void write(double @Nullable [] result, int number, double[][] vectors, boolean asColumns) {
        if (result == null || vectors.length == 0) {
            return;
        }
        int length = vectors[0].length;
        int from = number * length * vectors.length;
        for (int k = 0; k < vectors.length; k++) {
            for (int i = 0; i < length; i++) {
                result[from + (asColumns ? i * vectors.length + k : k * length + i)] = vectors[k][i];
            }
        }
    }

    /** The singular values in descending order, and their left and right vectors if these were asked for. */
    public record Decomposition(double[] values, double[][] left, double[][] right) {

        public static Decomposition of(double[] a, int from, int m, int n, boolean vectors, Checkpoint checkpoint) {
            double scale = SymmetricEigen.largest(a, from, m * n);
            int k = Math.min(m, n);
            if (!Double.isFinite(scale)) {
                return new Decomposition(nan(1, k)[0], nan(k, m), nan(k, n));
            }
            // The columns of the matrix, or of its transpose, whichever are longer.
            double[][] columns = new double[k][Math.max(m, n)];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    columns[m >= n ? j : i][m >= n ? i : j] = a[from + i * n + j] / scale;
                }
            }
            Decomposition tall = k > SMALL ? reduced(columns, vectors, checkpoint) : rotated(columns, vectors, checkpoint);
            double[] values = Arrays.stream(tall.values).map(value -> scale * value).toArray();
            double[][] left = m >= n ? tall.left : tall.right;
            double[][] right = m >= n ? tall.right : tall.left;
            for (int i = 0; i < left.length; i++) {
                if (SymmetricEigen.isNegative(left[i], 0, 1, left[i].length)) {
                    negate(left[i]);
                    negate(right[i]);
                }
            }
            return new Decomposition(values, left, right);
        }

        private static Decomposition rotated(double[][] columns, boolean vectors, Checkpoint checkpoint) {
            OrthogonalColumns found = OrthogonalColumns.of(columns, vectors, checkpoint);
            int[] order = descending(found.norms());
            return new Decomposition(sorted(found.norms(), order), found.left(order), found.right(order));
        }

        /** Long columns are first made as short as they are many (QR). */
        private static Decomposition reduced(double[][] columns, boolean vectors, Checkpoint checkpoint) {
            int k = columns.length;
            int m = columns[0].length;
            double[] flat = new double[k * m];
            for (int j = 0; j < k; j++) {
                System.arraycopy(columns[j], 0, flat, j * m, m);
            }
            Reflections q = m > k ? Householder.reduce(flat, m, k, checkpoint) : null;
            double[] square = new double[k * k];
            for (int j = 0; j < k; j++) {
                for (int i = 0; i < (q == null ? k : j + 1); i++) {
                    square[i * k + j] = flat[j * m + i];
                }
            }
            Bidiagonal found = Bidiagonal.of(square, k, vectors, checkpoint);
            int[] order = descending(found.values());
            if (!vectors) {
                return new Decomposition(sorted(found.values(), order), new double[0][], new double[0][]);
            }
            double[] left = Arrays.copyOf(found.left(order), m * k);
            if (q != null) {
                q.multiply(left, 0, k, checkpoint);
            }
            return new Decomposition(sorted(found.values(), order), split(left, m, k), split(found.right(order), k, k));
        }

        private static int[] descending(double[] values) {
            return IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble(i -> -values[i])).mapToInt(i -> i).toArray();
        }

        private static double[] sorted(double[] values, int[] order) {
            return Arrays.stream(order).mapToDouble(i -> values[i]).toArray();
        }

        /** The columns of a row-major matrix. */
        private static double[][] split(double[] matrix, int m, int n) {
            double[][] columns = new double[n][m];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    columns[j][i] = matrix[i * n + j];
                }
            }
            return columns;
        }

        private static double[][] nan(int count, int length) {
            double[][] vectors = new double[count][length];
            for (double[] vector : vectors) {
                Arrays.fill(vector, Double.NaN);
            }
            return vectors;
        }

        private static void negate(double[] x) {
            for (int i = 0; i < x.length; i++) {
                x[i] = -x[i];
            }
        }

        /** Writes the pseudoinverse Σ vᵢ uᵢᵀ / σᵢ, n × m, over the values that are not negligible beside the largest. */
        void invert(double[] result, int to, Checkpoint checkpoint) {
            int k = values.length;
            int m = k == 0 ? 0 : left[0].length;
            int n = k == 0 ? 0 : right[0].length;
            Arrays.fill(result, to, to + n * m, 0);
            for (int l = 0; l < k; l++) {
                checkpoint.check();
                if (values[l] <= Math.max(m, n) * Math.ulp(1.0) * values[0]) {
                    continue;
                }
                for (int i = 0; i < n; i++) {
                    double factor = right[l][i] / values[l];
                    for (int j = 0; j < m; j++) {
                        result[to + i * m + j] += factor * left[l][j];
                    }
                }
            }
        }
    }
}
