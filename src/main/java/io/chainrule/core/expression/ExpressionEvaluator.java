package io.chainrule.core.expression;

import io.chainrule.core.graph.Problems;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates an expression: walks its nodes in their order and keeps the operands on a stack. It stops at a call of a function that the
 * text defines, so that the caller can evaluate the function's body, and continues when that has a value.
 */
final class ExpressionEvaluator {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final OpCalls ops;
    private final LectureOps lecture;
    private final Functions functions;
    private final ArrayLiterals arrays;
    private final Constants constants;
    private final Members members;
    private final Calls calls;
    private final GradientRequest gradient;
    private final Repetitions repetitions;
    private final Indexes indexes;
    private final IntList operands = new IntList();
    private final ListLiterals lists;
    /** The next node, and the end of the expression that is being evaluated. */
    private int at;
    private int end;
    /** The node behind the call that made a copy of an array last. */
    private int behindCopy;
    /** How many results are asked of the call that an expression consists of, by the node behind the expression. */
    private final Map<Integer, Integer> wanted = new HashMap<>();
    private int @Nullable [] results;

    /** Where the evaluation of an expression continues when the function that it calls has a value. */
    record Position(int at, int end, int outside) {}

    /** A call of a function that the text defines, with its arguments. */
    record Entry(Call call, Functions.Function function, int[] arguments) {}

    ExpressionEvaluator(SyntaxTree tree, Scope scope, NodeWriter writer, Constants constants, Functions functions,
            ModelCalls models, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.functions = functions;
        this.constants = constants;
        this.ops = new OpCalls(tree, scope, writer, problems);
        this.lecture = new LectureOps(tokens, writer, ops, scope, problems);
        this.arrays = new ArrayLiterals(tree, scope, writer, problems);
        this.lists = new ListLiterals(tree, writer, ops, scope.memory());
        this.members = new Members(tree, tokens, writer, ops, constants, operands);
        Callees callees = new Callees(tokens, scope, writer, ops, functions, models, problems);
        this.calls = new Calls(tree, scope, ops, members, constants, callees, operands, problems);
        this.gradient = new GradientRequest(tree);
        this.repetitions = new Repetitions(tree, scope, writer, ops, lecture, constants, operands);
        this.indexes = new Indexes(tree, writer, ops, constants, operands);
    }

    /** Begins an expression. */
    void begin(Statement.Expression expression) {
        clear();
        moveTo(expression);
    }

    /** Forgets an expression that is not evaluated to its end. */
    void clear() {
        operands.clear();
        calls.clear();
        repetitions.clear();
        indexes.clear();
    }

    /** Begins the expression of a statement in a function's body, inside the expression that calls the function. */
    void beginInner(Statement.Expression expression) {
        calls.enter();
        moveTo(expression);
    }

    /** Asks for several results of the call that an expression consists of, if it has them. */
    void want(int count, Statement.Expression expression) {
        wanted.put(expression.end(), count);
        results = null;
    }

    /** Returns the results that were asked of the expression that has been evaluated, and forgets them; null if it has only one. */
    int @Nullable [] takeResults() {
        int[] taken = results;
        results = null;
        return taken;
    }

    private void moveTo(Statement.Expression expression) {
        at = expression.first();
        end = expression.end();
    }

    Position position() {
        return new Position(at, end, calls.outside());
    }

    /** Continues an expression where a function has been called, with the function's value. */
    void resume(Position position, int value) {
        at = position.at;
        end = position.end;
        calls.leave(position.outside);
        operands.push(value);
    }

    /**
     * Evaluates up to the end of the expression, whose value is then {@link #value}, and returns null. At a call of a function that the
     * text defines, returns the call.
     */
    @Nullable
    Entry run() {
        while (at < end) {
            if (at == repetitions.behindItem()) {
                at = repetitions.next();
            } else if (at == indexes.behindItem()) {
                at = indexes.next(at);
            } else {
                Entry entry = node(at++);
                if (entry != null) {
                    return entry;
                }
            }
        }
        return null;
    }

    /** Pops the value of an expression that has been evaluated. */
    int value() {
        return operands.pop();
    }

    OpCalls ops() {
        return ops;
    }

    /** Applies the operator of an assignment such as {@code +=}. */
    int update(int token, int left, int right) {
        lists.check(tokens.operator(token), left, right, token);
        return ops.apply(tokens.operator(token).op(), token, left, right);
    }

    /** Returns the nodes by which the expression asks for the gradient, and forgets them; null if it asks for none. */
    int @Nullable [] takeGradient() {
        return gradient.take();
    }

    /** Whether the expression that has been evaluated asks for a gradient and does nothing with it. */
    boolean isGradient() {
        return gradient.isAskedBefore(end);
    }

    /** Whether the value of the expression that has been evaluated is a copy, which shares no elements with another array. */
    boolean isCopy() {
        return behindCopy == end;
    }

    private @Nullable Entry node(int node) {
        int token = tree.token(node);
        switch (tree.kind(node)) {
            case NUMBER -> literal(tokens.number(token), token);
            case NAME -> name(tokens.text(token), token, node);
            case PLUS, GROUP -> {
                // A plus sign and parentheses do not change their operand.
            }
            case MINUS -> apply("neg", token, operands.pop());
            case INFIX -> infix(token, tree.extent(node) == 1);
            case PRODUCT -> apply("mul", token, operands.popFrom(operands.size() - 2));
            case AND, OR -> {
                int right = operands.pop();
                operands.push(lecture.choose(tree.kind(node), token, operands.pop(), right));
            }
            case NOT -> operands.push(lecture.not(token, operands.pop()));
            case CHAIN -> operands.push(lecture.chain(token, operands.popFrom(operands.size() - tree.extent(node))));
            case CONDITIONAL -> {
                int otherwise = operands.pop();
                int condition = operands.pop();
                operands.push(lecture.conditional(token, condition, operands.pop(), otherwise));
            }
            case ROOT -> operands.push(lecture.root(token, operands.pop()));
            case SUPERSCRIPT -> operands.push(lecture.raise(token, tree.extent(node) == 1, operands.pop()));
            case ABS -> operands.push(lecture.abs(token, operands.pop()));
            case NORM -> operands.push(lecture.norm(token, tree.extent(node), operands.pop()));
            case MEMBER -> at = members.apply(token, tree.extent(node), at, end);
            case LIST -> list(node);
            case ITEMS -> items(node, tree.extent(node));
            case EACH -> {
                calls.each(node);
                at = repetitions.begin(node, end, calls.isSum());
            }
            case CALLEE -> calls.begin(token, tree.extent(node));
            case METHOD -> calls.beginMethod(token);
            case ARGUMENT -> at = calls.argument(node, at);
            case KEYWORD -> at = calls.keyword(node, at, end);
            case CALL -> {
                return call(calls.end());
            }
            case GRADIENT -> gradient.ask(at);
            case INDEX, TARGET -> at = indexes.begin(node, end);
            case ASSIGNMENT -> operands.push(indexes.assign(token, operands.pop()));
            case TEXT -> throw tokens.syntaxError(token, "a text stands only as the value of an attribute")
                    .hint("write op(x, name='text'), or leave the text out");
            case ABSENT, SLICE, ELLIPSIS, SUBSCRIPT, FOR, FILTER -> throw new IllegalStateException(tree.kind(node) + " is no operand");
        }
        return null;
    }

    /** Adds a literal. A minus sign directly before a number is part of the literal, not an operation. */
    private void literal(double number, int token) {
        boolean isNegative = at < end && tree.kind(at) == Syntax.MINUS;
        operands.push(isNegative ? writer.literal(-number, tree.token(at++)) : writer.literal(number, token));
    }

    private void name(String name, int token, int node) {
        if (at < end && tree.kind(at) == Syntax.SUPERSCRIPT && tree.token(at) == token + 1
                && scope.isValue(tokens.text(token, token + 1))) {
            operands.push(scope.read(tokens.text(token, token + 1), token));
            at++;
            return;
        }
        int constant = constants.constant(node);
        OptionalDouble number = constant > 0 && !scope.isValue(name)
                ? Library.constant(tokens.text(token, tree.extent(constant)))
                : OptionalDouble.empty();
        if (number.isPresent()) {
            at = constant + 1;
        } else {
            number = scope.number(name);
        }
        if (number.isPresent()) {
            literal(number.getAsDouble(), token);
        } else {
            operands.push(scope.read(name, token));
        }
    }

    private void apply(String op, int token, int... nodes) {
        operands.push(ops.apply(op, token, nodes));
    }

    /** Applies an infix operator. In a chain of comparisons the right operand is compared once more. */
    private void infix(int token, boolean isInChain) {
        int right = operands.pop();
        int left = operands.pop();
        Operator operator = tokens.operator(token);
        lists.check(operator, left, right, token);
        operands.push(lecture.infix(operator, token, left, right));
        if (isInChain) {
            operands.push(right);
        }
    }

    private void list(int node) {
        if (tree.extent(node) > 0 && tree.kind(tree.extent(node)) == Syntax.GROUP || calls.takesItems(node, end)) {
            return;
        }
        OptionalInt array = arrays.read(node);
        if (array.isPresent()) {
            at = tree.extent(node) + 1;
            operands.push(lists.note(array.getAsInt(), tree.extent(at - 1)));
        }
    }

    private void items(int node, int count) {
        if (!calls.hasItems(node)) {
            int[] items = operands.popFrom(count < 0 ? repetitions.base() : operands.size() - count);
            operands.push(lists.of(items, tree.token(node)));
        }
    }

    private @Nullable Entry call(Call call) {
        int[] arguments = operands.popFrom(call.base);
        at = gradient.call(call, arguments, at, end);
        if (call.callee instanceof Call.Callee.OfFunction(Functions.Function function)) {
            if (functions.isReady(call, function)) {
                return new Entry(call, function, arguments);
            }
            operands.push(NodeWriter.BROKEN);
        } else if (at == end && calls.hasResults(call, wanted.getOrDefault(end, 0))) {
            results = new int[wanted.getOrDefault(end, 0)];
            Arrays.setAll(results, i -> calls.finish(call, arguments, i));
            operands.push(results[0]);
        } else {
            operands.push(calls.finish(call, lists.operands(call, arguments), at, end));
            at = calls.behindPart(call, at, end);
            behindCopy = calls.isCopy(call) ? at : behindCopy;
        }
        return null;
    }
}
