package io.chainrule.core.expression;

/**
 * What a constant expression is used for: an attribute, an index or the bound of a loop. Messages have the form "{@code what} is
 * {@code wanted}, not …".
 *
 * @param isWhole whether the expression may contain whole numbers only
 * @param isFlag whether the value is true or false, which parameters hold as 1 and 0
 */
record ConstantRole(String what, String wanted, boolean isWhole, boolean isFlag) {
    private static final String WHOLE = "a whole number";
    static final ConstantRole INDEX = new ConstantRole("an index", "a whole number, a slice like 1:3, or ...", true, false);
    static final ConstantRole BOUND = new ConstantRole("a bound of a loop", WHOLE, true, false);

    static ConstantRole attribute(String name, boolean isFlag) {
        return new ConstantRole("attribute '" + name + "'", "a number, true, false, 'text' or a list of these", false, isFlag);
    }

    /** What a name or number within the expression must be, for messages. */
    String wantedValue() {
        return isWhole ? WHOLE : wanted;
    }
}
