package io.chainrule.core.expression;

import io.chainrule.core.op.Attribute;
import org.jspecify.annotations.Nullable;

/**
 * What a constant expression is used for: an attribute, an index or the bound of a loop. Messages have the form "{@code what} is
 * {@code wanted}, not …".
 *
 * @param isWhole whether the expression may contain whole numbers only
 * @param isFlag whether the value is true or false, which parameters hold as 1 and 0
 * @param takesNames whether names that statements bind to numbers may stand in it. Where the result is a smooth function of the number
 *        they may not: the derivative by such a name would be missed.
 */
record ConstantRole(String what, String wanted, boolean isWhole, boolean isFlag, boolean takesNames) {
    private static final String WHOLE = "a whole number";
    private static final String VALUE = "a number, true, false, 'text' or a list of these";
    /** What a loop can run over. */
    static final String OVER = "a loop runs over range(10), a list of numbers, an array or list that has a name, or zip, "
            + "enumerate or reversed"
            + " of these; give it a name on a line before";
    static final ConstantRole INDEX = new ConstantRole("an index", "a whole number, a slice like 1:3, or ...", true, false, true);
    static final ConstantRole BOUND = new ConstantRole("a bound of a loop", WHOLE, true, false, true);
    static final ConstantRole ITERATION = new ConstantRole("what a loop runs over", "a range, a list or an array", true, false, true);
    static final ConstantRole CONDITION = new ConstantRole("a condition", "known before the program runs", false, false, true);
    /** An argument whose use is not decided yet. */
    static final ConstantRole ANY = new ConstantRole("an argument", VALUE, false, false, true);

    /** For an attribute of this type; null if it is not known. */
    static ConstantRole attribute(String name, Attribute.@Nullable Type type) {
        boolean isSmooth = type == null || switch (type) {
            case NUMBER, NUMBER_OR_TEXT, TWO_NUMBERS -> true;
            case INT, INTS, LIMIT, BOOLEAN, TEXT, ITEMS, LISTS, AXIS_PAIRS, PADDING -> false;
        };
        return new ConstantRole("attribute '" + name + "'", VALUE, false, type == Attribute.Type.BOOLEAN, !isSmooth);
    }

    /** Whether comparisons may stand in it. */
    boolean takesConditions() {
        return equals(CONDITION);
    }

    /** What to write for a bound; null for other roles. */
    @Nullable
    String hint() {
        return equals(ITERATION) ? OVER : equals(BOUND) ? "write for i in range(10)" : null;
    }

    /** What a name or number within the expression must be, for messages. */
    String wantedValue() {
        return isWhole ? WHOLE : wanted;
    }

    /** The error for what cannot stand at a token within the expression. */
    SyntaxException refusal(Tokens tokens, int token, String instead) {
        String quoted = tokens.quoted(token);
        SyntaxException refusal = tokens.syntaxError(token, what + " is " + instead + ", not " + quoted).expected(instead, quoted);
        return hint() == null ? refusal : refusal.hint(hint());
    }

    SyntaxException refusal(Tokens tokens, int token) {
        return refusal(tokens, token, wanted);
    }
}
