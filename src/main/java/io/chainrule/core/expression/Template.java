package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The expression of a library's function, evaluated for one call. All of its nodes stand at the call's place in the text.
 *
 * @param arguments by parameter: an int[] of nodes, or a value that is known before the program runs
 */
record Template(SyntaxTree body, Map<String, Object> arguments, int token, NodeWriter writer, OpCalls ops, Problems problems)
        implements
            Constants.KnownNames {

    private record Pending(OpDefinition op, int base, Map<String, Object> attributes) {
        /** A flag stands for 1 or 0 where a number is wanted, as PyTorch's {@code unbiased} does for the correction. */
        void put(String name, Object value) {
            boolean isNumber = value instanceof Boolean && op.attributes().stream()
                    .anyMatch(attribute -> attribute.name().equals(name) && attribute.type() == Attribute.Type.NUMBER);
            attributes.put(name, isNumber ? value.equals(true) ? 1.0 : 0.0 : value);
        }
    }

    /** Adds the nodes of the expression. Returns the last, or BROKEN. */
    int node() {
        IntList operands = new IntList();
        Deque<Pending> calls = new ArrayDeque<>();
        Constants constants = new Constants(body, this, problems);
        Statement.Expression expression = ((Statement.Evaluation) body.statements().getFirst()).expression();
        for (int node = expression.first(); node < expression.end(); node++) {
            int at = body.token(node);
            switch (body.kind(node)) {
                case NUMBER -> operands.push(writer.literal(body.tokens().number(at), token));
                case NAME -> {
                    for (int operand : operands(body.tokens().text(at))) {
                        operands.push(operand);
                    }
                }
                case MINUS -> operands.push(ops.apply("neg", token, operands.pop()));
                case INFIX -> {
                    int right = operands.pop();
                    operands.push(ops.apply(body.tokens().operator(at).op(), token, operands.pop(), right));
                }
                case MEMBER -> operands.push(ops.apply("transpose", token, operands.pop()));
                case CALLEE -> calls.push(new Pending(Objects.requireNonNull(OpCatalogue.find(body.tokens().text(at, body.extent(node)))),
                        operands.size(), new LinkedHashMap<>()));
                case KEYWORD -> {
                    String name = body.tokens().text(at);
                    Object value = constants.evaluate(node + 1, body.extent(node), ConstantRole.attribute(name, null)).getFirst();
                    if (value != Constants.NONE) {
                        calls.element().put(name, value);
                    }
                    node = body.extent(node) - 1;
                }
                case CALL -> {
                    Pending call = calls.pop();
                    operands.push(ops.make(call.op, call.attributes, token, Map.of(), operands.popFrom(call.base)));
                }
                case INDEX -> {
                    List<Object> items = constants.evaluate(node + 1, body.extent(node), ConstantRole.INDEX);
                    operands.push(ops.index(items, token, operands.pop()));
                    node = body.extent(node);
                }
                case ITEMS -> operands.push(ops.apply("stack", token, operands.popFrom(operands.size() - body.extent(node))));
                case PLUS, GROUP, LIST, ARGUMENT -> {
                    // They do not change their operand.
                }
                default -> throw new IllegalStateException(body.kind(node) + " in " + body.tokens().text(0, body.tokens().size() - 2));
            }
        }
        return operands.pop();
    }

    private int[] operands(String name) {
        Object argument = arguments.get(name);
        if (argument instanceof int[] nodes) {
            return nodes;
        }
        double number = argument instanceof Double known
                ? known
                : argument instanceof Boolean flag ? flag ? 1 : 0 : Names.number(name).orElseThrow();
        return new int[]{writer.literal(number, token)};
    }

    @Override
    public @Nullable Object value(String name, int at, ConstantRole role) {
        return arguments.get(name) instanceof int[] ? null : arguments.get(name);
    }

    @Override
    public @Nullable Shape shape(String name, int at) {
        return arguments.get(name) instanceof int[] nodes ? writer.shape(nodes[0]) : null;
    }

    @Override
    public @Nullable Iteration items(String name, int at) {
        return null;
    }

    @Override
    public boolean isValue(String name) {
        return arguments.containsKey(name);
    }

    @Override
    public boolean isPaused() {
        return writer.isPaused();
    }

    @Override
    public Problem problem(int at, String message) {
        return writer.problem(ProblemCode.SYNTAX_ERROR, token, message);
    }
}
