package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Bracket;

/** Parses one expression, with a stack of what was begun in place of recursion. */
final class ExpressionSyntax {
    /** No attribute needs more than two; what checks and prints attributes may recurse. */
    static final int MAX_DEPTH = 16;

    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    private final OperatorStack stack;
    private final WholeNumberSyntax numbers;

    /** What comes next. */
    private enum Next {
        OPERAND,
        OPERATOR,
        END
    }

    ExpressionSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, OperatorStack stack, WholeNumberSyntax numbers) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.stack = stack;
        this.numbers = numbers;
    }

    /** Parses the expression at the cursor, which is then at the separator behind it. */
    void parse() {
        Next next = Next.OPERAND;
        while (next != Next.END) {
            next = next == Next.OPERAND ? operand() : operator();
        }
    }

    private Next operand() {
        Bracket around = stack.bracket();
        if (around != null && around.attribute != null) {
            return attributeValue(around, around.attribute);
        }
        return switch (cursor.kind()) {
            case NUMBER -> leaf(Syntax.NUMBER);
            case NAME -> name(cursor.at());
            case MINUS, PLUS -> sign();
            case LEFT_PAREN -> {
                stack.open(Syntax.GROUP, cursor.at());
                yield Next.OPERAND;
            }
            case LEFT_BRACKET -> list();
            default -> throw SyntaxErrors.missingValue(tokens, cursor);
        };
    }

    private Next leaf(Syntax kind) {
        tree.add(kind, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
    }

    /** A minus directly before a number is part of it and no nesting, unless something binds the number tighter. */
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
        Bracket around = stack.bracket();
        int begin = tree.add(Syntax.LIST, cursor.at());
        Bracket list = stack.open(Syntax.ITEMS, cursor.at());
        list.begin = begin;
        if (around != null && around.attribute != null) {
            list.attribute = around.attribute;
            list.depth = around.depth + 1;
        }
        return cursor.kind() == TokenKind.RIGHT_BRACKET ? close() : item(list);
    }

    private static Next item(Bracket list) {
        list.items++;
        return Next.OPERAND;
    }

    private Next call(int token, int last) {
        cursor.moveTo(last);
        cursor.advance();
        tree.add(Syntax.CALLEE, token, last);
        Bracket call = stack.open(Syntax.CALL, token);
        call.isFunction = tree.definition(tokens.text(token, last)) != null;
        return argument(call);
    }

    /** At the start of an argument, or at the end of the call. */
    private Next argument(Bracket call) {
        if (cursor.kind() == TokenKind.RIGHT_PAREN) {
            return close();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            tree.add(Syntax.KEYWORD, cursor.at());
            call.hasKeyword = true;
            call.attribute = call.isFunction ? null : tokens.text(cursor.at());
            cursor.advance();
            cursor.advance();
        } else if (call.hasKeyword) {
            throw call.isFunction
                    ? cursor.unexpected("an argument without a name stands behind one with a name")
                    : cursor.unexpected("an operand stands behind an attribute", null, "operands come first, attributes after them");
        }
        return item(call);
    }

    /** A number, a name, a text, or a list of these: the value of an argument of an op, as far as the text defines no such function. */
    private Next attributeValue(Bracket around, String attribute) {
        int token = cursor.at();
        return switch (cursor.kind()) {
            case NUMBER -> leaf(Syntax.NUMBER);
            case NAME -> {
                if (cursor.isNextStatement()) {
                    throw noAttribute(attribute);
                }
                yield leaf(Syntax.NAME);
            }
            case TEXT -> leaf(Syntax.TEXT);
            case MINUS, PLUS -> {
                if (cursor.following() != TokenKind.NUMBER && cursor.following() != TokenKind.NAME) {
                    throw noAttribute(attribute);
                }
                Syntax sign = cursor.kind() == TokenKind.MINUS ? Syntax.MINUS : Syntax.PLUS;
                cursor.advance();
                leaf(cursor.kind() == TokenKind.NUMBER ? Syntax.NUMBER : Syntax.NAME);
                tree.add(sign, token);
                yield Next.OPERATOR;
            }
            case LEFT_BRACKET -> {
                if (around.depth == MAX_DEPTH) {
                    throw noAttribute(attribute);
                }
                yield list();
            }
            default -> throw noAttribute(attribute);
        };
    }

    private SyntaxException noAttribute(String attribute) {
        return cursor.unexpected("attribute '" + attribute + "' is " + SyntaxErrors.ATTRIBUTE + ", not " + tokens.quoted(cursor.at()),
                SyntaxErrors.ATTRIBUTE, null);
    }

    private Next operator() {
        Bracket around = stack.bracket();
        if (around != null && around.attribute != null) {
            return cursor.kind() == TokenKind.COMMA ? comma() : close();
        }
        Operator operator = Operator.of(cursor.kind());
        if (operator != null) {
            stack.infix(operator);
            return Next.OPERAND;
        }
        return switch (cursor.kind()) {
            case DOT -> member();
            case LEFT_BRACKET -> {
                numbers.index();
                yield Next.OPERATOR;
            }
            case COMMA -> comma();
            case RIGHT_PAREN, RIGHT_BRACKET -> close();
            case NEWLINE, SEMICOLON, END -> {
                if (cursor.nesting() > 0) {
                    throw cursor.unexpected("");
                }
                stack.finish();
                yield Next.END;
            }
            default -> throw SyntaxErrors.missingOperator(tokens, cursor);
        };
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

    private Next comma() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around == null || around.closes == Syntax.GROUP) {
            throw tokens.syntaxError(cursor.at(), "',' stands outside of a call and of a list")
                    .hint("a list is written in square brackets, [a, b]");
        }
        cursor.advance();
        if (around.closes == Syntax.CALL) {
            return argument(around);
        }
        return cursor.kind() == TokenKind.RIGHT_BRACKET ? close() : item(around);
    }

    private Next close() {
        stack.close();
        return Next.OPERATOR;
    }
}
