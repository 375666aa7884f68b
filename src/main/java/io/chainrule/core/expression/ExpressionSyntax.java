package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Bracket;
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

    /** What the parser expects next. */
    private enum Next {
        OPERAND,
        OPERATOR,
        END
    }

    ExpressionSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, int maxNesting) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.stack = new OperatorStack(tokens, cursor, tree, maxNesting);
    }

    /** Parses the expression at the cursor, and leaves the cursor at the separator that follows. */
    void parse() {
        parse(null);
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
            case NUMBER -> leaf(Syntax.NUMBER);
            case TEXT -> leaf(Syntax.TEXT);
            case NAME -> name(cursor.at());
            case MINUS, PLUS -> sign();
            case LEFT_PAREN -> {
                stack.open(Syntax.GROUP, cursor.at(), OperatorStack.NONE);
                yield Next.OPERAND;
            }
            case LEFT_BRACKET -> list();
            default -> throw SyntaxErrors.missingValue(tokens, cursor, stack.role());
        };
    }

    private Next leaf(Syntax kind) {
        tree.add(kind, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
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
                    case POWER, DOT, LEFT_BRACKET, LEFT_PAREN -> false;
                    default -> true;
                };
        if (!isLiteral) {
            stack.sign();
            return Next.OPERAND;
        }
        cursor.advance();
        leaf(Syntax.NUMBER);
        tree.add(Syntax.MINUS, token);
        return Next.OPERATOR;
    }

    private Next name(int token) {
        if (stack.role() != null && cursor.isNextStatement()) {
            throw SyntaxErrors.missingValue(tokens, cursor, stack.role());
        }
        int last = token;
        while (tokens.kind(last + 1) == TokenKind.DOT && tokens.kind(last + 2) == TokenKind.NAME) {
            last += 2;
        }
        if (tokens.kind(cursor.after(last)) == TokenKind.LEFT_PAREN) {
            return call(token, last);
        } else if (Names.isReserved(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; no input can have this name");
        }
        return leaf(Syntax.NAME);
    }

    private Next list() {
        int begin = tree.add(Syntax.LIST, cursor.at());
        Bracket list = stack.open(Syntax.ITEMS, cursor.at(), begin);
        return cursor.kind() == TokenKind.RIGHT_BRACKET ? close() : item(list);
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
        return cursor.kind() == TokenKind.ELLIPSIS ? leaf(Syntax.ELLIPSIS) : cursor.kind() == TokenKind.COLON ? bound() : Next.OPERAND;
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

    private Next call(int token, int last) {
        cursor.moveTo(last);
        cursor.advance();
        tree.add(Syntax.CALLEE, token, last);
        Bracket call = stack.open(Syntax.CALL, token, OperatorStack.NONE);
        stack.setRole(null);
        call.isFunction = tree.definition(tokens.text(token, last)) != null;
        return argument(call);
    }

    /** Begins the next argument, or ends the call if there is none. */
    private Next argument(Bracket call) {
        if (cursor.kind() == TokenKind.RIGHT_PAREN) {
            return close();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            call.keyword = tree.add(Syntax.KEYWORD, cursor.at());
            stack.setRole(call.isFunction ? null : ConstantRole.attribute(tokens.text(cursor.at()), false));
            cursor.advance();
            cursor.advance();
        } else if (call.keyword != OperatorStack.NONE) {
            throw call.isFunction
                    ? cursor.unexpected("an argument without a name stands behind one with a name")
                    : cursor.unexpected("an operand stands behind an attribute", null, "operands come first, attributes after them");
        }
        return item(call);
    }

    private Next operator() {
        Operator operator = Operator.of(cursor.kind());
        if (operator != null) {
            stack.infix(operator);
            return Next.OPERAND;
        } else if (stack.role() != null && cursor.nesting() == 0) {
            stack.finish();
            return Next.END;
        }
        return switch (cursor.kind()) {
            case DOT -> member();
            case LEFT_BRACKET -> index();
            case COLON -> colon();
            case COMMA -> comma();
            case RIGHT_PAREN, RIGHT_BRACKET -> close();
            case NEWLINE, SEMICOLON, END -> {
                if (cursor.nesting() > 0) {
                    throw cursor.unexpected("");
                }
                stack.finish();
                yield Next.END;
            }
            default -> noOperator();
        };
    }

    private Next noOperator() {
        if (stack.role() == null) {
            throw SyntaxErrors.missingOperator(tokens, cursor);
        }
        return close();
    }

    private Next member() {
        int dot = cursor.at();
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || cursor.isNextStatement()) {
            throw cursor.unexpected(tokens.quoted(cursor.at()) + " means nothing after '.'", "'T'",
                    "only .T, the transpose, follows a value");
        }
        tree.add(Syntax.MEMBER, dot, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
    }

    private Next colon() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around == null || around.closes != Syntax.SUBSCRIPT || around.colons == 2) {
            return noOperator();
        }
        around.colons++;
        cursor.advance();
        return bound();
    }

    private Next comma() {
        Bracket around = endItem();
        if (around == null || around.closes == Syntax.GROUP) {
            throw tokens.syntaxError(cursor.at(), "',' stands outside of a call and of a list")
                    .hint("a list is written in square brackets, [a, b]");
        }
        cursor.advance();
        if (around.closes == Syntax.CALL) {
            return argument(around);
        } else if (cursor.kind() == TokenKind.RIGHT_BRACKET) {
            return close();
        }
        return around.closes == Syntax.SUBSCRIPT ? itemOfIndex(around) : item(around);
    }

    private Next close() {
        endItem();
        stack.close();
        return Next.OPERATOR;
    }

    /** Completes the item before a comma or a closing bracket. Returns the bracket around the item, or null outside brackets. */
    private @Nullable Bracket endItem() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around != null && around.colons > 0) {
            tree.add(Syntax.SLICE, around.item, around.colons + 1);
            around.colons = 0;
        } else if (around != null && around.keyword != OperatorStack.NONE) {
            tree.setExtent(around.keyword, tree.size());
        }
        return around;
    }
}
