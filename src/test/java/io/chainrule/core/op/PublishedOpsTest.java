package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
}
