package io.chainrule.core.op;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One attribute that an op takes, or one option of a layer, loss, optimizer and so on.
 *
 * @param defaultValue null where the attribute must be given or its absence means something
 * @param constraint null where every value of the type will do, or where it depends on other attributes which will
 */
public record Attribute(String name, Type type, boolean required, @Nullable Object defaultValue, String description,
        @Nullable Constraint constraint) {

    /** What a client may write for an attribute, and what becomes of it. */
    public enum Type {
        INT("whole number", Attribute::wholeNumber),
        INTS("list of whole numbers, or one", Attribute::wholeNumbers),
        NUMBER("number", Attribute::number),
        /** A number up to which the op counts; the result has no derivative by it. */
        LIMIT("number", Attribute::number),
        NUMBER_OR_TEXT("number or text", value -> {
            Object number = number(value);
            return number == null && value instanceof String ? value : number;
        }),
        TWO_NUMBERS("list of two numbers", value -> list(value, Attribute::number, 2)),
        BOOLEAN("boolean", value -> value instanceof Boolean ? value : null),
        TEXT("text", value -> value instanceof String ? value : null),
        ITEMS("list of whole numbers and slices like \"1:3\"", Attribute::items),
        LISTS("list of such lists", value -> list(value, Attribute::items, -1)),
        AXIS_PAIRS("whole number, or two lists of axes",
                value -> value instanceof List<?> ? list(value, Attribute::wholeNumbers, 2) : wholeNumber(value)),
        PADDING("whole number, one for each axis, 'same' or 'valid'",
                value -> value.equals("same") || value.equals("valid") ? value : wholeNumbers(value));

        private final String description;
        private final Function<Object, @Nullable Object> conversion;

        Type(String description, Function<Object, @Nullable Object> conversion) {
            this.description = description;
            this.conversion = conversion;
        }

        public String description() {
            return description;
        }

        /** A client's value as the attribute has it, or null where it is not of this type. */
        @Nullable
        Object convert(Object value) {
            return conversion.apply(value);
        }
    }

    public static Attribute required(String name, Type type, String description) {
        return new Attribute(name, type, true, null, description, null);
    }

    public static Attribute optional(String name, Type type, @Nullable Object defaultValue, String description) {
        return new Attribute(name, type, false, defaultValue, description, null);
    }

    public static Attribute number(String name, double defaultValue, String description) {
        return optional(name, Type.NUMBER, defaultValue, description);
    }

    public static Attribute flag(String name, String description) {
        return optional(name, Type.BOOLEAN, false, description);
    }

    /** The same, of which only some values are taken. */
    public Attribute with(Constraint only) {
        return new Attribute(name, type, required, defaultValue, description, only);
    }

    public Attribute atLeast(Number low) {
        return with(Constraint.atLeast(low));
    }

    public Attribute oneOf(String... names) {
        return with(new Constraint.Choice(List.of(names)));
    }

    private static @Nullable Object wholeNumber(Object value) {
        return value instanceof Number number && number.doubleValue() == number.intValue() ? (Object) number.intValue() : null;
    }

    private static @Nullable Object number(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        return switch (value instanceof String text ? text : "") {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> null;
        };
    }

    private static @Nullable Object wholeNumbers(Object value) {
        return list(value instanceof List<?> ? value : List.of(value), Attribute::wholeNumber, -1);
    }

    private static @Nullable Object items(Object value) {
        return list(value, item -> item instanceof String ? item : wholeNumber(item), -1);
    }

    /** A list of which every item can be converted, and that has so many items unless {@code size} is −1; else null. */
    private static @Nullable Object list(Object value, Function<Object, @Nullable Object> conversion, int size) {
        if (!(value instanceof List<?> list) || size >= 0 && list.size() != size) {
            return null;
        }
        List<Object> converted = new ArrayList<>();
        for (Object item : list) {
            Object one = conversion.apply(item);
            if (one == null) {
                return null;
            }
            converted.add(one);
        }
        return List.copyOf(converted);
    }
}
