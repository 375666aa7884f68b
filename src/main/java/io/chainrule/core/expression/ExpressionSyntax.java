package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Bracket;
import io.chainrule.core.expression.OperatorStack.Next;
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
    /** Whether a comma outside brackets ends the expression. */
    private boolean isItem;

    ExpressionSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, int maxNesting) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
        this.stack = new OperatorStack(tokens, cursor, tree, maxNesting);
        this.words = new Words(tokens);
    }

    /** Parses the expression at the cursor, and leaves the cursor at the separator that follows. */
    void parse() {
        parse(null);
    }

    /** The same for an item of a list without brackets, which ends before a comma. */
    void parseItem() {
        isItem = true;
        try {
            parse(null);
        } finally {
            isItem = false;
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
            case NUMBER -> leaf(Syntax.NUMBER);
            case TEXT -> leaf(Syntax.TEXT);
            case NAME -> words.isNot(cursor.at()) ? stack.prefix(Syntax.NOT, Precedence.NOT) : name(cursor.at());
            case MINUS, PLUS -> sign();
            case ROOT, CUBE_ROOT -> stack.prefix(Syntax.ROOT, Precedence.ROOT);
            case LEFT_PAREN, LEFT_BRACKET -> list();
            case BAR, DOUBLE_BAR -> stack.openBars();
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
                    case POWER, SUPERSCRIPT, DOT, LEFT_BRACKET, LEFT_PAREN -> false;
                    default -> true;
                };
        if (!isLiteral) {
            return stack.prefix(cursor.kind() == TokenKind.MINUS ? Syntax.MINUS : Syntax.PLUS, Precedence.SIGN);
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
        TokenKind next = tokens.kind(cursor.after(last));
        if (next == TokenKind.LEFT_PAREN) {
            int function = words.gradientOf(token, last);
            return function == 0
                    ? call(token, last, last, 0)
                    : call(function, function, function + 1, OperatorStack.GRADIENT);
        } else if (next == TokenKind.LEFT_BRACE && last == token) {
            return call(token, last, last, 0);
        } else if (next == TokenKind.SUPERSCRIPT && tokens.kind(last + 2) == TokenKind.LEFT_PAREN && words.isFunction(token)) {
            return call(token, last, last + 1, last + 1);
        } else if (Names.isReserved(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; no input can have this name");
        }
        return words.isBareCall(token) ? bareCall(token) : leaf(Syntax.NAME);
    }

    /** Parses a call without brackets, as in {@code log x}. What binds tighter than the call must not follow. */
    private Next bareCall(int token) {
        int behind = token + 2;
        boolean isUnclear = words.beginsOperand(behind) || switch (tokens.kind(behind)) {
            case POWER, SUPERSCRIPT, DOT, LEFT_BRACKET -> true;
            default -> false;
        };
        if (isUnclear) {
            String function = tokens.text(token);
            throw tokens.syntaxError(token, "where the operand of " + function + " ends is not clear")
                    .hint("write " + function + "(" + tokens.text(token + 1)
                            + ") with brackets around all of the operand"
                            + (words.beginsOperand(behind) ? ", and '*' between factors" : ""));
        }
        tree.add(Syntax.CALLEE, token, token);
        int argument = tree.add(Syntax.ARGUMENT, token + 1);
        tree.add(Syntax.NAME, token + 1);
        tree.setExtent(argument, tree.size());
        tree.add(Syntax.CALL, token, 1);
        cursor.advance();
        cursor.advance();
        return Next.OPERATOR;
    }

    private Next list() {
        int begin = tree.add(Syntax.LIST, cursor.at());
        boolean isGroup = cursor.kind() == TokenKind.LEFT_PAREN;
        Bracket list = stack.open(isGroup ? Syntax.GROUP : Syntax.ITEMS, cursor.at(), begin);
        if (!cursor.kind().closes()) {
            return item(list);
        } else if (isGroup && cursor.kind() == TokenKind.RIGHT_PAREN) {
            list.closes = Syntax.ITEMS;
        }
        return close();
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
            case NAME, LEFT_PAREN, LEFT_BRACKET -> tree.add(Syntax.ARGUMENT, cursor.at());
            default -> OperatorStack.NONE;
        };
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

    /**
     * Parses a call. Its bracket follows the token {@code behind}. {@code power} is the superscript before the bracket, GRADIENT, or 0.
     */
    private Next call(int token, int last, int behind, int power) {
        tree.add(Syntax.CALLEE, token, last);
        cursor.moveTo(behind);
        return arguments(token, tree.definition(tokens.text(token, last)) != null, power);
    }

    /** Parses the arguments of a call, whose bracket follows the token at the cursor. */
    private Next arguments(int token, boolean isFunction, int power) {
        cursor.advance();
        Bracket call = stack.open(Syntax.CALL, token, OperatorStack.NONE);
        stack.setRole(null);
        call.isFunction = isFunction;
        call.power = power;
        return argument(call);
    }

    /** Begins the next argument, or ends the call if there is none. */
    private Next argument(Bracket call) {
        call.argument = OperatorStack.NONE;
        if (cursor.kind() == TokenKind.RIGHT_PAREN || cursor.kind() == TokenKind.RIGHT_BRACE) {
            return close();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            call.keyword = tree.add(Syntax.KEYWORD, cursor.at());
            stack.setRole(call.isFunction ? null : ConstantRole.attribute(tokens.text(cursor.at()), null));
            cursor.advance();
            cursor.advance();
        } else if (call.keyword != OperatorStack.NONE) {
            throw call.isFunction
                    ? cursor.unexpected("an argument without a name stands behind one with a name")
                    : cursor.unexpected("an operand stands behind an attribute", null, "operands come first, attributes after them");
        } else {
            call.argument = tree.add(Syntax.ARGUMENT, cursor.at());
        }
        return item(call);
    }

    private Next operator() {
        Operator operator = Operator.of(cursor.kind());
        if (operator != null) {
            return stack.infix(operator);
        } else if (words.isOperator(cursor.at())) {
            return word();
        } else if (cursor.kind() == TokenKind.SUPERSCRIPT) {
            stack.checkRoot();
            return leaf(Syntax.SUPERSCRIPT);
        } else if (stack.role() != null && cursor.nesting() == 0 && cursor.kind() != TokenKind.DOT
                && cursor.kind() != TokenKind.LEFT_BRACKET) {
            return end();
        }
        return switch (cursor.kind()) {
            case DOT -> member();
            case LEFT_BRACKET -> index();
            case COLON -> colon();
            case COMMA -> comma();
            case RIGHT_PAREN, RIGHT_BRACKET, RIGHT_BRACE -> close();
            case NEWLINE, SEMICOLON, END -> {
                if (cursor.nesting() > 0) {
                    throw cursor.unexpected("");
                }
                yield end();
            }
            case BAR, DOUBLE_BAR -> stack.closesBars() ? stack.closeBars() : product();
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
            case "if" -> stack.condition();
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
        boolean isInner = around != null && around.each != OperatorStack.NONE;
        int item = around == null || around.items != 1 || around.isBar() || around.closes == Syntax.SUBSCRIPT
                ? OperatorStack.NONE
                : around.closes == Syntax.CALL ? around.argument : around.begin;
        int counter = cursor.after(cursor.at());
        if (around == null || item == OperatorStack.NONE) {
            throw cursor.unexpected("'for' stands at the beginning of a line, or at the end of a list or of the only argument of a call");
        } else if (tokens.kind(counter) != TokenKind.NAME || !words.is(counter + 1, "in")) {
            throw tokens.syntaxError(counter, "'for' counts with a name").hint("write for i in range(3)");
        }
        if (isInner) {
            tree.setExtent(around.each, tree.size());
        }
        around.each = tree.add(Syntax.FOR, counter);
        if (!isInner) {
            tree.setKind(item, Syntax.EACH);
            tree.setExtent(item, around.each);
        }
        around.closes = around.closes == Syntax.GROUP ? Syntax.ITEMS : around.closes;
        stack.setRole(ConstantRole.BOUND);
        cursor.moveTo(counter + 1);
        cursor.advance();
        return Next.OPERAND;
    }

    /** Parses a product without a sign, where nothing else can be meant. */
    private Next product() {
        if (stack.beginsProduct(words)) {
            return stack.product(cursor.at());
        } else if (stack.role() == null) {
            throw SyntaxErrors.missingOperator(tokens, cursor);
        }
        return close();
    }

    private Next member() {
        int dot = cursor.at();
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || cursor.isNextStatement()) {
            throw cursor.unexpected(tokens.quoted(cursor.at()) + " means nothing after '.'", "a name",
                    "an attribute such as .T or a method such as .sum() follows a value");
        }
        if (cursor.following() == TokenKind.LEFT_PAREN) {
            tree.add(Syntax.METHOD, cursor.at());
            return arguments(cursor.at(), false, 0);
        }
        tree.add(Syntax.MEMBER, dot, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
    }

    private Next colon() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around == null || around.closes != Syntax.SUBSCRIPT || around.colons == 2) {
            return product();
        }
        around.colons++;
        cursor.advance();
        return bound();
    }

    private Next comma() {
        Bracket around = endItem();
        if (around == null && isItem) {
            return Next.END;
        } else if (around == null || around.isBar() || around.each != OperatorStack.NONE) {
            throw tokens.syntaxError(cursor.at(), "',' stands outside of a call and of a list")
                    .hint("a list is written in square brackets, [a, b]; a program has one output");
        }
        cursor.advance();
        around.closes = around.closes == Syntax.GROUP ? Syntax.ITEMS : around.closes;
        if (around.closes == Syntax.CALL) {
            return argument(around);
        } else if (cursor.kind().closes()) {
            return close();
        }
        return around.closes == Syntax.SUBSCRIPT ? itemOfIndex(around) : item(around);
    }

    private Next close() {
        Bracket around = endItem();
        if (around != null && around.isBar()) {
            throw cursor.neverClosed();
        }
        return stack.close();
    }

    /** Completes the item before a comma or a closing bracket. Returns the bracket around the item, or null outside brackets. */
    private @Nullable Bracket endItem() {
        stack.finish();
        Bracket around = stack.bracket();
        if (around == null) {
            return null;
        }
        if (around.colons > 0) {
            tree.add(Syntax.SLICE, around.item, around.colons + 1);
            around.colons = 0;
        }
        if (around.each != OperatorStack.NONE) {
            tree.setExtent(around.each, tree.size());
        } else if (around.keyword != OperatorStack.NONE) {
            tree.setExtent(around.keyword, tree.size());
        } else if (around.argument != OperatorStack.NONE) {
            tree.setExtent(around.argument, tree.size());
        }
        return around;
    }
}
