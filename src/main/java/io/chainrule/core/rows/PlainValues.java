package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values as maps, lists, texts, booleans and numbers, which any library writes as JSON and reads again. Each bit of a number arrives: an
 * array is the base64 of its doubles in little-endian order, and a single number that JSON does not have is a text in a map.
 */
final class PlainValues {
    private static final String NUMBER = "number";
    private static final String SHAPE = "shape";
    private static final String BASE64 = "base64";

    private PlainValues() {}

    /** A number, boolean, text, array, or a list of these. */
    static Object plain(Object value) {
        return switch (value) {
            case Double number when !Double.isFinite(number) -> Map.of(NUMBER, number.toString());
            case Tensor tensor -> plain(tensor);
            case List<?> list -> list.stream().map(PlainValues::plain).toList();
            default -> value;
        };
    }

    /** What {@link #plain(Object)} was made of. */
    static Object value(Object plain) {
        return switch (plain) {
            case Map<?, ?> map when map.containsKey(NUMBER) -> Double.valueOf(text(map, NUMBER));
            case Map<?, ?> map -> tensor(map);
            case List<?> list -> list.stream().map(PlainValues::value).toList();
            default -> plain;
        };
    }

    static Map<String, Object> plain(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * tensor.length()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(tensor.data(), 0, tensor.length());
        return Map.of(SHAPE, tensor.shape().toList(), BASE64, Base64.getEncoder().encodeToString(bytes.array()));
    }

    static Tensor tensor(Map<?, ?> plain) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text(plain, BASE64))).order(ByteOrder.LITTLE_ENDIAN);
        double[] data = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(data);
        return Tensor.of(shape(plain.get(SHAPE)), data);
    }

    static Shape shape(@Nullable Object plain) {
        return Shape.of(list(plain, dim -> ((Number) dim).intValue()));
    }

    static <T, R> Map<String, R> map(Map<String, T> values, Function<T, R> each) {
        Map<String, R> mapped = new LinkedHashMap<>();
        values.forEach((name, value) -> mapped.put(name, each.apply(value)));
        return mapped;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object plain) {
        if (plain instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new IllegalArgumentException("an object is expected, not " + plain);
    }

    static <R> List<R> list(@Nullable Object plain, Function<Object, R> each) {
        if (!(plain instanceof List<?> list)) {
            throw new IllegalArgumentException("a list is expected, not " + plain);
        }
        List<R> all = new ArrayList<>();
        list.forEach(element -> all.add(each.apply(element)));
        return all;
    }

    static List<String> texts(@Nullable Object plain) {
        return list(plain, String.class::cast);
    }

    static String text(Map<?, ?> plain, String field) {
        if (plain.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("'" + field + "' is expected to be a text, not " + plain.get(field));
    }

    static @Nullable String optionalText(Map<?, ?> plain, String field) {
        return plain.get(field) == null ? null : text(plain, field);
    }

    static long integer(Map<?, ?> plain, String field) {
        if (plain.get(field) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalArgumentException("'" + field + "' is expected to be a number, not " + plain.get(field));
    }
}
