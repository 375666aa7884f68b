package io.chainrule.core.expression;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells which names are legal in an expression, and which have a predefined meaning. */
public final class Names {
    /** The keyword that has no value; the others stand for numbers. */
    static final String RESERVED = "for";
    private static final Set<String> KEYWORDS = Set.of(RESERVED, "true", "false");
    private static final Map<String, Double> CONSTANTS = Map.of("pi", Math.PI, "e", Math.E, "inf", Double.POSITIVE_INFINITY, "nan",
            Double.NaN);

    private Names() {}

    public static boolean isStart(int codePoint) {
        return codePoint < 0x80
                ? codePoint >= 'a' && codePoint <= 'z' || codePoint >= 'A' && codePoint <= 'Z' || codePoint == '_'
                : Character.isLetter(codePoint) && !Characters.isSuperscript(codePoint);
    }

    public static boolean isPart(int codePoint) {
        return isStart(codePoint) || (codePoint < 0x80
                ? codePoint >= '0' && codePoint <= '9'
                : Character.isDigit(codePoint) || Characters.isSubscriptDigit(codePoint) || isMark(codePoint));
    }

    /** Whether the text can be bound by a statement or read as an input. */
    public static boolean isLegal(String name) {
        return !name.isEmpty() && isStart(name.codePointAt(0)) && name.codePoints().allMatch(Names::isPart) && !isKeyword(name);
    }

    static boolean isKeyword(String name) {
        return KEYWORDS.contains(name);
    }

    /** The number that a truth value is, in our spelling or Python's. */
    static OptionalDouble truth(String word) {
        return switch (word) {
            case "true", "True" -> OptionalDouble.of(1);
            case "false", "False" -> OptionalDouble.of(0);
            default -> OptionalDouble.empty();
        };
    }

    /** The value of {@code pi}, {@code e}, {@code inf} or {@code nan}; inputs and statements of these names hide it. */
    public static OptionalDouble constant(String name) {
        Double value = CONSTANTS.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The same with the signs π and ∞. */
    public static OptionalDouble number(String name) {
        return switch (name) {
            case "π" -> OptionalDouble.of(Math.PI);
            case "∞" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
            default -> constant(name);
        };
    }

    /** Returns the name of π or e, the two constants that printed text calls by name, or null for other numbers. */
    public static @Nullable String ofNumber(double value) {
        return value == Math.PI ? "pi" : value == Math.E ? "e" : null;
    }

    /** Whether it is a combining mark, such as the accent in x̂, which Unicode encodes after the letter. */
    private static boolean isMark(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }
}
