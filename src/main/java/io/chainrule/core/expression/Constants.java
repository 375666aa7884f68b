package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Evaluates constant expressions, which must be known before the program runs: values of attributes, indices and bounds of loops. A
 * name in them is a constant such as {@code pi}, a loop variable, or a parameter whose argument is a number.
 */
final class Constants {
    /** The value of a parameter that has no argument yet, or of an expression whose value does not fit, which has been reported already. */
    static final Object UNKNOWN = new Object();
    private static final String ELLIPSIS = "...";
    /**
     * The greatest depth of nested lists. Attributes need at most two levels; the limit is there because the code that checks and
     * prints attributes is recursive.
     */
    static final int MAX_DEPTH = 16;

    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private List<Object> values = new ArrayList<>();
    private ConstantRole role = ConstantRole.INDEX;

    Constants(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /**
     * Returns the values of the expressions in these nodes: {@link Double}, {@link Boolean}, {@link String}, lists of these, or
     * UNKNOWN. Slices are strings like "1:3".
     */
    List<Object> evaluate(int first, int end, ConstantRole usedAs) {
        values = new ArrayList<>();
        role = usedAs;
        int depth = 0;
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            switch (tree.kind(node)) {
                case NUMBER -> number(token);
                case NAME -> values.add(name(token));
                case PLUS -> unary(1, token);
                case MINUS -> unary(-1, token);
                case GROUP -> {
                    // Parentheses do not change the value of their operand.
                }
                case INFIX -> infix(token);
                case ELLIPSIS -> values.add(ELLIPSIS);
                case ABSENT -> values.add("");
                case SLICE -> slice(tree.extent(node), token);
                case TEXT -> {
                    refuseIf(role.isWhole(), token);
                    values.add(tokens.text(token).substring(1, tokens.text(token).length() - 1));
                }
                case LIST -> refuseIf(role.isWhole() || ++depth > MAX_DEPTH, token);
                case ITEMS -> {
                    depth--;
                    List<Object> items = last(tree.extent(node));
                    values.add(items.contains(UNKNOWN) ? UNKNOWN : items);
                }
                case MEMBER, CALLEE, KEYWORD, CALL, INDEX, SUBSCRIPT -> throw refusal(token);
            }
        }
        return values;
    }

    /** Pops the last {@code count} values, and returns them in the order in which they were pushed. */
    private List<Object> last(int count) {
        List<Object> tail = values.subList(values.size() - count, values.size());
        List<Object> taken = List.copyOf(tail);
        tail.clear();
        return taken;
    }

    private void number(int token) {
        double number = tokens.number(token);
        if (role.isWhole() && !isWhole(number)) {
            throw refusal(token, role.wantedValue());
        }
        add(number);
    }

    /** Adding 0.0 turns a negative zero, which whole numbers do not have, into a positive one. */
    private void add(double number) {
        values.add(role.isWhole() ? number + 0.0 : number);
    }

    private static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE;
    }

    private Object name(int token) {
        String name = tokens.text(token);
        if (scope.isFixed(name)) {
            return fixed(name, token);
        }
        refuseIf(role.isWhole(), token);
        OptionalDouble constant = Names.constant(name);
        if (constant.isPresent()) {
            return constant.getAsDouble();
        }
        return switch (name) {
            case "true", "True" -> true;
            case "false", "False" -> false;
            default -> throw refusal(token);
        };
    }

    private Object fixed(String name, int token) {
        OptionalDouble number = scope.fixed(name);
        if (role.isFlag() && number.isPresent() && (number.getAsDouble() == 0 || number.getAsDouble() == 1)) {
            return number.getAsDouble() == 1;
        }
        if (number.isPresent() && (!role.isWhole() || isWhole(number.getAsDouble()))) {
            return number.getAsDouble();
        }
        if (scope.read(name, token) != NodeWriter.BROKEN) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token,
                    role.what() + " is " + role.wantedValue() + ", and " + tokens.quoted(token) + " is none"));
        }
        return UNKNOWN;
    }

    private void unary(int sign, int token) {
        Object operand = values.removeLast();
        if (operand == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (operand instanceof Double number) {
            add(sign * number);
        } else {
            throw refusal(token);
        }
    }

    private void infix(int token) {
        Object right = values.removeLast();
        Object left = values.removeLast();
        if (left == UNKNOWN || right == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (left instanceof Double a && right instanceof Double b) {
            double result = result(tokens.operator(token), a, b, token);
            if (role.isWhole() && !isWhole(result)) {
                String message = Double.isFinite(result)
                        ? "the number " + ValueText.number(result) + " is too large for " + role.what()
                        : "this number is too large, or divided by 0";
                problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token, message));
                values.add(UNKNOWN);
            } else {
                add(result);
            }
        } else {
            throw refusal(token);
        }
    }

    private double result(Operator operator, double left, double right, int token) {
        refuseIf(role.isWhole() && !operator.isWhole(), token);
        if (operator == Operator.MATMUL || operator.precedence() == Precedence.COMPARISON
                || !(Objects.requireNonNull(OpCatalogue.find(operator.op())).op() instanceof Elementwise op)) {
            throw refusal(token);
        }
        return op.apply(left, right, 0);
    }

    /** Combines two or three bounds, each of which may be absent, into a slice. */
    private void slice(int bounds, int token) {
        List<Object> taken = last(bounds);
        String step = bounds < 3 ? "" : bound(taken.get(2), token);
        String text = bound(taken.get(0), token) + ":" + bound(taken.get(1), token) + (step.isEmpty() ? "" : ":" + step);
        values.add(taken.contains(UNKNOWN) ? UNKNOWN : text);
    }

    private String bound(Object value, int token) {
        refuseIf(value.equals(ELLIPSIS), token);
        return value instanceof Double number ? Long.toString(number.longValue()) : "";
    }

    private void refuseIf(boolean isRefused, int token) {
        if (isRefused) {
            throw refusal(token);
        }
    }

    private SyntaxException refusal(int token) {
        return refusal(token, role.wanted());
    }

    private SyntaxException refusal(int token, String wanted) {
        String quoted = tokens.quoted(token);
        return tokens.syntaxError(token, role.what() + " is " + wanted + ", not " + quoted).expected(wanted, quoted);
    }
}
