package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reduced singular value decomposition by one-sided Jacobi rotations (Hestenes 1958; J. Demmel and K. Veselić, 1992;
 * LAPACK's gesvj), and the pseudoinverse of it. Values descend; the largest component of each column of U is positive.
 */
public final class SingularValues {
    public static final int U = 0;
    public static final int VALUES = 1;
    public static final int VH = 2;
    public static final int PINV = 3;
    private static final int MOST_SWEEPS = 60;
    private static final double NEGLIGIBLE = 0x1p-53;
    private static final double ROUNDING = 0x1p-51;

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
            double[] values = new double[k];
            if (!Double.isFinite(scale)) {
                Arrays.fill(values, Double.NaN);
                return new Decomposition(values, nan(k, m), nan(k, n));
            }
            double[] scaled = new double[m * n];
            for (int i = 0; i < m * n; i++) {
                scaled[i] = a[from + i] / scale;
            }
            double[][] columns = Householder.columns(scaled, 0, m, n);
            double[][] x = m >= n ? columns : transposed(columns, m);
            double[][] v = new double[vectors ? k : 0][k];
            for (int i = 0; i < v.length; i++) {
                v[i][i] = 1;
            }
            double[] norms = orthogonalize(x, v, checkpoint);
            int[] order = IntStream.range(0, k).boxed().sorted(Comparator.comparingDouble(i -> -norms[i])).mapToInt(i -> i).toArray();
            for (int i = 0; i < k; i++) {
                values[i] = scale * norms[order[i]];
            }
            if (!vectors) {
                return new Decomposition(values, v, v);
            }
            double[][] longer = new double[k][];
            double[][] shorter = new double[k][];
            for (int i = 0; i < k; i++) {
                double norm = norms[order[i]];
                longer[i] = norm == 0 ? new double[x[order[i]].length] : times(x[order[i]], norm, 1);
                shorter[i] = v[order[i]];
            }
            complete(longer);
            double[][] left = m >= n ? longer : shorter;
            double[][] right = m >= n ? shorter : longer;
            for (int i = 0; i < k; i++) {
                double sign = SymmetricEigen.sign(left[i]);
                left[i] = times(left[i], 1, sign);
                right[i] = times(right[i], 1, sign);
            }
            return new Decomposition(values, left, right);
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

    private static double[][] nan(int count, int length) {
        double[][] vectors = new double[count][length];
        for (double[] vector : vectors) {
            Arrays.fill(vector, Double.NaN);
        }
        return vectors;
    }

    private static double[][] transposed(double[][] columns, int m) {
        double[][] rows = new double[m][columns.length];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < columns.length; j++) {
                rows[i][j] = columns[j][i];
            }
        }
        return rows;
    }

    private static double[] times(double[] x, double divisor, double factor) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = factor * (x[i] / divisor);
        }
        return result;
    }

    /** Rotates pairs of vectors of x, and the same pairs of v, until those of x are orthogonal; returns their norms. */
    private static double[] orthogonalize(double[][] x, double[][] v, Checkpoint checkpoint) {
        double[] norms = new double[x.length];
        double[] noise = new double[x.length];
        Arrays.setAll(norms, i -> Householder.norm(x[i], 0));
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < x.length; p++) {
                checkpoint.check();
                for (int q = p + 1; q < x.length; q++) {
                    double cosine = norms[p] == 0 || norms[q] == 0 ? 0 : cosine(x[p], norms[p], x[q], norms[q]);
                    if (Math.abs(cosine) > NEGLIGIBLE * Math.sqrt(x[p].length)) {
                        double t = SymmetricEigen.tangent((norms[q] / norms[p] - norms[p] / norms[q]) / (2 * cosine));
                        double c = 1 / Math.sqrt(1 + t * t);
                        double s = Math.abs(t * c);
                        double ofP = noise(c, norms[p], noise[p], s, norms[q], noise[q]);
                        noise[q] = noise(s, norms[p], noise[p], c, norms[q], noise[q]);
                        noise[p] = ofP;
                        SymmetricEigen.turn(x[p], x[q], c, t * c);
                        if (v.length > 0) {
                            SymmetricEigen.turn(v[p], v[q], c, t * c);
                        }
                        norms[p] = cleared(x[p], noise[p]);
                        norms[q] = cleared(x[q], noise[q]);
                        rotated = true;
                    }
                }
            }
        }
        return norms;
    }

    /** A bound of the rounding error in a·x + b·y, from the norms of x and y and the errors in them. */
    private static double noise(double a, double ofX, double noiseX, double b, double ofY, double noiseY) {
        return Root.hypot(Root.hypot(a * noiseX, b * noiseY), ROUNDING * (a * ofX + b * ofY));
    }

    /** The norm of a vector. One that is not larger than its rounding error is set to 0: its direction means nothing. */
    private static double cleared(double[] x, double noise) {
        double norm = Householder.norm(x, 0);
        if (norm <= noise) {
            Arrays.fill(x, 0);
            return 0;
        }
        return norm;
    }

    private static double cosine(double[] x, double ofX, double[] y, double ofY) {
        double product = 0;
        for (int i = 0; i < x.length; i++) {
            product += x[i] / ofX * (y[i] / ofY);
        }
        return product;
    }

    /** Replaces zero vectors by unit vectors that are orthogonal to all vectors before them. */
    private static void complete(double[][] vectors) {
        for (int k = 0; k < vectors.length; k++) {
            if (Householder.norm(vectors[k], 0) == 0) {
                int best = 0;
                double least = Double.POSITIVE_INFINITY;
                for (int i = 0; i < vectors[k].length; i++) {
                    double covered = 0;
                    for (int other = 0; other < k; other++) {
                        covered += vectors[other][i] * vectors[other][i];
                    }
                    if (covered < least) {
                        least = covered;
                        best = i;
                    }
                }
                vectors[k][best] = 1;
                for (int round = 0; round < 2; round++) {
                    for (int other = 0; other < k; other++) {
                        double product = -cosine(vectors[k], 1, vectors[other], 1);
                        for (int i = 0; i < vectors[k].length; i++) {
                            vectors[k][i] += product * vectors[other][i];
                        }
                    }
                    vectors[k] = times(vectors[k], Householder.norm(vectors[k], 0), 1);
                }
            }
        }
    }
}
