package io.chainrule.core.explain;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers and arrays in sentences, with six significant digits. */
final class Numerals {
    private static final double WHOLE = 1e15;
    private static final int MOST_NUMBERS = 9;

    private Numerals() {}

    static String of(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "-∞";
        } else if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return String.valueOf((long) value);
        }
        String text = String.format(Locale.ROOT, "%.6g", value);
        int exponent = text.indexOf('e');
        String mantissa = exponent < 0 ? text : text.substring(0, exponent);
        mantissa = mantissa.contains(".") ? mantissa.replaceAll("0+$", "").replaceAll("\\.$", "") : mantissa;
        return exponent < 0 ? mantissa : mantissa + "e" + Integer.parseInt(text.substring(exponent + 1));
    }

    /** Writes a factor of a product; a negative number stands in parentheses. */
    static String factor(double value) {
        return value < 0 ? "(" + of(value) + ")" : of(value);
    }

    /** The elements of a small array; of a larger one its shape. */
    static String of(Tensor value, Language language) {
        if (value.shape().isScalar()) {
            return of(value.item());
        }
        if (!isShown(value)) {
            return language.text("array", value.shape());
        }
        return value.shape().rank() == 1
                ? row(value, 0, value.length())
                : IntStream.range(0, value.shape().dim(0))
                        .mapToObj(i -> row(value, i * value.shape().last(), (i + 1) * value.shape().last()))
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    /** Whether the elements of an array are written, rather than its shape. */
    static boolean isShown(Tensor value) {
        return value.shape().rank() <= 2 && value.length() <= MOST_NUMBERS && value.length() > 0;
    }

    private static String row(Tensor value, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> of(value.data()[i])).collect(Collectors.joining(", ", "[", "]"));
    }
}
