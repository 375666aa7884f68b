package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.List;

/** Decides which branches of {@code if} statements are evaluated. Their conditions are known before the program runs. */
record Branches(SyntaxTree tree, Constants constants, Frames frames, Loops loops, Problems problems) {
    /** Begins a branch. Returns the number of the next statement: the first of its body, or the one behind it. */
    int begin(Statement.Branch branch, int at) {
        Statement.Expression condition = branch.condition();
        Object holds = condition == null ? (Object) true : value(condition, branch.token());
        return holds.equals(false) ? branch.end() + 1 : at + 1;
    }

    /** Returns whether a condition holds, or UNKNOWN. */
    private Object value(Statement.Expression condition, int token) {
        if (condition.problem() != null) {
            problems.add(condition.problem());
            return Constants.UNKNOWN;
        }
        try {
            boolean isKnown = constants.isKnownCondition(condition.first(), condition.end());
            Object value = isKnown
                    ? constants.evaluate(condition.first(), condition.end(), ConstantRole.CONDITION).getFirst()
                    : Constants.UNKNOWN;
            if (!isKnown && !constants.isPaused()) {
                problems.add(tree.tokens().problem(ProblemCode.SYNTAX_ERROR, token, "this condition is not known before the program runs")
                        .hint("a program has no branches; write y = where(condition, a, b), or y = a if condition else b"));
            }
            return switch (value) {
                case Double number -> number != 0;
                case List<?> list -> !list.isEmpty();
                case Boolean flag -> flag;
                case Constants.Unspecified none -> none == Constants.NONE ? (Object) false : none;
                default -> true;
            };
        } catch (SyntaxException e) {
            problems.add(e.problem());
            return Constants.UNKNOWN;
        }
    }

    /** Returns the number of the statement behind a branch that was taken, and its alternatives. All are read to find mistakes in them. */
    int behind(int end) {
        List<Statement> statements = tree.statements();
        int at = end + 1;
        while (!constants.isPaused() && at < statements.size() && statements.get(at) instanceof Statement.Branch branch
                && branch.isAlternative()) {
            at = branch.end() + 1;
        }
        return at;
    }

    /** Leaves a loop, or goes on with its next pass. Returns the number of the next statement. */
    int jump(Statement.Jump jump, int at) {
        if (constants.isPaused()) {
            return at + 1;
        }
        if (!(frames.peek() instanceof Frame.Loop loop)) {
            problems.add(tree.tokens().problem(ProblemCode.SYNTAX_ERROR, jump.token(),
                    tree.tokens().quoted(jump.token()) + " stands outside of a loop"));
            return at + 1;
        }
        frames.pop();
        if (!jump.isBreak()) {
            return loops.endPass(loop, loop.statement().end());
        }
        frames.end(loop);
        return loop.statement().end() + 1;
    }
}
