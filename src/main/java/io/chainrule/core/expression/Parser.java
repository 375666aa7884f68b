package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

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
    private final Problems problems = new Problems();
    /** The bodies of the loops around the current statement, the innermost on top. */
    private final Deque<Body> bodies = new ArrayDeque<>();

    /**
     * The body of a loop. {@code loop} is the number of the loop's statement, {@code column} the column in which its line begins, and
     * {@code token} the first token of the body.
     */
    private record Body(int loop, int column, boolean isInline, int token) {}

    private Parser(String text, int nesting) {
        tokens = Lexer.scan(text);
        tree = new SyntaxTree(tokens);
        cursor = new Cursor(tokens, nesting);
        expressions = new ExpressionSyntax(tokens, cursor, tree, nesting);
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
                endLoop();
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
            endLoop();
        }
    }

    private void statement() {
        if (tree.isDefinition(cursor.at())) {
            definition();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.NAME && Names.isReserved(tokens.text(cursor.at()))) {
            loop();
        } else {
            evaluation();
        }
    }

    private void evaluation() {
        int first = cursor.at();
        String name = cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN ? tokens.text(first) : null;
        Statement.Expression expression = expression(() -> {
            if (name != null) {
                checkName(first, "no statement can have this name");
                cursor.advance();
                cursor.advance();
            }
            expressions.parse();
        });
        tree.statements().add(new Statement.Evaluation(first, name == null || Names.isKeyword(name) ? null : name, expression));
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

    private void definition() {
        int first = cursor.at();
        List<String> parameters = new ArrayList<>();
        int[] body = {first};
        Statement.Expression expression = expression(() -> {
            parameters(parameters);
            body[0] = cursor.at();
            expressions.parse();
        });
        tree.statements()
                .add(new Statement.Definition(first, tokens.text(first), List.copyOf(parameters), expression, cursor.at() - body[0]));
    }

    /** Parses the head of a definition, such as {@code f(a, b) =}. */
    private void parameters(List<String> parameters) {
        checkName(cursor.at(), "no function can have this name");
        cursor.advance();
        cursor.open();
        while (cursor.kind() != TokenKind.RIGHT_PAREN) {
            String parameter = tokens.text(cursor.at());
            if (cursor.kind() != TokenKind.NAME || Names.isKeyword(parameter)) {
                throw tokens.syntaxError(cursor.at(), "a parameter is a name, not " + tokens.quoted(cursor.at()));
            } else if (parameters.contains(parameter)) {
                throw tokens.syntaxError(cursor.at(), "two parameters are called '" + parameter + "'");
            }
            parameters.add(parameter);
            cursor.advance();
            if (!cursor.accept(TokenKind.COMMA)) {
                break;
            }
        }
        cursor.close();
        cursor.advance();
    }

    private void loop() {
        int first = cursor.at();
        Body around = bodies.peek();
        int column = around != null && around.isInline ? around.column : lineColumn(first);
        Statement.Expression bounds = expression(this::header);
        while (bounds.problem() != null && cursor.kind() == TokenKind.SEMICOLON) {
            do {
                cursor.advance();
            } while (!cursor.kind().endsStatement());
        }
        boolean isInline = cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END;
        boolean hasBody = isInline;
        if (!isInline) {
            cursor.accept(TokenKind.NEWLINE);
            hasBody = tokens.startsLine(cursor.at()) && cursor.kind() != TokenKind.END && column(cursor.at()) > column;
        }
        String variable = tokens.text(first + 1);
        if (hasBody) {
            bodies.push(new Body(tree.statements().size(), column, isInline, cursor.at()));
        }
        tree.statements().add(new Statement.Loop(first, Names.isKeyword(variable) ? null : variable, bounds, isInline, 0, 0));
    }

    /** Parses the header of a loop, such as {@code for i in 0:10:2:}, up to the body. */
    private void header() {
        cursor.advance();
        checkName(cursor.at(), "no loop can count with it");
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || !tokens.text(cursor.at()).equals("in")) {
            throw cursor.unexpected("'in' stands behind the name that a loop counts with, not " + tokens.quoted(cursor.at()), "'in'",
                    "write for i in 0:10");
        }
        cursor.advance();
        if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.LEFT_PAREN) {
            throw cursor.unexpected("a loop runs over a slice, not over " + tokens.quoted(cursor.at()), null, "write for i in 0:10");
        }
        expressions.parse(ConstantRole.BOUND);
        if (!cursor.accept(TokenKind.COLON)) {
            throw cursor.unexpected("a loop runs over a slice; ':' is missing before " + tokens.quoted(cursor.at()), "':'",
                    "write for i in 0:10");
        }
        expressions.parse(ConstantRole.BOUND);
        step();
        if (!cursor.accept(TokenKind.COLON) && cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END) {
            throw cursor.unexpected("the body of a loop stands on lines of its own, or behind ':'");
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

    private void endLoop() {
        Body body = bodies.pop();
        Statement.Loop loop = (Statement.Loop) tree.statements().get(body.loop);
        tree.statements().set(body.loop, new Statement.Loop(loop.token(), loop.variable(), loop.bounds(), loop.isInline(),
                tree.statements().size(), cursor.at() - body.token));
        tree.statements().add(new Statement.EndOfLoop());
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
                    "this line begins in column " + column + ", the first of the loop's body in column " + first)
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
