package io.chainrule.core.expression;

/**
 * What an expression is for whose value must be known before anything runs, for messages: "{@code what} is {@code wanted}, not …".
 *
 * @param isWhole whether it is made of whole numbers alone
 */
record ConstantRole(String what, String wanted, boolean isWhole) {
    private static final String WHOLE = "a whole number";
    static final ConstantRole INDEX = new ConstantRole("an index", "a whole number, a slice like 1:3, or ...", true);
    static final ConstantRole BOUND = new ConstantRole("a bound of a loop", WHOLE, true);

    static ConstantRole attribute(String name) {
        return new ConstantRole("attribute '" + name + "'", "a number, true, false, 'text' or a list of these", false);
    }

    /** What the value of a name or number in it is. */
    String wantedValue() {
        return isWhole ? WHOLE : wanted;
    }
}
