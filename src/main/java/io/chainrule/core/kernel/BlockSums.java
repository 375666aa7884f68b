package io.chainrule.core.kernel;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;
import static io.chainrule.core.kernel.Blocks.join;

/** Sums in the order of {@link Blocks}. The lanes are eight local variables, so that eight additions can overlap in the processor. */
public final class BlockSums {
    private BlockSums() {}

    /** The sum of n numbers. */
    public static double sum(double[] x, int from, int n) {
        if (n > BLOCK) {
            int left = Blocks.left(n);
            return sum(x, from, left) + sum(x, from + left, n - left);
        }
        return n == 0 ? 0 : block(x, from, n);
    }

    private static double block(double[] x, int from, int n) {
        double t0 = -0.0;
        double t1 = -0.0;
        double t2 = -0.0;
        double t3 = -0.0;
        double t4 = -0.0;
        double t5 = -0.0;
        double t6 = -0.0;
        double t7 = -0.0;
        int rest = n % LANES;
        int i = from;
        for (int end = from + n - rest; i < end; i += LANES) {
            t0 += x[i];
            t1 += x[i + 1];
            t2 += x[i + 2];
            t3 += x[i + 3];
            t4 += x[i + 4];
            t5 += x[i + 5];
            t6 += x[i + 6];
            t7 += x[i + 7];
        }
        t0 = rest > 0 ? t0 + x[i] : t0;
        t1 = rest > 1 ? t1 + x[i + 1] : t1;
        t2 = rest > 2 ? t2 + x[i + 2] : t2;
        t3 = rest > 3 ? t3 + x[i + 3] : t3;
        t4 = rest > 4 ? t4 + x[i + 4] : t4;
        t5 = rest > 5 ? t5 + x[i + 5] : t5;
        t6 = rest > 6 ? t6 + x[i + 6] : t6;
        return join(t0, t1, t2, t3, t4, t5, t6, t7);
    }

    /** The sum of n products of an element of a and one of b. The elements stand {@code aStep} and {@code bStep} apart. */
    public static double dot(double[] a, int aFrom, int aStep, double[] b, int bFrom, int bStep, int n) {
        if (n > BLOCK) {
            int left = Blocks.left(n);
            return dot(a, aFrom, aStep, b, bFrom, bStep, left)
                    + dot(a, aFrom + left * aStep, aStep, b, bFrom + left * bStep, bStep, n - left);
        }
        return dotBlock(a, aFrom, aStep, b, bFrom, bStep, n);
    }

    private static double dotBlock(double[] a, int aFrom, int aStep, double[] b, int bFrom, int bStep, int n) {
        double t0 = 0;
        double t1 = 0;
        double t2 = 0;
        double t3 = 0;
        double t4 = 0;
        double t5 = 0;
        double t6 = 0;
        double t7 = 0;
        int rest = n % LANES;
        int i = aFrom;
        int j = bFrom;
        for (int q = LANES; q <= n; q += LANES) {
            t0 = Math.fma(a[i], b[j], t0);
            t1 = Math.fma(a[i + aStep], b[j + bStep], t1);
            t2 = Math.fma(a[i + 2 * aStep], b[j + 2 * bStep], t2);
            t3 = Math.fma(a[i + 3 * aStep], b[j + 3 * bStep], t3);
            t4 = Math.fma(a[i + 4 * aStep], b[j + 4 * bStep], t4);
            t5 = Math.fma(a[i + 5 * aStep], b[j + 5 * bStep], t5);
            t6 = Math.fma(a[i + 6 * aStep], b[j + 6 * bStep], t6);
            t7 = Math.fma(a[i + 7 * aStep], b[j + 7 * bStep], t7);
            i += LANES * aStep;
            j += LANES * bStep;
        }
        t0 = rest > 0 ? Math.fma(a[i], b[j], t0) : t0;
        t1 = rest > 1 ? Math.fma(a[i + aStep], b[j + bStep], t1) : t1;
        t2 = rest > 2 ? Math.fma(a[i + 2 * aStep], b[j + 2 * bStep], t2) : t2;
        t3 = rest > 3 ? Math.fma(a[i + 3 * aStep], b[j + 3 * bStep], t3) : t3;
        t4 = rest > 4 ? Math.fma(a[i + 4 * aStep], b[j + 4 * bStep], t4) : t4;
        t5 = rest > 5 ? Math.fma(a[i + 5 * aStep], b[j + 5 * bStep], t5) : t5;
        t6 = rest > 6 ? Math.fma(a[i + 6 * aStep], b[j + 6 * bStep], t6) : t6;
        return join(t0, t1, t2, t3, t4, t5, t6, t7);
    }
}
