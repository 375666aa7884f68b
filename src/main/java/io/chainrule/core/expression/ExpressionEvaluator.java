package io.chainrule.core.expression;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Walks the nodes of an expression in their order, with a stack of operands; a call of a function walks its body. */
final class ExpressionEvaluator {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final OpCalls ops;
    private final Functions functions;
    private final ArrayLiterals arrays;
    private final AttributeValues attributes;
    private final WholeNumbers numbers;
    private final TreeWalk walk;
    private final IntStack operands = new IntStack();
    private final Deque<Call> calls = new ArrayDeque<>();
    private final Deque<Body> bodies = new ArrayDeque<>();

    /** The body of a function that is evaluated for a call; where to go on behind the call, and what was so before. */
    private record Body(Functions.Function function, int next, int end, @Nullable InlineFrame outer) {}

    ExpressionEvaluator(SyntaxTree tree, TreeWalk walk, Scope scope, NodeWriter writer, WholeNumbers numbers, Functions functions,
            Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.ops = new OpCalls(tree, scope, writer, problems);
        this.arrays = new ArrayLiterals(tree, scope, writer, problems);
        this.attributes = new AttributeValues(tree, walk, scope);
        this.numbers = numbers;
        this.walk = walk;
    }

    /** The node of an expression; BROKEN where there is none, which has been reported. */
    int evaluate(Statement.Expression expression) {
        operands.clear();
        calls.clear();
        walk.moveTo(expression.first(), expression.end());
        try {
            while (!walk.isAtEnd() || !bodies.isEmpty()) {
                if (walk.isAtEnd()) {
                    leave(bodies.pop());
                } else {
                    node(walk.next());
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

    /** Looks at the body of a definition for mistakes. */
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
                // The operand is the value.
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
            case KEYWORD -> keyword(calls.element(), token);
            case CALL -> call(calls.pop());
            case INDEX -> index(token);
            case TEXT, WHOLE, SLICE, ELLIPSIS, SUBSCRIPT -> throw new IllegalStateException(tree.kind(node) + " is no operand");
        }
    }

    /** A minus directly before a number is part of it. */
    private void literal(double number, int token) {
        operands.push(walk.isAt(Syntax.MINUS) ? writer.literal(-number, tree.token(walk.next())) : writer.literal(number, token));
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
            operands.push(array.getAsInt());
            walk.moveTo(tree.extent(node) + 1, walk.end());
        }
    }

    /** Whether a list is the only operand of an op that takes a sequence: its items are the operands then. */
    private boolean isSequence(int list) {
        Call call = calls.peek();
        if (call == null || call.op == null || !call.op.isSequence() || tree.kind(list - 1) != Syntax.CALLEE || tree.extent(list) == 0) {
            return false;
        }
        int behind = tree.extent(list) + 1;
        while (behind < walk.end() && tree.kind(behind) == Syntax.GROUP) {
            behind++;
        }
        return behind < walk.end() && (tree.kind(behind) == Syntax.CALL || tree.kind(behind) == Syntax.KEYWORD);
    }

    private void items(int node) {
        if (calls.isEmpty() || calls.element().sequence != node) {
            apply("stack", tree.token(node), operands.popFrom(operands.size() - tree.extent(node)));
        }
    }

    private Call callee(int token, String name) {
        Functions.Function function = functions.find(token, name);
        return new Call(token, operands.size(), function == null ? ops.find(token, name) : null, function);
    }

    private void keyword(Call call, int token) {
        if (call.function != null) {
            call.name(operands.size() - call.base, token);
        } else if (!walk.isAtEnd()) {
            String name = tokens.text(token);
            ops.attribute(call, token, name, attributes.read(name));
        }
    }

    private void call(Call call) {
        int[] arguments = operands.popFrom(call.base);
        Functions.Function function = call.function;
        InlineFrame outer = writer.frame();
        if (function == null) {
            operands.push(ops.finish(call, arguments));
        } else if (functions.enter(call, function, arguments, scope)) {
            bodies.push(new Body(function, walk.at(), walk.end(), outer));
            Statement.Expression body = function.definition.body();
            walk.moveTo(body.first(), body.end());
        } else {
            operands.push(NodeWriter.BROKEN);
        }
    }

    private void leave(Body body) {
        scope.leave();
        body.function.isActive = false;
        writer.returnTo(body.outer);
        walk.moveTo(body.next, body.end);
    }

    private void index(int token) {
        int indexed = operands.pop();
        List<Object> items = numbers.items();
        if (walk.isAt(Syntax.SUBSCRIPT)) {
            walk.next();
            operands.push(items == null ? NodeWriter.BROKEN : ops.index(items, token, indexed));
        }
    }
}
