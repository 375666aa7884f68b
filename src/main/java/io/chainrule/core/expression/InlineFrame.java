package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem.Position;
import org.jspecify.annotations.Nullable;

/**
 * A stack frame of inlined text: the body of a function that is evaluated for one call, or the body of a loop that is evaluated for one
 * pass. Messages name frames, because the same text may be wrong in one frame and right in others.
 */
sealed interface InlineFrame {
    /** The largest number of frames that a message names. */
    int MOST_NAMED = 3;

    /** The frame around this one. */
    @Nullable
    InlineFrame outer();

    /** The description of the frame in messages. */
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

    /** Describes the innermost frames for a message. Returns null if there is no frame. */
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
