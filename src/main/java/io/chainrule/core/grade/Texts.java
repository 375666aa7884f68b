package io.chainrule.core.grade;

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

    /** What is wrong with a line. */
    String mistake(Recogniser.Finding finding) {
        List<String> names = finding.names();
        String code = finding.mistake().code();
        String key = switch (finding.mistake()) {
            case SIGN -> names.isEmpty() ? code : code + ".of";
            case MISSING_FACTOR -> names.getFirst().equals(UPSTREAM) ? code + "." + UPSTREAM : code;
            case MISSING_CONSTANT_FACTOR -> names.size() > 1 ? code + ".inside" : code;
            default -> code;
        };
        return of(key, names.toArray());
    }
}
