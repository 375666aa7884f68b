package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Power;

/** Powers of π to a unit in the last place; in high powers of the double nearest to π its rounding error would be seen. */
final class Pi {
    /** π / {@link Math#PI} − 1. */
    private static final double LACKING = 3.8981718325193755e-17;

    private Pi() {}

    static double power(int exponent) {
        double power = Power.pow(Math.PI, exponent);
        return Math.fma(power, exponent * LACKING, power);
    }
}
