package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Evaluates the whole numbers that must be known at once. A name in them is a loop's variable, or a parameter that was given a number. */
final class WholeNumbers {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final Deque<Long> values = new ArrayDeque<>();
    private boolean isKnown;
    private int next;

    WholeNumbers(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /** The node behind the number that was read last. */
    int next() {
        return next;
    }

    /**
     * The number that begins with this node. Empty where a parameter has no value yet, or one that does not fit, which has
     * been reported. Messages are like "{@code role} is {@code wanted}, not ...".
     */
    OptionalLong read(int whole, int end, String role, String wanted) {
        values.clear();
        isKnown = true;
        int first = tree.token(whole);
        for (next = whole + 1; next < end; next++) {
            int token = tree.token(next);
            switch (tree.kind(next)) {
                case NUMBER -> values.push((long) tokens.number(token));
                case NAME -> values.push(fixed(token, role, wanted));
                case PLUS, GROUP -> {
                    // The operand is the value.
                }
                case MINUS -> values.push(-values.pop());
                case INFIX -> {
                    long right = values.pop();
                    values.push(result(tokens.operator(token), values.pop(), right, first));
                }
                default -> {
                    return value();
                }
            }
        }
        return value();
    }

    private OptionalLong value() {
        return isKnown && !values.isEmpty() ? OptionalLong.of(values.pop()) : OptionalLong.empty();
    }

    private long fixed(int token, String role, String wanted) {
        String name = tokens.text(token);
        if (!scope.isFixed(name)) {
            String quoted = tokens.quoted(token);
            throw tokens.syntaxError(token, role + " is " + wanted + ", not " + quoted).expected(wanted, quoted);
        }
        int node = scope.read(name, token);
        OptionalDouble number = scope.fixed(name);
        if (number.isPresent() && number.getAsDouble() == Math.rint(number.getAsDouble())
                && Math.abs(number.getAsDouble()) <= Integer.MAX_VALUE) {
            return (long) number.getAsDouble();
        }
        isKnown = false;
        if (node != NodeWriter.BROKEN) {
            problems.add(
                    writer.problem(ProblemCode.SYNTAX_ERROR, token, role + " is a whole number, and " + tokens.quoted(token) + " is none"));
        }
        return 0;
    }

    private long result(Operator operator, long left, long right, int first) {
        try {
            return switch (operator) {
                case PLUS -> Math.addExact(left, right);
                case MINUS -> Math.subtractExact(left, right);
                case TIMES -> Math.multiplyExact(left, right);
                case FLOOR_DIVIDE -> isKnown ? Math.floorDiv(left, right) : 0;
                case REMAINDER -> isKnown ? Math.floorMod(left, right) : 0;
                default -> throw new IllegalStateException("no whole number: " + operator);
            };
        } catch (ArithmeticException _) {
            isKnown = false;
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, first, "this number is too large, or divided by 0"));
            return 0;
        }
    }
}
