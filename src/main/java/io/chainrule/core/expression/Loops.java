package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.List;

/** Unrolls loops: the body is evaluated once for each value of the loop variable. */
record Loops(Tokens tokens, NodeWriter writer, Scope scope, Constants constants, Frames frames, Problems problems) {
    /**
     * Begins a loop. Returns the number of the next statement: the first of the body, or the one after the loop if its body is not to
     * be evaluated.
     */
    int begin(Statement.Loop loop, int at) {
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
        return beginPass(
                new Frame.Loop(loop, at + 1, bounds.get(0), bounds.get(2), isRead ? passes : 1, writer.frame(), writer.pause(!isRead),
                        before),
                0);
    }

    /** Returns start, stop and step, or an empty list if they are unknown because of a mistake, which is reported. */
    private List<Long> bounds(Statement.Loop loop) {
        Statement.Expression expression = loop.bounds();
        List<Long> bounds = new ArrayList<>();
        if (expression.problem() != null) {
            problems.add(expression.problem());
            return List.of();
        }
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
        } catch (SyntaxException e) {
            problems.add(e.problem());
            return List.of();
        }
        if (bounds.size() == 1) {
            // A range whose bounds are not known yet, in a definition that is being checked.
            return List.of(0L, 0L, 1L);
        } else if (bounds.size() == 2) {
            bounds.add(1L);
        }
        return bounds;
    }

    private int beginPass(Frame.Loop loop, int tokensOnceMore) {
        frames.push(loop);
        String variable = loop.statement().variable();
        if (variable != null) {
            scope.count(variable, loop.value());
            writer.enter(new InlineFrame.Pass(loop.outer(), variable, loop.value()), tokensOnceMore);
        }
        return loop.body();
    }

    /** Ends a pass. Returns the number of the next statement: the first of the body for another pass, or the one after the loop. */
    int endPass(Frame.Loop loop, int at) {
        if (loop.remaining() > 1 && problems.total() == loop.problems()) {
            return beginPass(loop.next(), loop.statement().tokens());
        }
        frames.end(loop);
        return at + 1;
    }
}
