package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem.Position;
import org.jspecify.annotations.Nullable;

/** Where text is evaluated once more: the body of a function at a call, or the body of a loop in a pass. */
sealed interface InlineFrame {
    /** As many of them as a message names. */
    int MOST_NAMED = 3;

    /** The frame around this one. */
    @Nullable
    InlineFrame outer();

    /** What a message calls it. */
    String text(SourceLines lines);

    /** A call of a function at this offset of the text. */
    record Call(@Nullable InlineFrame outer, String function, int offset) implements InlineFrame {
        @Override
        public String text(SourceLines lines) {
            Position position = lines.position(offset);
            return "in " + function + ", called at line " + position.line() + ", column " + position.column();
        }
    }

    /** A pass of a loop. */
    record Pass(@Nullable InlineFrame outer, String variable, long value) implements InlineFrame {
        @Override
        public String text(SourceLines lines) {
            return "for " + variable + " = " + value;
        }
    }

    /** The innermost frames, or null where there is none. */
    static @Nullable String describe(@Nullable InlineFrame frame, SourceLines lines) {
        if (frame == null) {
            return null;
        }
        StringBuilder text = new StringBuilder(frame.text(lines));
        InlineFrame outer = frame.outer();
        for (int named = 1; outer != null && named <= MOST_NAMED; named++) {
            text.append(", ").append(named == MOST_NAMED ? "…" : outer.text(lines));
            outer = outer.outer();
        }
        return text.toString();
    }
}
