package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem.Position;
import org.jspecify.annotations.Nullable;

/** Where text is read once more: in the body of a function, for a call, or in the body of a loop, for a pass. */
sealed interface Site {
    /** As many of them as a message names. */
    int MOST_NAMED = 3;

    /** The site around this one. */
    @Nullable
    Site outer();

    /** What a message calls it. */
    String text(SourceLines lines);

    /** A call of a function at this offset of the text. */
    record Call(@Nullable Site outer, String function, int offset) implements Site {
        @Override
        public String text(SourceLines lines) {
            Position position = lines.position(offset);
            return "in " + function + ", called at line " + position.line() + ", column " + position.column();
        }
    }

    /** A pass of a loop. */
    record Pass(@Nullable Site outer, String variable, long value) implements Site {
        @Override
        public String text(SourceLines lines) {
            return "for " + variable + " = " + value;
        }
    }

    /** The innermost sites, or null where there is none. */
    static @Nullable String describe(@Nullable Site site, SourceLines lines) {
        if (site == null) {
            return null;
        }
        StringBuilder text = new StringBuilder(site.text(lines));
        Site outer = site.outer();
        for (int named = 1; outer != null && named <= MOST_NAMED; named++) {
            text.append(", ").append(named == MOST_NAMED ? "…" : outer.text(lines));
            outer = outer.outer();
        }
        return text.toString();
    }
}
