package io.chainrule.web.json;

import static io.chainrule.web.json.StrictMapper.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Budget;
import io.chainrule.web.problem.RequestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayObjectsTest {
    /** The characters of a long text that are decoded at once. */
    private static final int CHUNK = 1 << 14;
    private record Body(Tensor x) {}

    private static Tensor read(String value) {
        return JSON.readValue("{\"x\": " + value + "}", Body.class).x();
    }

    private static Tensor base64(String dtype, Shape shape, ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        return read("""
                {"object_type": "array", "shape": %s, "dtype": "%s", "data": {"buffer": "%s", "encoding": "base64"}}
                """.formatted(shape, dtype, Base64.getEncoder().encodeToString(bytes)));
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void widensEveryDtype() {
        assertThat(base64("float64", Shape.of(2), bytes(16).putDouble(0.1).putDouble(Double.NaN)))
                .isEqualTo(Tensor.vector(0.1, Double.NaN));
        assertThat(base64("float32", Shape.of(2), bytes(8).putFloat(0.1f).putFloat(-2))).isEqualTo(Tensor.vector(0.1f, -2));
        assertThat(base64("int64", Shape.of(2), bytes(16).putLong(-5_000_000_000L).putLong(3))).isEqualTo(Tensor.vector(-5e9, 3));
        assertThat(base64("int32", Shape.of(2), bytes(8).putInt(7).putInt(-7))).isEqualTo(Tensor.vector(7, -7));
        assertThat(base64("int16", Shape.of(2), bytes(4).putShort((short) 300).putShort(Short.MIN_VALUE)))
                .isEqualTo(Tensor.vector(300, -32768));
        assertThat(base64("int8", Shape.of(2), bytes(2).put((byte) 127).put((byte) -128))).isEqualTo(Tensor.vector(127, -128));
        assertThat(base64("uint8", Shape.of(3), bytes(3).put((byte) 0).put((byte) 128).put((byte) 255)))
                .isEqualTo(Tensor.vector(0, 128, 255));
        assertThat(base64("float16", Shape.of(6), bytes(12).putShort((short) 0x3C00).putShort((short) 0x7BFF).putShort((short) 0x0001)
                .putShort((short) 0x8000).putShort((short) 0xFC00).putShort((short) 0x7E00)))
                .isEqualTo(Tensor.vector(1, 65504, 0x1p-24, -0.0, Double.NEGATIVE_INFINITY, Double.NaN));
        assertThat(base64("bool", Shape.of(3), bytes(3).put((byte) 1).put((byte) 0).put((byte) 2))).isEqualTo(Tensor.vector(1, 0, 1));
        assertThat(base64("float64", Shape.of(2, 0), bytes(0)).shape()).isEqualTo(Shape.of(2, 0));
        assertThat(base64("float64", Shape.SCALAR, bytes(8).putDouble(3))).isEqualTo(Tensor.scalar(3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    {"shape": [2, 1], "dtype": "float64", "data": {"buffer": [1, 2], "encoding": "json"}}                           | [2, 1][1.0, 2.0]
                    {"data": {"encoding": "json", "buffer": [[1, 2]]}, "dtype": "int32", "shape": [1, 2], "object_type": "array"}   | [1, 2][1.0, 2.0]
                    {"shape": [], "dtype": "float64", "data": {"buffer": "NaN", "encoding": "json"}}                                | [][NaN]
                    {"shape": [], "dtype": "bool", "data": {"buffer": true, "encoding": "json"}}                                    | [][1.0]
                    {"shape": [2, 0], "dtype": "float64", "data": {"buffer": [], "encoding": "json"}}                               | [2, 0][]
                    {"shape": [1], "dtype": "float32", "data": {"buffer": [0.1], "encoding": "json"}}                               | [1][0.10000000149011612]
                    {"shape": [2], "dtype": "float16", "data": {"buffer": [0.1, -65519], "encoding": "json"}}                       | [2][0.0999755859375, -65504.0]
                    {"shape": [3], "dtype": "uint8", "data": {"buffer": [0, 255, 7], "encoding": "json"}}                           | [3][0.0, 255.0, 7.0]
                    {"shape": [2], "dtype": "int8", "data": {"buffer": [-128, 127], "encoding": "json"}}                            | [2][-128.0, 127.0]
                    {"shape": [2], "dtype": "int16", "data": {"buffer": [-32768, 32767], "encoding": "json"}}                       | [2][-32768.0, 32767.0]
                    {"shape": [2], "dtype": "int64", "data": {"buffer": [9223372036854775807, -9223372036854775808], "encoding": "json"}} | [2][9.223372036854776E18, -9.223372036854776E18]
                    {"shape": [2], "dtype": "float16", "data": {"buffer": ["NaN", "-Infinity"], "encoding": "json"}}                | [2][NaN, -Infinity]
                    """)
    void readsJsonBuffers(String value, String tensor) {
        assertThat(read(value)).hasToString(tensor);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    {"dtype": "float64", "data": {"buffer": [1], "encoding": "json"}}                                     | wrong-type /x
                    {"shape": [1], "data": {"buffer": [1], "encoding": "json"}}                                           | wrong-type /x
                    {"shape": [1], "dtype": "float64"}                                                                    | wrong-type /x
                    {"shape": [1], "dtype": "float64", "data": {"buffer": [1]}}                                           | wrong-type /x/data
                    {"shape": [1], "dtype": "float64", "data": [1]}                                                       | wrong-type /x/data
                    {"shape": [1], "dtype": "float8", "data": {"buffer": [1], "encoding": "json"}}                        | invalid-value /x/dtype
                    {"shape": [1], "dtype": "float64", "data": {"buffer": [1], "encoding": "xml"}}                        | invalid-value /x/data/encoding
                    {"shape": [1], "dtype": "float64", "data": {"buffer": [1], "encoding": "base64"}}                     | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float64", "data": {"buffer": "AAAA", "encoding": "base64"}}                  | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float64", "data": {"buffer": "?", "encoding": "base64"}}                     | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float64", "data": {"buffer": "abc", "encoding": "json"}}                     | invalid-value /x/data/buffer
                    {"shape": [3], "dtype": "float64", "data": {"buffer": [1, 2], "encoding": "json"}}                    | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "int32", "data": {"buffer": [1.5], "encoding": "json"}}                       | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float32", "data": {"buffer": [1e300], "encoding": "json"}}                   | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "bool", "data": {"buffer": [2], "encoding": "json"}}                          | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "uint8", "data": {"buffer": [256], "encoding": "json"}}                       | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "uint8", "data": {"buffer": [-1], "encoding": "json"}}                        | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "int8", "data": {"buffer": [128], "encoding": "json"}}                        | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "int16", "data": {"buffer": [0.5], "encoding": "json"}}                       | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float16", "data": {"buffer": [65520], "encoding": "json"}}                   | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "int64", "data": {"buffer": [1e19], "encoding": "json"}}                      | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "int64", "data": {"buffer": [0.5], "encoding": "json"}}                       | invalid-value /x/data/buffer
                    {"shape": [1], "dtype": "float16", "data": {"buffer": "AAAA", "encoding": "base64"}}                  | invalid-value /x/data/buffer
                    {"object_type": "matrix", "shape": [1], "dtype": "bool", "data": {"buffer": [1], "encoding": "json"}} | invalid-value /x/object_type
                    {"shapes": [1], "dtype": "bool", "data": {"buffer": [1], "encoding": "json"}}                         | unknown-field /x/shapes
                    {"shape": [2147483647, 2147483647], "dtype": "bool", "data": {"buffer": "AA==", "encoding": "base64"}} | invalid-value /x/data/buffer
                    """)
    void pointsAtWhatIsWrong(String value, String error) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> read(value));
        assertThat(refused.errors()).extracting(found -> found.code() + " " + found.pointer()).containsExactly(error);
    }

    /** Arrays that are long enough to be read straight from the body. */
    @ParameterizedTest
    @CsvSource({"float64", "float32", "int16", "uint8"})
    void readsLongArrays(String name) {
        DType type = DType.named(name).orElseThrow();
        int n = 3001;
        ByteBuffer buffer = bytes(n * type.bytes());
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
            switch (type) {
                case FLOAT64 -> buffer.putDouble(i / 7.0);
                case FLOAT32 -> buffer.putFloat(i / 7f);
                case INT16 -> buffer.putShort((short) -i);
                default -> buffer.put((byte) i);
            }
            expected[i] = type.get(buffer, i);
        }
        assertThat(base64(name, Shape.of(n), buffer)).isEqualTo(Tensor.vector(expected));
        byte[] all = new byte[n * type.bytes()];
        buffer.get(0, all);
        String text = Base64.getEncoder().encodeToString(all);
        String unpadded = Base64.getEncoder().withoutPadding().encodeToString(all);
        assertThat(read(object(name, n, unpadded, "base64"))).isEqualTo(Tensor.vector(expected));
        assertThat(read(object(name, n, text.replace("/", "\\/").replace("+", "\\u002b"), "base64"))).as("escapes of JSON")
                .isEqualTo(Tensor.vector(expected));
        for (String wrong : new String[]{text + "AAAA", text.substring(4), text.replaceFirst("A", "?"), "NaN", ""}) {
            assertRefused(object(name, n, wrong, "base64"));
        }
        assertRefused(object(name, n, text, "json"));
    }

    /** A short text must not make room for the array that it claims to be. */
    @ParameterizedTest
    @CsvSource({"uint8, 1500000000", "float64, 200000000"})
    void aTextMakesRoomForWhatItHoldsAlone(String dtype, int n) {
        assertRefused(object(dtype, n, "A".repeat(4_000), "base64"));
    }

    /** The memory of the text has been taken, and bytes become longer than it. */
    @Test
    void anArrayOfBytesTakesTheMemoryThatItIsLonger() {
        int n = 30_000;
        Budget budget = new Budget(TestService.limits("shared-bytes", "1000000"));
        try (Budget.Reservation _ = budget.reserve(0)) {
            read(object("uint8", n, "A".repeat(n / 3 * 4), "base64"));
            assertThat(budget.used()).isEqualTo(8L * n - 4L * (n / 3));
            read(object("float64", n / 8, "A".repeat(n / 3 * 4), "base64"));
            assertThat(budget.used()).as("doubles are shorter than their text").isEqualTo(8L * n - 4L * (n / 3));
        }
    }

    private static void assertRefused(String value) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> read(value));
        assertThat(refused.errors()).extracting(found -> found.code() + " " + found.pointer())
                .containsExactly("invalid-value /x/data/buffer");
    }

    /** Texts that a lenient decoder accepts, or after which a parser may lose its place. They are as wrong as in a short array. */
    @ParameterizedTest
    @ValueSource(ints = {3, 2049, 3 * CHUNK / 4 * 3})
    void refusesWhatIsNotQuiteBase64(int n) {
        String digits = "A".repeat(n / 3 * 4);
        IntStream places = IntStream.of(0, CHUNK, 2 * CHUNK).flatMap(place -> IntStream.rangeClosed(place - 2, place + 4));
        for (int i : places.filter(place -> place >= 0 && place <= digits.length()).toArray()) {
            String text = digits.substring(0, i) + "%s" + digits.substring(i);
            for (String other : new String[]{" ", "\\n", "-", "_", "=", "==", "AA==", "\u00e9", "\u0141", "\\ud800", "\\\""}) {
                assertRefused(object("uint8", n, text.formatted(other), "base64"));
                String end = digits.substring(Math.min(digits.length(), i + 1));
                assertRefused(object("uint8", n, digits.substring(0, i) + other + end, "base64"));
            }
        }
        for (String end : new String[]{"A", "=", "==", "===", "A=", "A==", "A===", "AA=", "AA===", "AAA==", " ", "AA==A", "AA==AAAA"}) {
            assertRefused(object("uint8", n, digits + end, "base64"));
        }
        for (String other : new String[]{"!", "=", " "}) {
            assertRefused(object("uint8", n, other.repeat(CHUNK) + digits, "base64"));
            assertRefused(object("uint8", n, digits + other.repeat(CHUNK), "base64"));
        }
    }

    private static String object(String dtype, int n, String buffer, String encoding) {
        return """
                {"shape": [%d], "dtype": "%s", "data": {"buffer": "%s", "encoding": "%s"}}
                """.formatted(n, dtype, buffer, encoding);
    }

    @Test
    void writesOneNaN() {
        double other = Double.longBitsToDouble(0xFFF8_0000_0000_1234L);
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.vector(other), ArrayForm.BASE64)))
                .isEqualTo(JSON.writeValueAsString(new EncodedTensor(Tensor.vector(Double.NaN), ArrayForm.BASE64)));
    }

    /** Every half, from its bits and from its decimal number; and the numbers halfway to the next, of which the even one is taken. */
    @Test
    void readsEveryHalf() {
        for (int bits = 0; bits < 0x7C00; bits++) {
            double half = Float.float16ToFloat((short) bits);
            assertThat(base64("float16", Shape.SCALAR, bytes(2).putShort((short) bits))).isEqualTo(Tensor.scalar(half));
            assertThat(DType.FLOAT16.round(half)).isEqualTo(half);
            if (bits + 1 < 0x7C00) {
                double next = Float.float16ToFloat((short) (bits + 1));
                assertThat(DType.FLOAT16.round((half + next) / 2)).isEqualTo(bits % 2 == 0 ? half : next);
                assertThat(DType.FLOAT16.round(Math.nextUp((half + next) / 2))).isEqualTo(next);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0", "-0.0", "-0e5", "[-0]", "[[-0.0]]",
            "{\"shape\": [1], \"dtype\": \"float64\", \"data\": {\"buffer\": [-0], \"encoding\": \"json\"}}",
            "{\"shape\": [1], \"dtype\": \"float32\", \"data\": {\"buffer\": [-0.0], \"encoding\": \"json\"}}",
            "{\"shape\": [1], \"dtype\": \"float64\", \"data\": {\"buffer\": \"AAAAAAAAAIA=\", \"encoding\": \"base64\"}}",
            "{\"shape\": [1], \"dtype\": \"float16\", \"data\": {\"buffer\": \"AIA=\", \"encoding\": \"base64\"}}"})
    void keepsNegativeZero(String value) {
        assertThat(Double.doubleToRawLongBits(read(value).data()[0])).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @EnumSource(ArrayForm.class)
    void readsBackWhatItWrites(ArrayForm form) {
        Random random = new Random(7);
        double[] data = random.longs(60).mapToDouble(Double::longBitsToDouble).map(value -> Double.isNaN(value) ? Double.NaN : value)
                .toArray();
        data[0] = -0.0;
        data[1] = Double.NEGATIVE_INFINITY;
        data[2] = Double.MIN_VALUE;
        for (Tensor tensor : new Tensor[]{Tensor.of(Shape.of(3, 4, 5), data), Tensor.scalar(0.1), Tensor.zeros(Shape.of(2, 0)),
                Tensor.vector()}) {
            assertThat(read(JSON.writeValueAsString(new EncodedTensor(tensor, form)))).isEqualTo(tensor);
        }
    }

    /** Long arrays are encoded in pieces; lengths beside a piece's, and those whose base64 is padded. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 766, 767, 768, 769, 770, 1536, 1537, 5000})
    void readsBackBase64OfAnyLength(int length) {
        Tensor tensor = Tensor.vector(new Random(length).doubles(length).toArray());
        byte[] written = JSON.writeValueAsBytes(new EncodedTensor(tensor, ArrayForm.BASE64));
        assertThat(read(new String(written, StandardCharsets.UTF_8))).isEqualTo(tensor);
        byte[] bytes = new byte[length * Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(tensor.data());
        assertThat(new String(written, StandardCharsets.UTF_8)).contains('"' + Base64.getEncoder().encodeToString(bytes) + '"');
    }

    @Test
    void writesPlainJson() {
        Tensor tensor = Tensor.matrix(new double[]{1, 0.1}, new double[]{Double.NaN, Double.NEGATIVE_INFINITY});
        assertThat(JSON.writeValueAsString(new EncodedTensor(tensor, ArrayForm.NESTED))).isEqualTo("[[1.0,0.1],[\"NaN\",\"-Infinity\"]]");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.scalar(2), ArrayForm.BASE64))).isEqualTo("2.0");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.vector(1), ArrayForm.BASE64))).isEqualTo(
                "{\"object_type\":\"array\",\"shape\":[1],\"dtype\":\"float64\",\"data\":{\"buffer\":\"AAAAAAAA8D8=\",\"encoding\":\"base64\"}}");
    }

    /** Brackets of empty rows are written while they are few. */
    @Test
    void writesFewEmptyRowsAsTheyAre() {
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(2, 0)), ArrayForm.NESTED))).isEqualTo("[[],[]]");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(1000, 0)), ArrayForm.NESTED))).startsWith("[[],[]");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(10, 100, 0, 7)), ArrayForm.NESTED))).startsWith("[[[],");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(1001, 0)), ArrayForm.NESTED))).startsWith("{");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(0, 5000)), ArrayForm.NESTED))).isEqualTo("[]");
        assertThat(JSON.writeValueAsString(new EncodedTensor(Tensor.zeros(Shape.of(2000)), ArrayForm.NESTED))).startsWith("[0.0,");
    }

    @Test
    void doesNotWriteAMillionPairsOfBrackets() {
        Tensor empty = Tensor.zeros(Shape.of(1_000_000, 0));
        assertThat(read(JSON.writeValueAsString(new EncodedTensor(empty, ArrayForm.NESTED)))).isEqualTo(empty);
    }
}
