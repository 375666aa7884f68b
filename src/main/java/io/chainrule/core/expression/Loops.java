package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Unrolls loops: the body is evaluated once for each value of the names that the loop counts with. */
record Loops(Tokens tokens, NodeWriter writer, Scope scope, OpCalls ops, Constants constants, Frames frames, Problems problems) {
    private static final Iteration NONE = new Iteration.Range(0, 0, 1);

    /**
     * Begins a loop. Returns the number of the next statement: the first of the body, or the one after the loop if its body is not to
     * be evaluated.
     */
    int begin(Statement.Loop loop, int at) {
        int before = problems.total();
        List<Object> bounds = bounds(loop);
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
        Iteration iteration = iteration(bounds);
        if (!isBroken && !bounds.contains(Constants.UNKNOWN) && iteration.width() != loop.variables().size()
                && !loop.variables().isEmpty()) {
            problems.add(names(tokens, loop.token(), loop.variables().size(), iteration.width()));
            isBroken = true;
        }
        writer.steps().checkPasses(iteration.count());
        boolean isRead = !isBroken && iteration.count() > 0 && !writer.isPaused();
        if (isRead) {
            writer.foresee(loop.tokens(), frames.passesOf(iteration.count()));
        }
        Iteration passes = isBroken ? NONE : iteration;
        return beginPass(
                new Frame.Loop(loop, at + 1, passes, 0, isRead ? passes.count() : 1, writer.frame(), writer.pause(!isRead), before), 0);
    }

    /** The problem of a loop over so many values at once that has another number of names. */
    static Problem names(Tokens tokens, int token, int names, int width) {
        return tokens.problem(ProblemCode.SYNTAX_ERROR, token, "the loop has " + names + (names == 1 ? " name" : " names") + " for " + width
                + (width == 1 ? " value" : " values")).hint("write for a, b in zip(x, y), for i, a in enumerate(x), or for a in x");
    }

    /** Returns the bounds or the iteration, or an empty list if they are unknown because of a mistake, which is reported. */
    private List<Object> bounds(Statement.Loop loop) {
        Statement.Expression expression = loop.bounds();
        if (expression.problem() != null) {
            problems.add(expression.problem());
            return List.of();
        }
        try {
            for (int variable : loop.variables()) {
                scope.checkCount(variable);
            }
            LoopNames names = new LoopNames(tokens);
            boolean isIteration = names.runsOver(names.end(loop.token() + 1) + 1);
            List<Object> bounds = constants.evaluate(expression.first(), expression.end(),
                    isIteration ? ConstantRole.ITERATION : ConstantRole.BOUND);
            bounds.forEach(bound -> checkItems(bound, loop.token(), tokens));
            return bounds;
        } catch (SyntaxException e) {
            problems.add(e.problem());
            return List.of();
        }
    }

    /** Returns what a loop with these bounds runs over: none, if they are not known yet, in a definition that is being checked. */
    private static Iteration iteration(List<Object> bounds) {
        if (bounds.size() == 1) {
            return iterationOf(bounds.getFirst());
        }
        List<Long> numbers = new ArrayList<>();
        bounds.forEach(bound -> numbers.add(bound instanceof Double number ? number.longValue() : 0L));
        return numbers.size() < 2
                ? NONE
                : new Iteration.Range(numbers.get(0), numbers.get(1), numbers.size() == 2 ? 1 : numbers.get(2));
    }

    /** Returns what a loop over a known value runs over; NONE, which has no pass, if it is not known yet. */
    static Iteration iterationOf(Object value) {
        return switch (value) {
            case Iteration iteration -> iteration;
            case List<?> numbers -> new Iteration.Numbers(numbers);
            default -> NONE;
        };
    }

    private int beginPass(Frame.Loop loop, int tokensOnceMore) {
        frames.push(loop);
        List<Integer> variables = loop.statement().variables();
        for (int i = 0; i < variables.size(); i++) {
            Object value = loop.isKnown(i) ? loop.iteration().value(i, loop.pass()) : (Object) 0.0;
            scope.count(variables.get(i), value(value, variables.get(i), ops));
        }
        if (!variables.isEmpty()) {
            writer.enter(pass(loop.outer(), tokens.text(variables.getFirst()), loop.iteration(), loop.pass()), tokensOnceMore);
        }
        return loop.body();
    }

    /** Returns the frame of a pass, which is called by the first value if that is a number, else by its position. */
    static InlineFrame pass(@Nullable InlineFrame outer, String name, Iteration iteration, long pass) {
        boolean isNumber = iteration instanceof Iteration.Range;
        return new InlineFrame.Pass(outer, name, isNumber ? ((Double) iteration.value(0, pass)).longValue() : pass);
    }

    /** Refuses a loop over items that are no numbers and no arrays. */
    static void checkItems(Object value, int token, Tokens tokens) {
        switch (value) {
            case List<?> items -> items.forEach(item -> checkItem(item, token, tokens));
            case Iteration.Numbers(List<?> items) -> checkItems(items, token, tokens);
            case Iteration.Zip(List<Iteration> parts) -> parts.forEach(part -> checkItems(part, token, tokens));
            case Iteration.Reversed(Iteration forward) -> checkItems(forward, token, tokens);
            default -> {
                // All others count with numbers, or with items of an array.
            }
        }
    }

    private static void checkItem(Object item, int token, Tokens tokens) {
        boolean isArray = item instanceof List<?> list && !list.isEmpty();
        if (!isArray && !(item instanceof Double) && item != Constants.UNKNOWN) {
            throw tokens.syntaxError(token, "a name counts with numbers and lists of numbers")
                    .hint("write for v in [1, 2] or for row in [[1, 2], [3, 4]]");
        }
        checkItems(item, token, tokens);
    }

    /** Adds the node of a value that is an array. Returns a node, or a number. */
    static Object value(Object value, int token, OpCalls ops) {
        return switch (value) {
            case Double number -> number;
            case Constants.Unspecified _ -> 0.0;
            case Iteration.Item(int array, long index) -> ops.index(List.of((double) index), token, array);
            case List<?> items -> ops.array(items.stream().map(item -> value(item, token, ops)).toList(), token);
            default -> throw new IllegalArgumentException("no loop counts with " + value);
        };
    }

    /** Ends a pass. Returns the number of the next statement: the first of the body for another pass, or the one after the loop. */
    int endPass(Frame.Loop loop, int at) {
        if (loop.pass() + 1 < loop.passes() && problems.total() == loop.problems()) {
            return beginPass(loop.next(), loop.statement().tokens());
        }
        frames.end(loop);
        return at + 1;
    }
}
