package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * Reads the elements of a long array from base64, straight from the characters that the parser holds. A string of them and the bytes of the
 * string would take half as much time again and twice the memory. It accepts the same texts as {@link java.util.Base64#getDecoder}.
 */
final class Base64Elements extends Writer {
    /** Shorter arrays are read as strings. */
    static final int SHORTEST = 1024;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    /** The value of each digit; −1 for characters that are no digits. */
    private static final byte[] VALUES = new byte[128];
    /** Holds whole groups of digits, which are 3 bytes, and whole elements, which are up to 8 bytes. */
    private static final int CHUNK = 3 * (1 << 12);

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            VALUES[ALPHABET.charAt(i)] = (byte) i;
        }
    }

    private final DType type;
    private final double[] data;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private int size;
    private long bytes;
    /** The digits of a group that is not complete yet are in the last bits. */
    private int bits;
    private long digits;
    private long padding;
    private boolean isBase64 = true;

    private Base64Elements(DType type, int length) {
        this.type = type;
        this.data = new double[length];
    }

    /** What was read: the elements, or null where the text is not base64 or has another number of bytes than {@code shape} needs. */
    record Result(@Nullable Tensor tensor, long bytes, boolean isBase64) {}

    /** Reads the parser's current string. */
    static Result read(JsonParser parser, DType type, Shape shape) {
        // A short text must not make room for the array that it claims to be.
        long most = parser.getStringLength() * 3L / 4 / type.bytes();
        Base64Elements elements = new Base64Elements(type, (int) Math.min(shape.length(), most));
        parser.getString(elements);
        elements.finish();
        boolean fits = elements.isBase64 && elements.bytes == shape.size() * type.bytes();
        return new Result(fits ? Tensor.of(shape, elements.data) : null, elements.bytes, elements.isBase64);
    }

    @Override
    public void write(char[] text, int from, int n) {
        int end = from + n;
        int i = from;
        while (i < end && isBase64) {
            i = (digits & 3) == 0 && padding == 0 ? groups(text, i, end) : i;
            if (i < end) {
                add(text[i++]);
            }
        }
    }

    /** Decodes groups of four digits, and returns where the first other group begins. */
    private int groups(char[] text, int from, int end) {
        int i = from;
        for (; i + 4 <= end; i += 4) {
            int group = value(text[i]) << 18 | value(text[i + 1]) << 12 | value(text[i + 2]) << 6 | value(text[i + 3]);
            if (group < 0) {
                break;
            }
            put(group);
        }
        digits += i - from;
        return i;
    }

    private static int value(char digit) {
        return digit < VALUES.length ? VALUES[digit] : -1;
    }

    private void add(char c) {
        if (c == '=') {
            padding++;
        } else if (value(c) < 0 || padding > 0) {
            isBase64 = false;
        } else {
            bits = bits << 6 | value(c);
            if ((++digits & 3) == 0) {
                put(bits);
            }
        }
    }

    private void put(int group) {
        chunk.put((byte) (group >> 16)).put((byte) (group >> 8)).put((byte) group);
        if (!chunk.hasRemaining()) {
            take();
        }
    }

    /** Takes the elements of the chunk. Those beyond the length that is wanted are only counted. */
    private void take() {
        int count = Math.min(chunk.position() / type.bytes(), data.length - size);
        for (int i = 0; i < count; i++) {
            data[size + i] = type.get(chunk, i);
        }
        size += count;
        bytes += chunk.position();
        chunk.clear();
    }

    /** Takes the last group, which may have two or three digits, with or without padding. */
    private void finish() {
        int last = (int) (digits & 3);
        isBase64 &= last == 0 ? padding == 0 : last != 1 && (padding == 0 || padding == 4 - last);
        if (last == 2) {
            chunk.put((byte) (bits >> 4));
        } else if (last == 3) {
            chunk.put((byte) (bits >> 10)).put((byte) (bits >> 2));
        }
        take();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
