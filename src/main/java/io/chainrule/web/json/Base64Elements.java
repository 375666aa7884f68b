package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/**
 * Reads the elements of a long array straight from base64 in a body. A string of the text, and bytes of the string, would take most of the time
 * and four times the memory of the array.
 */
final class Base64Elements extends OutputStream {
    /** Shorter arrays are read as strings. */
    static final int SHORTEST = 1024;
    private static final Base64Variant BASE64 = Base64Variants.MIME_NO_LINEFEEDS
            .withReadPadding(Base64Variant.PaddingReadBehaviour.PADDING_ALLOWED);
    private static final int CHUNK = 1 << 13;

    private final DType type;
    private final int length;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private double[] data = new double[CHUNK];
    private int size;
    private long bytes;

    private Base64Elements(DType type, int length) {
        this.type = type;
        this.length = length;
    }

    /** What was read: the elements, or null where the text is not base64 or has another number of bytes than {@code shape} needs. */
    record Result(@Nullable Tensor tensor, long bytes, boolean isBase64) {}

    /** Reads the parser's current string, and skips spaces in it. */
    static Result read(JsonParser parser, DType type, Shape shape) {
        Base64Elements elements = new Base64Elements(type, shape.length());
        try {
            parser.readBinaryValue(BASE64, elements);
        } catch (UnexpectedEndOfInputException e) {
            throw e;
        } catch (StreamReadException _) {
            return new Result(null, elements.bytes, false);
        }
        elements.take();
        boolean fits = elements.bytes == shape.size() * type.bytes();
        return new Result(fits ? Tensor.of(shape, elements.trimmed()) : null, elements.bytes, true);
    }

    @Override
    public void write(int value) {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int n) {
        int done = 0;
        while (done < n) {
            int part = Math.min(chunk.remaining(), n - done);
            chunk.put(source, from + done, part);
            done += part;
            if (!chunk.hasRemaining()) {
                take();
            }
        }
    }

    /** Takes the elements of the chunk. Those beyond the length that is wanted are only counted. */
    private void take() {
        int count = Math.min(chunk.position() / type.bytes(), length - size);
        if (size + count > data.length) {
            data = Arrays.copyOf(data, Math.min(length, Math.max(2 * data.length, size + count)));
        }
        for (int i = 0; i < count; i++) {
            data[size + i] = type.get(chunk, i);
        }
        size += count;
        bytes += chunk.position();
        chunk.clear();
    }

    private double[] trimmed() {
        return data.length == length ? data : Arrays.copyOf(data, length);
    }
}
