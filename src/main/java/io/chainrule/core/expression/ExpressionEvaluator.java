package io.chainrule.core.expression;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates an expression: walks its nodes in their order and keeps the operands on a stack. For a call of a function it walks the
 * nodes of the function's body.
 */
final class ExpressionEvaluator {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final OpCalls ops;
    private final Functions functions;
    private final ArrayLiterals arrays;
    private final Constants constants;
    private final IntList operands = new IntList();
    private final Deque<Call> calls = new ArrayDeque<>();
    private final Deque<Body> bodies = new ArrayDeque<>();
    /** The nodes that were written as lists, with their numbers of items. */
    private final Map<Integer, Integer> lists = new HashMap<>();
    /** The next node, and the end of the expression or function body that is being evaluated. */
    private int at;
    private int end;

    /**
     * The body of a function that is being evaluated for a call. {@code next} and {@code end} say where the caller's evaluation
     * continues after the call, and {@code outer} is the frame to return to.
     */
    private record Body(Functions.Function function, int next, int end, @Nullable InlineFrame outer) {}

    ExpressionEvaluator(SyntaxTree tree, Scope scope, NodeWriter writer, Constants constants, Functions functions,
            Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.ops = new OpCalls(tree, scope, writer, problems);
        this.arrays = new ArrayLiterals(tree, scope, writer, problems);
        this.constants = constants;
    }

    /** Returns the node of an expression, or BROKEN if there is a mistake in it, which is then reported. */
    int evaluate(Statement.Expression expression) {
        operands.clear();
        calls.clear();
        moveTo(expression.first(), expression.end());
        try {
            while (at < end || !bodies.isEmpty()) {
                if (at == end) {
                    leave(bodies.pop());
                } else {
                    node(at++);
                }
            }
        } catch (SyntaxException e) {
            while (!bodies.isEmpty()) {
                leave(bodies.pop());
            }
            problems.add(e.problem());
            return NodeWriter.BROKEN;
        }
        if (expression.problem() != null) {
            problems.add(expression.problem());
            return NodeWriter.BROKEN;
        }
        return operands.pop();
    }

    private void moveTo(int node, int behindLast) {
        at = node;
        end = behindLast;
    }

    /** Checks the body of a definition for mistakes, without adding nodes. */
    void define(Statement.Definition definition) {
        int before = problems.total();
        boolean wasPaused = writer.pause(true);
        functions.beginDefinition(definition);
        scope.enterUnknown(definition.parameters());
        evaluate(definition.body());
        scope.leave();
        functions.endDefinition(definition, problems.total() > before);
        writer.pause(wasPaused);
    }

    private void node(int node) {
        int token = tree.token(node);
        switch (tree.kind(node)) {
            case NUMBER -> literal(tokens.number(token), token);
            case NAME -> name(tokens.text(token), token);
            case PLUS, GROUP -> {
                // A plus sign and parentheses do not change their operand.
            }
            case MINUS -> apply("neg", token, operands.pop());
            case INFIX -> {
                int right = operands.pop();
                apply(tokens.operator(token).op(), token, operands.pop(), right);
            }
            case MEMBER -> member(token, tree.extent(node));
            case LIST -> list(node);
            case ITEMS -> items(node);
            case CALLEE -> calls.push(callee(token, tokens.text(token, tree.extent(node))));
            case KEYWORD -> keyword(calls.element(), node);
            case CALL -> call(calls.pop());
            case INDEX -> index(node);
            case TEXT -> throw tokens.syntaxError(token, "a text stands only as the value of an attribute");
            case ABSENT, SLICE, ELLIPSIS, SUBSCRIPT -> throw new IllegalStateException(tree.kind(node) + " is no operand");
        }
    }

    /** Adds a literal. A minus sign directly before a number is part of the literal, not an operation. */
    private void literal(double number, int token) {
        boolean isNegative = at < end && tree.kind(at) == Syntax.MINUS;
        operands.push(isNegative ? writer.literal(-number, tree.token(at++)) : writer.literal(number, token));
    }

    private void name(String name, int token) {
        OptionalDouble number = scope.number(name);
        if (number.isPresent()) {
            literal(number.getAsDouble(), token);
        } else {
            operands.push(scope.read(name, token));
        }
    }

    private void apply(String op, int token, int... nodes) {
        operands.push(ops.apply(op, token, nodes));
    }

    private void member(int dot, int name) {
        String text = tokens.text(name);
        if (!text.equals("T")) {
            String write = OpCatalogue.find(text) != null ? text + "(…)" : Names.constant(text).isPresent() ? text : null;
            throw tokens.syntaxError(name, tokens.quoted(name) + " means nothing after '.'").expected("'T'", tokens.quoted(name))
                    .hint(write == null ? "only .T, the transpose, follows a value" : "write " + write);
        }
        apply("transpose", dot, operands.pop());
    }

    private void list(int node) {
        if (isSequence(node)) {
            calls.element().sequence = tree.extent(node);
            return;
        }
        OptionalInt array = arrays.read(node);
        if (array.isPresent()) {
            at = tree.extent(node) + 1;
            pushList(array.getAsInt(), tree.extent(at - 1));
        }
    }

    /** Whether a list is the only operand of an op that takes a sequence. Then the items of the list are the operands, as in NumPy. */
    private boolean isSequence(int list) {
        Call call = calls.peek();
        if (call == null || call.op == null || !call.op.isSequence() || tree.kind(list - 1) != Syntax.CALLEE || tree.extent(list) == 0) {
            return false;
        }
        int behind = tree.extent(list) + 1;
        while (behind < end && tree.kind(behind) == Syntax.GROUP) {
            behind++;
        }
        return behind < end && (tree.kind(behind) == Syntax.CALL || tree.kind(behind) == Syntax.KEYWORD);
    }

    private void items(int node) {
        if (calls.isEmpty() || calls.element().sequence != node) {
            int[] items = operands.popFrom(operands.size() - tree.extent(node));
            pushList(ops.apply("stack", tree.token(node), items), items.length);
        }
    }

    private void pushList(int node, int items) {
        operands.push(node);
        if (node != NodeWriter.BROKEN) {
            lists.put(node, items);
        }
    }

    /**
     * Returns the operands of a call of an op. A name of a list, as the only operand of an op that takes a sequence, means the items of
     * the list. They are read from the list by index, so that the list has a gradient too.
     */
    private int[] operands(Call call, int[] arguments) {
        Integer items = arguments.length == 1 && call.sequence == 0 && call.op != null && call.op.isSequence()
                ? lists.get(arguments[0])
                : null;
        return items == null
                ? arguments
                : IntStream.range(0, items).map(i -> ops.index(List.of((double) i), call.token, arguments[0])).toArray();
    }

    private Call callee(int token, String name) {
        Functions.Function function = functions.find(token, name);
        return new Call(token, operands.size(), function == null ? ops.find(token, name) : null, function);
    }

    private void keyword(Call call, int node) {
        int token = tree.token(node);
        if (call.function != null) {
            call.name(operands.size() - call.base, token);
            return;
        }
        String name = tokens.text(token);
        boolean isFlag = call.op != null
                && call.op.attributes().stream().anyMatch(known -> known.name().equals(name) && known.type() == Attribute.Type.BOOLEAN);
        List<Object> value = constants(node, tree.extent(node), ConstantRole.attribute(name, isFlag));
        if (!value.isEmpty()) {
            ops.attribute(call, token, name, value.getFirst());
        }
    }

    /**
     * Returns the values of the constant expressions between this node and the node {@code behind}, and skips them. If {@code behind}
     * is 0, a syntax error cut them short and they extend to the end of the expression.
     */
    private List<Object> constants(int node, int behind, ConstantRole role) {
        at = behind == 0 ? end : behind;
        return constants.evaluate(node + 1, at, role);
    }

    private void call(Call call) {
        int[] arguments = operands.popFrom(call.base);
        Functions.Function function = call.function;
        InlineFrame outer = writer.frame();
        if (function == null) {
            operands.push(ops.finish(call, operands(call, arguments)));
        } else if (functions.enter(call, function, arguments, scope)) {
            bodies.push(new Body(function, at, end, outer));
            Statement.Expression body = function.definition.body();
            moveTo(body.first(), body.end());
        } else {
            operands.push(NodeWriter.BROKEN);
        }
    }

    private void leave(Body body) {
        scope.leave();
        body.function.isActive = false;
        writer.returnTo(body.outer);
        moveTo(body.next, body.end);
    }

    private void index(int node) {
        int indexed = operands.pop();
        List<Object> items = constants(node, tree.extent(node), ConstantRole.INDEX);
        if (at < end) {
            at++;
            operands.push(ops.index(items, tree.token(node), indexed));
        }
    }
}
