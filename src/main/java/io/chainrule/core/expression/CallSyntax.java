package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Next;

/** Parses names, members, and calls with their arguments. */
record CallSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, OperatorStack stack, Words words) {
    /** Parses the name at the cursor, with the path that it begins, and all that makes it a call. */
    Next name() {
        int token = cursor.at();
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
                    : call(function, function, function + 1, Bracket.GRADIENT);
        } else if (next == TokenKind.LEFT_BRACE && last == token) {
            return call(token, last, last, 0);
        } else if (next == TokenKind.SUPERSCRIPT && tokens.kind(last + 2) == TokenKind.LEFT_PAREN && words.isFunction(token)) {
            return call(token, last, last + 1, last + 1);
        } else if (tokens.is(token, Names.RESERVED)) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; no input can have this name");
        }
        return words.isBareCall(token) ? bareCall(token) : stack.leaf(Syntax.NAME);
    }

    /** Parses a dot and a name behind an operand: a member, or the call of a method. */
    Next member() {
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
        Bracket call = stack.open(Syntax.CALL, token, Bracket.NONE);
        stack.setRole(null);
        call.isFunction = isFunction;
        call.power = power;
        return argument(call);
    }

    /** Begins the next argument, or ends the call if there is none. */
    Next argument(Bracket call) {
        call.argument = Bracket.NONE;
        if (cursor.kind() == TokenKind.RIGHT_PAREN || cursor.kind() == TokenKind.RIGHT_BRACE) {
            return stack.close();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            call.keyword = tree.add(Syntax.KEYWORD, cursor.at());
            stack.setRole(call.isFunction ? null : ConstantRole.attribute(tokens.text(cursor.at()), null));
            cursor.advance();
            cursor.advance();
        } else if (call.keyword != Bracket.NONE) {
            throw call.isFunction
                    ? cursor.unexpected("an argument without a name stands behind one with a name")
                    : cursor.unexpected("an operand stands behind an attribute", null, "operands come first, attributes after them");
        } else {
            call.argument = tree.add(Syntax.ARGUMENT, cursor.at());
        }
        call.items++;
        return Next.OPERAND;
    }
}
