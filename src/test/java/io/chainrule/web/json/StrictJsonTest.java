package io.chainrule.web.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

class StrictJsonTest {
    private record Body(@Nullable Tensor x, @Nullable String name, @Nullable List<String> names, @Nullable Map<String, Tensor> inputs,
            @Nullable Shape shape, @Nullable ArrayForm arrays, @Nullable Double number, @Nullable Integer count,
            @Nullable Long seed, @Nullable Boolean flag, @Nullable Body body) {}

    private record Later(@Nullable RawJson request) {}

    /** Made anew for each test, since how it is made is tested too. */
    private final JsonMapper json = StrictMapper.make();

    private Tensor read(String value) {
        return java.util.Objects.requireNonNull(json.readValue("{\"x\": " + value + "}", Body.class).x());
    }

    private List<String> errors(String body) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> json.readValue(body, Body.class));
        assertThat(refused).as(body).isNotNull();
        return refused.errors().stream().map(error -> error.code() + " " + error.pointer()).toList();
    }

    @Test
    void readsNestedArraysIntoOneTensor() {
        assertThat(read("[[1, 2.5], [-3e2, true]]")).isEqualTo(Tensor.of(Shape.of(2, 2), 1, 2.5, -300, 1));
        assertThat(read("[[[0.1]]]")).isEqualTo(Tensor.of(Shape.of(1, 1, 1), 0.1));
        assertThat(read("false")).isEqualTo(Tensor.scalar(0));
        assertThat(read("[\"NaN\", \"Infinity\", \"-Infinity\"]"))
                .isEqualTo(Tensor.vector(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []              | [0]
            [[], []]        | [2, 0]
            [[[]], [[]]]    | [2, 1, 0]
            """)
    void readsEmptyArrays(String value, String shape) {
        assertThat(read(value).shape()).hasToString(shape);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1, [2]]", "[[1], 2]", "[[1], [2, 3]]", "[[], [1]]", "[[[]], [5]]", "[[5], [[]]]", "[[1, 2], [3, [4]]]"})
    void refusesRaggedArrays(String value) {
        assertThat(errors("{\"x\": " + value + "}")).singleElement().asString().startsWith("invalid-value /x/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "number", "count", "seed", "flag"})
    void refusesAValueOfAnotherKindOnceAndReadsOn(String field) {
        for (String value : List.of("[1]", "[[true]]", "{\"a\": [1]}", "{}", "[]")) {
            String body = "{\"" + field + "\": " + value + ", \"names\": \"a\"}";
            assertThat(errors(body)).as(body).containsExactly("wrong-type /" + field, "wrong-type /names");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"count": 1.0}                  | expected a whole number, found the number 1.0
            {"count": "1"}                  | expected a whole number, found the string "1"
            {"count": 2147483648}           | expected a whole number from -2147483648 to 2147483647, found the number 2147483648
            {"seed": 1e3}                   | expected a whole number, found the number 1e3
            {"seed": -9223372036854775809}  | \
            expected a whole number from -9223372036854775808 to 9223372036854775807, found the number -9223372036854775809
            {"flag": 1}                     | expected true or false, found the number 1
            {"flag": "true"}                | expected true or false, found the string "true"
            """)
    void tellsWhatIsNeeded(String body, String message) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> json.readValue(body, Body.class));
        assertThat(refused.errors()).extracting(ErrorDetail::message).containsExactly(message);
    }

    @Test
    void readsNumbersExactly() {
        assertThat(read("0.1").item()).isEqualTo(0.1);
        assertThat(read("9007199254740993").item()).isEqualTo(9007199254740992.0);
        assertThat(read("123456789012345678901234567890").item()).isEqualTo(1.2345678901234568e29);
        assertThat(read("4.9e-324").item()).isEqualTo(Double.MIN_VALUE);
        assertThat(read("1e-400").item()).isZero();
        assertThat(Double.doubleToRawLongBits(read("-0.0").item())).isEqualTo(Double.doubleToRawLongBits(-0.0));
    }

    /** Half of a pair of surrogates stays an escape, since UTF-8 cannot encode it. */
    @ParameterizedTest
    @ValueSource(strings = {"-0", "-0.0", "1e5", "1E+5", "0.10", "123456789012345678901234567890", "1e999", "true",
            "[1.50,[-0,{\"a\":2e0,\"b\":[]},null],{}]", "\"\u03b8 \ud83d\ude00 \\\"\\n\"", "\"\\uD800a\"", "\"a\\uDC00\\uD83D\"",
            "{\"\\uD800\":1,\"\\uD801\":\"\\\\uD800\"}"})
    void keepsWhatIsReadLaterAsItWasWritten(String value) {
        assertThat(json.readValue("{\"request\": " + value + "}", Later.class).request()).isEqualTo(new RawJson(value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"x": "5"}                            | wrong-type /x
            {"x": 1e999}                          | wrong-type /x
            {"x": [1, -1e999]}                    | wrong-type /x/1
            {"x": [1, null]}                      | wrong-type /x/1
            {"x": [{"a": 1}]}                     | wrong-type /x/0
            {"x": {"a": 1}}                       | unknown-field /x/a
            {"name": 5}                           | wrong-type /name
            {"name": ["a"]}                       | wrong-type /name
            {"names": "a"}                        | wrong-type /names
            {"names": ["a", 1]}                   | wrong-type /names/1
            {"names": [null]}                     | wrong-type /names/0
            {"inputs": [1]}                       | wrong-type /inputs
            {"inputs": {"a~/b": null}}            | wrong-type /inputs/a~0~1b
            {"shape": [2, -1]}                    | invalid-value /shape/1
            {"shape": [2.5]}                      | wrong-type /shape/0
            {"shape": [99999999999]}              | invalid-value /shape/0
            {"shape": 3}                          | wrong-type /shape
            {"arrays": "base65"}                  | invalid-value /arrays
            {"arrays": 1}                         | wrong-type /arrays
            {"number": "1"}                       | wrong-type /number
            {"number": 1e999}                     | wrong-type /number
            {"body": "a"}                         | wrong-type /body
            {"body": [1]}                         | wrong-type /body
            {"body": {"nmae": 1}}                 | unknown-field /body/nmae
            [1]                                   | wrong-type ``
            null                                  | wrong-type ``
            5                                     | wrong-type ``
            """)
    void pointsAtWhatIsWrong(String body, String error) {
        assertThat(errors(body)).containsExactly(error.endsWith(" ``") ? error.substring(0, error.length() - 2) : error);
    }

    @Test
    void findsEverythingThatIsWrong() {
        assertThat(
                errors("""
                        {"nmae": 1, "x": ["a", 2, 3], "names": [1, "b", 2], "body": {"x": [[1], [2, 3]], "zz": {"a": [1]}}, "arrays": "none", "shape": [-1]}
                        """))
                .containsExactlyInAnyOrder("unknown-field /nmae", "wrong-type /x/0", "wrong-type /names/0", "wrong-type /names/2",
                        "invalid-value /body/x/1", "unknown-field /body/zz", "invalid-value /arrays", "invalid-value /shape/0");
    }

    @Test
    void hintsAtTheNearestName() {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> json.readValue("{\"nmae\": 1}", Body.class));
        assertThat(refused.errors()).extracting(ErrorDetail::hint).containsExactly("did you mean 'name'?");
    }

    @Test
    void stopsAtAHundredErrors() {
        assertThat(errors("{\"names\": [" + "1, ".repeat(500) + "1]}")).hasSize(100);
    }

    @Test
    void takesNullForAnAbsentField() {
        Body body = json.readValue("{\"x\": null, \"name\": null, \"names\": null, \"shape\": null, \"body\": null}", Body.class);
        assertThat(body).isEqualTo(new Body(null, null, null, null, null, null, null, null, null, null, null));
    }

    @Test
    void limitsTheDepthOfValues() {
        assertThat(read("[".repeat(32) + "]".repeat(32)).shape().rank()).isEqualTo(32);
        assertThat(errors("{\"x\": " + "[".repeat(33) + "]".repeat(33) + "}")).singleElement().asString().startsWith("invalid-value /x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"name\": \"a\", \"name\": \"b\"}", "{\"x\": 1} 2", "{\"x\": NaN}", "{\"x\": 01}", "{\"x\": [1, 2}",
            "{\"x\": ",
            "{'x': 1}", "{\"x\": 1,}", "{\"inputs\": {\"a\": 1, \"a\": 2}}"})
    void refusesWhatIsNotJson(String body) {
        assertThatThrownBy(() -> json.readValue(body, Body.class)).isInstanceOf(JacksonException.class);
    }

    @Test
    void parsersShareNoTableOfNames() {
        assertThat(json.tokenStreamFactory().isEnabled(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)).isFalse();
        assertThat(json.tokenStreamFactory()).isExactlyInstanceOf(IsolatedJsonFactory.class);
    }

    @Test
    void readsNamesThatCollideInAParsersTable() {
        List<String> names = CollidingNames.make(800);
        String body = names.stream().collect(Collectors.joining("\": 1, \"", "{\"inputs\": {\"", "\": 1}}"));
        for (int i = 0; i < 5; i++) {
            assertThat(json.readValue(bytes(body), Body.class).inputs()).containsOnlyKeys(names);
        }
        assertThat(
                json.readValue(bytes("{\"inputs\": {\"x\": 1, \"weight\": 2, \"hidden.weight\": 3, \"θ\": 4, \"hidden.weight.long\": 5}}"),
                        Body.class).inputs())
                .containsOnlyKeys("x", "weight", "hidden.weight", "θ", "hidden.weight.long");
    }

    /** While a body is read it may be refused for its length, or for want of memory; Jackson wraps what a stream throws. */
    @Test
    void whatEndsTheReadingIsThrownAsItIs() {
        OverloadedException full = new OverloadedException(OverloadedException.Resource.MEMORY, "there is none", Duration.ofSeconds(1));
        RequestException tooLong = new RequestException(ErrorDetail.of(ProblemType.BODY_TOO_LARGE, "too long"));
        for (RuntimeException end : new RuntimeException[]{full, tooLong}) {
            assertThatThrownBy(() -> json.readValue(endingWith("{\"inputs\": {\"x\": [1, 2, ", end), Body.class)).isSameAs(end);
        }
        assertThatThrownBy(
                () -> json.readValue(endingWith("{\"inputs\": {\"x\": [1, 2, ", new IllegalStateException("secret")), Body.class))
                .isInstanceOf(RequestException.class).hasMessageNotContaining("secret");
    }

    private static InputStream endingWith(String begin, RuntimeException end) {
        return new SequenceInputStream(bytes(begin), new InputStream() {
            @Override
            public int read() {
                throw end;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                throw end;
            }
        });
    }

    @Test
    void refusesMalformedUtf8() {
        byte[] body = "{\"name\": \"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> json.readValue(new ByteArrayInputStream(body), Body.class)).isInstanceOf(JacksonException.class)
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> json.readValue(body, Body.class)).isInstanceOf(JacksonException.class).hasMessageContaining("UTF-8");
    }

    private static ByteArrayInputStream bytes(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing of ours is such a body, but an endpoint of a library may be. */
    @Test
    void aMapOrAListMayBeTheWholeBody() {
        assertThat(json.readValue("{\"a\": \"b\"}", new TypeReference<Map<String, String>>() {})).isEqualTo(Map.of("a", "b"));
        assertThat(json.readValue("[0.5]", new TypeReference<List<Double>>() {})).isEqualTo(List.of(0.5));
        assertThatThrownBy(() -> json.readValue("[null]", new TypeReference<List<Double>>() {})).isInstanceOf(JacksonException.class);
    }
}
