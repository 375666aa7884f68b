package io.chainrule.core.grade;

import io.chainrule.core.expression.ValueText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;

/** Verdicts in words, from the message bundle of a language. */
final class Texts {
    private static final String UPSTREAM = "upstream";

    private final ResourceBundle bundle;
    private final Locale locale;

    Texts(Locale locale) {
        this.bundle = ResourceBundle.getBundle("io.chainrule.core.grade.Texts", locale,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
        this.locale = locale;
    }

    String of(String key, Object... arguments) {
        return new MessageFormat(bundle.getString(key), locale).format(arguments);
    }

    String derivative(String of, String by) {
        return of("derivative", of, by);
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

    /** What is wrong with a line. */
    String mistake(Recogniser.Finding finding) {
        List<String> names = finding.names();
        String code = finding.mistake().code();
        String key = switch (finding.mistake()) {
            case SIGN -> names.isEmpty() ? code : code + ".of";
            case MISSING_FACTOR ->
                names.isEmpty() ? code + ".any" : names.getFirst().equals(UPSTREAM) ? code + "." + UPSTREAM : code;
            case EXTRA_FACTOR -> names.isEmpty() ? code + ".any" : code;
            case MISSING_CONSTANT_FACTOR -> names.size() > 1 ? code + ".inside" : code;
            default -> code;
        };
        return of(key, names.toArray());
    }
}
