package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
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
        int k = Math.min(m, n);
        for (int i = 0; i < count; i++) {
            Decomposition one = Decomposition.of(x, i * m * n, m, n, vectors, checkpoint);
            copy(one.left, results[U], i * m * k);
            copy(one.values, results[VALUES], i * k);
            double[] right = results[VH];
            if (right != null) {
                transpose(one.right, n, k, right, i * n * k);
            }
            double[] inverse = results[PINV];
            if (inverse != null) {
                one.invert(m, n, inverse, i * m * n, checkpoint);
            }
        }
    }

    private static void copy(double[] x, double @Nullable [] result, int to) {
        if (result != null) {
            System.arraycopy(x, 0, result, to, x.length);
        }
    }

    private static void transpose(double[] x, int rows, int columns, double[] result, int to) {
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                result[to + j * rows + i] = x[i * columns + j];
            }
        }
    }

    /**
     * The singular values in descending order, and the matrices whose columns are their left and right vectors, empty if these were not
     * asked for.
     */
    public record Decomposition(double[] values, double[] left, double[] right) {

        public static Decomposition of(double[] a, int from, int m, int n, boolean vectors, Checkpoint checkpoint) {
            double scale = SymmetricEigen.largest(a, from, m * n);
            int k = Math.min(m, n);
            if (!Double.isFinite(scale)) {
                return new Decomposition(nan(k), nan(vectors ? m * k : 0), nan(vectors ? n * k : 0));
            }
            double[] scaled = new double[m * n];
            Kernels.best().binary(Kernels.Binary.DIV, a, from, 1, new double[]{scale}, 0, 0, scaled, 0, m * n);
            // A wide matrix is transposed.
            Matrix tall = m >= n ? Matrix.rows(scaled, 0, n) : Matrix.transposed(scaled, 0, n);
            Decomposition found = k > SMALL
                    ? reduced(tall, Math.max(m, n), k, vectors, checkpoint)
                    : rotated(tall, Math.max(m, n), k, vectors, checkpoint);
            double[] values = Arrays.stream(found.values).map(value -> scale * value).toArray();
            double[] left = m >= n ? found.left : found.right;
            double[] right = m >= n ? found.right : found.left;
            if (vectors && k > 0) {
                double[] signs = ColumnSigns.of(left, 0, m, k);
                ColumnSigns.apply(signs, left, 0, m);
                ColumnSigns.apply(signs, right, 0, n);
            }
            return new Decomposition(values, left, right);
        }

        private static Decomposition rotated(Matrix a, int m, int k, boolean vectors, Checkpoint checkpoint) {
            double[][] columns = new double[k][m];
            double[] flat = columns(a, m, k);
            for (int j = 0; j < k; j++) {
                System.arraycopy(flat, j * m, columns[j], 0, m);
            }
            OrthogonalColumns found = OrthogonalColumns.of(columns, vectors, checkpoint);
            int[] order = descending(found.norms());
            return new Decomposition(sorted(found.norms(), order), matrix(found.left(order)), matrix(found.right(order)));
        }

        /** Long columns are first made as short as they are many (QR). */
        private static Decomposition reduced(Matrix a, int m, int k, boolean vectors, Checkpoint checkpoint) {
            double[] square = a.values();
            Reflections q = null;
            if (m > k) {
                double[] columns = columns(a, m, k);
                q = Householder.reduce(columns, m, k, checkpoint);
                square = new double[k * k];
                for (int j = 0; j < k; j++) {
                    for (int i = 0; i <= j; i++) {
                        square[i * k + j] = columns[j * m + i];
                    }
                }
            }
            Bidiagonal found = Bidiagonal.of(square, k, vectors, checkpoint);
            int[] order = descending(found.values());
            double[] values = sorted(found.values(), order);
            if (!vectors) {
                return new Decomposition(values, new double[0], new double[0]);
            }
            double[] left = found.left(order, m);
            if (q != null) {
                q.multiply(left, 0, k, checkpoint);
            }
            return new Decomposition(values, left, found.right(order));
        }

        /** The columns of a matrix, one after the other. */
        private static double[] columns(Matrix a, int m, int n) {
            double[] columns = new double[m * n];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    columns[j * m + i] = a.values()[a.index(i, j)];
                }
            }
            return columns;
        }

        private static int[] descending(double[] values) {
            return IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble(i -> -values[i])).mapToInt(i -> i).toArray();
        }

        private static double[] sorted(double[] values, int[] order) {
            return Arrays.stream(order).mapToDouble(i -> values[i]).toArray();
        }

        /** The row-major matrix with these columns. */
        private static double[] matrix(double[][] columns) {
            int rows = columns.length == 0 ? 0 : columns[0].length;
            double[] matrix = new double[rows * columns.length];
            for (int j = 0; j < columns.length; j++) {
                for (int i = 0; i < rows; i++) {
                    matrix[i * columns.length + j] = columns[j][i];
                }
            }
            return matrix;
        }

        private static double[] nan(int count) {
            double[] numbers = new double[count];
            Arrays.fill(numbers, Double.NaN);
            return numbers;
        }

        /** Writes the pseudoinverse V Σ⁻¹ Uᵀ, n × m, over the values that are not negligible beside the largest. */
        private void invert(int m, int n, double[] result, int to, Checkpoint checkpoint) {
            int k = values.length;
            int kept = 0;
            while (kept < k && !(values[kept] <= Math.max(m, n) * Math.ulp(1.0) * values[0])) {
                kept++;
            }
            double[] divided = new double[n * k];
            for (int i = 0; i < n; i++) {
                Kernels.best().binary(Kernels.Binary.DIV, right, i * k, 1, values, 0, 1, divided, i * k, kept);
            }
            Kernels.best().chains(true, n, m, kept, Matrix.rows(divided, 0, k), Matrix.transposed(left, 0, k), result, to, checkpoint);
        }
    }
}
