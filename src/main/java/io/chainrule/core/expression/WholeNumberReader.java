package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Reads whole numbers that must be known at once: indices and the bounds of loops. Written are numbers, loop variables,
 * parameters that were given a number, and {@code + - * // %} of these.
 */
final class WholeNumberReader {
    private static final int SIGN = -1;

    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final Deque<Long> values = new ArrayDeque<>();
    /** Tokens of operators and parentheses that wait for their operands; SIGN for an unary minus. */
    private final IntStack waiting = new IntStack();
    private boolean known;

    WholeNumberReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, Problems problems) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /** Whether a number may begin at the cursor. */
    boolean begins() {
        return switch (cursor.kind()) {
            case NUMBER, NAME, MINUS, PLUS, LEFT_PAREN -> true;
            default -> false;
        };
    }

    /**
     * The number at the cursor, which is then behind it. Empty where a parameter has no value yet, or one that does not
     * fit, which has been reported. Messages are like "{@code role} is {@code wanted}, not ...".
     */
    OptionalLong read(String role, String wanted) {
        int first = cursor.at();
        values.clear();
        waiting.clear();
        known = true;
        int depth = 0;
        while (true) {
            depth += operand(role, wanted);
            while (depth > 0 && cursor.kind() == TokenKind.RIGHT_PAREN) {
                calculate(Precedence.COMPARISON, first);
                waiting.pop();
                cursor.close();
                depth--;
            }
            Operator operator = Operator.of(cursor.kind());
            if (operator == null || !isWhole(operator)) {
                break;
            }
            calculate(operator.precedence(), first);
            waiting.push(cursor.at());
            cursor.advance();
        }
        if (depth > 0) {
            cursor.close();
        }
        calculate(Precedence.COMPARISON, first);
        return known ? OptionalLong.of(values.pop()) : OptionalLong.empty();
    }

    private static boolean isWhole(Operator operator) {
        return switch (operator) {
            case PLUS, MINUS, TIMES, FLOOR_DIVIDE, REMAINDER -> true;
            default -> false;
        };
    }

    /** Reads signs, parentheses and a number; answers how many parentheses were opened. */
    private int operand(String role, String wanted) {
        int opened = 0;
        while (true) {
            int token = cursor.at();
            switch (cursor.kind()) {
                case MINUS -> {
                    waiting.push(SIGN);
                    cursor.advance();
                }
                case PLUS -> cursor.advance();
                case LEFT_PAREN -> {
                    waiting.push(token);
                    cursor.open();
                    opened++;
                }
                case NUMBER -> {
                    double value = tokens.number(token);
                    if (value != Math.rint(value) || value > Integer.MAX_VALUE) {
                        throw tokens.syntaxError(token, role + " is a whole number, not " + tokens.quoted(token)).expected("a whole number",
                                tokens.quoted(token));
                    }
                    values.push((long) value);
                    cursor.advance();
                    return opened;
                }
                case NAME -> {
                    if (!scope.isFixed(token)) {
                        throw notWhole(role, wanted);
                    }
                    values.push(fixed(token, role));
                    cursor.advance();
                    return opened;
                }
                default -> throw notWhole(role, wanted);
            }
        }
    }

    SyntaxException notWhole(String role, String wanted) {
        return cursor.unexpected(role + " is " + wanted + ", not " + tokens.quoted(cursor.at()), wanted, null);
    }

    private long fixed(int token, String role) {
        int node = scope.read(token);
        OptionalDouble number = scope.fixed(token);
        if (number.isPresent() && number.getAsDouble() == Math.rint(number.getAsDouble())
                && Math.abs(number.getAsDouble()) <= Integer.MAX_VALUE) {
            return (long) number.getAsDouble();
        }
        known = false;
        if (node != NodeWriter.BROKEN) {
            problems.add(
                    writer.problem(ProblemCode.SYNTAX_ERROR, token, role + " is a whole number, and " + tokens.quoted(token) + " is none"));
        }
        return 0;
    }

    /** Does what waits with at least this precedence, down to an open parenthesis. */
    private void calculate(Precedence precedence, int first) {
        while (!waiting.isEmpty()) {
            int top = waiting.peek();
            if (top == SIGN) {
                if (precedence.isTighterThan(Precedence.SIGN)) {
                    return;
                }
                waiting.pop();
                values.push(-values.pop());
                continue;
            }
            Operator operator = Operator.of(tokens.kind(top));
            if (operator == null || precedence.isTighterThan(operator.precedence())) {
                return;
            }
            waiting.pop();
            long right = values.pop();
            values.push(result(operator, values.pop(), right, first));
        }
    }

    private long result(Operator operator, long left, long right, int first) {
        try {
            return switch (operator) {
                case PLUS -> Math.addExact(left, right);
                case MINUS -> Math.subtractExact(left, right);
                case TIMES -> Math.multiplyExact(left, right);
                case FLOOR_DIVIDE -> known ? Math.floorDiv(left, right) : 0;
                case REMAINDER -> known ? Math.floorMod(left, right) : 0;
                default -> throw new IllegalStateException("no whole number: " + operator);
            };
        } catch (ArithmeticException _) {
            known = false;
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, first, "this number is too large, or divided by 0"));
            return 0;
        }
    }
}
