package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * The exponential of a matrix by Padé approximants, scaling and squaring: N. J. Higham, "The scaling and squaring method
 * for the matrix exponential revisited", 2005.
 */
public final class MatrixExponential {
    private static final double[][] PADE = {
            {120, 60, 12, 1}, {30240, 15120, 3360, 420, 30, 1}, {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1},
            {17643225600.0, 8821612800.0, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1},
            {64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0, 10559470521600.0,
                    670442572800.0, 33522128640.0, 1323241920, 40840800, 960960, 16380, 182, 1}};
    private static final double[] LARGEST_NORM = {1.495585217958292e-2, 2.53939833006323e-1, 9.504178996162932e-1, 2.097847961257068,
            5.371920351148152};

    private final int n;
    private final Checkpoint checkpoint;

    private MatrixExponential(int n, Checkpoint checkpoint) {
        this.n = n;
        this.checkpoint = checkpoint;
    }

    /** Writes e^A; NaN where an element of A is not finite. */
    public static void write(double[] a, int from, int n, double[] result, int to, Checkpoint checkpoint) {
        double[] x = Arrays.copyOfRange(a, from, from + n * n);
        double norm = norm(x, n);
        if (!Double.isFinite(norm)) {
            Arrays.fill(result, to, to + n * n, Double.NaN);
            return;
        }
        System.arraycopy(new MatrixExponential(n, checkpoint).of(x, norm), 0, result, to, n * n);
    }

    /** The 1-norm, the largest column sum of magnitudes; not finite if an element is not. */
    private static double norm(double[] x, int n) {
        double largest = 0;
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Math.abs(x[i * n + j]);
            }
            largest = Math.max(largest, sum);
        }
        return largest;
    }

    private double[] of(double[] x, double norm) {
        int degree = 0;
        while (degree < PADE.length - 1 && norm > LARGEST_NORM[degree]) {
            degree++;
        }
        int squarings = norm <= LARGEST_NORM[degree] ? 0 : Math.getExponent(norm / LARGEST_NORM[degree]) + 1;
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.scalb(x[i], -squarings);
        }
        double[] result = approximant(x, PADE[degree]);
        for (int i = 0; i < squarings; i++) {
            result = product(result, result);
        }
        return result;
    }

    /** (V − U)⁻¹ (V + U) with the odd part U and the even part V of the polynomial. */
    private double[] approximant(double[] x, double[] coefficients) {
        double[] square = product(x, x);
        int last = coefficients.length - 1;
        double[] odd = new double[n * n];
        double[] even = new double[n * n];
        for (int k = last; k > 0; k -= 2) {
            odd = k == last ? odd : product(odd, square);
            even = k == last ? even : product(even, square);
            for (int i = 0; i < n; i++) {
                odd[i * n + i] += coefficients[k];
                even[i * n + i] += coefficients[k - 1];
            }
        }
        odd = product(x, odd);
        double[] sum = new double[n * n];
        double[] difference = new double[n * n];
        for (int i = 0; i < n * n; i++) {
            sum[i] = even[i] + odd[i];
            difference[i] = even[i] - odd[i];
        }
        double[] result = new double[n * n];
        Factorization.of(difference, 0, n, checkpoint).solve(sum, 0, n, result, 0, checkpoint);
        return result;
    }

    private double[] product(double[] a, double[] b) {
        double[] c = new double[n * n];
        Kernels.best().gemm(n, n, n, a, 0, b, 0, c, 0, checkpoint);
        return c;
    }
}
