package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Reads cells that are text, of ASCII bytes. A number is decimal, with or without a sign, a fraction and an exponent; or {@code NaN},
 * {@code Infinity} or {@code inf}, with or without a sign, or {@code true} and {@code false}, which are 1 and 0, all in any case. An array
 * is written as in JSON, nested as its shape says or flat; there, {@code NaN} and infinities may stand in quotes. Blanks around any of
 * these are passed over. Nothing else is a number: no hexadecimal digits, no suffix, no separators of thousands, nor what is too large for
 * a double. A cell is missing that is empty, {@code NA}, {@code N/A} or {@code null}, in any case.
 *
 * <p>Each number is the double that is nearest to it, as {@link Double#parseDouble} has it. Not thread-safe.
 */
final class CellText {
    /** What a cell is. */
    enum Kind {
        NUMBER,
        MISSING,
        MALFORMED
    }

    private static final Set<String> MISSING = Set.of("", "na", "n/a", "null");
    private static final int LONGEST_WORD = 10;
    /** Decimal digits that always fit into a long. */
    private static final int MOST_DIGITS = 18;
    /** A larger exponent makes any number that fits into memory 0 or infinite. */
    private static final int LARGEST_EXPONENT = 1 << 30;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EIGHT_DIGITS = 100_000_000;
    private static final long LARGEST_EXACT = 1L << Double.PRECISION;
    /** The powers of ten that are doubles. */
    private static final double[] TENS = new double[23];

    static {
        for (int i = 0; i < TENS.length; i++) {
            TENS[i] = Double.parseDouble("1e" + i);
        }
    }

    private byte[] text = new byte[0];
    private int at;
    private int end;
    /** The digits of a number that fit into a long, how many there are from the first that is not 0, and how many follow. */
    private long digits;
    private int count;
    private int dropped;
    private double value;
    private boolean isMissing;

    /** The number that was read last; NaN if there was none. */
    double value() {
        return value;
    }

    /** Reads a number from the bytes {@code from} to before {@code to}. */
    Kind number(byte[] bytes, int from, int to) {
        begin(bytes, from, to);
        return token(end) ? Kind.NUMBER : isMissing ? Kind.MISSING : Kind.MALFORMED;
    }

    private void begin(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        value = Double.NaN;
        isMissing = false;
        blanks();
        while (end > at && isBlank(text[end - 1])) {
            end--;
        }
    }

    static boolean isBlank(byte character) {
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
    }

    /** Reads the number, or word, from {@link #at} to before {@code stop}; returns whether it is a number. */
    private boolean token(int stop) {
        int from = at;
        at = stop;
        return decimal(from, stop) || word(from, stop);
    }

    private boolean decimal(int from, int stop) {
        int i = from;
        boolean isNegative = i < stop && text[i] == '-';
        if (i < stop && (isNegative || text[i] == '+')) {
            i++;
        }
        digits = 0;
        count = 0;
        dropped = 0;
        int point = digits(i, stop);
        int after = point < stop && text[point] == '.' ? point + 1 : point;
        int last = after == point ? point : digits(eights(after, stop), stop);
        if (last - i == after - point) {
            return false;
        }
        long power = (long) dropped - (last - after);
        if (last < stop && (text[last] | 0x20) == 'e') {
            int exponent = exponent(last + 1, stop);
            if (exponent == Integer.MIN_VALUE) {
                return false;
            }
            power += exponent;
        } else if (last < stop) {
            return false;
        }
        double size = size(power, from, stop);
        value = isNegative ? -size : size;
        return Double.isFinite(size);
    }

    /** Reads digits from {@code from} on; returns where they end. */
    private int digits(int from, int stop) {
        int i = from;
        for (; i < stop; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                break;
            } else if (count < MOST_DIGITS) {
                digits = 10 * digits + digit;
                count += digits == 0 ? 0 : 1;
            } else {
                dropped++;
            }
        }
        return i;
    }

    /** Reads digits from {@code from} on as long as there are eight of them. */
    private int eights(int from, int stop) {
        int i = from;
        while (i + Long.BYTES <= stop && count + Long.BYTES <= MOST_DIGITS) {
            long characters = (long) LONGS.get(text, i);
            if (!areDigits(characters)) {
                break;
            }
            digits = EIGHT_DIGITS * digits + eightDigits(characters);
            count += digits == 0 ? 0 : Long.BYTES;
            i += Long.BYTES;
        }
        return i;
    }

    /** Whether eight characters, the first in the lowest byte, are digits. */
    private static boolean areDigits(long characters) {
        return (characters & 0xF0F0F0F0F0F0F0F0L) == 0x3030303030303030L
                && (characters + 0x0606060606060606L & 0xF0F0F0F0F0F0F0F0L) == 0x3030303030303030L;
    }

    /** The number that eight digits are: of two neighbours each, then of four, then of all. */
    private static long eightDigits(long characters) {
        long digits = characters - 0x3030303030303030L;
        long pairs = digits * 10 + (digits >>> 8);
        long even = (pairs & 0x000000FF000000FFL) * (100 + (1_000_000L << 32));
        long odd = (pairs >>> 16 & 0x000000FF000000FFL) * (1 + (10_000L << 32));
        return even + odd >>> 32;
    }

    /** The exponent that takes up all of the text from {@code from} on; the least integer if there is none. */
    private int exponent(int from, int stop) {
        int i = from;
        boolean isNegative = i < stop && text[i] == '-';
        if (i < stop && (isNegative || text[i] == '+')) {
            i++;
        }
        if (i == stop) {
            return Integer.MIN_VALUE;
        }
        int exponent = 0;
        for (; i < stop; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return Integer.MIN_VALUE;
            }
            exponent = exponent >= LARGEST_EXPONENT / 10 ? LARGEST_EXPONENT : 10 * exponent + digit;
        }
        return isNegative ? -exponent : exponent;
    }

    /** The double nearest to {@code digits · 10^power}; or, if more digits follow, to the number that is written. */
    private double size(long power, int from, int stop) {
        boolean hasMore = dropped > 0;
        if (!hasMore) {
            if (digits == 0) {
                return 0;
            } else if (digits <= LARGEST_EXACT && power >= 0 && power < TENS.length) {
                return digits * TENS[(int) power];
            } else if (digits <= LARGEST_EXACT && power < 0 && power > -TENS.length) {
                return digits / TENS[(int) -power];
            }
        }
        int bounded = Math.clamp(power, -LARGEST_EXPONENT, LARGEST_EXPONENT);
        double size = PowersOfTen.times(digits, bounded);
        // With more digits the number lies between two that are known. NaN is unequal to itself.
        return size == (hasMore ? PowersOfTen.times(digits + 1, bounded) : size)
                ? size
                : Math.abs(Double.parseDouble(new String(text, from, stop - from, StandardCharsets.ISO_8859_1)));
    }

    private boolean word(int from, int stop) {
        value = Double.NaN;
        if (stop - from > LONGEST_WORD) {
            return false;
        }
        String word = new String(text, from, stop - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        isMissing |= MISSING.contains(word);
        value = switch (word) {
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            case "true" -> 1;
            case "false" -> 0;
            default -> Double.NaN;
        };
        return !Double.isNaN(value) || word.equals("nan") || word.equals("+nan") || word.equals("-nan");
    }

    /**
     * Reads an array of this shape from the bytes {@code from} to before {@code to}, into {@code target} from {@code first} on. Elements
     * that are missing are NaN. If the cell is malformed, or missing, all are NaN.
     */
    Kind array(byte[] bytes, int from, int to, Shape shape, double[] target, int first) {
        begin(bytes, from, to);
        int size = shape.length();
        if (at == end || text[at] != '[') {
            token(end);
            Arrays.fill(target, first, first + size, Double.NaN);
            return isMissing ? Kind.MISSING : Kind.MALFORMED;
        }
        boolean isNested = elements(shape, 0, target, first) && at == end;
        if (!isNested) {
            begin(bytes, from, to);
        }
        if (!isNested && !(elements(Shape.of(size), 0, target, first) && at == end)) {
            Arrays.fill(target, first, first + size, Double.NaN);
            return Kind.MALFORMED;
        }
        return isMissing ? Kind.MISSING : Kind.NUMBER;
    }

    /** Reads the part of an array along {@code axis} and the axes after it; returns whether it has the shape. */
    private boolean elements(Shape shape, int axis, double[] target, int first) {
        if (!skip('[')) {
            return false;
        }
        int n = shape.dim(axis);
        int stride = shape.sub(axis + 1, shape.rank()).length();
        for (int i = 0; i < n; i++) {
            if (i > 0 && !skip(',')) {
                return false;
            }
            if (axis + 1 < shape.rank() ? !elements(shape, axis + 1, target, first + i * stride) : !element(target, first + i)) {
                return false;
            }
        }
        return skip(']');
    }

    private boolean element(double[] target, int position) {
        blanks();
        boolean isQuoted = at < end && text[at] == '"';
        if (isQuoted) {
            at++;
        }
        int stop = at;
        while (stop < end && !CellForm.endsElement(text[stop])) {
            stop++;
        }
        boolean wasMissing = isMissing;
        isMissing = false;
        boolean isKnown = stop > at && (token(stop) || isMissing);
        target[position] = value;
        boolean isWhole = isKnown && (!isQuoted || skip('"') && !Double.isFinite(value) && !isMissing);
        isMissing |= wasMissing;
        return isWhole;
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
        while (at < end && isBlank(text[at])) {
            at++;
        }
    }
}
