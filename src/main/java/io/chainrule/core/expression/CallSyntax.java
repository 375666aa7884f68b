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
        checkPower(token, next);
        boolean isQualified = tokens.kind(last + 1) == TokenKind.COLON && tokens.kind(last + 2) == TokenKind.COLON
                && tokens.kind(last + 3) == TokenKind.NAME && stack.role() == null;
        if (isQualified) {
            cursor.moveTo(last + 1);
            throw SyntaxErrors.missingOperator(tokens, cursor);
        }
        if (words.isBareCall(token)) {
            return bareCall(token);
        }
        boolean isFollowedByName = tokens.kind(last + 1) == TokenKind.NAME && !words.isOperator(last + 1) && stack.role() == null;
        if (isFollowedByName) {
            cursor.moveTo(last + 1);
            throw SyntaxErrors.missingOperator(tokens, cursor);
        }
        return stack.leaf(Syntax.NAME);
    }

    /** Refuses a power between a function and its argument, as in {@code sin^2(x)}. */
    private void checkPower(int token, TokenKind next) {
        boolean isRaised = next == TokenKind.SUPERSCRIPT && tokens.end(token) == tokens.start(token + 1)
                && tokens.text(token + 1).indexOf('⁻') < 0;
        int first = isRaised ? token + 2 : next == TokenKind.POWER && tokens.kind(token + 2) == TokenKind.NUMBER ? token + 3 : 0;
        boolean isPower = first > 0 && words.isFunction(token) && (tokens.kind(first) == TokenKind.LEFT_PAREN
                || tokens.kind(first) == TokenKind.NAME && !words.isOperator(first));
        if (isPower) {
            String function = tokens.text(token);
            Operands operands = new Operands(tokens);
            String argument = operands.inner(first, operands.last(first));
            throw tokens.syntaxError(token + 1, "a power stands between the function " + function + " and its argument")
                    .hint("write " + function + "(" + argument + ")" + tokens.text(token + 1, first - 1));
        }
    }

    /** Parses a dot and a name behind an operand: a member, or the call of a method. */
    Next member() {
        int dot = cursor.at();
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || cursor.isNextStatement()) {
            throw cursor.unexpected(tokens.quoted(cursor.at()) + " means nothing after '.'", "a name", pointwise(dot));
        }
        if (cursor.following() == TokenKind.LEFT_PAREN) {
            tree.add(Syntax.METHOD, cursor.at());
            return arguments(cursor.at(), false, 0);
        }
        tree.add(Syntax.MEMBER, dot, cursor.at());
        cursor.advance();
        return Next.OPERATOR;
    }

    /** What to write behind an operand instead of a dot without a name, which stands before an operator in MATLAB and Julia. */
    private String pointwise(int dot) {
        Operands operands = new Operands(tokens);
        boolean isPointwise = Operator.of(tokens.kind(dot + 1)) != null && !tokens.kind(dot + 2).endsStatement();
        return isPointwise
                ? "operators work on each element; write " + operands.before(dot - 1) + " " + tokens.text(dot + 1) + " "
                        + operands.from(dot + 2)
                : "an attribute such as .T or a method such as .sum() follows a value";
    }

    /** Parses a call without brackets, as in {@code log x}. What binds tighter than the call must not follow. */
    private Next bareCall(int token) {
        int behind = token + 2;
        boolean isUnclear = words.beginsOperand(behind) || switch (tokens.kind(behind)) {
            case POWER, SUPERSCRIPT, DOT, LEFT_BRACKET -> true;
            default -> false;
        };
        if (isUnclear) {
            throw tokens.syntaxError(token, "where the operand of " + tokens.text(token) + " ends is not clear")
                    .hint(bareCalls(token));
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

    /** The calls that a function before an operand without brackets can mean. */
    private String bareCalls(int token) {
        Operands operands = new Operands(tokens);
        String function = tokens.text(token);
        int first = token + 1;
        int last = operands.last(first);
        int next = last + 1;
        String whole = function + "(" + operands.shown(first, last) + ")";
        if (words.beginsOperand(next) && tokens.kind(last) != TokenKind.END) {
            return "write " + whole + " * " + operands.from(next) + " or " + function + "(" + operands.shown(first, last) + " * "
                    + operands.from(next) + ")";
        }
        boolean isPower = tokens.kind(first + 1) == TokenKind.POWER || tokens.kind(first + 1) == TokenKind.SUPERSCRIPT;
        return "write " + whole
                + (isPower ? " or " + function + "(" + tokens.text(first) + ")" + operands.shown(first + 1, last) : "");
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
