package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem.Position;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Converts offsets in a text to lines and columns, which are counted in code points. The text is scanned for lines when the first
 * position is needed. Safe for use by many threads.
 */
public final class SourceLines {
    private final String text;
    private volatile @Nullable Found found;

    private record Found(int[] lineStarts, int[] lowSurrogates) {
        static Found in(String text) {
            return new Found(
                    IntStream.concat(IntStream.of(0), IntStream.range(1, text.length() + 1).filter(i -> startsLine(text, i))).toArray(),
                    IntStream.range(1, text.length()).filter(i -> Character.isSurrogatePair(text.charAt(i - 1), text.charAt(i))).toArray());
        }
    }

    public SourceLines(String text) {
        this.text = text;
    }

    public Position position(int offset) {
        Found known = known();
        int line = countUpTo(known.lineStarts, offset);
        int start = known.lineStarts[line - 1];
        int units = offset - start - (countUpTo(known.lowSurrogates, offset) - countUpTo(known.lowSurrogates, start));
        return new Position(line, units + 1);
    }

    /** The offset of a position. */
    public int offset(Position position) {
        int start = known().lineStarts[Math.min(position.line(), known().lineStarts.length) - 1];
        int rest = text.codePointCount(start, text.length());
        return text.offsetByCodePoints(start, Math.min(position.column() - 1, rest));
    }

    private Found known() {
        Found known = found;
        if (known == null) {
            known = Found.in(text);
            found = known;
        }
        return known;
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
