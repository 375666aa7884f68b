package io.chainrule.service.datasets;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sees what texts of cells are, without reading their values. White space around them does not count. */
final class CellText {
    private static final List<String> WORDS = List.of("nan", "inf", "infinity", "true", "false");
    private static final int DEEPEST = 64;

    private final byte[] bytes;
    private int at;
    private int end;

    private CellText(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        at = from;
        end = to;
        while (at < end && isSpace(bytes[at])) {
            at++;
        }
        while (end > at && isSpace(bytes[end - 1])) {
            end--;
        }
    }

    static boolean isEmpty(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isSpace(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpace(byte one) {
        return one == ' ' || one == '\t';
    }

    /** Whether a cell is a decimal number, NaN, an infinity, or a truth value. */
    static boolean isNumber(byte[] bytes, int from, int to) {
        CellText text = new CellText(bytes, from, to);
        return text.skipNumber() && text.at == text.end;
    }

    private boolean skipNumber() {
        if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        int before = at;
        int digits = skipDigits();
        if (at < end && bytes[at] == '.') {
            at++;
            digits += skipDigits();
        }
        if (digits == 0) {
            at = before;
            return skipWord();
        }
        if (at < end && (bytes[at] | 0x20) == 'e') {
            at++;
            if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
                at++;
            }
            return skipDigits() > 0;
        }
        return true;
    }

    private int skipDigits() {
        int first = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at - first;
    }

    private boolean skipWord() {
        for (String word : WORDS.reversed()) {
            if (isAt(word)) {
                at += word.length();
                return true;
            }
        }
        return false;
    }

    private boolean isAt(String word) {
        if (word.length() > end - at) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if ((bytes[at + i] | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The shape of nested arrays of numbers, as JSON writes them; null if a cell is none, or if rows differ in length. */
    static @Nullable List<Integer> shape(byte[] bytes, int from, int to) {
        CellText text = new CellText(bytes, from, to);
        if (text.at == text.end || bytes[text.at] != '[') {
            return null;
        }
        List<Integer> shape = text.array(0);
        return shape != null && text.at == text.end ? shape : null;
    }

    private @Nullable List<Integer> array(int depth) {
        at++;
        skipSpace();
        List<Integer> inner = null;
        int length = 0;
        while (at < end && bytes[at] != ']') {
            List<Integer> item = bytes[at] == '[' && depth < DEEPEST ? array(depth + 1) : skipItem() ? List.of() : null;
            if (item == null || inner != null && !item.equals(inner)) {
                return null;
            }
            inner = item;
            length++;
            skipSpace();
            if (at < end && bytes[at] == ',') {
                at++;
                skipSpace();
                if (at < end && bytes[at] == ']') {
                    return null;
                }
            } else if (at == end || bytes[at] != ']') {
                return null;
            }
        }
        if (at == end) {
            return null;
        }
        at++;
        List<Integer> shape = new ArrayList<>(List.of(length));
        shape.addAll(inner == null ? List.of() : inner);
        return shape;
    }

    /** A number, or a word for one, which JSON has in quotes. */
    private boolean skipItem() {
        if (at < end && bytes[at] == '"') {
            at++;
            return skipNumber() && at < end && bytes[at++] == '"';
        }
        return skipNumber();
    }

    private void skipSpace() {
        while (at < end && (isSpace(bytes[at]) || bytes[at] == '\n' || bytes[at] == '\r')) {
            at++;
        }
    }
}
