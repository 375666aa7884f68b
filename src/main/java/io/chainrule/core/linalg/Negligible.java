package io.chainrule.core.linalg;

/**
 * What counts as 0 in the iterations of {@link Tridiagonal} and {@link Bidiagonal}, whose matrices have elements of magnitude 1 at most.
 */
final class Negligible {
    static final double UNIT = 0x1p-53;
    /** What is smaller than this counts as 0 in a matrix with an element 1: its square would lose digits to underflow. */
    static final double SMALL = 0x1p-450;

    private Negligible() {}

    /** Whether element i beside the diagonal makes no difference to elements i and i + 1 of the diagonal. */
    static boolean isBeside(double[] diagonal, double[] beside, int i) {
        return Math.abs(beside[i]) <= Math.max(SMALL, UNIT * (Math.abs(diagonal[i]) + Math.abs(diagonal[i + 1])));
    }
}
