package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Parses a text to a syntax tree, statement by statement. Of a statement that has an error, the nodes before the error are kept
 * together with the problem, and parsing continues at the next statement, so that all errors are reported at once. Time is linear in
 * the text, and nothing recurses.
 */
public final class Parser {
    private final Tokens tokens;
    private final SyntaxTree tree;
    private final Cursor cursor;
    private final ExpressionSyntax expressions;
    private final PythonStatements python;
    private final Problems problems = new Problems();
    /** The bodies around the current statement, the innermost on top. */
    private final Deque<Body> bodies = new ArrayDeque<>();

    /**
     * The body of a loop or a function. {@code statement} is the number of the statement that it belongs to, {@code column} the column in
     * which the line of that statement begins, and {@code token} the first token of the body.
     */
    private record Body(int statement, int column, boolean isInline, int token, boolean isFunction) {}

    private Parser(String text, int nesting) {
        tokens = Lexer.scan(text);
        tree = new SyntaxTree(tokens);
        cursor = new Cursor(tokens, nesting);
        expressions = new ExpressionSyntax(tokens, cursor, tree, nesting);
        python = new PythonStatements(tokens);
    }

    /**
     * Parses a text. The tree holds the syntax errors. Brackets, signs and powers may be nested {@code nesting} levels deep.
     *
     * @throws io.chainrule.core.graph.LimitException for limit "nesting"
     */
    public static SyntaxTree parse(String text, int nesting) {
        Parser parser = new Parser(text, nesting);
        parser.statements();
        return parser.tree;
    }

    private void statements() {
        while (!problems.isFull()) {
            while (!bodies.isEmpty() && isAtEnd(bodies.element())) {
                endBody();
            }
            if (cursor.kind() == TokenKind.END) {
                break;
            } else if (cursor.kind().endsStatement()) {
                cursor.advance();
            } else {
                checkIndentation();
                statement();
            }
        }
        while (!bodies.isEmpty()) {
            endBody();
        }
    }

    private void statement() {
        int first = cursor.at();
        String refused = python.refused(first);
        String ignored = refused == null ? python.ignored(first) : null;
        if (refused != null) {
            refuse(refused);
        } else if (ignored != null) {
            cursor.recover(OptionalInt.empty());
            tree.statements().add(new Statement.Ignored(first, ignored.isEmpty() ? null : ignored));
        } else if (tree.isDefinition(first) || python.isDefinition(first) || python.isLambda(first)) {
            definition();
        } else if (python.isReturn(first)) {
            returned();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.NAME && Names.isReserved(tokens.text(first))) {
            loop();
        } else if (isUnpacking(first)) {
            unpacking();
        } else {
            evaluation();
        }
    }

    /** Reports a statement of Python that has no meaning here, and skips it with its body. */
    private void refuse(String hint) {
        int first = cursor.at();
        tree.statements().add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, first,
                "a program has no statement " + tokens.quoted(first)).hint(hint))));
        int column = lineColumn(first);
        do {
            cursor.recover(OptionalInt.empty());
            while (cursor.kind().endsStatement() && cursor.kind() != TokenKind.END) {
                cursor.advance();
            }
        } while (cursor.kind() != TokenKind.END && tokens.startsLine(cursor.at()) && (column(cursor.at()) > column || continues()));
    }

    /** Whether the line continues a branch or a try before it. */
    private boolean continues() {
        return switch (tokens.text(cursor.at())) {
            case "else", "elif", "except", "finally" -> true;
            default -> false;
        };
    }

    private void evaluation() {
        int first = cursor.at();
        boolean isRaised = tokens.kind(first + 1) == TokenKind.SUPERSCRIPT && tokens.kind(first + 2) == TokenKind.ASSIGN;
        boolean isUpdate = cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.UPDATE;
        boolean isNamed = cursor.kind() == TokenKind.NAME && (isRaised || isUpdate || cursor.following() == TokenKind.ASSIGN);
        String name = isNamed ? tokens.text(first, isRaised ? first + 1 : first) : null;
        Statement.Expression expression = expression(() -> {
            if (name != null) {
                checkName(first, "no statement can have this name");
                cursor.moveTo(isRaised ? first + 1 : first);
                cursor.advance();
                cursor.advance();
            }
            expressions.parse();
        });
        tree.statements().add(
                new Statement.Evaluation(first, name == null || Names.isKeyword(name) ? null : name, expression, isUpdate ? first + 1 : 0));
    }

    private void returned() {
        int first = cursor.at();
        Body function = functionAround();
        Statement.Expression expression = expression(() -> {
            cursor.advance();
            expressions.parse();
        });
        tree.statements().add(function == null
                ? new Statement.Evaluation(first, null, expression, 0)
                : new Statement.Return(first, expression));
        if (function == null && expression.problem() == null) {
            while (cursor.kind().endsStatement() && cursor.kind() != TokenKind.END) {
                cursor.advance();
            }
            if (cursor.kind() != TokenKind.END) {
                tree.statements().add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, cursor.at(),
                        "a statement stands behind 'return', which ends the program").hint("leave the word 'return' out"))));
            }
        }
    }

    private @Nullable Body functionAround() {
        return bodies.stream().filter(body -> body.isFunction).findFirst().orElse(null);
    }

    /** Whether names that are separated by commas, and '=', stand at the token. */
    private boolean isUnpacking(int first) {
        int at = first;
        while (tokens.kind(at) == TokenKind.NAME && tokens.kind(at + 1) == TokenKind.COMMA) {
            at += 2;
        }
        return at > first && tokens.kind(at) == TokenKind.NAME && tokens.kind(at + 1) == TokenKind.ASSIGN;
    }

    private void unpacking() {
        int first = cursor.at();
        List<Integer> names = new ArrayList<>();
        while (cursor.kind() != TokenKind.ASSIGN) {
            names.add(cursor.at());
            cursor.advance();
            cursor.accept(TokenKind.COMMA);
        }
        List<Statement.Expression> values = new ArrayList<>();
        do {
            values.add(expression(() -> {
                cursor.advance();
                expressions.parseItem();
            }));
        } while (cursor.kind() == TokenKind.COMMA);
        tree.statements().add(new Statement.Unpacking(first, List.copyOf(names), List.copyOf(values)));
    }

    /**
     * Runs {@code parse} and returns the nodes that it adds. After an error these are the nodes before the error, and the cursor is
     * moved to where parsing continues.
     */
    private Statement.Expression expression(Runnable parse) {
        int first = tree.size();
        Problem problem = null;
        try {
            parse.run();
        } catch (SyntaxException e) {
            problem = report(e.problem());
            cursor.recover(e.resumeAt());
        }
        return new Statement.Expression(first, tree.size(), problem);
    }

    private Problem report(Problem problem) {
        problems.add(problem);
        tree.add(problem);
        return problem;
    }

    private void checkName(int token, String consequence) {
        if (Names.isKeyword(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; " + consequence);
        }
    }

    /** Parses {@code f(a) = …}, {@code f = lambda a: …} or, up to its body, {@code def f(a): …}. */
    private void definition() {
        int first = cursor.at();
        boolean isDef = python.isDefinition(first);
        boolean isLambda = python.isLambda(first);
        int name = isDef ? first + 1 : first;
        List<Statement.Parameter> parameters = new ArrayList<>();
        Problem problem = functionAround() == null
                ? null
                : report(tokens
                        .problem(ProblemCode.SYNTAX_ERROR, first, "a function is defined inside another")
                        .hint("define it before the other"));
        int[] body = {first};
        Statement.Expression value = expression(() -> {
            checkName(name, "no function can have this name");
            cursor.moveTo(isLambda ? first + 2 : name);
            cursor.advance();
            parameters(parameters, isLambda ? TokenKind.COLON : TokenKind.RIGHT_PAREN);
            body[0] = cursor.at();
            if (!isDef) {
                expressions.parse();
            }
        });
        problem = problem == null && isDef ? value.problem() : problem;
        int number = tree.statements().size();
        tree.statements()
                .add(new Statement.Definition(first, tokens.text(name), List.copyOf(parameters), number + 2, cursor.at() - body[0],
                        problem));
        if (isDef) {
            beginBody(number, first, true);
        } else {
            tree.statements().add(new Statement.Return(first, value));
            tree.statements().add(new Statement.EndOfDefinition());
        }
    }

    /** Parses the parameters of a function, the token that ends them, and what stands between that and the body. */
    private void parameters(List<Statement.Parameter> parameters, TokenKind end) {
        if (end == TokenKind.RIGHT_PAREN) {
            cursor.open();
        }
        while (cursor.kind() != end) {
            int token = cursor.at();
            String parameter = tokens.text(token);
            if (cursor.kind() != TokenKind.NAME || Names.isKeyword(parameter)) {
                throw tokens.syntaxError(token, "a parameter is a name, not " + tokens.quoted(token));
            } else if (parameters.stream().anyMatch(other -> other.name().equals(parameter))) {
                throw tokens.syntaxError(token, "two parameters are called '" + parameter + "'");
            }
            cursor.advance();
            if (end == TokenKind.RIGHT_PAREN && cursor.accept(TokenKind.COLON)) {
                skipAnnotation();
            }
            parameters.add(new Statement.Parameter(parameter, cursor.accept(TokenKind.ASSIGN) ? number() : null));
            if (!cursor.accept(TokenKind.COMMA)) {
                break;
            }
        }
        if (end == TokenKind.RIGHT_PAREN) {
            cursor.close();
            if (tokens.kind(cursor.at()) == TokenKind.MINUS && cursor.following() == TokenKind.GREATER) {
                cursor.advance();
                cursor.advance();
                skipAnnotation();
            }
        } else if (cursor.kind() != end) {
            throw cursor.unexpected("':' stands behind the parameters of a lambda", "':'", null);
        }
        if (cursor.kind() == TokenKind.COLON || cursor.kind() == TokenKind.ASSIGN) {
            cursor.advance();
        } else {
            throw cursor.unexpected("':' stands behind the head of a function", "':'", null);
        }
    }

    /** Skips the type of a parameter or of a result. */
    private void skipAnnotation() {
        do {
            cursor.advance();
        } while (cursor.kind() == TokenKind.NAME || cursor.kind() == TokenKind.DOT);
    }

    /** Parses the number that a parameter is without an argument. */
    private Double number() {
        boolean isNegative = cursor.accept(TokenKind.MINUS);
        int token = cursor.at();
        OptionalDouble word = Names.truth(tokens.text(token));
        if (cursor.kind() != TokenKind.NUMBER && word.isEmpty()) {
            throw tokens.syntaxError(token, "what a parameter is without an argument is a number, not " + tokens.quoted(token));
        }
        double number = word.orElseGet(() -> tokens.number(token));
        cursor.advance();
        return isNegative ? -number : number;
    }

    private void loop() {
        int first = cursor.at();
        Statement.Expression bounds = expression(this::header);
        while (bounds.problem() != null && cursor.kind() == TokenKind.SEMICOLON) {
            do {
                cursor.advance();
            } while (!cursor.kind().endsStatement());
        }
        String variable = tokens.text(first + 1);
        boolean isInline = cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END;
        int number = tree.statements().size();
        tree.statements().add(new Statement.Loop(first, Names.isKeyword(variable) ? null : variable, bounds, isInline, 0, 0));
        beginBody(number, first, false);
    }

    /**
     * Begins the body of the statement with this number, which begins at the token {@code first}, unless no body follows. The body of a
     * loop in one line ends with the line.
     */
    private void beginBody(int number, int first, boolean isFunction) {
        Body around = bodies.peek();
        int column = around != null && around.isInline ? around.column : lineColumn(first);
        boolean isInline = cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END;
        boolean hasBody = isInline;
        if (!isInline) {
            cursor.accept(TokenKind.NEWLINE);
            hasBody = tokens.startsLine(cursor.at()) && cursor.kind() != TokenKind.END && column(cursor.at()) > column;
        }
        if (hasBody) {
            bodies.push(new Body(number, column, isInline, cursor.at(), isFunction));
        } else if (isFunction) {
            Statement.Definition definition = (Statement.Definition) tree.statements().get(number);
            Problem problem = definition.problem() == null
                    ? report(tokens.problem(ProblemCode.SYNTAX_ERROR, first, "the function has no body")
                            .hint("indent its statements, and end with return …"))
                    : definition.problem();
            tree.statements().set(number, new Statement.Definition(definition.token(), definition.name(), definition.parameters(),
                    number + 1, 0, problem));
            tree.statements().add(new Statement.EndOfDefinition());
        }
    }

    /** Parses the header of a loop, such as {@code for i in 0:10:2:}, up to the body. */
    private void header() {
        cursor.advance();
        checkName(cursor.at(), "no loop can count with it");
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || !tokens.text(cursor.at()).equals("in")) {
            throw cursor.unexpected("'in' stands behind the name that a loop counts with, not " + tokens.quoted(cursor.at()), "'in'",
                    "write for i in range(10)");
        }
        cursor.advance();
        boolean isRange = tokens.text(cursor.at()).equals("range") && cursor.following() == TokenKind.LEFT_PAREN;
        if (!isRange && cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.LEFT_PAREN
                && !tokens.text(cursor.at()).equals("len")) {
            throw cursor.unexpected("a loop runs over a range, not over " + tokens.quoted(cursor.at()), null, "write for i in range(10)");
        }
        expressions.parse(ConstantRole.BOUND);
        if (!isRange) {
            if (!cursor.accept(TokenKind.COLON)) {
                throw cursor.unexpected("a loop runs over a slice; ':' is missing before " + tokens.quoted(cursor.at()), "':'",
                        "write for i in range(10)");
            }
            expressions.parse(ConstantRole.BOUND);
            step();
        }
        boolean endsLine = cursor.kind() == TokenKind.NEWLINE || cursor.kind() == TokenKind.END;
        if (!cursor.accept(TokenKind.COLON) && (isRange || !endsLine)) {
            throw cursor.unexpected(isRange
                    ? "':' stands behind the range of a loop"
                    : "the body of a loop stands on lines of its own, or behind ':'");
        }
    }

    /**
     * Parses the step, if there is one. A number after ':' is the step if the line ends or another ':' follows; otherwise it is the
     * body.
     */
    private void step() {
        int first = cursor.after(cursor.at());
        int number = tokens.kind(first) == TokenKind.MINUS ? first + 1 : first;
        boolean isStep = cursor.kind() == TokenKind.COLON && tokens.kind(number) == TokenKind.NUMBER && switch (tokens.kind(number + 1)) {
            case NEWLINE, COLON, END -> true;
            default -> false;
        };
        if (isStep) {
            cursor.advance();
            expressions.parse(ConstantRole.BOUND);
            if (tokens.number(number) == 0) {
                throw tokens.syntaxError(first, "the step of a loop is not 0");
            }
        }
    }

    private boolean isAtEnd(Body body) {
        if (cursor.kind() == TokenKind.END) {
            return true;
        } else if (body.isInline) {
            return cursor.kind() == TokenKind.NEWLINE;
        }
        return cursor.kind() != TokenKind.NEWLINE && tokens.startsLine(cursor.at()) && column(cursor.at()) <= body.column;
    }

    private void endBody() {
        Body body = bodies.pop();
        int end = tree.statements().size();
        int length = cursor.at() - body.token;
        Statement ended = switch (tree.statements().get(body.statement)) {
            case Statement.Loop loop -> new Statement.Loop(loop.token(), loop.variable(), loop.bounds(), loop.isInline(), end, length);
            case Statement.Definition function -> new Statement.Definition(function.token(), function.name(), function.parameters(), end,
                    length, function.problem());
            case Statement other -> throw new IllegalStateException(other + " has no body");
        };
        tree.statements().set(body.statement, ended);
        tree.statements().add(body.isFunction ? new Statement.EndOfDefinition() : new Statement.EndOfLoop());
    }

    /** Reports a line of a loop's body that is not indented as deep as the body's first line. */
    private void checkIndentation() {
        Body body = bodies.peek();
        if (body == null || body.isInline || !tokens.startsLine(cursor.at())) {
            return;
        }
        int column = column(cursor.at());
        int first = column(body.token);
        if (column != first) {
            Problem problem = tokens.problem(ProblemCode.SYNTAX_ERROR, cursor.at(),
                    "this line begins in column " + column + ", the first of the " + (body.isFunction ? "function's" : "loop's")
                            + " body in column " + first)
                    .hint("all lines of a body are indented equally deep");
            tree.statements().add(new Statement.Misplaced(report(problem)));
        }
    }

    private int column(int token) {
        return tokens.position(token).column();
    }

    private int lineColumn(int token) {
        int first = token;
        while (!tokens.startsLine(first)) {
            first--;
        }
        return column(first);
    }
}
