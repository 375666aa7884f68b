package io.chainrule.core.picture;

import io.chainrule.core.expression.ValueText;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;

/** Writes numbers for people: rounded beside the wires, in full in tooltips. */
record NumberText(int digits) {
    /** Numbers from here on, and those below its inverse, have an exponent. */
    private static final int LARGEST_PLAIN_EXPONENT = 6;
    static final int SMALLEST_PLAIN_EXPONENT = -4;
    /** Elements of an array that a tooltip spells out. */
    private static final int MOST_ELEMENTS = 64;
    private static final int MOST_INLINE = 9;

    /** A number rounded to significant digits, without trailing zeros: {@code -0.197}, {@code 1.23e7}, {@code NaN}. */
    String rounded(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "-∞";
        } else if (value == 0) {
            return "0";
        }
        return written(new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN)), digits);
    }

    /** A number that was written in the program, with as many digits as tell it from others. */
    static String exact(double value) {
        return value == 0 || !Double.isFinite(value)
                ? ValueText.number(value)
                : written(new BigDecimal(Double.toString(value)), PictureOptions.MOST_DIGITS);
    }

    private static String written(BigDecimal rounded, int digits) {
        BigDecimal number = rounded.stripTrailingZeros();
        int exponent = number.precision() - number.scale() - 1;
        if (exponent >= SMALLEST_PLAIN_EXPONENT && exponent < Math.max(digits, LARGEST_PLAIN_EXPONENT)) {
            return number.toPlainString();
        }
        return withExponent(number);
    }

    /** Writes a finite number with an exponent, such as 2.5e-7, and 0 as 0. */
    String withExponent(double value) {
        return value == 0
                ? "0"
                : withExponent(new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN)).stripTrailingZeros());
    }

    private static String withExponent(BigDecimal number) {
        int exponent = number.precision() - number.scale() - 1;
        return number.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }

    /** The numbers of a small array, rounded, as nested lists; of a larger one the shape. */
    String inline(Tensor value) {
        if (value.length() > MOST_INLINE) {
            return value.shape().toString();
        }
        double[] rounded = Arrays.stream(value.data()).map(element -> Double.parseDouble(rounded(element).replace("∞", "Infinity")))
                .toArray();
        return ValueText.array(Tensor.of(value.shape(), rounded));
    }

    /** All digits of a number, or of the first elements of an array. */
    static String full(Tensor value) {
        if (value.length() <= MOST_ELEMENTS) {
            return ValueText.array(value);
        }
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < MOST_ELEMENTS; i++) {
            text.append(ValueText.number(value.data()[i])).append(", ");
        }
        return text.append("… ").append(value.length() - MOST_ELEMENTS).append(" more]").toString();
    }
}
