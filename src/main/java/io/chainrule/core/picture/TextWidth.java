package io.chainrule.core.picture;

/**
 * How wide text is, as an upper bound over the common sans-serif fonts. Pictures are laid out without the font that shows them, so that
 * they are the same on every machine.
 */
final class TextWidth {
    private static final double DIGIT = 0.64;
    private static final double NARROW = 0.42;
    private static final double WIDE = 1.0;
    private static final double OTHER = 0.68;

    private TextWidth() {}

    /** The width of a line of text in a font of this size, in the unit of the size. */
    static double of(String text, double size) {
        return size * text.codePoints().mapToDouble(TextWidth::of).sum();
    }

    /** As much of the beginning of a text as the width holds. */
    static String fitting(String text, double size, double width) {
        if (of(text, size) <= width) {
            return text;
        }
        int[] characters = text.codePoints().toArray();
        int length = 0;
        double taken = of("…", size);
        while (length < characters.length && taken + size * of(characters[length]) <= width) {
            taken += size * of(characters[length++]);
        }
        return new String(characters, 0, length) + "…";
    }

    private static double of(int character) {
        if (Character.getType(character) == Character.NON_SPACING_MARK) {
            return 0;
        } else if (character >= '0' && character <= '9') {
            return DIGIT;
        } else if ("ijlI|.,:;'!()[]{} -".indexOf(character) >= 0) {
            return NARROW;
        } else if (character >= 0x1100 || "mwMW@%".indexOf(character) >= 0) {
            return WIDE;
        }
        return Character.isUpperCase(character) ? 0.78 : OTHER;
    }
}
