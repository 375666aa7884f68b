package io.chainrule.core.expression;

import org.jspecify.annotations.Nullable;

/** A loop whose body is being read: once for each pass, or once for its mistakes only where there is no pass. */
final class Loop {
    /** Of the line that begins the loop: what is indented deeper belongs to the body. */
    final int column;
    final @Nullable String variable;
    final long step;
    final boolean isInline;
    final int body;
    /** What was so before the loop. */
    final @Nullable Site site;
    final boolean wasPaused;
    final int problemsBefore;
    long value;
    long remaining;
    /** Of the body's first line; 0 before it. */
    int bodyColumn;
    /** In tokens; 0 before the first pass has found the end. */
    int length;

    Loop(Header header, int column, boolean isInline, int body, @Nullable Site site, boolean wasPaused, int problemsBefore) {
        this.column = column;
        this.variable = header.variable;
        this.step = header.step;
        this.value = header.start;
        this.isInline = isInline;
        this.body = body;
        this.site = site;
        this.wasPaused = wasPaused;
        this.problemsBefore = problemsBefore;
    }

    /** What stands between {@code for} and the body; without a variable if it is broken. */
    record Header(@Nullable String variable, long start, long step, long passes) {
        /** Half open, as a slice. */
        static Header of(String variable, long start, long stop, long step) {
            long distance = step > 0 ? stop - start : start - stop;
            return new Header(variable, start, step, Math.max(0, Math.ceilDiv(distance, Math.abs(step))));
        }
    }
}
