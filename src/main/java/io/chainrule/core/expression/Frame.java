package io.chainrule.core.expression;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is being evaluated around the current statement. */
sealed interface Frame {
    /**
     * A loop whose body is being evaluated. A loop without any pass is evaluated once nevertheless, with the writer paused, to report
     * the mistakes in its body.
     *
     * @param body the first statement of the body
     * @param iteration what the loop runs over
     * @param pass the number of the current pass, from 0 on
     * @param passes how many there are
     * @param outer the frame around the loop
     * @param wasPaused whether the writer was paused before the loop
     * @param problems the number of problems before the loop; no pass follows one that adds a problem, so that a mistake is reported
     *        once
     */
    record Loop(Statement.Loop statement, int body, Iteration iteration, long pass, long passes, @Nullable InlineFrame outer,
            boolean wasPaused, int problems) implements Frame {
        Loop next() {
            return new Loop(statement, body, iteration, pass + 1, passes, outer, wasPaused, problems);
        }

        /** Whether the value of a name in this pass is known: there may be none in a body that is only checked for mistakes. */
        boolean isKnown(int name) {
            return name < iteration.width() && (pass < iteration.count() || iteration instanceof Iteration.Range);
        }
    }

    /** A definition whose body is being checked for mistakes, with the writer paused. */
    record Checking(Statement.Definition definition, int body, boolean wasPaused, int problems) implements Frame {}

    /**
     * A call of a function whose body is being evaluated.
     *
     * @param statement the number of the statement whose expression calls it
     * @param position where that expression continues
     */
    record Invocation(Functions.Function function, int statement, ExpressionEvaluator.Position position,
            @Nullable InlineFrame outer) implements Frame {}

    /** An unpacking, with the values that have been evaluated. */
    record Unpacked(List<Integer> values) implements Frame {}
}
