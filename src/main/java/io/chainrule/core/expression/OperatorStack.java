package io.chainrule.core.expression;

import io.chainrule.core.graph.LimitException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The stack of an operator-precedence parser (Floyd 1963). It holds the signs, operators and brackets whose last operand is not
 * complete, the innermost on top. Their nodes are added to the tree when it is.
 */
final class OperatorStack {
    static final int NONE = -1;

    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    private final int maxNesting;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int signs;
    private int powers;
    private @Nullable ConstantRole role;

    /** A sign, an operator or a bracket. */
    sealed interface Pending {}

    private record Operation(Syntax kind, int token, Precedence precedence) implements Pending {}

    /** An open bracket. A node of the kind {@code closes} is added when it is closed. */
    static final class Bracket implements Pending {
        final Syntax closes;
        final int token;
        /** The role of the expression around the bracket, which is restored when the bracket is closed. */
        private final @Nullable ConstantRole around;
        /** The node that begins a list or an index; {@link #NONE} for other brackets. */
        private final int begin;
        /** Whether it belongs to a call of a function that the text defines. */
        boolean isFunction;
        /** The node of the latest keyword argument of a call. */
        int keyword = NONE;
        /** The first token of the current item of an index, and the number of colons in this item. */
        int item;
        int colons;
        int items;

        private Bracket(Syntax closes, int token, int begin, @Nullable ConstantRole around) {
            this.closes = closes;
            this.token = token;
            this.begin = begin;
            this.around = around;
        }
    }

    OperatorStack(Tokens tokens, Cursor cursor, SyntaxTree tree, int maxNesting) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.maxNesting = maxNesting;
    }

    /** Begins an expression. {@code usedAs} is the role of a constant expression, and null for other expressions. */
    void begin(@Nullable ConstantRole usedAs) {
        pending.clear();
        role = usedAs;
        signs = 0;
        powers = 0;
    }

    /** Returns the bracket on top of the stack. Returns null if an operation is on top, or if the stack is empty. */
    @Nullable
    Bracket bracket() {
        return pending.peek() instanceof Bracket bracket ? bracket : null;
    }

    /** Consumes a sign and pushes its operation. */
    void sign() {
        Syntax kind = cursor.kind() == TokenKind.MINUS ? Syntax.MINUS : Syntax.PLUS;
        signs = kind == Syntax.MINUS ? deeper(signs) : signs;
        pending.push(new Operation(kind, cursor.at(), Precedence.SIGN));
        cursor.advance();
    }

    /** Completes the operations that bind tighter than an infix operator, then consumes the operator and pushes its operation. */
    void infix(Operator operator) {
        Precedence precedence = operator.precedence();
        finish(precedence, precedence.associatesLeft());
        if (precedence == Precedence.COMPARISON && pending.peek() instanceof Operation) {
            throw tokens.syntaxError(cursor.at(), "comparisons cannot be chained").hint("write logical_and(a < b, b < c)");
        }
        powers = precedence == Precedence.POWER ? deeper(powers) : powers;
        pending.push(new Operation(Syntax.INFIX, cursor.at(), precedence));
        cursor.advance();
    }

    /** The role of the constant expression that is being parsed; null within other expressions. */
    @Nullable
    ConstantRole role() {
        return role;
    }

    /** Sets the role of the expressions that follow in the innermost bracket. */
    void setRole(@Nullable ConstantRole inside) {
        role = inside;
    }

    /** Consumes an opening bracket and pushes it. */
    Bracket open(Syntax closes, int token, int begin) {
        Bracket bracket = new Bracket(closes, token, begin, role);
        cursor.open();
        pending.push(bracket);
        return bracket;
    }

    /** Consumes a closing bracket and adds the node that ends the innermost one. */
    void close() {
        finish();
        cursor.close();
        Bracket bracket = (Bracket) pending.pop();
        int end = tree.add(bracket.closes, bracket.token, bracket.items);
        role = bracket.around;
        if (bracket.closes == Syntax.ITEMS || bracket.closes == Syntax.SUBSCRIPT) {
            tree.setExtent(bracket.begin, end);
        }
    }

    /** Completes all operations in the innermost bracket. */
    void finish() {
        finish(Precedence.COMPARISON, true);
    }

    /** Completes the operations on top that bind tighter than an operator of this precedence or, if {@code orAsTightly}, as tightly. */
    private void finish(Precedence precedence, boolean orAsTightly) {
        while (pending.peek() instanceof Operation top
                && (top.precedence.isTighterThan(precedence) || orAsTightly && top.precedence == precedence)) {
            pending.pop();
            signs -= top.kind == Syntax.MINUS ? 1 : 0;
            powers -= top.precedence == Precedence.POWER ? 1 : 0;
            tree.add(top.kind, top.token);
        }
    }

    private int deeper(int nesting) {
        if (nesting >= maxNesting) {
            throw LimitException.moreThan("nesting", maxNesting);
        }
        return nesting + 1;
    }
}
