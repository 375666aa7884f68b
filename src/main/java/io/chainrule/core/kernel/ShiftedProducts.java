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
        int rows = 1 + BETWEEN_CHECKS / (k * n + 1);
        for (int i = 0; i < m; i++) {
            if (i % rows == 0) {
                checkpoint.check();
            }
            int panel = i / PANEL_ROWS * PANEL_ROWS * k + i % PANEL_ROWS;
            int p = 0;
            for (; p + 3 < k; p += 4) {
                int at = panel + p * PANEL_ROWS;
                RowProducts.addFour(n, panels[at], panels[at + PANEL_ROWS], panels[at + 2 * PANEL_ROWS], panels[at + 3 * PANEL_ROWS], x,
                        from + shifts[p], from + shifts[p + 1], from + shifts[p + 2], from + shifts[p + 3], c, i * n);
            }
            for (; p < k; p++) {
                RowProducts.addOne(n, panels[panel + p * PANEL_ROWS], x, from + shifts[p], c, i * n);
            }
        }
    }
}
