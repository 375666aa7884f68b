package io.chainrule.core.grade;

import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Marks numbers that a person has worked out. An answer is right if it is the gradient rounded to the decimals that the answer has, as long
 * as it is within two hundredths of it; so 0.2 and 0.197 are both right for 0.19661, and 0.3 and 0 are not.
 */
final class Answers {
    private static final double ROUNDED = 0.02;
    private static final double EXACT = 1e-6;

    private Answers() {}

    static boolean isRight(Tensor answer, Tensor gradient) {
        double[] given = answer.data();
        double[] expected = gradient.data();
        double largest = Closeness.largest(expected);
        for (int i = 0; i < given.length; i++) {
            if (!isRight(given[i], expected[i], largest)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isRight(double answer, double expected, double largest) {
        if (!Double.isFinite(expected) || !Double.isFinite(answer)) {
            return Double.compare(answer, expected) == 0;
        }
        double distance = Math.abs(answer - expected);
        boolean isNear = distance <= EXACT * Math.abs(expected) || distance <= Closeness.RELATIVE * largest;
        return isNear || distance <= ROUNDED * Math.abs(expected) && isRounded(answer, expected);
    }

    private static boolean isRounded(double answer, double expected) {
        BigDecimal written = BigDecimal.valueOf(answer).stripTrailingZeros();
        int decimals = Math.max(0, written.scale());
        BigDecimal apart = BigDecimal.valueOf(expected).subtract(written).abs();
        return apart.compareTo(BigDecimal.ONE.movePointLeft(decimals).multiply(BigDecimal.valueOf(0.5 + 1e-9))
                .setScale(decimals + 12, RoundingMode.HALF_UP)) <= 0;
    }
}
