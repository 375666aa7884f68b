package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Budget;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * Reads the elements of a long array from base64, straight from the characters that the parser holds. A string of them and the bytes of the
 * string would take half as much time again and twice the memory. It accepts the same texts as {@link Base64#getDecoder}.
 */
final class Base64Elements extends Writer {
    /** Shorter arrays are read as strings. */
    static final int SHORTEST = 1024;
    /** Characters that are decoded at once: whole groups of four, which hold whole elements of up to 8 bytes. */
    private static final int CHUNK = 1 << 14;

    private final DType type;
    private final double[] data;
    private final CharsetEncoder encoder = StandardCharsets.US_ASCII.newEncoder();
    private final byte[] text = new byte[CHUNK];
    private int characters;
    private final ByteBuffer decoded = ByteBuffer.allocate(CHUNK / 4 * 3).order(ByteOrder.LITTLE_ENDIAN);
    private int size;
    private long bytes;
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
        int length = (int) Math.min(shape.length(), most);
        // Elements of a byte or two become longer than the text, whose memory has been taken.
        Budget.addToOutermost((long) Double.BYTES * length - parser.getStringLength());
        Base64Elements elements = new Base64Elements(type, length);
        parser.getString(elements);
        elements.take();
        boolean fits = elements.isBase64 && elements.bytes == shape.size() * type.bytes();
        return new Result(fits ? Tensor.of(shape, elements.data) : null, elements.bytes, elements.isBase64);
    }

    @Override
    public void write(char[] source, int from, int n) {
        int next = from;
        while (next < from + n && isBase64) {
            if (characters == CHUNK) {
                take();
            }
            int count = Math.min(CHUNK - characters, from + n - next);
            // The encoder has vector code. It stops at a character that is not ASCII, and waits for the rest of half a character.
            CharBuffer read = CharBuffer.wrap(source, next, count);
            encoder.encode(read, ByteBuffer.wrap(text, characters, count), false);
            isBase64 &= !read.hasRemaining();
            characters += count;
            next += count;
        }
    }

    /** Decodes the chunk and takes its elements. Those beyond the length that is wanted are only counted. */
    private void take() {
        // A full chunk that gave fewer bytes ended in padding, after which nothing may follow.
        isBase64 &= characters == 0 || bytes % decoded.capacity() == 0;
        if (isBase64) {
            try {
                byte[] chunk = characters == CHUNK ? text : Arrays.copyOf(text, characters);
                takeElements(Base64.getDecoder().decode(chunk, decoded.array()));
            } catch (IllegalArgumentException _) {
                isBase64 = false;
            }
        }
        characters = 0;
    }

    private void takeElements(int count) {
        int most = Math.min(count / type.bytes(), data.length - size);
        for (int i = 0; i < most; i++) {
            data[size + i] = type.get(decoded, i);
        }
        size += most;
        bytes += count;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
