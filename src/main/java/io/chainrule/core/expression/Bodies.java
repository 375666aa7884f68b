package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The bodies of loops and functions around the statement that is being parsed, which their indentation or their line delimits. */
final class Bodies {
    private final Tokens tokens;
    private final Cursor cursor;
    private final SyntaxTree tree;
    /** The innermost body is on top. */
    private final Deque<Body> bodies = new ArrayDeque<>();

    /**
     * The body of a loop or a function.
     *
     * @param statement the number of the statement that it belongs to
     * @param column the column in which the line of that statement begins
     * @param token the first token of the body
     */
    private record Body(int statement, int column, boolean isInline, int token, boolean isFunction) {}

    Bodies(Tokens tokens, Cursor cursor, SyntaxTree tree) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.tree = tree;
    }

    /** Whether the innermost body is that of the statement with this number. */
    boolean isIn(int statement) {
        return !bodies.isEmpty() && bodies.element().statement == statement;
    }

    boolean isInFunction() {
        return bodies.stream().anyMatch(Body::isFunction);
    }

    /**
     * Begins the body of the statement with this number, which begins at the token {@code first}, unless no body follows. Returns the
     * problem if a function has none for that reason; null otherwise. The body of a loop in one line ends with the line.
     */
    @Nullable
    Problem begin(int number, int first, boolean isFunction) {
        Body around = bodies.peek();
        int column = around != null && around.isInline ? around.column : tokens.indentation(first);
        boolean isInline = !cursor.endsLine();
        if (!isInline) {
            cursor.accept(TokenKind.NEWLINE);
        }
        int body = cursor.at();
        if (isInline || tokens.startsLine(body) && cursor.kind() != TokenKind.END && tokens.column(body) > column) {
            bodies.push(new Body(number, column, isInline, body, isFunction));
            return null;
        }
        return isFunction ? endWithoutBody(number, first) : null;
    }

    private @Nullable Problem endWithoutBody(int number, int first) {
        Statement.Definition definition = (Statement.Definition) tree.statements().get(number);
        Problem missing = definition.problem() != null
                ? null
                : tokens.problem(ProblemCode.SYNTAX_ERROR, first, "the function has no body")
                        .hint("indent its statements, and end with return …");
        tree.statements().set(number, definition.ended(number + 1, 0, missing == null ? definition.problem() : missing));
        tree.statements().add(new Statement.EndOfDefinition());
        return missing;
    }

    /** Ends the bodies that end before the cursor. */
    void endThoseBefore() {
        while (!bodies.isEmpty() && isAtEnd(bodies.element())) {
            end(bodies.pop());
        }
    }

    void endAll() {
        while (!bodies.isEmpty()) {
            end(bodies.pop());
        }
    }

    private boolean isAtEnd(Body body) {
        if (cursor.kind() == TokenKind.END) {
            return true;
        } else if (body.isInline) {
            return cursor.kind() == TokenKind.NEWLINE;
        }
        return cursor.kind() != TokenKind.NEWLINE && tokens.startsLine(cursor.at()) && tokens.column(cursor.at()) <= body.column;
    }

    private void end(Body body) {
        int end = tree.statements().size();
        int length = cursor.at() - body.token;
        tree.statements().set(body.statement, switch (tree.statements().get(body.statement)) {
            case Statement.Loop loop -> new Statement.Loop(loop.token(), loop.variables(), loop.bounds(), loop.isInline(), end, length);
            case Statement.Branch branch -> new Statement.Branch(branch.token(), branch.condition(), branch.isAlternative(), end);
            case Statement.Definition function -> function.ended(end, length, function.problem());
            case Statement other -> throw new IllegalStateException(other + " has no body");
        });
        tree.statements().add(switch (tree.statements().get(body.statement)) {
            case Statement.Definition _ -> new Statement.EndOfDefinition();
            case Statement.Branch _ -> new Statement.EndOfBranch();
            default -> new Statement.EndOfLoop();
        });
    }

    private String owner(Body body) {
        return body.isFunction ? "function's" : tree.statements().get(body.statement) instanceof Statement.Branch ? "branch's" : "loop's";
    }

    /** Returns the problem of a line that is not indented as deep as the first line of the body around it; null if it is. */
    @Nullable
    Problem misindented() {
        Body body = bodies.peek();
        if (body == null || body.isInline || !tokens.startsLine(cursor.at())) {
            return null;
        }
        int column = tokens.column(cursor.at());
        int first = tokens.column(body.token);
        return column == first
                ? null
                : tokens.problem(ProblemCode.SYNTAX_ERROR, cursor.at(),
                        "this line begins in column " + column + ", the first of the " + owner(body)
                                + " body in column " + first)
                        .hint("all lines of a body are indented equally deep");
    }
}
