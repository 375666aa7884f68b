package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a syntax tree to a graph, statement by statement. Loops are unrolled and calls of functions inlined. Time is linear in the
 * size of the program that results, and nothing recurses, so that no program can overflow the call stack.
 */
public final class Evaluator {
    private static final String OUTPUT = "output";

    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Problems problems = new Problems();
    private final NodeWriter writer;
    private final Scope scope;
    private final Constants constants;
    private final ExpressionEvaluator expressions;
    private final Deque<Loop> loops = new ArrayDeque<>();
    private int lastNode = NodeWriter.BROKEN;
    private @Nullable String lastName;
    private @Nullable String lastFunction;

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
            boolean wasPaused, int problems) {
        Loop next() {
            return new Loop(statement, body, value + step, step, remaining - 1, outer, wasPaused, problems);
        }
    }

    private Evaluator(SyntaxTree tree, Set<String> inputs, int nodes) {
        this.tree = tree;
        this.tokens = tree.tokens();
        writer = new NodeWriter(tokens, nodes);
        Functions functions = new Functions(tree, writer, problems);
        scope = new Scope(tokens, writer, problems, functions, inputs);
        constants = new Constants(tree, scope, writer, problems);
        expressions = new ExpressionEvaluator(tree, scope, writer, constants, functions, problems);
    }

    /**
     * Evaluates a syntax tree to a program of at most {@code nodes} nodes, not counting literals. {@code inputs} are the names of the
     * inputs that the caller has values for: statements cannot bind them, and they hide the constants {@code pi}, {@code e},
     * {@code inf} and {@code nan}.
     *
     * @throws io.chainrule.core.graph.ProblemException with all errors of syntax and meaning, a hundred problems at most
     * @throws io.chainrule.core.graph.LimitException for limit "nodes"
     */
    public static NamedGraph evaluate(SyntaxTree tree, Set<String> inputs, int nodes) {
        return new Evaluator(tree, inputs, nodes).program();
    }

    private NamedGraph program() {
        for (int at = 0; at < tree.statements().size() && !problems.isFull();) {
            at = switch (tree.statements().get(at)) {
                case Statement.Evaluation evaluation -> evaluate(evaluation, at);
                case Statement.Definition definition -> define(definition, at);
                case Statement.Loop loop -> begin(loop, at);
                case Statement.EndOfLoop _ -> endPass(loops.pop(), at);
                case Statement.Misplaced(Problem problem) -> {
                    problems.add(problem);
                    yield at + 1;
                }
            };
        }
        problems.throwIfAny();
        if (lastNode == NodeWriter.BROKEN) {
            problems.add(Problem.of(ProblemCode.MISSING_OUTPUT, "the expression has no statement").position(new Problem.Position(1, 1))
                    .hint(lastFunction == null ? null : "a definition is none; call the function, " + lastFunction + "(…)"));
            problems.throwIfAny();
        }
        return named();
    }

    private int evaluate(Statement.Evaluation evaluation, int at) {
        int node = writer.statement(expressions.evaluate(evaluation.expression()), evaluation.token());
        String name = evaluation.name();
        if (name != null) {
            scope.bind(evaluation.token(), node);
        }
        if (!writer.isPaused()) {
            lastNode = node;
            lastName = name;
        }
        return at + 1;
    }

    private int define(Statement.Definition definition, int at) {
        expressions.define(definition);
        lastFunction = definition.name();
        return at + 1;
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
        long passes = passes(bounds.get(0), bounds.get(1), bounds.get(2));
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

    /** Returns the number of passes. The range is half open, like that of a slice. */
    private static long passes(long start, long stop, long step) {
        long distance = step > 0 ? stop - start : start - stop;
        return Math.max(0, Math.ceilDiv(distance, Math.abs(step)));
    }

    private int beginPass(Loop loop, int tokensOnceMore) {
        loops.push(loop);
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
        writer.returnTo(loop.outer);
        writer.pause(loop.wasPaused);
        scope.endCount(loop.statement.variable());
        return at + 1;
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
