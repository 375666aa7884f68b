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
    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    private final int maxNesting;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int signs;
    private int powers;
    private @Nullable ConstantRole role;

    /** What the parser expects next. */
    enum Next {
        OPERAND,
        OPERATOR,
        END
    }

    /** A sign, an operator or a bracket. */
    sealed interface Pending permits Operation, Bracket {}

    /**
     * @param comparisons the number of comparisons before this one in a chain of them
     * @param isOpen whether it is a condition whose {@code else} is yet to come
     */
    private record Operation(Syntax kind, int token, Precedence precedence, int comparisons, boolean isOpen) implements Pending {
        Operation(Syntax kind, int token, Precedence precedence) {
            this(kind, token, precedence, 0, false);
        }

        boolean isPrefix() {
            return kind == Syntax.MINUS || kind == Syntax.PLUS || kind == Syntax.NOT || kind == Syntax.ROOT;
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

    /** Consumes an operand, or what follows one, that is a single token. */
    Next leaf(Syntax kind) {
        tree.add(kind, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
    }

    /** Consumes a sign or word before an operand and pushes its operation. */
    Next prefix(Syntax kind, Precedence precedence) {
        signs = kind == Syntax.PLUS ? signs : deeper(signs);
        return push(new Operation(kind, cursor.at(), precedence));
    }

    private Next push(Operation operation) {
        pending.push(operation);
        cursor.advance();
        return Next.OPERAND;
    }

    /** Completes the operations that bind tighter than an infix operator, then consumes the operator and pushes its operation. */
    Next infix(Operator operator) {
        Precedence precedence = operator.precedence();
        if (precedence == Precedence.POWER) {
            checkRoot();
        }
        finish(precedence, precedence.associatesLeft());
        powers = precedence == Precedence.POWER ? deeper(powers) : powers;
        if (precedence == Precedence.COMPARISON && pending.peek() instanceof Operation before && before.precedence == precedence) {
            pending.pop();
            tree.add(Syntax.INFIX, before.token, 1);
            return push(new Operation(Syntax.INFIX, cursor.at(), precedence, before.comparisons + 1, false));
        }
        return push(new Operation(Syntax.INFIX, cursor.at(), precedence));
    }

    /** The same for an operator that is a word. */
    Next infix(Syntax kind, Precedence precedence) {
        finish(precedence, true);
        return push(new Operation(kind, cursor.at(), precedence));
    }

    /** Begins the condition behind a value. */
    Next condition() {
        finish(Precedence.CONDITIONAL, false);
        signs = deeper(signs);
        return push(new Operation(Syntax.CONDITIONAL, cursor.at(), Precedence.CONDITIONAL, 0, true));
    }

    /** Ends the condition. */
    Next otherwise() {
        finish(Precedence.CONDITIONAL, false);
        while (pending.peek() instanceof Operation top && top.kind == Syntax.CONDITIONAL && !top.isOpen) {
            complete((Operation) pending.pop());
        }
        if (!(pending.peek() instanceof Operation condition && condition.isOpen)) {
            throw tokens.syntaxError(cursor.at(), "'else' has no 'if' before it").hint("write a if condition else b");
        }
        pending.pop();
        return push(new Operation(Syntax.CONDITIONAL, condition.token, Precedence.CONDITIONAL));
    }

    /** Refuses a power of what stands behind a root sign, which has two readings. */
    void checkRoot() {
        if (pending.peek() instanceof Operation top && top.kind == Syntax.ROOT) {
            throw tokens.syntaxError(top.token, "whether the root or the power comes first is not clear")
                    .hint("write " + tokens.text(top.token) + "(…) with brackets around all of the operand");
        }
    }

    /** Whether the operand at the cursor can only be a factor of the one before it. */
    boolean beginsProduct(Words words) {
        int token = cursor.at();
        int node = tree.size() - 1;
        boolean isRaised = tree.kind(node) == Syntax.SUPERSCRIPT;
        Syntax left = tree.kind(isRaised ? node - 1 : node);
        boolean isNumber = !isRaised && (left == Syntax.NUMBER || left == Syntax.MINUS);
        boolean isCall = left == Syntax.CALL && (isRaised || tokens.kind(token - 1).closes());
        boolean isClosed = isCall || left == Syntax.GROUP || left == Syntax.ABS || left == Syntax.NORM;
        Bracket bracket = innermost();
        boolean isBeforeRoot = left == Syntax.NAME && !isRaised
                && (cursor.kind() == TokenKind.ROOT || cursor.kind() == TokenKind.CUBE_ROOT);
        boolean isInList = bracket != null && bracket.closes != Syntax.GROUP && bracket.closes != Syntax.CALL && !bracket.isBar();
        if (!(isNumber || isClosed || isBeforeRoot) || tokens.startsLine(token)
                || isInList && tokens.end(token - 1) < tokens.start(token)) {
            return false;
        }
        return switch (cursor.kind()) {
            case NAME -> !words.isOperator(token);
            case LEFT_PAREN -> !isCall;
            case ROOT, CUBE_ROOT, DOUBLE_BAR -> true;
            // Behind a round bracket, or before a blank, it may be Python's or.
            case BAR -> !tokens.kind(token - 1).closes() && tokens.end(token) == tokens.start(token + 1);
            default -> false;
        };
    }

    /** Begins the second factor of a product without a sign. Refuses it behind an operator that may be meant to bind tighter. */
    Next product(int token) {
        if (pending.peek() instanceof Operation top && !(top.kind == Syntax.MINUS || top.kind == Syntax.PLUS || top.kind == Syntax.NOT)
                && (top.precedence.isTighterThan(Precedence.PRODUCT) || top.precedence == Precedence.PRODUCT && !isTimes(top))) {
            throw SyntaxErrors.unclearProduct(tokens, top.token, token);
        }
        if (!(pending.peek() instanceof Operation top && isDotBeforeNumber(top))) {
            finish(Precedence.PRODUCT, true);
        }
        pending.push(new Operation(Syntax.PRODUCT, token, Precedence.PRODUCT));
        return Next.OPERAND;
    }

    private boolean isTimes(Operation top) {
        boolean isSign = top.kind == Syntax.INFIX && tokens.operator(top.token) == Operator.TIMES;
        return top.kind == Syntax.PRODUCT || isSign || isDotBeforeNumber(top);
    }

    /** Whether a number alone stands behind a dot or a cross, as in {@code a·2b}: it belongs to what follows. */
    private boolean isDotBeforeNumber(Operation top) {
        boolean isDot = top.kind == Syntax.INFIX && tokens.operator(top.token).op().isEmpty();
        return isDot && tree.kind(tree.size() - 1) == Syntax.NUMBER && tree.token(tree.size() - 1) == top.token + 1;
    }

    /** Returns the innermost bracket, under the operations in it; null outside brackets. */
    @Nullable
    Bracket innermost() {
        for (Pending top : pending) {
            if (top instanceof Bracket bracket) {
                return bracket;
            }
        }
        return null;
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
        push(bracket);
        return bracket;
    }

    void push(Bracket bracket) {
        pending.push(bracket);
    }

    /** Completes all operations in the innermost bracket, and pops it. */
    Bracket pop() {
        finish();
        Bracket bracket = (Bracket) pending.pop();
        role = bracket.around;
        return bracket;
    }

    /** Completes the item before a comma or a closing bracket. Returns the bracket around the item, or null outside brackets. */
    @Nullable
    Bracket endItem() {
        finish();
        Bracket around = bracket();
        if (around == null) {
            return null;
        } else if (around.colons > 0) {
            tree.add(Syntax.SLICE, around.item, around.colons + 1);
            around.colons = 0;
        }
        int node = around.each != Bracket.NONE ? around.each : around.keyword != Bracket.NONE ? around.keyword : around.argument;
        if (node != Bracket.NONE) {
            tree.setExtent(node, tree.size());
        }
        return around;
    }

    /** Completes the last item, consumes a closing bracket and adds the node that ends the innermost one. */
    Next close() {
        Bracket around = endItem();
        if (around != null && around.isBar()) {
            throw cursor.neverClosed();
        }
        cursor.close();
        Bracket bracket = pop();
        int end = tree.add(bracket.closes, bracket.token, bracket.each == Bracket.NONE ? bracket.items : Bracket.NONE);
        if (bracket.begin != Bracket.NONE && bracket.each == Bracket.NONE) {
            tree.setExtent(bracket.begin, end);
        }
        if (bracket.power == Bracket.GRADIENT) {
            tree.add(Syntax.GRADIENT, bracket.token);
        } else if (bracket.power > 0) {
            tree.add(Syntax.SUPERSCRIPT, bracket.power, 1);
        }
        return Next.OPERATOR;
    }

    void finish() {
        finish(Precedence.CONDITIONAL, true);
    }

    /** Completes the operations on top that bind tighter than an operator of this precedence or, if {@code orAsTightly}, as tightly. */
    private void finish(Precedence precedence, boolean orAsTightly) {
        while (pending.peek() instanceof Operation top
                && (top.precedence.isTighterThan(precedence) || orAsTightly && top.precedence == precedence)) {
            complete((Operation) pending.pop());
        }
    }

    private void complete(Operation top) {
        if (top.isOpen) {
            throw tokens.syntaxError(top.token, "the condition that begins here has no 'else'").hint("write a if condition else b");
        }
        signs -= top.kind == Syntax.PLUS || !top.isPrefix() && top.kind != Syntax.CONDITIONAL ? 0 : 1;
        powers -= top.precedence == Precedence.POWER ? 1 : 0;
        tree.add(top.kind, top.token);
        if (top.comparisons > 0) {
            tree.add(Syntax.CHAIN, top.token, top.comparisons + 1);
        }
    }

    private int deeper(int nesting) {
        if (nesting >= maxNesting) {
            throw LimitException.moreThan("nesting", maxNesting);
        }
        return nesting + 1;
    }
}
