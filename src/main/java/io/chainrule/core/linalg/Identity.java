package io.chainrule.core.linalg;

/** Identity matrices. */
final class Identity {
    private Identity() {}

    static double[] of(int n) {
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++) {
            matrix[i * n + i] = 1;
        }
        return matrix;
    }
}
