package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Next;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parses one expression. Operations and brackets that are not complete are kept on an explicit stack, so that deep nesting cannot
 * overflow the call stack.
 */
final class ExpressionSyntax {
    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    private final OperatorStack stack;
    private final Words words;
    private final CallSyntax calls;
    private final Bars bars;
    private final LoopNames loops;
    /** What ends the expression outside brackets besides the end of the line: a comma, a colon, an assignment, or null for none. */
    private @Nullable TokenKind stop;

    ExpressionSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, int maxNesting) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.stack = new OperatorStack(tokens, cursor, tree, maxNesting);
        this.words = new Words(tokens);
        this.calls = new CallSyntax(tokens, cursor, tree, stack, words);
        this.loops = new LoopNames(tokens);
        this.bars = new Bars(tokens, cursor, tree, stack);
    }

    /** Parses the expression at the cursor, and leaves the cursor at the separator that follows. */
    void parse() {
        parse(null);
    }

    /**
     * The same for an item of a list without brackets, which ends before a comma, for a condition, which ends before a colon, or for what
     * is assigned.
     */
    void parseUntil(TokenKind end) {
        stop = end;
        try {
            parse(null);
        } finally {
            stop = null;
        }
    }

    /** The same for a constant expression, if a role is given. It ends before the first token that cannot continue it. */
    void parse(@Nullable ConstantRole role) {
        stack.begin(role);
        Next next = Next.OPERAND;
        while (next != Next.END) {
            next = next == Next.OPERAND ? operand() : operator();
        }
    }

    private Next operand() {
        return switch (cursor.kind()) {
            case NUMBER -> {
                words.checkExponent(cursor.at());
                yield stack.leaf(Syntax.NUMBER);
            }
            case TEXT -> stack.leaf(Syntax.TEXT);
            case NAME -> words.isNot(cursor.at()) ? stack.prefix(Syntax.NOT, Precedence.NOT) : calls.name();
            case MINUS, PLUS -> sign();
            case TILDE -> stack.prefix(Syntax.NOT, Precedence.SIGN);
            case ROOT, CUBE_ROOT -> stack.prefix(Syntax.ROOT, Precedence.ROOT);
            case LEFT_PAREN, LEFT_BRACKET, LEFT_BRACE -> list();
            case BAR, DOUBLE_BAR -> bars.open();
            default -> throw SyntaxErrors.missingValue(tokens, cursor, stack.role());
        };
    }

    /**
     * Parses a sign. A minus sign directly before a number is part of the literal, which does not count as nesting. It is an operation
     * if an operator that binds tighter follows, as in {@code -2^2}.
     */
    private Next sign() {
        int token = cursor.at();
        int number = cursor.after(token);
        boolean isLiteral = cursor.kind() == TokenKind.MINUS && tokens.kind(number) == TokenKind.NUMBER
                && switch (tokens.kind(cursor.after(number))) {
                    case POWER, SUPERSCRIPT, DOT, LEFT_BRACKET, LEFT_PAREN -> false;
                    default -> true;
                };
        if (!isLiteral) {
            return stack.prefix(cursor.kind() == TokenKind.MINUS ? Syntax.MINUS : Syntax.PLUS, Precedence.SIGN);
        }
        cursor.advance();
        words.checkExponent(cursor.at());
        stack.leaf(Syntax.NUMBER);
        tree.add(Syntax.MINUS, token);
        return Next.OPERATOR;
    }

    private Next list() {
        boolean isBrace = cursor.kind() == TokenKind.LEFT_BRACE;
        if (isBrace && (cursor.at() == 0 || tokens.kind(cursor.at() - 1) != TokenKind.POWER)) {
            throw SyntaxErrors.missingValue(tokens, cursor, stack.role());
        }
        boolean isGroup = cursor.kind() != TokenKind.LEFT_BRACKET;
        Bracket list = stack.open(isGroup ? Syntax.GROUP : Syntax.ITEMS, cursor.at(), tree.add(Syntax.LIST, cursor.at()));
        if (!cursor.kind().closes()) {
            return item(list);
        } else if (isBrace) {
            throw SyntaxErrors.missingValue(tokens, cursor, stack.role());
        }
        list.closes = cursor.kind() == TokenKind.RIGHT_PAREN ? Syntax.ITEMS : list.closes;
        return stack.close();
    }

    private static Next item(Bracket bracket) {
        bracket.items++;
        return Next.OPERAND;
    }

    private Next index() {
        int begin = tree.add(Syntax.INDEX, cursor.at());
        Bracket index = stack.open(Syntax.SUBSCRIPT, cursor.at(), begin);
        stack.setRole(ConstantRole.INDEX);
        return itemOfIndex(index);
    }

    private Next itemOfIndex(Bracket index) {
        index.items++;
        index.item = cursor.at();
        index.colons = 0;
        index.argument = switch (cursor.kind()) {
            case NAME, LEFT_PAREN, LEFT_BRACKET, TILDE -> tree.add(Syntax.ARGUMENT, cursor.at());
            default -> Bracket.NONE;
        };
        return cursor.kind() == TokenKind.ELLIPSIS
                ? stack.leaf(Syntax.ELLIPSIS)
                : cursor.kind() == TokenKind.COLON ? bound() : Next.OPERAND;
    }

    /** Continues at the place of a slice's bound, and adds an ABSENT node if the bound is left out. */
    private Next bound() {
        return switch (cursor.kind()) {
            case COLON, COMMA, RIGHT_BRACKET, RIGHT_PAREN -> {
                tree.add(Syntax.ABSENT, cursor.at());
                yield Next.OPERATOR;
            }
            default -> Next.OPERAND;
        };
    }

    private Next operator() {
        Operator operator = Operator.of(cursor.kind());
        if (operator != null) {
            return stack.infix(operator);
        } else if (words.isOperator(cursor.at())) {
            return word();
        } else if (cursor.kind() == TokenKind.SUPERSCRIPT) {
            stack.checkRoot();
            return stack.leaf(Syntax.SUPERSCRIPT);
        } else if (stack.role() != null && cursor.nesting() == 0 && cursor.kind() != TokenKind.DOT
                && cursor.kind() != TokenKind.LEFT_BRACKET) {
            return end();
        }
        return switch (cursor.kind()) {
            case DOT -> calls.member();
            case LEFT_BRACKET -> index();
            case COLON -> colon();
            case COMMA -> comma();
            case ASSIGN, UPDATE -> stop == TokenKind.ASSIGN && cursor.nesting() == 0 ? end() : product();
            case RIGHT_PAREN, RIGHT_BRACKET, RIGHT_BRACE -> stop == TokenKind.COMMA && cursor.nesting() == 0 ? end() : stack.close();
            case NEWLINE, SEMICOLON, END -> {
                if (cursor.nesting() > 0) {
                    throw cursor.unexpected("");
                }
                yield end();
            }
            case BAR, DOUBLE_BAR -> bars.areClosing() ? bars.close() : product();
            case AMPERSAND -> stack.infix(Syntax.AND, Precedence.BOTH);
            default -> product();
        };
    }

    private Next end() {
        stack.finish();
        return Next.END;
    }

    /** Parses a word of Python between operands. */
    private Next word() {
        return switch (tokens.text(cursor.at())) {
            case "and" -> stack.infix(Syntax.AND, Precedence.AND);
            case "or" -> stack.infix(Syntax.OR, Precedence.OR);
            case "if" -> isFiltered() ? filter() : stack.condition();
            case "else" -> stack.otherwise();
            case "for" -> each();
            default -> {
                if (stack.role() != null && cursor.nesting() == 0) {
                    yield end();
                }
                throw SyntaxErrors.missingOperator(tokens, cursor);
            }
        };
    }

    /** Parses what a list, or the only argument of a call, counts over, as in {@code sum(x[i] for i in range(3))}. */
    private Next each() {
        stack.finish();
        Bracket around = stack.bracket();
        int item = around == null || around.items != 1 || around.isBar() || around.closes == Syntax.SUBSCRIPT
                ? Bracket.NONE
                : around.closes == Syntax.CALL ? around.argument : around.begin;
        int counter = cursor.after(cursor.at());
        if (around == null || item == Bracket.NONE) {
            String hint = around == null
                    ? "write a bracket before the items, [v^2 for v in x] or sum(v^2 for v in x)"
                    : "close " + tokens.located(cursor.innermost()) + " before 'for'";
            throw cursor.unexpected("'for' stands at the beginning of a line, or at the end of a list or of the only argument of a call",
                    null, hint);
        }
        int in = loops.end(counter);
        boolean isInner = around.each != Bracket.NONE;
        tree.setExtent(isInner ? around.each : item, tree.size());
        around.each = tree.add(Syntax.FOR, counter);
        if (!isInner) {
            tree.setKind(item, Syntax.EACH);
        }
        around.closes = around.closes == Syntax.GROUP ? Syntax.ITEMS : around.closes;
        stack.setRole(ConstantRole.ITERATION);
        cursor.moveTo(in);
        cursor.advance();
        return Next.OPERAND;
    }

    /** Whether the cursor stands behind what a list counts over. */
    private boolean isFiltered() {
        Bracket around = stack.innermost();
        return around != null && around.each != Bracket.NONE;
    }

    /** Parses the condition on what a list counts, as in {@code [x[i] for i in range(3) if i != 1]}. */
    private Next filter() {
        stack.finish();
        Bracket around = Objects.requireNonNull(stack.bracket());
        tree.setExtent(around.each, tree.size());
        around.each = tree.add(Syntax.FILTER, cursor.at());
        stack.setRole(null);
        cursor.advance();
        return Next.OPERAND;
    }

    /** Parses a product without a sign, where nothing else can be meant. */
    private Next product() {
        if (stack.beginsProduct(words)) {
            return stack.product(cursor.at());
        } else if (cursor.kind() == TokenKind.BAR && words.beginsOperand(cursor.at() + 1) && !words.isFunction(cursor.at() - 1)) {
            return stack.infix(Syntax.OR, Precedence.EITHER);
        } else if (stack.role() == null) {
            throw SyntaxErrors.missingOperator(tokens, cursor);
        }
        return stack.close();
    }

    private Next colon() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around == null && stop == TokenKind.COLON) {
            return Next.END;
        } else if (around == null || around.closes != Syntax.SUBSCRIPT || around.colons == 2) {
            return product();
        }
        around.colons++;
        cursor.advance();
        return bound();
    }

    private Next comma() {
        Bracket around = stack.endItem();
        if (around == null && stop == TokenKind.COMMA) {
            return Next.END;
        } else if (around == null || around.isBar() || around.each != Bracket.NONE) {
            throw tokens.syntaxError(cursor.at(), "',' stands outside of a call and of a list")
                    .hint("a list is written in square brackets, [a, b]; a program has one output");
        }
        cursor.advance();
        around.closes = around.closes == Syntax.GROUP ? Syntax.ITEMS : around.closes;
        if (around.closes == Syntax.CALL) {
            return calls.argument(around);
        } else if (cursor.kind().closes()) {
            return stack.close();
        }
        return around.closes == Syntax.SUBSCRIPT ? itemOfIndex(around) : item(around);
    }
}
