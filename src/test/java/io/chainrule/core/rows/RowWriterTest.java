package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What rows come to, as parts of files have it. */
class RowWriterTest {
    private static final int ROWS = 64;
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<RowQuantity> QUANTITIES = List.of(new RowQuantity(RowQuantity.Kind.VALUE, "f", null, Shape.SCALAR),
            new RowQuantity(RowQuantity.Kind.NODE, "a \"b\" \\ \n\u0001 ü 😀", null, Shape.of(0)),
            new RowQuantity(RowQuantity.Kind.GRADIENT, "w", null, Shape.of(2)),
            new RowQuantity(RowQuantity.Kind.HESSIAN, "w", "v", Shape.of(2, 3)));

    /** Rows whose numbers begin at 1, every third of which is left out. */
    private static RowResults results() {
        Random random = new Random(5);
        List<double[]> arrays = QUANTITIES.stream().map(quantity -> random.longs((long) ROWS * quantity.shape().length())
                .mapToDouble(Double::longBitsToDouble).toArray()).toList();
        double[] values = {0, -0.0, 1, 0.1, 1e7, 1e-3, 9.999e-4, 123456789.125, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN,
                Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 2.0e-3, 4.9e-324, 1.0E23, 2.2250738585072014E-308};
        System.arraycopy(values, 0, arrays.getFirst(), 0, values.length);
        BitSet omitted = new BitSet();
        for (int row = 2; row < ROWS; row += 3) {
            omitted.set(row);
        }
        return new RowResults(QUANTITIES, arrays, "", LongStream.rangeClosed(1, ROWS).toArray(), ROWS, omitted);
    }

    private static byte[] written(RowWriter.Form form) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RowWriter writer = RowWriter.of(form, QUANTITIES, out)) {
            writer.accept(results());
        }
        return out.toByteArray();
    }

    private static String lines(long before) {
        RowResults results = results();
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            if (row % 3 != 2) {
                ObjectNode object = JSON.createObjectNode().put("row", results.number(row) + before);
                object.put("value", results.values(0)[row]);
                object.putArray("a \"b\" \\ \n\u0001 ü 😀");
                object.putArray("gradient_w").add(results.values(2)[2 * row]).add(results.values(2)[2 * row + 1]);
                ArrayNode hessian = object.putArray("hessian_w_v");
                for (int i = 0; i < 2; i++) {
                    hessian.addArray().add(results.values(3)[6 * row + 3 * i]).add(results.values(3)[6 * row + 3 * i + 1])
                            .add(results.values(3)[6 * row + 3 * i + 2]);
                }
                lines.append(JSON.writeValueAsString(object)).append('\n');
            }
        }
        return lines.toString();
    }

    @Test
    void linesAreThoseOfALibraryOfJson() {
        String expected = lines(0).replace("\\n", "\\u000a");
        assertThat(new String(written(RowWriter.Form.JSON_LINES), StandardCharsets.UTF_8)).isEqualTo(expected);
        assertThat(expected.lines().map(JSON::readTree).map(line -> line.path("row").asInt())).hasSize(ROWS - ROWS / 3).contains(1, 2, 4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 9, 99_999_999_990L})
    void linesOfAPartThatCountedItsRowsAreCountedThrough(long before) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = written(RowWriter.Form.JSON_LINES);
        JsonLinesWriter.renumber(Arrays.copyOf(part, part.length + 7), part.length, before, out);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(lines(before).replace("\\n", "\\u000a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"value\":1}\n", "{\"ro", "\n"})
    void whatIsNoPartIsNotCopied(String text) {
        byte[] other = text.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> JsonLinesWriter.renumber(other, other.length, 1, new ByteArrayOutputStream()))
                .isInstanceOf(IOException.class).hasMessageContaining("number of its row");
    }

    /** A row that is longer than what is written at once. */
    @Test
    void aLongRowIsWritten() {
        int length = 30_000;
        List<RowQuantity> quantities = List.of(new RowQuantity(RowQuantity.Kind.GRADIENT, "ü", null, Shape.of(length)));
        double[] values = new Random(2).doubles(length).toArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RowWriter writer = RowWriter.of(RowWriter.Form.JSON_LINES, quantities, out)) {
            writer.accept(new RowResults(quantities, List.of(values), "", new long[]{1}, 1, new BitSet()));
        }
        JsonNode line = JSON.readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(line.path("gradient_ü").valueStream().mapToDouble(JsonNode::asDouble).toArray()).isEqualTo(values);
    }

    @Test
    void rawPartsHaveEachBit() throws IOException {
        RowResults results = results();
        try (RawReader reader = new RawReader(new ByteArrayInputStream(written(RowWriter.Form.RAW)), QUANTITIES)) {
            for (int row = 0; row < ROWS; row++) {
                if (row % 3 != 2) {
                    double[] values = reader.next();
                    assertThat(values).hasSize(9);
                    assertThat(reader.number()).isEqualTo(row + 1);
                    assertThat(Double.doubleToRawLongBits(values[0])).isEqualTo(Double.doubleToRawLongBits(results.values(0)[row]));
                    assertThat(Double.doubleToRawLongBits(values[8])).isEqualTo(Double.doubleToRawLongBits(results.values(3)[6 * row + 5]));
                }
            }
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void columnsAreNamedOnce() {
        assertThat(RowWriter.columns(QUANTITIES)).containsExactly("value", "a \"b\" \\ \n\u0001 ü 😀", "gradient_w", "hessian_w_v");
        assertThat(RowWriter.repeated(QUANTITIES)).isEmpty();
        assertThat(RowWriter.repeated(List.of(new RowQuantity(RowQuantity.Kind.NODE, "row", null, Shape.SCALAR), QUANTITIES.get(2),
                new RowQuantity(RowQuantity.Kind.NODE, "gradient_w", null, Shape.SCALAR)))).containsExactly("row", "gradient_w");
        assertThat(RowWriter.numbersOfRow(QUANTITIES)).isEqualTo(10);
    }
}
