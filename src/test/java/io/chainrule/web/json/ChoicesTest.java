package io.chainrule.web.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Locals;
import io.chainrule.core.Transformation.Mode;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.explain.Explainer;
import io.chainrule.core.language.Language;
import io.chainrule.core.picture.ClusterForm;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Metric;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Values of which there are few, and what is told of other values. */
class ChoicesTest {
    private final JsonMapper json = StrictMapper.make();

    private record Body(@Nullable NodeSelection nodes, @Nullable GateForm gates, @Nullable Tensor x, @Nullable String name,
            @Nullable List<String> names, @Nullable Double number, @Nullable Boolean flag, @Nullable Body body) {}

    private static Stream<Class<? extends Enum<?>>> choices() {
        return Stream.of(ArrayForm.class, Reduction.class, Locals.class, Remarks.class, DerivativeForm.class, DerivativeFormat.class,
                MatrixFormat.class, Mode.class, Theme.class, WireWidth.class, ClusterForm.class, PictureFormat.class,
                Explainer.Level.class, Language.class, Metric.class);
    }

    private ErrorDetail error(String body, Class<?> type) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> json.readValue(body, type));
        assertThat(refused).as(body).isNotNull();
        assertThat(refused.errors()).as(body).hasSize(1);
        return refused.errors().getFirst();
    }

    private record OfLocals(@Nullable Locals value) {}

    @ParameterizedTest
    @MethodSource("choices")
    void each_constant_is_read_by_its_name_in_lower_case(Class<? extends Enum<?>> type) {
        for (Enum<?> constant : Objects.requireNonNull(type.getEnumConstants())) {
            assertThat(json.readValue('"' + constant.name().toLowerCase(Locale.ROOT) + '"', type).name()).isEqualTo(constant.name());
        }
    }

    @Test
    void another_word_is_told_the_choices() {
        ErrorDetail error = error("{\"value\": \"atuo\"}", OfLocals.class);
        assertThat(error.code() + " " + error.pointer()).isEqualTo("invalid-value /value");
        assertThat(error.expected()).startsWith("one of [").contains("auto");
        assertThat(error.hint()).isEqualTo("did you mean 'auto'?");
        assertThat(error("{\"value\": \"AUTO\"}", OfLocals.class).code()).isEqualTo("invalid-value");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "all"      | All[]
            "named"    | Named[]
            "none"     | None[]
            ["a", "b"] | Ids[ids=[a, b]]
            []         | None[]
            """)
    void nodes_are_chosen_by_a_keyword_or_by_their_ids(String value, String nodes) {
        assertThat(json.readValue("{\"nodes\": " + value + "}", Body.class).nodes()).hasToString(nodes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "expand"     | EXPAND
            "collapse"   | COLLAPSE
            "as_written" | AS_WRITTEN
            ["a", "b"]   | Opened[ids=[a, b]]
            """)
    void gates_are_chosen_by_a_keyword_or_by_their_ids(String value, String gates) {
        assertThat(json.readValue("{\"gates\": " + value + "}", Body.class).gates()).hasToString(gates);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"nodes": 1}      | wrong-type /nodes
            {"nodes": ["a", 1]} | wrong-type /nodes/1
            {"nodes": "al"}   | invalid-value /nodes
            {"gates": 1}      | wrong-type /gates
            {"gates": [1]}    | wrong-type /gates/0
            {"gates": "open"} | invalid-value /gates
            """)
    void what_is_neither_is_refused(String body, String expected) {
        ErrorDetail error = error(body, Body.class);
        assertThat(error.code() + " " + error.pointer()).isEqualTo(expected);
    }

    @Test
    void flags_are_true_or_false() {
        assertThat(json.readValue("{\"flag\": true}", Body.class).flag()).isTrue();
        assertThat(json.readValue("{\"flag\": false}", Body.class).flag()).isFalse();
    }

    /** Types that are often sent in place of others. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            {"names": "a"}          | write ["a"]
            {"number": "1.5"}       | write 1.5, without quotes
            {"number": "-12"}       | write -12, without quotes
            {"number": "one"}       | -
            {"number": "1."}        | -
            {"number": [1]}         | -
            {"x": "5"}              | write 5, without quotes
            {"name": ["a", "b"]}    | write one string, with \\n between the lines
            {"name": 5}             | -
            {"body": [1]}           | write each value with its name, {"x": 1}
            {"body": "{}"}          | -
            {"names": {"a": 1}}     | -
            "{}"                    | the body is JSON within a string; send the object itself
            " {}"                   | the body is JSON within a string; send the object itself
            "a"                     | -
            [1]                     | -
            """)
    void what_to_send_instead_is_told_where_it_is_known(String body, @Nullable String hint) {
        assertThat(error(body, Body.class).hint()).isEqualTo(hint);
    }

    @ParameterizedTest
    @CsvSource({"39, 39", "40, 40", "41, 40", "100, 40"})
    void long_texts_are_quoted_in_part(int length, int quoted) {
        String text = "x".repeat(length);
        String shortened = "x".repeat(quoted) + (length > quoted ? "…" : "");
        assertThat(error("{\"flag\": \"" + text + "\"}", Body.class).message())
                .isEqualTo("expected true or false, found the string \"" + shortened + "\"");
        assertThat(BadValueException.shorten("x".repeat(39) + "\ud83d\ude00 and more")).as("no half of a character")
                .isEqualTo("x".repeat(39) + "…");
        assertThat(BadValueException.shorten("x".repeat(38) + "\ud83d\ude00 and more")).isEqualTo("x".repeat(38) + "\ud83d\ude00…");
    }
}
