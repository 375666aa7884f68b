package io.chainrule.core.rows;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what cells of text are, and the shapes of arrays, by the rules by which {@link RowRun} reads them. Not thread-safe. */
public final class CellForm {
    /** What a cell is. */
    public enum Kind {
        MISSING,
        NUMBER,
        ARRAY,
        TEXT
    }

    private static final int DEEPEST = 64;

    private final CellText numbers = new CellText();
    private byte[] text = {};
    private int at;
    private int end;
    private boolean isMissing;
    private List<Integer> shape = List.of();

    /** Whether a cell is empty but for blanks. */
    public static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!CellText.isBlank(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** The shape of the array that was found last. */
    public List<Integer> shape() {
        return shape;
    }

    /** What the cell from {@code from} to before {@code to} is. An array with an element that is missing is missing. */
    public Kind of(byte[] bytes, int from, int to) {
        return switch (numbers.number(bytes, from, to)) {
            case NUMBER -> Kind.NUMBER;
            case MISSING -> Kind.MISSING;
            case MALFORMED -> arrayOrText(bytes, from, to);
        };
    }

    private Kind arrayOrText(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        isMissing = false;
        List<Integer> found = skip('[') ? array(1) : null;
        blanks();
        if (found == null || at < end) {
            return Kind.TEXT;
        }
        shape = found;
        return isMissing ? Kind.MISSING : Kind.ARRAY;
    }

    /** The shape of the array whose first bracket was just read; null if there is none, or if its rows differ in shape. */
    private @Nullable List<Integer> array(int depth) {
        List<Integer> rows = null;
        int length = 0;
        boolean isEnded = skip(']');
        while (!isEnded) {
            List<Integer> row = !skip('[') ? element() ? List.of() : null : depth < DEEPEST ? array(depth + 1) : null;
            if (row == null || rows != null && !row.equals(rows)) {
                return null;
            }
            rows = row;
            length++;
            isEnded = skip(']');
            if (!isEnded && !skip(',')) {
                return null;
            }
        }
        List<Integer> whole = new ArrayList<>(List.of(length));
        whole.addAll(rows == null ? List.of() : rows);
        return whole;
    }

    private boolean element() {
        boolean isQuoted = skip('"');
        int first = at;
        while (at < end && !endsElement(text[at])) {
            at++;
        }
        CellText.Kind kind = at == first ? CellText.Kind.MALFORMED : numbers.number(text, first, at);
        isMissing |= kind == CellText.Kind.MISSING;
        return isQuoted
                ? kind == CellText.Kind.NUMBER && !Double.isFinite(numbers.value()) && skip('"')
                : kind != CellText.Kind.MALFORMED;
    }

    /** Whether an element of an array ends before a character. */
    static boolean endsElement(byte character) {
        return character == ',' || character == ']' || character == '"' || CellText.isBlank(character);
    }

    private boolean skip(char expected) {
        blanks();
        if (at < end && text[at] == expected) {
            at++;
            return true;
        }
        return false;
    }

    private void blanks() {
        while (at < end && CellText.isBlank(text[at])) {
            at++;
        }
    }
}
