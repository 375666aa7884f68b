package io.chainrule.benchmark;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.json.StrictJson;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/** Row n: arrays as JSON, read and written by the service's mapper, beside Jackson's own way with {@code double[][]}. */
final class JsonRow {
    private static final int N = 1000;
    private static final String JACKSON = "Jackson, double[][]";
    private static final double NESTED = 1 / 1.3;
    private static final double BASE64 = 5;

    private JsonRow() {}

    static List<Comparison> all() {
        return List.of(
                Comparison.of("n", "read a nested array 1000×1000", () -> read(ArrayForm.NESTED))
                        .peer(JACKSON, NESTED, JsonRow::jacksonReads).build(),
                Comparison.of("n", "write a nested array 1000×1000", () -> write(ArrayForm.NESTED))
                        .peer(JACKSON, NESTED, JsonRow::jacksonWrites).build(),
                Comparison.of("n", "read the same in base64", () -> read(ArrayForm.BASE64))
                        .peer(JACKSON, BASE64, JsonRow::jacksonReads).build(),
                Comparison.of("n", "write the same in base64", () -> write(ArrayForm.BASE64))
                        .peer(JACKSON, BASE64, JsonRow::jacksonWrites).build());
    }

    /** The mapper that the service has. */
    private static JsonMapper service() {
        try (var context = new AnnotationConfigApplicationContext(JacksonAutoConfiguration.class, StrictJson.class)) {
            return context.getBean(JsonMapper.class);
        }
    }

    private static Tensor array() {
        return Data.normal(1, "x", N, N).values().iterator().next();
    }

    private static double[][] rows() {
        double[] data = array().data();
        double[][] rows = new double[N][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(data, i * N, (i + 1) * N));
        return rows;
    }

    private static Contender read(ArrayForm form) {
        JsonMapper mapper = service();
        byte[] json = mapper.writeValueAsBytes(new EncodedTensor(array(), form));
        return Contender.of(() -> mapper.readValue(json, Tensor.class).data());
    }

    private static Contender write(ArrayForm form) {
        JsonMapper mapper = service();
        Tensor array = array();
        return writer(() -> mapper.writeValueAsBytes(new EncodedTensor(array, form)), mapper);
    }

    private static Contender jacksonReads() {
        JsonMapper mapper = new JsonMapper();
        byte[] json = mapper.writeValueAsBytes(rows());
        return new Contender() {
            private double[][] last = {};

            @Override
            public Object run() {
                last = mapper.readValue(json, double[][].class);
                return last;
            }

            @Override
            public double[] results() {
                return Arrays.stream(last).flatMapToDouble(Arrays::stream).toArray();
            }
        };
    }

    private static Contender jacksonWrites() {
        JsonMapper mapper = new JsonMapper();
        double[][] rows = rows();
        return writer(() -> mapper.writeValueAsBytes(rows), service());
    }

    /** What is written is compared by reading it. */
    private static Contender writer(Supplier<byte[]> write, JsonMapper reader) {
        return new Contender() {
            private byte[] written = {};

            @Override
            public Object run() {
                written = write.get();
                return written;
            }

            @Override
            public double[] results() {
                Tensor read = reader.readValue(written, Tensor.class);
                if (!read.shape().equals(Shape.of(N, N))) {
                    throw new IllegalStateException("an array of shape " + read.shape() + " was written");
                }
                return read.data();
            }
        };
    }
}
