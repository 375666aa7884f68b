package io.chainrule.core.picture;

/** Text without characters that no document may hold, or that change the direction in which others are read. */
final class Printable {
    private static final int REPLACEMENT = 0xFFFD;

    private Printable() {}

    /** The text with U+FFFD in place of control and format characters, lone surrogates and noncharacters; line breaks and tabs stay. */
    static String of(String text) {
        if (text.codePoints().allMatch(Printable::isPrintable)) {
            return text;
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints().map(character -> isPrintable(character) ? character : REPLACEMENT).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** The same on one line. */
    static String line(String text) {
        return of(text).replaceAll("[\\n\\r\\t\\u2028\\u2029]+", " ");
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character == '\n' || character == '\r' || character == '\t';
            case Character.FORMAT, Character.SURROGATE -> false;
            default -> (character & 0xFFFE) != 0xFFFE;
        };
    }
}
