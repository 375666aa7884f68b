package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem.Position;
import java.util.Arrays;

/** Turns offsets into a text to lines and columns, in code points, without keeping the text. */
final class SourceLines {
    private final int[] lineStarts;
    private final int[] lowSurrogates;

    SourceLines(String text) {
        IntStack starts = new IntStack();
        IntStack surrogates = new IntStack();
        starts.push(0);
        for (int i = 1; i <= text.length(); i++) {
            if (startsLine(text, i)) {
                starts.push(i);
            } else if (i < text.length() && Character.isLowSurrogate(text.charAt(i)) && Character.isHighSurrogate(text.charAt(i - 1))) {
                surrogates.push(i);
            }
        }
        lineStarts = starts.toArray();
        lowSurrogates = surrogates.toArray();
    }

    Position position(int offset) {
        int line = countUpTo(lineStarts, offset);
        int start = lineStarts[line - 1];
        int units = offset - start - (countUpTo(lowSurrogates, offset) - countUpTo(lowSurrogates, start));
        return new Position(line, units + 1);
    }

    private static boolean startsLine(String text, int offset) {
        char before = text.charAt(offset - 1);
        return before == '\n' || before == '\r' && (offset == text.length() || text.charAt(offset) != '\n');
    }

    /** How many of the ascending values are at most {@code limit}. */
    private static int countUpTo(int[] ascending, int limit) {
        int found = Arrays.binarySearch(ascending, limit);
        return found >= 0 ? found + 1 : -found - 1;
    }
}
