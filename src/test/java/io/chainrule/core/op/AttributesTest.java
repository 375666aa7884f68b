package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an op of the catalogue says to the attributes and the number of operands that it is given. */
class AttributesTest {

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("sum", Map.of("axes", 1), "sum has no attribute 'axes'", "one of [axis, keepdims]", "did you mean 'axis'?"),
                Arguments.of("exp", Map.of("base", 2), "exp has no attribute 'base'", "no attributes", null),
                Arguments.of("reshape", Map.of(), "reshape needs attribute 'shape'", "list of whole numbers, or one", null),
                Arguments.of("sum", Map.of("axis", 1.5), "sum attribute 'axis' is not a list of whole numbers, or one",
                        "list of whole numbers, or one", null),
                Arguments.of("sum", Map.of("axis", List.of(0, "1")), "sum attribute 'axis' is not a list", "list of whole numbers, or one",
                        null),
                Arguments.of("sum", Map.of("axis", 1e10), "sum attribute 'axis' is not a list", "list of whole numbers, or one", null),
                Arguments.of("sum", Map.of("keepdims", 1), "sum attribute 'keepdims' is not a boolean", "boolean", null),
                Arguments.of("softmax", Map.of("axis", List.of(1)), "softmax attribute 'axis' is not a whole number", "whole number", null),
                Arguments.of("softmax", Map.of("axis", Double.NaN), "softmax attribute 'axis' is not a whole number", "whole number", null),
                Arguments.of("clip", Map.of("min", "low"), "clip attribute 'min' is not a number", "number", null),
                Arguments.of("clip", Map.of("max", true), "clip attribute 'max' is not a number", "number", null),
                Arguments.of("index", Map.of("at", 0), "index attribute 'at' is not a list",
                        "list of whole numbers and slices like \"1:3\"", null),
                Arguments.of("index", Map.of("at", List.of(0.5)), "index attribute 'at' is not a list",
                        "list of whole numbers and slices like \"1:3\"", null),
                Arguments.of("index_transpose", Map.of("shape", 3, "at", List.of(0)), "index_transpose attribute 'at' is not a list",
                        "list of such lists", null),
                Arguments.of("sinc_derivative", Map.of("order", 0), "sinc_derivative attribute 'order' is from 1 to 100, not 0",
                        "from 1 to 100", null),
                Arguments.of("sinc_derivative", Map.of("order", 1_000_000_000), "sinc_derivative attribute 'order'", "from 1 to 100", null),
                Arguments.of("maxout", Map.of("pieces", 0), "maxout attribute 'pieces' is at least 1, not 0", "at least 1", null));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("refused")
    void attributes_that_do_not_fit(String op, Map<String, ?> attributes, String message, String expected, String hint) {
        List<Problem> problems = catchThrowableOfType(ProblemException.class, () -> GraphFunction.op(op, attributes, 1)).problems();
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ProblemCode.BAD_ATTRIBUTE);
            assertThat(problem.message()).startsWith(message);
            assertThat(problem.expected()).isEqualTo(expected);
            assertThat(problem.hint()).isEqualTo(hint);
            assertThat(problem.attribute()).isNotBlank();
        });
    }

    /** Messages on shapes and values begin with the name of the op that the definition makes. */
    @ParameterizedTest
    @MethodSource("cases")
    void what_is_wrong_is_said_of_the_op_by_its_name(OpCases cases) {
        cases.each(AttributesTest::assertNamed);
    }

    private static void assertNamed(OpCase one) {
        OpDefinition definition = one.definition();
        List<Map<String, ?>> uses = new ArrayList<>(List.of(one.attributes(), Map.of("no_attribute", 1)));
        for (Attribute attribute : definition.attributes()) {
            for (Object value : List.of("?", List.of(List.of("?")), -7, 1e300, 0, List.of(-7, 0.5))) {
                Map<String, Object> attributes = new HashMap<>(one.attributes());
                attributes.put(attribute.name(), value);
                uses.add(attributes);
            }
        }
        for (Map<String, ?> attributes : uses) {
            try {
                assertThat(definition.create(attributes, one.shapes().size()).name()).isEqualTo(definition.name());
            } catch (ProblemException e) {
                assertThat(e.problems()).as("%s%s", definition.name(), attributes)
                        .allMatch(problem -> problem.message().startsWith(definition.name() + " "));
            }
        }
    }

    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all());
    }

    @Test
    void everything_that_is_wrong_is_said_at_once() {
        List<Problem> problems = catchThrowableOfType(ProblemException.class,
                () -> GraphFunction.op("sum", Map.of("axis", "x", "keepdims", 0, "dtype", "f8"), 2)).problems();
        assertThat(problems).extracting(Problem::code).containsExactly(ProblemCode.WRONG_ARITY, ProblemCode.BAD_ATTRIBUTE,
                ProblemCode.BAD_ATTRIBUTE,
                ProblemCode.BAD_ATTRIBUTE);
        assertThat(problems.getFirst().message()).isEqualTo("sum takes 1 operand [x], not 2");
    }

    @Test
    void operands_are_counted() {
        assertThat(arityProblem("add", 1)).isEqualTo("add takes 2 operands [a, b], not 1");
        assertThat(arityProblem("where", 2)).isEqualTo("where takes 3 operands [condition, a, b], not 2");
        assertThat(arityProblem("stack", 0)).isEqualTo("stack takes at least 1 operand [x], not 0");
        assertThat(GraphFunction.op("stack", Map.of(), 1000).name()).isEqualTo("stack");
    }

    private static String arityProblem(String op, int operands) {
        return catchThrowableOfType(ProblemException.class, () -> GraphFunction.op(op, Map.of(), operands)).problems().getFirst().message();
    }

    static Stream<Arguments> written() {
        return Stream.of(
                Arguments.of("sum", Map.of("axis", 1, "keepdims", false), Map.of("axis", List.of(1))),
                Arguments.of("sum", Map.of("axis", List.of(0, 1.0), "keepdims", true), Map.of("axis", List.of(0, 1), "keepdims", true)),
                Arguments.of("softmax", Map.of("axis", -1), Map.of()), Arguments.of("softmax", Map.of("axis", 0L), Map.of("axis", 0)),
                Arguments.of("leaky_relu", Map.of("negative_slope", 0.01), Map.of()),
                Arguments.of("elu", Map.of("alpha", 2), Map.of("alpha", 2.0)),
                Arguments.of("clip", Map.of("min", "-Infinity", "max", 1), Map.of("min", Double.NEGATIVE_INFINITY, "max", 1.0)),
                Arguments.of("nan_to_num", Map.of("nan", "NaN"), Map.of("nan", Double.NaN)),
                Arguments.of("transpose", Map.of(), Map.of()),
                Arguments.of("index", Map.of("at", List.of(0, "1:")), Map.of("at", List.of(0, "1:"))));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("written")
    void only_what_differs_from_the_defaults_is_written(String op, Map<String, ?> given, Map<String, ?> written) {
        assertThat(GraphFunction.op(op, given, 1).attributes()).isEqualTo(written);
    }

    @Test
    void what_is_null_is_absent() {
        Map<String, Object> given = new java.util.HashMap<>();
        given.put("axis", null);
        assertThat(GraphFunction.op("sum", given, 1).attributes()).isEmpty();
        assertThat(Arrays.asList(GraphFunction.op("transpose", Map.of(), 1).attributes().values().toArray())).isEmpty();
    }
}
