package io.chainrule.core.expression;

import org.jspecify.annotations.Nullable;

/** An open bracket. A node of the kind {@code closes} is added when it is closed. */
final class Bracket implements OperatorStack.Pending {
    /** In place of a node that does not exist. */
    static final int NONE = -1;
    /** In place of a superscript behind a call, if the call's gradient is asked. */
    static final int GRADIENT = -2;

    Syntax closes;
    final int token;
    /** The role of the expression around the bracket, which is restored when the bracket is closed. */
    final @Nullable ConstantRole around;
    /** The node that begins a list or an index; NONE for other brackets. */
    final int begin;
    /** Whether it belongs to a call of a function that the text defines. */
    boolean isFunction;
    /** The node of the latest keyword argument of a call. */
    int keyword = NONE;
    /** The node that begins the current argument of a call, if it has no name. */
    int argument = NONE;
    /** The superscript between the name and the bracket of a call, as in {@code sin²(x)}, GRADIENT, or 0. */
    int power;
    /** The FOR of a list or call that is written once for all items. */
    int each = NONE;
    /** The first token of the current item of an index, and the number of colons in this item. */
    int item;
    int colons;
    int items;

    Bracket(Syntax closes, int token, int begin, @Nullable ConstantRole around) {
        this.closes = closes;
        this.token = token;
        this.begin = begin;
        this.around = around;
    }

    boolean isBar() {
        return closes == Syntax.ABS || closes == Syntax.NORM;
    }
}
