package io.chainrule.core.op;

/** Distances of elements from an origin, made of distances along each axis. */
final class Offsets {
    private Offsets() {}

    /** All sums of one number of each array, in row-major order. */
    static int[] of(int[]... ofAxes) {
        int[] sums = new int[1];
        for (int[] axis : ofAxes) {
            int[] longer = new int[Math.multiplyExact(sums.length, axis.length)];
            for (int i = 0; i < sums.length; i++) {
                for (int j = 0; j < axis.length; j++) {
                    longer[i * axis.length + j] = sums[i] + axis[j];
                }
            }
            sums = longer;
        }
        return sums;
    }

    /** {@code first}, {@code first + step}, …: {@code n} numbers. */
    static int[] steps(int n, int first, int step) {
        int[] numbers = new int[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = first + i * step;
        }
        return numbers;
    }
}
