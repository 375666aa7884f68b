package io.chainrule.core.grade;

import io.chainrule.core.expression.ValueText;
import io.chainrule.core.language.Language;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Verdicts in words. */
final class Texts {
    private static final String UPSTREAM = "upstream";

    private final Language language;

    Texts(Language language) {
        this.language = language;
    }

    String of(String key, Object... arguments) {
        return language.text("grade." + key, arguments);
    }

    String derivative(String of, String by) {
        return of("derivative", of, by.matches("[\\w.]+|\\w+\\(.*\\)") ? by : "(" + by + ")");
    }

    /** A number in a text: seven digits, as 2, 0.3333333 and 1e-6. */
    static String number(double value) {
        if (!Double.isFinite(value) || value == 0) {
            return ValueText.number(value);
        }
        BigDecimal written = BigDecimal.valueOf(value).round(new MathContext(7)).stripTrailingZeros();
        int exponent = written.precision() - written.scale() - 1;
        return exponent >= -4 && exponent < 15
                ? written.toPlainString()
                : written.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
    }

    /** A factor in a text: a number, or a fraction such as 1/12. */
    static String factor(double value) {
        double inverse = 1 / value;
        boolean isFraction = Math.abs(inverse) >= 2 && Math.abs(inverse) < 1e6 && Math.abs(inverse - Math.rint(inverse)) < 1e-9;
        double square = Math.rint(value * value);
        double inverseSquare = Math.rint(inverse * inverse);
        if (square > 1 && square < 1e6 && value > 0 && Math.abs(Math.sqrt(square) - value) < 1e-9
                && Math.abs(Math.rint(value) - value) > 1e-9) {
            return "sqrt(" + (long) square + ")";
        } else if (!isFraction && inverseSquare > 1 && Math.abs(Math.rint(inverse) - inverse) > 1e-9 && inverseSquare < 1e6 && value > 0
                && Math.abs(Math.sqrt(inverseSquare) - inverse) < 1e-9) {
            return "1/sqrt(" + (long) inverseSquare + ")";
        }
        return isFraction ? (value < 0 ? "-1/" : "1/") + Math.round(Math.abs(inverse)) : number(value);
    }

    /** What is wrong with a line that claims to be the gradient of a node. */
    String mistake(Recogniser.Finding finding, String node) {
        List<String> names = new ArrayList<>(finding.names());
        String code = finding.mistake().code();
        String key = switch (finding.mistake()) {
            case SIGN -> names.isEmpty() ? code : code + ".of";
            case MISSING_FACTOR ->
                names.isEmpty() ? code + ".any" : names.getFirst().equals(UPSTREAM) ? code + "." + UPSTREAM : code;
            case EXTRA_FACTOR -> names.isEmpty() ? code + ".any" : code;
            case MISSING_PATH -> !names.isEmpty() && names.getFirst().contains("→") ? code + ".direct" : code;
            case OTHER -> names.isEmpty() ? code : code + ".untried";
            case SWAPPED_OPERANDS -> names.size() > 1 ? code : code + ".of";
            case MISSING_CONSTANT_FACTOR -> names.size() == 2 ? code + ".inside" : code;
            default -> code;
        };
        names.add(node);
        return of("mistake." + key, names.toArray());
    }
}
