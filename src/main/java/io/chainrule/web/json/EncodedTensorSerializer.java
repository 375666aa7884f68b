package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/** Writes a scalar as a number, and an array as nested arrays or as an array object. NaN and infinities are written as strings. */
final class EncodedTensorSerializer extends ValueSerializer<EncodedTensor> {
    /**
     * The most rows of an array without elements that is written as nested arrays: one of shape [1000000, 0] would be a million pairs of
     * brackets.
     */
    private static final int MOST_EMPTY_ROWS = 1_000;
    private static final Base64.Encoder BASE64 = Base64.getEncoder();
    /** How many doubles are encoded at once. Three doubles are 24 bytes, which base64 encodes without padding. */
    private static final int PIECE = 3 * 256;

    @Override
    public void serialize(EncodedTensor value, JsonGenerator generator, SerializationContext context) {
        Tensor tensor = value.tensor();
        Shape shape = tensor.shape();
        if (shape.isScalar()) {
            number(tensor.item(), generator);
        } else if (value.form() == ArrayForm.BASE64 || !canBeNested(shape)) {
            arrayObject(tensor, generator);
        } else {
            nested(tensor, 0, 0, generator);
        }
    }

    private static boolean canBeNested(Shape shape) {
        long rows = 1;
        for (int axis = 0; axis < shape.rank() && shape.dim(axis) > 0 && rows <= MOST_EMPTY_ROWS; axis++) {
            rows *= shape.dim(axis);
        }
        return shape.rank() <= NestedArrays.MOST_AXES && (shape.size() > 0 || rows <= MOST_EMPTY_ROWS);
    }

    /** Writes the sub-array at {@code axis} and returns where in the data the next one begins. */
    private static int nested(Tensor tensor, int axis, int start, JsonGenerator generator) {
        int length = tensor.shape().dim(axis);
        int next = start;
        generator.writeStartArray();
        if (axis == tensor.shape().rank() - 1) {
            for (; next < start + length; next++) {
                number(tensor.data()[next], generator);
            }
        } else {
            for (int i = 0; i < length; i++) {
                next = nested(tensor, axis + 1, next, generator);
            }
        }
        generator.writeEndArray();
        return next;
    }

    private static void arrayObject(Tensor tensor, JsonGenerator generator) {
        generator.writeStartObject();
        generator.writeStringProperty("object_type", "array");
        generator.writeArrayPropertyStart("shape");
        for (int length : tensor.shape().toList()) {
            generator.writeNumber(length);
        }
        generator.writeEndArray();
        generator.writeStringProperty("dtype", "float64");
        generator.writeObjectPropertyStart("data");
        generator.writeName("buffer");
        base64(tensor.data(), generator);
        generator.writeStringProperty("encoding", "base64");
        generator.writeEndObject();
        generator.writeEndObject();
    }

    /** Encodes a piece at a time, so that a large array's bytes do not stand in memory beside the array and the answer. */
    private static void base64(double[] data, JsonGenerator generator) {
        ByteBuffer piece = ByteBuffer.allocate(Math.min(data.length, PIECE) * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        generator.writeRawValue("\"");
        for (int start = 0; start < data.length; start += PIECE) {
            int end = Math.min(start + PIECE, data.length);
            piece.clear();
            for (int i = start; i < end; i++) {
                // Unlike doubleToRawLongBits, this makes all NaNs one: processors choose their signs and payloads in different ways.
                piece.putLong(Double.doubleToLongBits(data[i]));
            }
            generator
                    .writeRaw(BASE64.encodeToString(end - start == PIECE ? piece.array() : Arrays.copyOf(piece.array(), piece.position())));
        }
        generator.writeRaw('"');
    }

    private static void number(double value, JsonGenerator generator) {
        if (Double.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeString(String.valueOf(value));
        }
    }
}
