package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of a {@link SyntaxTree}. The statements of a loop's body stand between the loop and its end. */
sealed interface Statement {
    /**
     * An expression: the nodes of the tree from {@code first} up to {@code end}, exclusive. If a syntax error follows them,
     * {@code problem} describes it.
     */
    record Expression(int first, int end, @Nullable Problem problem) {}

    /** {@code name = expression}, or an expression alone. */
    record Evaluation(int token, @Nullable String name, Expression expression) implements Statement {}

    /** {@code name(parameters) = body}; {@code tokens} is the length of the body in tokens. */
    record Definition(int token, String name, List<String> parameters, Expression body, int tokens) implements Statement {}

    /**
     * {@code for variable in bounds}, where the bounds are two or three whole numbers: start, stop and step. {@code variable} is null
     * if its name is not legal, {@code end} is the number of the statement that ends the body, and {@code tokens} is the length of the
     * body in tokens; both are 0 if there is no body.
     */
    record Loop(int token, @Nullable String variable, Expression bounds, boolean isInline, int end, int tokens) implements Statement {
        boolean hasBody() {
            return end > 0;
        }
    }

    /** The end of the innermost loop's body. */
    record EndOfLoop() implements Statement {}

    /** Precedes a line whose indentation differs from that of the loop's body around it. */
    record Misplaced(Problem problem) implements Statement {}
}
