package io.chainrule.core.expression;

import static io.chainrule.core.expression.Constants.ELLIPSIS;
import static io.chainrule.core.expression.Constants.NONE;
import static io.chainrule.core.expression.Constants.UNKNOWN;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/** Evaluates the constant expressions in a run of nodes, once: walks the nodes in their order and keeps the values on a stack. */
final class ConstantEvaluation {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Constants constants;
    private final Constants.KnownNames names;
    private final ShapeMembers shapes;
    private final Problems problems;
    private final ConstantRole role;
    private final List<Object> values = new ArrayList<>();

    ConstantEvaluation(SyntaxTree tree, Constants constants, Constants.KnownNames names, Problems problems, ConstantRole role) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.constants = constants;
        this.names = names;
        this.shapes = constants.shapes();
        this.problems = problems;
        this.role = role;
    }

    /** Returns the values of the expressions in these nodes. */
    List<Object> run(int first, int end) {
        int depth = 0;
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            switch (tree.kind(node)) {
                case NUMBER -> number(token);
                case NAME -> node = name(node);
                case PLUS -> unary(1, token);
                case MINUS -> unary(-1, token);
                case GROUP, ARGUMENT -> {
                    // Parentheses do not change the value of their operand, and arguments are collected by their call.
                }
                case INFIX, PRODUCT -> infix(token, tree.kind(node) == Syntax.PRODUCT ? Operator.TIMES : tokens.operator(token));
                case ELLIPSIS -> values.add(ELLIPSIS);
                case ABSENT -> values.add("");
                case SLICE -> slice(tree.extent(node), token);
                case TEXT -> {
                    refuseIf(role.isWhole(), token);
                    values.add(tokens.text(token).substring(1, tokens.text(token).length() - 1));
                }
                case LIST -> {
                    boolean isGroup = tree.kind(tree.extent(node)) == Syntax.GROUP;
                    refuseIf(!isGroup && (role.isWhole() && !role.equals(ConstantRole.INDEX) || ++depth > Constants.MAX_DEPTH), token);
                }
                case ITEMS -> {
                    depth--;
                    List<Object> items = last(tree.extent(node));
                    values.add(items.contains(UNKNOWN) ? UNKNOWN : items);
                }
                case CALLEE -> node = call(node, end);
                case INDEX -> {
                    values.add(constants.item(values.removeLast(), node, role));
                    node = tree.extent(node);
                }
                default -> throw refusal(token);
            }
        }
        return values;
    }

    /** Evaluates {@code len(x)} or a range within nodes up to {@code last}, exclusive. Returns the node that ends the call. */
    private int call(int callee, int last) {
        int token = tree.token(callee);
        int call = shapes.call(callee);
        if (call > 0) {
            values.add(shapes.value(callee, call));
            return call;
        }
        refuseIf(!role.equals(ConstantRole.BOUND) || !tokens.text(token, tree.extent(callee)).equals("range"), token);
        int end = callee;
        while (end < last && !(tree.kind(end) == Syntax.CALL && tree.token(end) == token)) {
            end++;
        }
        refuseIf(end == last, token);
        int count = tree.extent(end);
        List<Object> bounds = constants.evaluate(callee + 1, end, role);
        refuseIf(bounds.size() != count || count < 1 || count > 3, token);
        if (bounds.contains(UNKNOWN)) {
            values.add(UNKNOWN);
            return end;
        }
        long[] numbers = bounds.stream().mapToLong(bound -> bound instanceof Double number ? number.longValue() : 0).toArray();
        long step = count == 3 ? numbers[2] : 1;
        if (step == 0) {
            throw tokens.syntaxError(token, "the step of a loop is not 0");
        }
        values.add(new Constants.Range(count == 1 ? 0 : numbers[0], numbers[count == 1 ? 0 : 1], step));
        return end;
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
        if (role.isWhole() && !Constants.isWhole(number)) {
            throw role.refusal(tokens, token, role.wantedValue());
        }
        add(number);
    }

    /** Adding 0.0 turns a negative zero, which whole numbers do not have, into a positive one. */
    private void add(double number) {
        values.add(role.isWhole() ? number + 0.0 : number);
    }

    /** Evaluates a name, perhaps with members. Returns the last of these nodes. */
    private int name(int node) {
        int token = tree.token(node);
        String name = tokens.text(token);
        int member = shapes.member(node);
        if (member == 0) {
            values.add(name(name, token));
            return node;
        }
        String last = tokens.text(tree.extent(member));
        String path = tokens.text(token, tree.extent(member));
        OptionalDouble constant = Library.constant(path);
        if (ShapeMembers.isShape(last) && member == node + 1) {
            values.add(shapes.of(names.shape(name, token), token, last));
        } else if (constant.isPresent()) {
            refuseIf(role.isWhole(), token);
            values.add(constant.getAsDouble());
        } else if (Library.isNewAxis(path)) {
            values.add(NONE);
        } else {
            throw refusal(token);
        }
        return member;
    }

    private Object name(String name, int token) {
        Object known = names.value(name, token, role);
        if (known != null) {
            return known;
        } else if (Constants.isNone(name)) {
            return NONE;
        }
        refuseIf(role.isWhole(), token);
        OptionalDouble constant = Names.number(name);
        if (constant.isPresent()) {
            return constant.getAsDouble();
        } else if (Names.truth(name).isPresent()) {
            return Names.truth(name).getAsDouble() == 1;
        }
        throw refusal(token);
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

    private void infix(int token, Operator operator) {
        Object right = values.removeLast();
        Object left = values.removeLast();
        if (left == UNKNOWN || right == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (left instanceof Double a && right instanceof Double b) {
            double result = result(operator, a, b, token);
            if (role.isWhole() && !Constants.isWhole(result)) {
                String message = Double.isFinite(result)
                        ? "the number " + ValueText.number(result) + " is too large for " + role.what()
                        : "this number is too large, or divided by 0";
                problems.add(names.problem(token, message));
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
        if (operator.op().isEmpty() || operator == Operator.MATMUL || operator.precedence() == Precedence.COMPARISON
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
        return role.refusal(tokens, token);
    }
}
