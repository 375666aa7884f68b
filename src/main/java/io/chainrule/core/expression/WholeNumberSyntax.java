package io.chainrule.core.expression;

/**
 * Parses what must be known before anything runs, the whole numbers of indices and of the bounds of loops: digits, names and
 * {@code + - * // %} of these.
 */
final class WholeNumberSyntax {
    static final String INDEX = "an index";
    static final String IN_INDEX = "a whole number, a slice like 1:3, or ...";

    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    private final OperatorStack stack;

    WholeNumberSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, OperatorStack stack) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.stack = stack;
    }

    /** Parses what stands in the brackets of {@code x[...]}; the cursor is behind them after. */
    void index() {
        tree.add(Syntax.INDEX, cursor.at());
        OperatorStack.Bracket bracket = stack.open(Syntax.SUBSCRIPT, cursor.at());
        do {
            item();
            bracket.items++;
        } while (cursor.accept(TokenKind.COMMA) && cursor.kind() != TokenKind.RIGHT_BRACKET);
        stack.close();
    }

    private void item() {
        int token = cursor.at();
        if (cursor.accept(TokenKind.ELLIPSIS)) {
            tree.add(Syntax.ELLIPSIS, token);
            return;
        }
        int bounds = bound(0);
        if (cursor.kind() == TokenKind.COLON) {
            for (int colon = 1; colon <= 2 && cursor.accept(TokenKind.COLON); colon++) {
                bounds |= bound(colon);
            }
            tree.add(Syntax.SLICE, token, bounds);
        } else if (bounds == 0) {
            throw notWhole(INDEX, IN_INDEX);
        }
    }

    /** Answers a bit where there is one. */
    private int bound(int position) {
        return switch (cursor.kind()) {
            case NUMBER, NAME, MINUS, PLUS, LEFT_PAREN -> {
                parse(INDEX, IN_INDEX);
                yield 1 << position;
            }
            default -> 0;
        };
    }

    /** Parses the number at the cursor, which is then behind it. Messages are like "{@code role} is {@code wanted}, not ...". */
    void parse(String role, String wanted) {
        tree.add(Syntax.WHOLE, cursor.at());
        int depth = 0;
        Operator operator;
        do {
            depth += operand(role, wanted);
            while (depth > 0 && cursor.kind() == TokenKind.RIGHT_PAREN) {
                stack.close();
                depth--;
            }
            operator = Operator.of(cursor.kind());
            if (operator != null && operator.isWhole()) {
                stack.infix(operator);
            }
        } while (operator != null && operator.isWhole());
        if (depth > 0) {
            cursor.close();
        }
        stack.finish();
    }

    /** Parses signs, parentheses and a number; answers how many parentheses were opened. */
    private int operand(String role, String wanted) {
        int opened = 0;
        while (true) {
            switch (cursor.kind()) {
                case MINUS, PLUS -> stack.sign();
                case LEFT_PAREN -> {
                    stack.open(Syntax.GROUP, cursor.at());
                    opened++;
                }
                case NUMBER -> {
                    double value = tokens.number(cursor.at());
                    if (value != Math.rint(value) || value > Integer.MAX_VALUE) {
                        String quoted = tokens.quoted(cursor.at());
                        throw tokens.syntaxError(cursor.at(), role + " is a whole number, not " + quoted).expected("a whole number",
                                quoted);
                    }
                    leaf(Syntax.NUMBER);
                    return opened;
                }
                case NAME -> {
                    if (cursor.isNextStatement()) {
                        throw notWhole(role, wanted);
                    }
                    leaf(Syntax.NAME);
                    return opened;
                }
                default -> throw notWhole(role, wanted);
            }
        }
    }

    private void leaf(Syntax kind) {
        tree.add(kind, cursor.at());
        cursor.advance();
    }

    private SyntaxException notWhole(String role, String wanted) {
        return cursor.unexpected(role + " is " + wanted + ", not " + tokens.quoted(cursor.at()), wanted, null);
    }
}
