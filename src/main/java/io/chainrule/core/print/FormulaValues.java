package io.chainrule.core.print;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.tensor.Tensor;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Numbers and arrays in formulas. */
final class FormulaValues {
    static final int MOST_NUMBERS = 36;
    private static final int LARGEST_KNOWN_LOGARITHM = 10;
    /** Formulas of numbers that derivatives of ops have. */
    private static final Map<Double, Formula> KNOWN = known();

    private FormulaValues() {}

    /** A number by the formula of which it is the value, as log(2); others with few digits. */
    static Formula known(double value) {
        Formula known = KNOWN.get(value);
        return known == null ? number(BackwardPrinter.rounded(value)) : known;
    }

    private static Map<Double, Formula> known() {
        double root = Math.sqrt(Math.PI);
        Map<Double, Formula> known = new HashMap<>(Map.of(2 / root, FormulaParser.parse("\\frac{2}{\\sqrt{\\pi}}"), -2 / root,
                FormulaParser.parse("-\\frac{2}{\\sqrt{\\pi}}")));
        IntStream.rangeClosed(2, LARGEST_KNOWN_LOGARITHM)
                .forEach(n -> known.put(Logarithm.log(n), FormulaParser.parse("\\log\\left(" + n + "\\right)")));
        return Map.copyOf(known);
    }

    /** A number in decimal notation. */
    static Formula number(double value) {
        if (Double.isNaN(value)) {
            return new Formula.Word("\\mathrm", "NaN");
        } else if (Double.isInfinite(value)) {
            return value > 0 ? new Formula.Symbol("\\infty") : FormulaWriter.row(new Formula.Symbol("-"), new Formula.Symbol("\\infty"));
        }
        String text = ValueText.number(value).toLowerCase(Locale.ROOT);
        int exponent = text.indexOf('e');
        String mantissa = exponent < 0 ? text : text.substring(0, exponent).replaceAll("[.]0$", "");
        Formula digits = mantissa.startsWith("-")
                ? FormulaWriter.row(new Formula.Symbol("-"), new Formula.Digits(mantissa.substring(1)))
                : new Formula.Digits(mantissa);
        if (exponent < 0) {
            return digits;
        }
        Formula power = new Formula.Script(new Formula.Digits("10"), FormulaNames.items(text.substring(exponent + 1).replace("+", "")),
                true);
        return mantissa.equals("1") ? FormulaWriter.row(power) : FormulaWriter.row(digits, FormulaParser.template(" \\cdot "), power);
    }

    /**
     * Returns the elements of a scalar, or of a vector or matrix that is small enough to be read. Of other arrays it returns only the
     * shape.
     */
    static Formula constant(Tensor value) {
        if (value.shape().isScalar()) {
            return number(value.item());
        } else if (value.shape().rank() > 2 || value.length() > MOST_NUMBERS || value.length() == 0) {
            return FormulaWriter.row(new Formula.Word("\\text", "array of shape "), FormulaNames.items(value.shape().toString()));
        }
        int columns = value.shape().rank() == 1 ? 1 : value.shape().last();
        return new Formula.Table("bmatrix", IntStream.range(0, value.length() / columns).mapToObj(
                i -> IntStream.range(0, columns).mapToObj(k -> number(value.data()[i * columns + k])).toList()).toList());
    }
}
