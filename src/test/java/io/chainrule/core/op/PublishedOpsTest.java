package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue has what its page promises, by name, operands, attributes and defaults. */
class PublishedOpsTest {
    private static Stream<String> lines() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/reference/ops.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"));
    }

    static Stream<Arguments> signatures() throws IOException {
        return lines().filter(line -> line.endsWith(")")).flatMap(line -> {
            String signature = line.substring(line.indexOf('('));
            return words(line.substring(0, line.indexOf('(')), " ").map(name -> Arguments.of(name, signature));
        });
    }

    static Stream<Arguments> aliases() throws IOException {
        return lines().filter(line -> !line.endsWith(")")).flatMap(line -> {
            String[] sides = line.split(" = ", -1);
            return words(sides[0], " ").map(alias -> Arguments.of(alias, sides[1]));
        });
    }

    private static Stream<String> words(String text, String separator) {
        return Arrays.stream(text.split(separator, -1)).map(String::strip).filter(word -> !word.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void an_op_has_its_operands_attributes_and_defaults(String name, String signature) {
        OpDefinition definition = Objects.requireNonNull(OpCatalogue.find(name), name);
        assertThat(definition.name()).isEqualTo(name);
        String[] sides = signature.substring(1, signature.length() - 1).split(";", -1);
        List<String> operands = words(sides[0], ",").toList();
        assertThat(operands(definition)).as(name).isEqualTo(operands);
        List<String> promised = sides.length == 1 ? List.of() : words(sides[1], ",").toList();
        assertThat(definition.attributes().stream().map(PublishedOpsTest::text)).as(name).containsAll(promised);
        assertThat(definition.attributes()).as("%s: others can be left out", name)
                .allMatch(attribute -> !attribute.required() || promised.contains(attribute.name()));
    }

    /** The last one with {@code ...} where there may be more of it, with {@code ?} where it may be left out. */
    private static List<String> operands(OpDefinition definition) {
        List<String> names = definition.operands();
        String last = definition.callForm().isVariadic() ? "..." : definition.callForm().isLastOptional() ? "?" : "";
        return Stream.of(names).flatMap(List::stream).map(name -> name.equals(names.getLast()) ? name + last : name).toList();
    }

    private static String text(Attribute attribute) {
        Object value = attribute.defaultValue() instanceof List<?> list && list.size() == 1 ? list.getFirst() : attribute.defaultValue();
        String shown = value instanceof Double number && number == number.intValue()
                ? String.valueOf(number.intValue())
                : String.valueOf(value);
        return attribute.name() + (attribute.required() ? "" : value == null ? "?" : "=" + shown);
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void an_alias_finds_its_op(String alias, String name) {
        assertThat(OpCatalogue.find(alias)).isNotNull().isSameAs(OpCatalogue.find(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exp(x)", "where(condition, a, b)", "max(x, *, axis=None, keepdims=false)", "concatenate([x, …], axis=0)",
            "einsum(a, …, *, equation)", "random_mask([step,] shape, rate, seed)", "dropout(x[, step], rate, seed)", "eye(n)",
            "softmax(x, axis=-1)", "leaky_relu(x, negative_slope=0.01)", "mse_loss(input, target, reduction='mean')",
            "arange(start=0, stop=…, step=1)", "norm(x, ord=2, axis=None, keepdims=false)"})
    void a_call_is_shown_with_what_may_be_left_out(String call) {
        String name = call.substring(0, call.indexOf('('));
        OpDefinition op = Objects.requireNonNull(OpCatalogue.find(name), name);
        assertThat(op.callForm().text(name, op.operands(), op.attributes())).isEqualTo(call);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            # equation    | operands | result | summed
            ij,jk->ik     | ij jk    | ik     | j
            i j , kj -> i | ij kj    | i      | jk
            ij->          | ij       | ''     | ij
            i,i->i        | i i      | i      | ''
            """)
    void a_formula_with_indices_names_them(String equation, String operands, String result, String summed) {
        LatexForm form = LatexForm.of("", "", "equation");
        Map<String, Object> attributes = Map.of("equation", equation);
        assertThat(form.isIndexed()).isTrue();
        assertThat(form.indices(attributes)).containsExactly(operands.split(" ", -1));
        assertThat(form.result(attributes)).isEqualTo(result);
        assertThat(form.summed(attributes)).isEqualTo(summed);
        for (String unnamed : List.of("ij,jk", "...i->...")) {
            assertThat(form.result(Map.of("equation", unnamed))).isNull();
        }
    }

    @Test
    void a_formula_stands_around_its_operands_or_has_places_for_them() {
        assertThat(LatexForm.of("\\lVert ", "\\rVert").text()).isEqualTo("\\lVert $*\\rVert");
        assertThat(LatexForm.of("#0^{$1}", "").text()).isEqualTo("#0^{$1}");
        assertThat(LatexForm.of("\\bar").text()).isEqualTo("\\bar");
        assertThat(LatexForm.of("a", "b").isIndexed()).isFalse();
    }
}
