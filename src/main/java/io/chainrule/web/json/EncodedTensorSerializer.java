package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        ByteBuffer bytes = ByteBuffer.allocate(tensor.length() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : tensor.data()) {
            // Unlike doubleToRawLongBits, this makes all NaNs one: processors choose their signs and payloads in different ways.
            bytes.putLong(Double.doubleToLongBits(value));
        }
        generator.writeStartObject();
        generator.writeStringProperty("object_type", "array");
        generator.writeArrayPropertyStart("shape");
        for (int length : tensor.shape().toList()) {
            generator.writeNumber(length);
        }
        generator.writeEndArray();
        generator.writeStringProperty("dtype", "float64");
        generator.writeObjectPropertyStart("data");
        generator.writeBinaryProperty("buffer", bytes.array());
        generator.writeStringProperty("encoding", "base64");
        generator.writeEndObject();
        generator.writeEndObject();
    }

    private static void number(double value, JsonGenerator generator) {
        if (Double.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeString(String.valueOf(value));
        }
    }
}
