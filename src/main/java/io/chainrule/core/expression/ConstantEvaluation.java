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
    /** The number of lists around the node that is being evaluated. */
    private int depth;

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
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            switch (tree.kind(node)) {
                case NUMBER -> number(token);
                case NAME -> node = name(node);
                case PLUS -> unary(1, token);
                case MINUS -> unary(-1, token);
                case KEYWORD -> refuseIf(!isIteration() || !tokens.is(token, "start"), token);
                case GROUP, ARGUMENT -> {
                    // Parentheses do not change the value of their operand, and arguments are collected by their call.
                }
                case INFIX, PRODUCT -> infix(token, tree.kind(node) == Syntax.PRODUCT ? Operator.TIMES : tokens.operator(token),
                        tree.extent(node) == 1);
                case CHAIN -> conditions(last(tree.extent(node)), false, token);
                case AND, OR -> conditions(last(2), tree.kind(node) == Syntax.OR, token);
                case NOT -> {
                    conditions(last(1), false, token);
                    values.add(values.removeLast() instanceof Boolean flag ? (Object) !flag : UNKNOWN);
                }
                case ELLIPSIS -> values.add(ELLIPSIS);
                case ABSENT -> values.add("");
                case SLICE -> slice(tree.extent(node), token);
                case TEXT -> {
                    refuseIf(role.isWhole(), token);
                    values.add(tokens.text(token).substring(1, tokens.text(token).length() - 1));
                }
                case LIST -> {
                    boolean isGroup = tree.kind(tree.extent(node)) == Syntax.GROUP;
                    refuseIf(
                            !isGroup && (role.isWhole() && !role.equals(ConstantRole.INDEX) && !isIteration()
                                    || ++depth > Constants.MAX_DEPTH),
                            token);
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

    /**
     * Evaluates {@code len(x)} or the like, or what a loop runs over, within nodes up to {@code last}, exclusive. Returns the node that
     * ends the call.
     */
    private int call(int callee, int last) {
        int token = tree.token(callee);
        int call = shapes.call(callee);
        if (call > 0) {
            values.add(shapes.value(callee, call));
            return call;
        }
        String name = tokens.text(token, tree.extent(callee));
        refuseIf(!isIteration() || names.isValue(name), token);
        int end = callee;
        while (end < last && !(tree.kind(end) == Syntax.CALL && tree.token(end) == token)) {
            end++;
        }
        refuseIf(end == last, token);
        int count = tree.extent(end);
        List<Object> bounds = constants.evaluate(callee + 1, end, name.equals("range") ? ConstantRole.BOUND : role);
        boolean isUnknown = bounds.contains(UNKNOWN);
        values.add(isUnknown ? UNKNOWN : switch (name) {
            case "range" -> range(bounds, count, token);
            case "zip" -> new Iteration.Zip(bounds.stream().map(Loops::iterationOf).toList());
            case "enumerate" -> {
                refuseIf(count < 1 || count > 2, token);
                Iteration items = Loops.iterationOf(bounds.getFirst());
                long start = count == 2 && bounds.get(1) instanceof Double number ? number.longValue() : 0;
                yield new Iteration.Zip(List.of(new Iteration.Range(start, start + items.count(), 1), items));
            }
            case "reversed" -> new Iteration.Reversed(Loops.iterationOf(bounds.getFirst()));
            default -> throw refusal(token);
        });
        return end;
    }

    private boolean isIteration() {
        return role.equals(ConstantRole.ITERATION);
    }

    private Iteration range(List<Object> bounds, int count, int token) {
        refuseIf(bounds.size() != count || count < 1 || count > 3, token);
        long[] numbers = bounds.stream().mapToLong(bound -> bound instanceof Double number ? number.longValue() : 0).toArray();
        long step = count == 3 ? numbers[2] : 1;
        if (step == 0) {
            throw tokens.syntaxError(token, "the step of a loop is not 0");
        }
        return new Iteration.Range(count == 1 ? 0 : numbers[0], numbers[count == 1 ? 0 : 1], step);
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
        if (role.isWhole() && !Constants.isWhole(number) && depth == 0) {
            throw role.refusal(tokens, token, role.wantedValue());
        }
        add(number);
    }

    /** Adding 0.0 turns a negative zero, which whole numbers do not have, into a positive one. */
    private void add(double number) {
        values.add(role.isWhole() && depth == 0 ? number + 0.0 : number);
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
        if (constants.isType(path, token)) {
            values.add(type(path, token));
        } else if (ShapeMembers.isShape(last) && shapes.isOfArray(node, member)) {
            values.add(shapes.of(shapes.shape(node, member), token, last));
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
        Iteration items = isIteration() && depth == 0 && (known == null || known instanceof List<?>) ? names.items(name, token) : null;
        if (items != null) {
            return items;
        } else if (known != null) {
            return known;
        } else if (Constants.isNone(name)) {
            return NONE;
        } else if (constants.isType(name, token)) {
            return type(name, token);
        } else if (Constants.isMain(name)) {
            return "__main__";
        }
        boolean isMask = role.equals(ConstantRole.INDEX) && depth > 0 && Names.truth(name).isPresent() && !names.isValue(name);
        refuseIf(role.isWhole() && !isMask, token);
        OptionalDouble constant = names.isValue(name) ? OptionalDouble.empty() : Names.number(name);
        if (constant.isPresent()) {
            return constant.getAsDouble();
        } else if (Names.truth(name).isPresent()) {
            return Names.truth(name).getAsDouble() == 1;
        }
        throw refusal(token);
    }

    /** Returns NONE for a type of floats, which numbers are anyway, and refuses other types. */
    private Object type(String path, int token) {
        refuseIf(role.isWhole(), token);
        if (!Library.isFloat(path)) {
            throw tokens.syntaxError(token, "numbers are float64 here").hint("leave dtype out; trunc(x) rounds");
        }
        return NONE;
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

    /** Adds whether all of some conditions hold or, if {@code isAny}, one of them. */
    private void conditions(List<Object> conditions, boolean isAny, int token) {
        values.add(KnownConditions.combine(conditions, isAny).orElseThrow(() -> refusal(token)));
    }

    /** In a chain of comparisons the right operand is compared once more. */
    private void infix(int token, Operator operator, boolean isInChain) {
        Object right = values.removeLast();
        Object left = values.removeLast();
        if (left == UNKNOWN || right == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (operator.precedence() == Precedence.COMPARISON && role.takesConditions()) {
            values.add(KnownConditions.compare(left, operator, right).orElseThrow(() -> refusal(token)));
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
        if (isInChain) {
            values.add(right);
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
        refuseIf(value.equals(ELLIPSIS) || value instanceof List, token);
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
