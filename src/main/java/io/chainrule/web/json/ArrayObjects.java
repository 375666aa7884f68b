package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads array objects {@code {"object_type", "shape", "dtype", "data": {"buffer", "encoding"}}}, with the fields in any order. */
final class ArrayObjects {
    private static final List<String> FIELDS = List.of("object_type", "shape", "dtype", "data");
    private static final List<String> DATA_FIELDS = List.of("buffer", "encoding");
    private static final String NOT_BASE64 = "the buffer is not base64";
    private static final String BASE64 = "base64 (RFC 4648, section 4)";
    private static final List<String> ENCODINGS = List.of("json", "base64");

    private final JsonParser parser;
    private @Nullable Shape shape;
    private @Nullable DType type;
    private @Nullable String encoding;
    /** The data: a {@link String}, or the elements of a long one, if the encoding is base64, a {@link Tensor} if it is json. */
    private @Nullable Object buffer;

    private ArrayObjects(JsonParser parser) {
        this.parser = parser;
    }

    static Tensor read(JsonParser parser) {
        return new ArrayObjects(parser).read();
    }

    private Tensor read() {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "object_type" -> {
                    if (parser.currentToken() != JsonToken.VALUE_NULL) {
                        choice(List.of("array"));
                    }
                }
                case "shape" -> shape = Shapes.read(parser);
                case "dtype" -> type = DType.named(choice(DType.names())).orElseThrow();
                case "data" -> data();
                default -> throw unknownField(field, FIELDS);
            }
        }
        Shape wanted = required(shape, "shape");
        DType dtype = required(type, "dtype");
        Object given = required(buffer, "data");
        return "base64".equals(encoding) ? decode(given, dtype, wanted) : convert(given, dtype, wanted);
    }

    private void data() {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw BadValueException.wrongType(parser, "an object {\"buffer\", \"encoding\"}");
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "buffer" -> buffer = buffer();
                case "encoding" -> encoding = choice(ENCODINGS);
                default -> throw unknownField(field, DATA_FIELDS);
            }
        }
        required(buffer, "buffer");
        required(encoding, "encoding");
    }

    private Object buffer() {
        return switch (parser.currentToken()) {
            case VALUE_STRING ->
                isLong() ? Base64Elements.read(parser, required(type, "dtype"), required(shape, "shape")) : parser.getString();
            case START_ARRAY -> NestedArrays.read(parser);
            case null, default -> Tensor.scalar(Numbers.lenient(parser));
        };
    }

    /** Whether the array is known to be long, so that a string can be nothing but its elements in base64. */
    private boolean isLong() {
        return type != null && shape != null && shape.size() >= Base64Elements.SHORTEST && shape.size() <= Integer.MAX_VALUE;
    }

    private String choice(List<String> choices) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw BadValueException.wrongType(parser, "one of " + choices);
        }
        String text = parser.getString();
        if (!choices.contains(text)) {
            throw BadValueException.notOneOf(parser, text, choices);
        }
        return text;
    }

    private Tensor decode(Object given, DType dtype, Shape wanted) {
        if (given instanceof Base64Elements.Result(Tensor tensor, long bytes, boolean isBase64)) {
            if (tensor != null) {
                return tensor;
            }
            throw isBase64 ? wrongLength(wanted, dtype, bytes) : invalidBuffer(NOT_BASE64, BASE64, null);
        }
        if (!(given instanceof String text)) {
            throw invalidBuffer("a buffer with encoding base64 is a string", "a string", "numbers");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw invalidBuffer(NOT_BASE64, BASE64, null);
        }
        if (bytes.length != wanted.size() * dtype.bytes()) {
            throw wrongLength(wanted, dtype, bytes.length);
        }
        ByteBuffer elements = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        double[] data = new double[wanted.length()];
        for (int i = 0; i < data.length; i++) {
            data[i] = dtype.get(elements, i);
        }
        return Tensor.of(wanted, data);
    }

    private BadValueException wrongLength(Shape wanted, DType dtype, long bytes) {
        return invalidBuffer("the buffer has not the length of its shape " + wanted, wanted.size() * dtype.bytes() + " bytes",
                bytes + " bytes");
    }

    private Tensor convert(Object given, DType dtype, Shape wanted) {
        Tensor read = given instanceof Tensor tensor ? tensor : Tensor.scalar(named(given));
        boolean flat = read.shape().rank() == 1 && read.length() == wanted.size();
        if (!flat && !read.shape().equals(wanted)) {
            throw invalidBuffer("the buffer does not have the shape " + wanted, "shape " + wanted + ", or flat", "shape " + read.shape());
        }
        double[] data = read.data();
        for (int i = 0; i < data.length; i++) {
            if (!dtype.holds(data[i])) {
                throw invalidBuffer("entry " + i + " of the buffer is no " + dtype.text(), dtype.text(), String.valueOf(data[i]));
            }
            data[i] = dtype.round(data[i]);
        }
        return Tensor.of(wanted, data);
    }

    private double named(Object given) {
        return (given instanceof String text ? Numbers.named(text) : OptionalDouble.empty())
                .orElseThrow(() -> invalidBuffer("a buffer with encoding json holds numbers", Numbers.NUMBER, "a string"));
    }

    private <T> T required(@Nullable T value, String field) {
        if (value == null) {
            String message = "the array object has no '" + field + "'";
            throw BadValueException.at(parser, ErrorDetail.of(ProblemType.WRONG_TYPE, message).expected("a field '" + field + "'", "none"));
        }
        return value;
    }

    private BadValueException invalidBuffer(String message, @Nullable String expected, @Nullable String actual) {
        return BadValueException.at(parser, "/data/buffer", ErrorDetail.of(ProblemType.INVALID_VALUE, message).expected(expected, actual));
    }

    private BadValueException unknownField(String field, List<String> known) {
        ErrorDetail error = ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "an array object has no field '" + field + "'");
        return BadValueException.at(parser, error.expected("one of " + known, field).hint(Nearest.hint(field, known).orElse(null)));
    }
}
