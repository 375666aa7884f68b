package io.chainrule.core.op;

import org.jspecify.annotations.Nullable;

/** One attribute that an op takes. {@code defaultValue} is null where the attribute must be given or its absence means something. */
public record Attribute(String name, Type type, boolean required, @Nullable Object defaultValue, String description) {

    /** What a client may write for an attribute. */
    public enum Type {
        INT("whole number"),
        INTS("list of whole numbers, or one"),
        NUMBER("number"),
        NUMBER_OR_TEXT("number or text"),
        BOOLEAN("boolean"),
        TEXT("text"),
        ITEMS("list of whole numbers and slices like \"1:3\""),
        LISTS("list of such lists"),
        AXIS_PAIRS("whole number, or two lists of axes"),
        PADDING("whole number, one for each axis, 'same' or 'valid'");

        private final String description;

        Type(String description) {
            this.description = description;
        }

        public String description() {
            return description;
        }
    }

    public static Attribute required(String name, Type type, String description) {
        return new Attribute(name, type, true, null, description);
    }

    public static Attribute optional(String name, Type type, @Nullable Object defaultValue, String description) {
        return new Attribute(name, type, false, defaultValue, description);
    }
}
