package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/** Writes a shape as the list of its lengths. */
final class ShapeSerializer extends ValueSerializer<Shape> {
    @Override
    public void serialize(Shape shape, JsonGenerator generator, SerializationContext context) {
        int[] lengths = shape.dims();
        generator.writeArray(lengths, 0, lengths.length);
    }
}
