package io.chainrule.core.expression;

import java.util.Map;
import java.util.Objects;

/** What characters outside ASCII stand for in a program. */
public final class Characters {
    private static final String PLAIN_FROM = "\u201C\u201D\u201E\u201F\u2018\u2019\u201A\u201B\u2032\u2212\u2013\uFF0D"
            + "\u2217\u2299\u00F7\u2215\u2044\u200B\u3010\u3011\u2223";
    private static final String PLAIN_TO = "\"\"\"\"'''''---**/// []|";
    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ";
    private static final String RAISED = "0123456789+-abcdefghijklmnoprstuvwxyzT";
    private static final String SUBSCRIPT_DIGITS = "₀₁₂₃₄₅₆₇₈₉";
    private static final Map<Character, Double> FRACTIONS = Map.ofEntries(Map.entry('½', 1 / 2.0), Map.entry('⅓', 1 / 3.0),
            Map.entry('⅔', 2 / 3.0), Map.entry('¼', 1 / 4.0), Map.entry('¾', 3 / 4.0), Map.entry('⅕', 1 / 5.0), Map.entry('⅖', 2 / 5.0),
            Map.entry('⅗', 3 / 5.0), Map.entry('⅘', 4 / 5.0), Map.entry('⅙', 1 / 6.0), Map.entry('⅚', 5 / 6.0), Map.entry('⅛', 1 / 8.0),
            Map.entry('⅜', 3 / 8.0), Map.entry('⅝', 5 / 8.0), Map.entry('⅞', 7 / 8.0));

    private Characters() {}

    /**
     * Replaces typographic quotes, dashes and full-width characters by the ASCII characters that they stand for. Each character is
     * replaced by one, so that positions stay the same; superscripts, which have a meaning of their own, are kept.
     */
    public static String plain(String text) {
        StringBuilder plain = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 && plain(c) != c) {
                plain = plain == null ? new StringBuilder(text) : plain;
                plain.setCharAt(i, plain(c));
            }
        }
        return plain == null ? text : plain.toString();
    }

    private static char plain(char c) {
        if (c >= '！' && c <= '～') {
            return (char) (c - '！' + '!');
        }
        int at = PLAIN_FROM.indexOf(c);
        return at < 0 ? c : PLAIN_TO.charAt(at);
    }

    static boolean isSuperscript(int c) {
        return c > 0x7F && SUPERSCRIPTS.indexOf(c) >= 0;
    }

    /** The digits, letters and signs that superscripts stand for. */
    static String raised(String superscripts) {
        StringBuilder raised = new StringBuilder();
        superscripts.chars().forEach(c -> raised.append(RAISED.charAt(SUPERSCRIPTS.indexOf(c))));
        return raised.toString();
    }

    static boolean isSubscriptDigit(int c) {
        return c > 0x7F && SUBSCRIPT_DIGITS.indexOf(c) >= 0;
    }

    /** The text with digits in place of subscript digits. */
    static String lowered(String text) {
        StringBuilder lowered = new StringBuilder();
        text.chars().forEach(c -> lowered.append(isSubscriptDigit(c) ? (char) ('0' + SUBSCRIPT_DIGITS.indexOf(c)) : (char) c));
        return lowered.toString();
    }

    static boolean isFraction(int c) {
        return c > 0x7F && FRACTIONS.containsKey((char) c);
    }

    /** The value of a character such as ½. */
    static double fraction(char c) {
        return Objects.requireNonNull(FRACTIONS.get(c));
    }
}
