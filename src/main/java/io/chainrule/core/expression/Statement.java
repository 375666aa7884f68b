package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of a {@link SyntaxTree}. The statements of a body stand between the loop or the definition and its end. */
sealed interface Statement {
    /** The token at which the statement stands; -1 if it has none, as the end of a body. */
    default int token() {
        return -1;
    }

    /**
     * An expression: the nodes of the tree from {@code first} up to {@code end}, exclusive. If a syntax error follows them,
     * {@code problem} describes it.
     */
    record Expression(int first, int end, @Nullable Problem problem) {}

    /**
     * {@code name = expression}, or an expression alone. {@code update} is the token of an assignment such as {@code +=}, or 0.
     */
    record Evaluation(int token, @Nullable String name, Expression expression, int update) implements Statement {
        /** Whether the statement changes the array of a name: by {@code +=}, at elements, or by {@code np.add.at(name, …)}. */
        boolean isChange(Tokens tokens) {
            TokenKind next = tokens.kind(token + 1);
            return update > 0 || next == TokenKind.LEFT_BRACKET || next == TokenKind.COMMA;
        }
    }

    /** {@code a, b = …}: as many expressions as names, or one whose value is a list of numbers. The names are tokens. */
    record Unpacking(int token, List<Integer> names, List<Expression> expressions) implements Statement {}

    /** A parameter of a function. {@code value} is what it is without an argument, null if it must have one. */
    record Parameter(String name, @Nullable Double value) {}

    /**
     * {@code name(parameters) = value}, or a function in the syntax of Python. {@code end} is the number of the EndOfDefinition, and
     * {@code tokens} the length of the body in tokens. {@code problem} is a syntax error in its head.
     */
    record Definition(int token, String name, List<Parameter> parameters, int end, int tokens, @Nullable Problem problem)
            implements
                Statement {
        List<String> names() {
            return parameters.stream().map(Parameter::name).toList();
        }

        /** The same with an end that has become known. */
        Definition ended(int end, int tokens, @Nullable Problem problem) {
            return new Definition(token, name, parameters, end, tokens, problem);
        }
    }

    /** The value of the function around it. */
    record Return(int token, Expression expression) implements Statement {}

    record EndOfDefinition() implements Statement {}

    /**
     * {@code for variables in bounds}, where the bounds are two or three whole numbers, start, stop and step, or what the loop runs over.
     * {@code variables} are the tokens of the names, none if one is not legal, {@code end} is the number of the statement that ends the
     * body, and {@code tokens} is the length of the body in tokens; both are 0 if there is no body.
     */
    record Loop(int token, List<Integer> variables, Expression bounds, boolean isInline, int end, int tokens) implements Statement {
        boolean hasBody() {
            return end > 0;
        }
    }

    /** The end of the innermost loop's body. */
    record EndOfLoop() implements Statement {}

    /**
     * {@code if}, {@code elif} or {@code else}, with a body that is evaluated if the condition, which is known before the program runs,
     * holds.
     *
     * @param condition null for {@code else}
     * @param isAlternative whether it is looked at only if the branches before it are not taken
     * @param end the number of the statement that ends the body; 0 if there is none
     */
    record Branch(int token, @Nullable Expression condition, boolean isAlternative, int end) implements Statement {}

    record EndOfBranch() implements Statement {}

    /** {@code break} or {@code continue}: goes on behind the innermost loop, or with its next pass. */
    record Jump(int token, boolean isBreak) implements Statement {}

    /** A statement that computes nothing, such as {@code loss.backward()}. The message, if there is one, says so. */
    record Ignored(int token, @Nullable String message) implements Statement {}

    /** A statement that is refused, or a line whose indentation differs from that of the body around it. */
    record Misplaced(Problem problem) implements Statement {}
}
