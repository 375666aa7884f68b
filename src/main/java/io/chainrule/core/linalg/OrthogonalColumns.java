package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * Columns of a matrix after rotations that made them orthogonal, by one-sided Jacobi rotations (Hestenes 1958; J. Demmel and K. Veselić,
 * 1992; LAPACK's gesvj): their norms are the singular values, their directions the left singular vectors.
 *
 * @param columns the rotated columns
 * @param norms their norms
 * @param rotations rows of the identity after the same rotations, the right singular vectors; empty if they were not asked for
 */
record OrthogonalColumns(double[][] columns, double[] norms, double[][] rotations) {
    private static final int MOST_SWEEPS = 60;
    private static final double NEGLIGIBLE = 0x1p-53;
    private static final double ROUNDING = 0x1p-51;

    /** Rotates the columns, which it overwrites. */
    static OrthogonalColumns of(double[][] columns, boolean vectors, Checkpoint checkpoint) {
        double[][] rotations = new double[vectors ? columns.length : 0][columns.length];
        for (int i = 0; i < rotations.length; i++) {
            rotations[i][i] = 1;
        }
        return new OrthogonalColumns(columns, orthogonalize(columns, rotations, checkpoint), rotations);
    }

    /** The left singular vectors in this order, if they were asked for; those of values that are 0 must come last. */
    double[][] left(int[] order) {
        double[][] left = new double[rotations.length][];
        for (int i = 0; i < left.length; i++) {
            double norm = norms[order[i]];
            left[i] = norm == 0 ? new double[columns[order[i]].length] : divided(columns[order[i]], norm);
        }
        complete(left);
        return left;
    }

    /** The right singular vectors in this order, if they were asked for. */
    double[][] right(int[] order) {
        double[][] right = new double[rotations.length][];
        Arrays.setAll(right, i -> rotations[order[i]]);
        return right;
    }

    private static double[] divided(double[] x, double divisor) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i] / divisor;
        }
        return result;
    }

    /** Rotates pairs of vectors of x, and the same pairs of v, until those of x are orthogonal; returns their norms. */
    private static double[] orthogonalize(double[][] x, double[][] v, Checkpoint checkpoint) {
        double[] norms = new double[x.length];
        double[] noise = new double[x.length];
        Arrays.setAll(norms, i -> Reflections.norm(x[i], 0, x[i].length));
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
                        Kernels.best().rotate(c, t * c, x[p], 0, x[q], 0, x[p].length);
                        if (v.length > 0) {
                            Kernels.best().rotate(c, t * c, v[p], 0, v[q], 0, v[p].length);
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
        double norm = Reflections.norm(x, 0, x.length);
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
            if (Reflections.norm(vectors[k], 0, vectors[k].length) == 0) {
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
                    vectors[k] = divided(vectors[k], Reflections.norm(vectors[k], 0, vectors[k].length));
                }
            }
        }
    }
}
