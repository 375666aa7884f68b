package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the statements of a {@link SyntaxTree}. Those of a loop's body stand between the loop and its end. */
sealed interface Statement {
    /** An expression: nodes of the tree, up to {@code end}. Where the text breaks off behind them, {@code problem} says why. */
    record Expression(int first, int end, @Nullable Problem problem) {}

    /** {@code name = expression}, or an expression alone. */
    record Evaluation(int token, @Nullable String name, Expression expression) implements Statement {}

    /** {@code name(parameters) = body}; {@code tokens} is the length of the body. */
    record Definition(int token, String name, List<String> parameters, Expression body, int tokens) implements Statement {}

    /**
     * {@code for variable in bounds}: two or three whole numbers, start, stop and step. {@code variable} is null where the name is
     * none, {@code end} the number of the statement that ends the body, and {@code tokens} its length; both are 0 where there is no body.
     */
    record Loop(int token, @Nullable String variable, Expression bounds, boolean isInline, int end, int tokens) implements Statement {
        boolean hasBody() {
            return end > 0;
        }
    }

    /** The end of the innermost loop's body. */
    record EndOfLoop() implements Statement {}

    /** A line that is indented otherwise than the body it stands in. */
    record Misplaced(Problem problem) implements Statement {}
}
