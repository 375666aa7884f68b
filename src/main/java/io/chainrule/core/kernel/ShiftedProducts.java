package io.chainrule.core.kernel;

import static io.chainrule.core.kernel.Kernels.PANEL_ROWS;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/** {@link Kernels#correlate} as additions of multiples of rows of x to a row of c. */
final class ShiftedProducts {
    private static final int BETWEEN_CHECKS = 1 << 20;

    private ShiftedProducts() {}

    static void multiply(int m, int n, int k, double[] panels, double[] x, int from, int[] shifts, double[] c, Checkpoint checkpoint) {
        Arrays.fill(c, 0, m * n, 0);
        int steps = 4 + BETWEEN_CHECKS / n / 4 * 4;
        for (int i = 0; i < m; i++) {
            int panel = i / PANEL_ROWS * PANEL_ROWS * k + i % PANEL_ROWS;
            int p = 0;
            for (; p + 3 < k; p += 4) {
                if (p % steps == 0) {
                    checkpoint.check();
                }
                int at = panel + p * PANEL_ROWS;
                RowProducts.addFour(n, panels[at], panels[at + PANEL_ROWS], panels[at + 2 * PANEL_ROWS], panels[at + 3 * PANEL_ROWS], x,
                        from + shifts[p], from + shifts[p + 1], from + shifts[p + 2], from + shifts[p + 3], c, i * n);
            }
            for (; p < k; p++) {
                RowProducts.addOne(n, panels[panel + p * PANEL_ROWS], x, from + shifts[p], c, i * n);
            }
        }
    }

    /** {@link Kernels#correlateAt}: the sums of one column and one panel stay in registers. */
    static void multiplyAt(int m, int n, int k, double[] panels, double[] x, int[] from, int[] shifts, double[] c,
            Checkpoint checkpoint) {
        int columns = 1 + BETWEEN_CHECKS / (k + 1);
        for (int i = 0; i < m; i += PANEL_ROWS) {
            for (int j = 0; j < n; j++) {
                if (j % columns == 0) {
                    checkpoint.check();
                }
                multiplyAt(k, panels, i * k, x, from[j], shifts, c, i * n + j * PANEL_ROWS);
            }
        }
    }

    private static void multiplyAt(int k, double[] panels, int panel, double[] x, int from, int[] shifts, double[] c, int to) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        for (int p = 0; p < k; p++) {
            double factor = x[from + shifts[p]];
            int at = panel + p * PANEL_ROWS;
            s0 = Math.fma(factor, panels[at], s0);
            s1 = Math.fma(factor, panels[at + 1], s1);
            s2 = Math.fma(factor, panels[at + 2], s2);
            s3 = Math.fma(factor, panels[at + 3], s3);
            s4 = Math.fma(factor, panels[at + 4], s4);
            s5 = Math.fma(factor, panels[at + 5], s5);
            s6 = Math.fma(factor, panels[at + 6], s6);
            s7 = Math.fma(factor, panels[at + 7], s7);
        }
        c[to] = s0;
        c[to + 1] = s1;
        c[to + 2] = s2;
        c[to + 3] = s3;
        c[to + 4] = s4;
        c[to + 5] = s5;
        c[to + 6] = s6;
        c[to + 7] = s7;
    }
}
