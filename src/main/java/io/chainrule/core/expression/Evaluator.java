package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a syntax tree to a graph, statement by statement. Loops are unrolled and calls of functions inlined. Time is linear in the
 * size of the program that results, and nothing recurses, so that no program can overflow the call stack.
 */
public final class Evaluator {
    private static final String OUTPUT = "output";
    private static final int NONE = -1;

    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Problems problems = new Problems();
    private final NodeWriter writer;
    private final Scope scope;
    private final Constants constants;
    private final Functions functions;
    private final ExpressionEvaluator expressions;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private int lastNode = NodeWriter.BROKEN;
    private @Nullable String lastName;
    /** The nodes by which the text asks for the gradient of its last statement; null if it does not. */
    private int @Nullable [] wrt;
    /** The statement that continues after a mistake in a function that it calls; NONE otherwise. */
    private int resumeAt = NONE;
    private @Nullable String programName;

    /** What is being evaluated around the current statement. */
    private sealed interface Frame {}

    /**
     * A loop whose body is being evaluated. A loop without any pass is evaluated once nevertheless, with the writer paused, to report
     * the mistakes in its body.
     *
     * @param body the first statement of the body
     * @param value the value of the loop variable in the current pass
     * @param remaining the number of passes that are left, with the current one
     * @param outer the frame around the loop
     * @param wasPaused whether the writer was paused before the loop
     * @param problems the number of problems before the loop; no pass follows one that adds a problem, so that a mistake is reported
     *        once
     */
    private record Loop(Statement.Loop statement, int body, long value, long step, long remaining, @Nullable InlineFrame outer,
            boolean wasPaused, int problems) implements Frame {
        Loop next() {
            return new Loop(statement, body, value + step, step, remaining - 1, outer, wasPaused, problems);
        }
    }

    /** A definition whose body is being checked for mistakes, with the writer paused. */
    private record Checking(Statement.Definition definition, int body, boolean wasPaused, int problems) implements Frame {}

    /**
     * A call of a function whose body is being evaluated.
     *
     * @param statement the number of the statement whose expression calls it, and where in the expression
     */
    private record Invocation(Functions.Function function, int statement, ExpressionEvaluator.Position position,
            @Nullable InlineFrame outer) implements Frame {}

    /** An unpacking, with the values that have been evaluated. */
    private record Unpacked(List<Integer> values) implements Frame {}

    /** The value of a function that has returned, with which the statement that called it continues. */
    private record Returned(ExpressionEvaluator.Position position, int value) {}

    /** Set between a return and the continuation of the statement that called the function. */
    private @Nullable Returned returned;

    private Evaluator(SyntaxTree tree, GivenInputs inputs, int nodes) {
        this.tree = tree;
        this.tokens = tree.tokens();
        writer = new NodeWriter(tokens, inputs, nodes);
        functions = new Functions(tree, writer, problems);
        scope = new Scope(tokens, writer, problems, functions, inputs);
        constants = new Constants(tree, new NamesInText(scope, writer, tokens, problems), problems);
        expressions = new ExpressionEvaluator(tree, scope, writer, constants, functions, problems);
    }

    /**
     * Evaluates a syntax tree to a program of at most {@code nodes} nodes, not counting literals. {@code inputs} are the inputs that the
     * caller has values for: statements cannot bind their names, and these hide all that a name could mean otherwise.
     *
     * @throws io.chainrule.core.graph.ProblemException with all errors of syntax and meaning, a hundred problems at most
     * @throws io.chainrule.core.graph.LimitException for limit "nodes"
     */
    public static Evaluated evaluate(SyntaxTree tree, GivenInputs inputs, int nodes) {
        return new Evaluator(tree, inputs, nodes).program();
    }

    private Evaluated program() {
        List<Statement> statements = tree.statements();
        Statement.Definition program = lastDefinition(statements);
        for (int at = 0; at < statements.size() && !problems.isFull();) {
            at = step(statements.get(at), at, program);
        }
        problems.throwIfAny();
        if (lastNode == NodeWriter.BROKEN) {
            problems.add(Problem.of(ProblemCode.MISSING_OUTPUT, "the expression has no statement").position(new Problem.Position(1, 1)));
            problems.throwIfAny();
        }
        NamedGraph named = named();
        if (named.inputs().isEmpty()) {
            writer.remark(0, "the program has no input, so it has no gradient; a name that nothing is bound to, as x in x^2, is an input");
        }
        return new Evaluated(named, wrt == null ? null : Arrays.stream(wrt).mapToObj(named::id).toList(), writer.remarks());
    }

    private int step(Statement statement, int at, Statement.@Nullable Definition program) {
        return switch (statement) {
            case Statement.Evaluation evaluation -> evaluate(evaluation, at);
            case Statement.Unpacking unpacking -> unpack(unpacking, at);
            case Statement.Definition definition when definition.equals(program) -> inline(definition, at);
            case Statement.Definition definition -> define(definition, at);
            case Statement.Return result -> giveBack(result, at);
            case Statement.EndOfDefinition _ -> endDefinition(at);
            case Statement.Loop loop -> begin(loop, at);
            case Statement.EndOfLoop _ -> endPass((Loop) frames.pop(), at);
            case Statement.Ignored(int token, String message) -> {
                if (message != null) {
                    writer.remark(token, message);
                }
                yield at + 1;
            }
            case Statement.Misplaced(Problem problem) -> {
                problems.add(problem);
                yield at + 1;
            }
        };
    }

    /**
     * Returns the definition that the text ends with, which then is the program; null if it ends with another statement. Behind other
     * statements it is the program only if its parameters are inputs, or names that the statements bind, which is a mistake.
     */
    private Statement.@Nullable Definition lastDefinition(List<Statement> statements) {
        Statement.Definition last = null;
        boolean isFirst = true;
        Set<String> bound = new HashSet<>();
        for (int i = 0; i < statements.size(); i++) {
            Statement statement = statements.get(i);
            if (statement instanceof Statement.Definition definition) {
                last = definition.end() == statements.size() - 1 ? definition : null;
                i = definition.end();
            } else if (statement instanceof Statement.Evaluation evaluation) {
                isFirst = false;
                bound.add(String.valueOf(evaluation.name()));
            }
        }
        return last == null || isFirst || last.names().stream().allMatch(name -> scope.isValue(name) || bound.contains(name)) ? last : null;
    }

    /** Evaluates the body of a definition as statements of the program; its parameters are inputs. */
    private int inline(Statement.Definition definition, int at) {
        Problem problem = definition.problem();
        if (problem != null) {
            problems.add(problem);
            return definition.end() + 1;
        }
        definition.names().forEach(name -> scope.checkParameter(name, definition.token()));
        programName = definition.name();
        return at + 1;
    }

    private int evaluate(Statement.Evaluation evaluation, int at) {
        OptionalInt value = value(evaluation.expression(), at, evaluation.token(), evaluation.update());
        if (value.isEmpty()) {
            return entered();
        }
        boolean isBound = evaluation.update() == 0 || value.getAsInt() != NodeWriter.BROKEN;
        finish(isBound ? evaluation.name() : null, evaluation.token(), value.getAsInt());
        return at + 1;
    }

    private void finish(@Nullable String name, int token, int value) {
        boolean isLocal = scope.isInFunction();
        int node = isLocal ? value : writer.statement(value, token);
        if (name != null) {
            scope.bind(name, token, node);
        }
        boolean isGradient = expressions.isGradient();
        int[] by = expressions.takeGradient();
        if (by != null && (isLocal || !isGradient) || wrt != null && !isLocal) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token,
                    "a gradient can be asked for only by the last statement, as a whole")
                    .hint("end the program with jax.grad(f)(x) or torch.autograd.grad(y, x) alone; further derivatives are in /v1/hessian"));
        }
        if (!isLocal && !writer.isPaused()) {
            lastNode = node;
            lastName = name;
            gradient(by, token);
        }
    }

    /** Notes that the text asks for the gradient of its last statement. */
    private void gradient(int @Nullable [] by, int token) {
        wrt = null;
        if (by == null || Arrays.stream(by).anyMatch(node -> node == NodeWriter.BROKEN)) {
            return;
        }
        wrt = by;
        writer.remark(token, "the gradient that is asked for here is in the answer of /v1/gradient, where the output is the value itself");
    }

    /**
     * Evaluates an expression, or continues it where a function has returned. Returns BROKEN if there is a mistake in it, which is then
     * reported, and nothing if it calls a function, whose first statement comes next.
     */
    private OptionalInt value(Statement.Expression expression, int at, int token, int update) {
        Returned result = returned;
        returned = null;
        try {
            if (result != null) {
                expressions.resume(result.position, result.value);
            } else if (isInCall()) {
                expressions.beginInner(expression);
            } else {
                expressions.begin(expression);
            }
            ExpressionEvaluator.Entry entry = expressions.run();
            while (entry != null) {
                InlineFrame outer = writer.frame();
                if (functions.enter(entry.call(), entry.function(), entry.arguments(), scope)) {
                    frames.push(new Invocation(entry.function(), at, expressions.position(), outer));
                    return OptionalInt.empty();
                }
                expressions.resume(expressions.position(), NodeWriter.BROKEN);
                entry = expressions.run();
            }
            if (expression.problem() != null) {
                throw new SyntaxException(expression.problem());
            }
            checkSingle(expression);
            return OptionalInt.of(updated(expressions.value(), token, update));
        } catch (SyntaxException e) {
            problems.add(e.problem());
            expressions.clear();
            return abandon();
        }
    }

    /** Refuses a tuple of values, which Python would return. A tuple of numbers is an array. */
    private void checkSingle(Statement.Expression expression) {
        int last = expression.end() - 1;
        boolean isTuple = last >= expression.first() && tree.kind(last) == Syntax.ITEMS
                && tokens.kind(tree.token(last)) == TokenKind.LEFT_PAREN && tree.kind(expression.first()) == Syntax.LIST
                && tree.extent(expression.first()) == last
                && (tree.extent(last) == 0 || !constants.isKnown(expression.first(), expression.end()));
        if (isTuple) {
            throw tokens.syntaxError(tree.token(last), "a statement has one value, and a tuple has several")
                    .hint("[a, b] is an array of them");
        }
    }

    private int updated(int value, int token, int update) {
        return update == 0
                ? value
                : expressions.ops().apply(tokens.operator(update).op(), update, scope.updated(token), value);
    }

    /** Leaves the functions around a mistake. The statement that called the outermost of them is then BROKEN. */
    private OptionalInt abandon() {
        if (!isInCall()) {
            return OptionalInt.of(NodeWriter.BROKEN);
        }
        while (isInCall()) {
            switch (frames.pop()) {
                case Invocation call -> {
                    leave(call);
                    returned = new Returned(new ExpressionEvaluator.Position(0, 0, 0), NodeWriter.BROKEN);
                    resumeAt = call.statement;
                }
                case Loop loop -> endLoop(loop);
                case Unpacked _ -> {
                    // It belongs to a function that is left.
                }
                case Checking _ -> throw new IllegalStateException("a call while a definition is checked");
            }
        }
        return OptionalInt.empty();
    }

    private boolean isInCall() {
        return frames.stream().anyMatch(Invocation.class::isInstance);
    }

    /** Returns the number of the next statement after a function has been entered, or left because of a mistake. */
    private int entered() {
        int at = resumeAt;
        resumeAt = NONE;
        return at != NONE ? at : frames.element() instanceof Invocation call ? call.function.body : NONE;
    }

    private void leave(Invocation call) {
        scope.leave();
        call.function.isActive = false;
        writer.returnTo(call.outer);
    }

    /** Evaluates {@code a, b = …}: all values first, then the names are bound. */
    private int unpack(Statement.Unpacking unpacking, int at) {
        if (returned == null) {
            frames.push(new Unpacked(new ArrayList<>()));
        }
        List<Integer> values = ((Unpacked) frames.element()).values;
        int names = unpacking.names().size();
        List<Statement.Expression> expressions = unpacking.expressions();
        if (expressions.size() == 1 && returned == null && isKnown(expressions.getFirst())) {
            unpack(expressions.getFirst(), unpacking.token(), values);
        } else {
            for (int i = values.size(); i < expressions.size(); i++) {
                OptionalInt value = value(expressions.get(i), at, unpacking.token(), 0);
                if (value.isEmpty()) {
                    return entered();
                }
                ((Unpacked) frames.element()).values.add(value.getAsInt());
            }
        }
        frames.pop();
        if (values.size() != names) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, unpacking.token(), names + " names are bound to "
                    + (values.size() == 1 ? "one value" : values.size() + " values"))
                    .hint("a call has one value here; several names take as many values, separated by commas, or a shape"));
            values = Collections.nCopies(names, NodeWriter.BROKEN);
        }
        for (int i = 0; i < names; i++) {
            int token = unpacking.names().get(i);
            finish(tokens.text(token), token, values.get(i));
        }
        return at + 1;
    }

    private boolean isKnown(Statement.Expression expression) {
        return expression.problem() == null && constants.isKnown(expression.first(), expression.end());
    }

    /** Adds the numbers of a list that is known, such as a shape. */
    private void unpack(Statement.Expression expression, int token, List<Integer> values) {
        Object known = constants.evaluate(expression.first(), expression.end(), ConstantRole.ANY).getFirst();
        for (Object item : known instanceof List<?> list ? list : List.of(known)) {
            values.add(item instanceof Double number ? writer.literal(number, token) : NodeWriter.BROKEN);
        }
    }

    private int define(Statement.Definition definition, int at) {
        Problem problem = definition.problem();
        if (problem != null) {
            problems.add(problem);
            functions.beginDefinition(definition);
            functions.endDefinition(definition, at + 1, true);
            return definition.end() + 1;
        }
        frames.push(new Checking(definition, at + 1, writer.pause(true), problems.total()));
        functions.beginDefinition(definition);
        scope.enterUnknown(definition.names());
        return at + 1;
    }

    private int giveBack(Statement.Return result, int at) {
        OptionalInt value = value(result.expression(), at, result.token(), 0);
        if (value.isEmpty()) {
            return entered();
        } else if (frames.stream().anyMatch(Checking.class::isInstance)) {
            return at + 1;
        }
        while (frames.peek() instanceof Loop loop) {
            frames.pop();
            endLoop(loop);
        }
        if (frames.peek() instanceof Invocation call) {
            return returnTo(call, value.getAsInt());
        }
        finish(programName, result.token(), value.getAsInt());
        return tree.statements().size();
    }

    /** Leaves a function. Returns the number of the statement that called it. */
    private int returnTo(Invocation call, int value) {
        frames.pop();
        leave(call);
        returned = new Returned(call.position, value);
        return call.statement;
    }

    private int endDefinition(int at) {
        return switch (frames.peek()) {
            case Checking(Statement.Definition definition, int body, boolean wasPaused, int before) -> {
                frames.pop();
                scope.leave();
                functions.endDefinition(definition, body, problems.total() > before);
                writer.pause(wasPaused);
                yield at + 1;
            }
            case Invocation call -> {
                problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, call.function.definition.token(),
                        "function " + call.function.definition.name() + " returns nothing").hint("end its body with return …"));
                yield returnTo(call, NodeWriter.BROKEN);
            }
            case null, default -> at + 1;
        };
    }

    /**
     * Begins a loop. Returns the number of the next statement: the first of the body, or the one after the loop if its body is not to
     * be evaluated.
     */
    private int begin(Statement.Loop loop, int at) {
        int before = problems.total();
        List<Long> bounds = bounds(loop);
        boolean isBroken = problems.total() > before;
        if (!loop.hasBody()) {
            if (!isBroken) {
                problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, loop.token(), "the loop has no body")
                        .hint("indent the statements that are repeated"));
            }
            return at + 1;
        } else if (bounds.isEmpty() && loop.isInline() && loop.bounds().problem() == null) {
            return loop.end() + 1;
        }
        bounds = bounds.isEmpty() ? List.of(0L, 0L, 1L) : bounds;
        long passes = new Constants.Range(bounds.get(0), bounds.get(1), bounds.get(2)).count();
        writer.checkPasses(passes);
        boolean isRead = !isBroken && passes > 0 && !writer.isPaused();
        return beginPass(new Loop(loop, at + 1, bounds.get(0), bounds.get(2), isRead ? passes : 1, writer.frame(), writer.pause(!isRead),
                before), 0);
    }

    /** Returns start, stop and step, or an empty list if they are unknown because of a mistake, which is reported. */
    private List<Long> bounds(Statement.Loop loop) {
        Statement.Expression expression = loop.bounds();
        List<Long> bounds = new ArrayList<>();
        try {
            if (loop.variable() != null) {
                scope.checkCount(loop.token() + 1);
            }
            for (Object bound : constants.evaluate(expression.first(), expression.end(), ConstantRole.BOUND)) {
                if (bound instanceof Constants.Range(long start, long stop, long step)) {
                    return List.of(start, stop, step);
                }
                bounds.add(bound instanceof Double number ? number.longValue() : 0L);
            }
            if (expression.problem() != null) {
                problems.add(expression.problem());
                return List.of();
            }
        } catch (SyntaxException e) {
            problems.add(e.problem());
            return List.of();
        }
        if (bounds.size() == 2) {
            bounds.add(1L);
        }
        return bounds;
    }

    private int beginPass(Loop loop, int tokensOnceMore) {
        frames.push(loop);
        String variable = loop.statement.variable();
        if (variable != null) {
            scope.count(variable, loop.value);
            writer.enter(new InlineFrame.Pass(loop.outer, variable, loop.value), tokensOnceMore);
        }
        return loop.body;
    }

    /** Ends a pass. Returns the number of the next statement: the first of the body for another pass, or the one after the loop. */
    private int endPass(Loop loop, int at) {
        if (loop.remaining > 1 && problems.total() == loop.problems) {
            return beginPass(loop.next(), loop.statement.tokens());
        }
        endLoop(loop);
        return at + 1;
    }

    private void endLoop(Loop loop) {
        writer.returnTo(loop.outer);
        writer.pause(loop.wasPaused);
        scope.endCount(loop.statement.variable());
    }

    private NamedGraph named() {
        Graph graph = writer.graph();
        Scope.Ids ids = scope.ids(graph.size());
        String asked = lastName != null ? lastName : OUTPUT;
        boolean isAlias = ids.names()[lastNode] != null && !asked.equals(ids.names()[lastNode]);
        if (isAlias && lastName == null && !scope.isValue(OUTPUT)) {
            ids.aliases().put(OUTPUT, lastNode);
        }
        String outputName = isAlias && ids.aliases().containsKey(asked) ? asked : null;
        return new NamedGraph(graph, lastNode, outputName, ids.names(), ids.aliases(), writer.positions());
    }
}
