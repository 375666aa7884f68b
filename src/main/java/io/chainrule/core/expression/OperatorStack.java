package io.chainrule.core.expression;

import io.chainrule.core.graph.LimitException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What was begun and waits for its last operand: signs, operators and brackets, the innermost on top. Their nodes are added to
 * the tree when that operand is complete (operator precedence: Floyd 1963).
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

    /** An open bracket, whose end becomes a node of the kind {@code closes}. */
    static final class Bracket implements Pending {
        final Syntax closes;
        final int token;
        /** What the values around the bracket are for. */
        private final @Nullable ConstantRole around;
        /** The node that begins a list or an index; of others {@link #NONE}. */
        private final int begin;
        /** Whether the text defines a function that a call means. */
        boolean isFunction;
        /** The last argument of a call that has a name. */
        int keyword = NONE;
        /** The first token of an item of an index, and how many colons stand in the item. */
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

    /** Begins an expression. Where its value must be known before anything runs, {@code usedAs} says what for; else it is null. */
    void begin(@Nullable ConstantRole usedAs) {
        pending.clear();
        role = usedAs;
        signs = 0;
        powers = 0;
    }

    /** The bracket in which an operand is complete; null where an operation, or the whole expression, waits for it. */
    @Nullable
    Bracket bracket() {
        return pending.peek() instanceof Bracket bracket ? bracket : null;
    }

    /** Passes a sign. */
    void sign() {
        Syntax kind = cursor.kind() == TokenKind.MINUS ? Syntax.MINUS : Syntax.PLUS;
        signs = kind == Syntax.MINUS ? deeper(signs) : signs;
        pending.push(new Operation(kind, cursor.at(), Precedence.SIGN));
        cursor.advance();
    }

    /** Passes an operator. */
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

    /** What the value that is being parsed is for, where it must be known before anything runs; else null. */
    @Nullable
    ConstantRole role() {
        return role;
    }

    /** From here on in the innermost bracket values are for this. */
    void setRole(@Nullable ConstantRole inside) {
        role = inside;
    }

    /** Passes an opening bracket. */
    Bracket open(Syntax closes, int token, int begin) {
        Bracket bracket = new Bracket(closes, token, begin, role);
        cursor.open();
        pending.push(bracket);
        return bracket;
    }

    /** Passes a closing bracket. */
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

    /** Completes what holds its last operand tighter than an operator of this precedence does, or as tightly. */
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
