package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
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
                Arguments.of("maxout", Map.of("pieces", 0), "maxout attribute 'pieces' is at least 1, not 0", "at least 1", null),
                Arguments.of("gelu", Map.of("approximate", "tan"), "gelu attribute 'approximate' is one of [none, tanh]",
                        "one of [none, tanh]", "did you mean 'tanh'?"),
                Arguments.of("softshrink", Map.of("lambd", -0.5), "softshrink attribute 'lambd' is at least 0, not -0.5", "at least 0",
                        null),
                Arguments.of("softplus", Map.of("beta", 0), "softplus attribute 'beta' is 0", "a number other than 0", null),
                Arguments.of("quantile", Map.of("q", 1.5), "quantile attribute 'q' is from 0 to 1, not 1.5", "from 0 to 1", null),
                Arguments.of("quantile", Map.of("q", -0.5), "quantile attribute 'q' is from 0 to 1, not -0.5", "from 0 to 1", null),
                Arguments.of("tile", Map.of("reps", List.of(2, -1)), "tile attribute 'reps' has a negative length", "lengths from 0", null),
                Arguments.of("topk", Map.of("k", -1), "topk attribute 'k' is at least 0, not -1", "at least 0", null),
                Arguments.of("dropout", Map.of("rate", 1.5, "seed", 1), "dropout attribute 'rate' is from 0.0 to 1.0, not 1.5",
                        "from 0.0 to 1.0", null),
                Arguments.of("avg_pool2d", Map.of("kernel_size", List.of(1, 2, 3)),
                        "avg_pool2d attribute 'kernel_size' is one number, or 2, from 1 to ", null, null),
                Arguments.of("avg_pool2d", Map.of("kernel_size", 0), "avg_pool2d attribute 'kernel_size' is one number, or 2, from 1 to ",
                        null, null));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("refused")
    void attributes_that_do_not_fit(String op, Map<String, ?> attributes, String message, @Nullable String expected,
            @Nullable String hint) {
        List<Problem> problems = catchThrowableOfType(ProblemException.class, () -> GraphFunction.op(op, attributes, 1)).problems();
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ProblemCode.BAD_ATTRIBUTE);
            assertThat(problem.message()).startsWith(message);
            assertThat(problem.expected()).isEqualTo(Objects.requireNonNullElse(expected, problem.expected()));
            assertThat(problem.hint()).isEqualTo(hint);
            assertThat(problem.attribute()).isNotBlank();
        });
    }

    static Stream<Arguments> refusedOptions() {
        Attribute rate = Attribute.number("lr", 0.1, "the step").atLeast(0);
        Attribute share = Attribute.number("decay", 0.5, "the share").with(new Constraint.Range(0, 1, true));
        Attribute betas = Attribute.optional("betas", Attribute.Type.TWO_NUMBERS, List.of(0.9, 0.99), "shares")
                .with(new Constraint.Range(0, 1, true));
        Attribute steps = Attribute.required("steps", Attribute.Type.INT, "how many").with(Constraint.between(1, 9));
        Attribute kind = Attribute.optional("kind", Attribute.Type.TEXT, "mean", "what").oneOf("mean", "sum");
        Attribute flag = Attribute.flag("nesterov", "look ahead");
        return Stream.of(Arguments.of(rate, Map.of("lr", -1), "takes for 'lr' a number from 0, not -1.0", "a number from 0", null),
                Arguments.of(rate, Map.of("lr", "x"), "takes for 'lr' a number from 0, not x", "a number from 0", null),
                Arguments.of(share, Map.of("decays", 1), "has no option 'decays'", "one of [decay]", "did you mean 'decay'?"),
                Arguments.of(share, Map.of("decay", 1), "takes for 'decay' a number from 0 and below 1, not 1.0",
                        "a number from 0 and below 1", null),
                Arguments.of(betas, Map.of("betas", List.of(0.5, 1)), "takes for 'betas' two numbers, each from 0 and below 1, not 1.0",
                        "two numbers, each from 0 and below 1", null),
                Arguments.of(betas, Map.of("betas", List.of(0.5)), "takes for 'betas' two numbers, each from 0 and below 1, not [0.5]",
                        "two numbers, each from 0 and below 1", null),
                Arguments.of(steps, Map.of(), "takes for 'steps' a whole number from 1 to 9", "a whole number from 1 to 9", null),
                Arguments.of(steps, Map.of("steps", 10), "takes for 'steps' a whole number from 1 to 9, not 10",
                        "a whole number from 1 to 9", null),
                Arguments.of(kind, Map.of("kind", "men"), "takes for 'kind' one of [mean, sum], not men", "one of [mean, sum]", null),
                Arguments.of(flag, Map.of("nesterov", 1), "takes for 'nesterov' true or false, not 1", "true or false", null));
    }

    @ParameterizedTest
    @MethodSource("refusedOptions")
    void options_that_do_not_fit(Attribute option, Map<String, ?> given, String message, String expected, @Nullable String hint) {
        assertThat(catchThrowableOfType(ProblemException.class,
                () -> new Attributes("optimizer adam", Wording.OPTION, List.of(option), given)).problems()).singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
                    assertThat(problem.message()).isEqualTo("optimizer adam " + message);
                    assertThat(problem.expected()).isEqualTo(expected);
                    assertThat(problem.hint()).isEqualTo(hint);
                });
    }

    @Test
    void the_least_and_the_largest_value_of_an_option_are_taken() {
        Attribute steps = Attribute.required("steps", Attribute.Type.INT, "how many").with(Constraint.between(1, 9));
        for (int value : new int[]{1, 9}) {
            assertThat(new Attributes("adam", Wording.OPTION, List.of(steps), Map.of("steps", value)).integer("steps")).isEqualTo(value);
        }
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

    static Stream<OpCases> alongAxes() {
        return OpCases.of(OpCase.all().filter(one -> one.fromOtherEnd().isPresent()));
    }

    @ParameterizedTest
    @MethodSource("alongAxes")
    void an_axis_is_counted_from_either_end(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            GraphFunction other = one.fromOtherEnd().orElseThrow().function();
            List<Tensor> x = new ArrayList<>(one.operands(1));
            assertThat(other.run(x)).isEqualTo(function.run(x));
            x.add(Tensor.full(one.shape(), 0.5));
            assertThat(other.vjp().run(x)).isEqualTo(function.vjp().run(x));
        });
    }

    /** So that two ops with equal names and attributes may be taken for one. */
    @ParameterizedTest
    @MethodSource("cases")
    void an_op_of_the_same_attributes_has_the_same_values(OpCases cases) {
        cases.each(one -> {
            Op same = one.definition().create(one.op().attributes(), one.shapes().size());
            Shape[] shapes = one.shapes().toArray(Shape[]::new);
            assertThat(same.attributes()).isEqualTo(one.op().attributes());
            assertThat(same.shape(shapes)).isEqualTo(one.shape());
            if (!one.op().isComposite() && one.shape().size() > 0) {
                Tensor value = Tensor.zeros(one.shape());
                Tensor again = Tensor.zeros(one.shape());
                GraphFunction.write(one.op(), one.operands(1), value, Parallel.NONE);
                GraphFunction.write(same, one.operands(1), again, Parallel.NONE);
                assertThat(again).isEqualTo(value);
            }
        });
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
                Arguments.of("class_index", Map.of("num_classes", 3), Map.of("num_classes", 3)),
                Arguments.of("class_index", Map.of("num_classes", 3, "ignore_index", -1), Map.of("num_classes", 3, "ignore_index", -1)),
                Arguments.of("inv", Map.of("strict", false), Map.of("strict", false)),
                Arguments.of("transpose", Map.of(), Map.of()), Arguments.of("tril", Map.of("k", 0), Map.of()),
                Arguments.of("triu", Map.of("k", -1), Map.of("k", -1)),
                Arguments.of("index", Map.of("at", List.of(0, "1:")), Map.of("at", List.of(0, "1:"))));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("written")
    void only_what_differs_from_the_defaults_is_written(String op, Map<String, ?> given, Map<String, ?> written) {
        assertThat(GraphFunction.op(op, given, 1).attributes()).isEqualTo(written);
    }

    @Test
    void only_the_attributes_of_a_triangle_that_differ_are_written() {
        Map<String, Boolean> usual = Map.of("lower", true, "trans", false, "unit_diagonal", false);
        assertThat(GraphFunction.op("triangular_solve", usual, 2).attributes()).isEmpty();
        usual.forEach((name, value) -> assertThat(GraphFunction.op("triangular_solve", Map.of(name, !value), 2).attributes())
                .isEqualTo(Map.of(name, !value)));
    }

    @Test
    void what_is_null_is_absent() {
        Map<String, Object> given = new java.util.HashMap<>();
        given.put("axis", null);
        assertThat(GraphFunction.op("sum", given, 1).attributes()).isEmpty();
        assertThat(Arrays.asList(GraphFunction.op("transpose", Map.of(), 1).attributes().values().toArray())).isEmpty();
    }

    /** Null where the value is refused. */
    static Stream<Arguments> conversions() {
        double infinity = Double.POSITIVE_INFINITY;
        return Stream.of(converted(Attribute.Type.INT, 3.0, 3), converted(Attribute.Type.INT, -2, -2),
                converted(Attribute.Type.INT, 2.5, null),
                converted(Attribute.Type.INT, "3", null), converted(Attribute.Type.INT, 3e9, null),
                converted(Attribute.Type.INTS, 3, List.of(3)), converted(Attribute.Type.INTS, List.of(), List.of()),
                converted(Attribute.Type.INTS, List.of(1, 2L), List.of(1, 2)), converted(Attribute.Type.INTS, List.of(1, 2.5), null),
                converted(Attribute.Type.INTS, "1", null), converted(Attribute.Type.NUMBER, 3, 3.0),
                converted(Attribute.Type.NUMBER, "Infinity", infinity), converted(Attribute.Type.NUMBER, "-Infinity", -infinity),
                converted(Attribute.Type.NUMBER, "NaN", Double.NaN), converted(Attribute.Type.NUMBER, "3", null),
                converted(Attribute.Type.NUMBER, List.of(3), null), converted(Attribute.Type.LIMIT, 3, 3.0),
                converted(Attribute.Type.LIMIT, "x", null), converted(Attribute.Type.NUMBER_OR_TEXT, 3, 3.0),
                converted(Attribute.Type.NUMBER_OR_TEXT, "fro", "fro"), converted(Attribute.Type.NUMBER_OR_TEXT, "Infinity", infinity),
                converted(Attribute.Type.NUMBER_OR_TEXT, true, null),
                converted(Attribute.Type.TWO_NUMBERS, List.of(1, 0.5), List.of(1.0, 0.5)),
                converted(Attribute.Type.TWO_NUMBERS, List.of(1), null), converted(Attribute.Type.TWO_NUMBERS, List.of(1, 2, 3), null),
                converted(Attribute.Type.TWO_NUMBERS, List.of(1, "x"), null), converted(Attribute.Type.TWO_NUMBERS, 1, null),
                converted(Attribute.Type.BOOLEAN, true, true), converted(Attribute.Type.BOOLEAN, 1, null),
                converted(Attribute.Type.TEXT, "mean", "mean"), converted(Attribute.Type.TEXT, 1, null),
                converted(Attribute.Type.ITEMS, List.of(1.0, "1:3"), List.of(1, "1:3")),
                converted(Attribute.Type.ITEMS, List.of(true), null),
                converted(Attribute.Type.ITEMS, "1:3", null),
                converted(Attribute.Type.LISTS, List.of(List.of(1.0), List.of("1:")), List.of(List.of(1), List.of("1:"))),
                converted(Attribute.Type.LISTS, List.of(1), null), converted(Attribute.Type.AXIS_PAIRS, 2.0, 2),
                converted(Attribute.Type.AXIS_PAIRS, List.of(List.of(1), 0), List.of(List.of(1), List.of(0))),
                converted(Attribute.Type.AXIS_PAIRS, List.of(List.of(1)), null), converted(Attribute.Type.AXIS_PAIRS, "2", null),
                converted(Attribute.Type.PADDING, "same", "same"), converted(Attribute.Type.PADDING, "valid", "valid"),
                converted(Attribute.Type.PADDING, "full", null), converted(Attribute.Type.PADDING, 1, List.of(1)),
                converted(Attribute.Type.PADDING, List.of(1, 2), List.of(1, 2)));
    }

    private static Arguments converted(Attribute.Type type, Object value, @Nullable Object expected) {
        return Arguments.of(type, value, expected);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("conversions")
    void a_value_is_taken_as_its_type_or_not_at_all(Attribute.Type type, Object value, @Nullable Object expected) {
        assertThat(type.convert(value)).isEqualTo(expected);
        assertThat(type.description()).isNotBlank();
    }

    private static Attributes read(Attribute attribute, Object value) {
        return new Attributes("f", Wording.ATTRIBUTE, List.of(attribute), Map.of(attribute.name(), value));
    }

    @Test
    void values_are_read_as_what_they_are() {
        Attributes all = new Attributes("f", Wording.ATTRIBUTE,
                List.of(Attribute.required("n", Attribute.Type.INT, ""), Attribute.number("a", 0.5, ""), Attribute.flag("flag", ""),
                        Attribute.optional("text", Attribute.Type.TEXT, "mean", ""),
                        Attribute.optional("axes", Attribute.Type.INTS, null, ""),
                        Attribute.required("betas", Attribute.Type.TWO_NUMBERS, ""),
                        Attribute.required("ord", Attribute.Type.NUMBER_OR_TEXT, ""),
                        Attribute.required("pad", Attribute.Type.PADDING, ""), Attribute.required("pairs", Attribute.Type.AXIS_PAIRS, "")),
                Map.of("n", 7, "flag", true, "betas", List.of(1, 2), "ord", "fro", "pad", "same", "pairs", 2));
        assertThat(all.integer("n")).isEqualTo(7);
        assertThat(all.integer("n", 7, 7)).isEqualTo(7);
        assertThat(all.number("a")).isEqualTo(0.5);
        assertThat(all.number("a", 0.5, 1)).isEqualTo(0.5);
        assertThat(all.nonzero("a")).isEqualTo(0.5);
        assertThat(all.nonnegative("a")).isEqualTo(0.5);
        assertThat(all.flag("flag")).isTrue();
        assertThat(all.text("text")).isEqualTo("mean");
        assertThat(all.choice("text", "mean", "sum")).isEqualTo("mean");
        assertThat(all.has("axes")).isFalse();
        assertThat(all.has("n")).isTrue();
        assertThat(all.integers("axes")).isNull();
        assertThat(all.numbers("betas")).containsExactly(1.0, 2.0);
        assertThat(all.numberOrText("ord")).isEqualTo("fro");
        assertThat(all.padding("pad")).isEqualTo("same");
        assertThat(all.axisPairs("pairs")).isEqualTo(2);
        assertThat(all.written())
                .isEqualTo(Map.of("n", 7, "flag", true, "betas", List.of(1.0, 2.0), "ord", "fro", "pad", "same", "pairs", 2));
        assertThat(all.problem("n", "is odd").message()).isEqualTo("f is odd");
        assertThat(all.wrong("n", "is even", "an even number", 7).problems().getFirst().message())
                .isEqualTo("f attribute 'n' is even, not 7");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "refused", textBlock = """
            # given | axes | found
            3       | 1    | 3
            3       | 2    | 3,3
            3       | 3    | 3,3,3
            1,9     | 2    | 1,9
            1,9     | 1    | refused
            1,9     | 3    | refused
            0       | 2    | refused
            10      | 2    | refused
            1,10    | 2    | refused
            """)
    void a_number_stands_for_all_axes_or_there_is_one_for_each(String given, int axes, @Nullable String found) {
        List<Integer> numbers = Stream.of(given.split(",", -1)).map(Integer::valueOf).toList();
        Attributes attributes = read(Attribute.required("size", Attribute.Type.INTS, ""), numbers);
        if (found != null) {
            assertThat(attributes.perAxis("size", axes, 1, 9)).isEqualTo(Stream.of(found.split(",", -1)).map(Integer::valueOf).toList());
            return;
        }
        Problem problem = catchThrowableOfType(ProblemException.class, () -> attributes.perAxis("size", axes, 1, 9)).problems().getFirst();
        assertThat(problem.expected()).isEqualTo(axes == 1 ? "one number, from 1 to 9" : "one number, or " + axes + ", from 1 to 9");
        assertThat(problem.actual()).isEqualTo(numbers.toString());
    }

    @Test
    void lengths_are_from_zero() {
        assertThat(read(Attribute.required("shape", Attribute.Type.INTS, ""), List.of(0, 2)).shape("shape")).isEqualTo(Shape.of(0, 2));
    }

    /** A message quotes 80 characters of a value at most. */
    @Test
    void a_long_value_is_shortened_in_messages() {
        assertThat(Wording.shortened("a".repeat(80))).isEqualTo("a".repeat(80));
        assertThat(Wording.shortened("a".repeat(81))).isEqualTo("a".repeat(80) + "…");
        assertThat(Wording.shortened(null)).isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # low | high       | below | text             | behind a noun
            1     | Infinity   | false | at least 1.0     | from 1.0
            1     | 2147483647 | false | at least 1       | from 1
            1     | 9          | false | from 1 to 9      | from 1 to 9
            0     | 9          | true  | from 0 and below 9 | from 0 and below 9
            """)
    void a_range_is_told_in_words(String low, String high, boolean below, String text, String behind) {
        Number most = high.equals("Infinity") ? (Number) Double.POSITIVE_INFINITY : (Number) Integer.valueOf(high);
        Number least = high.equals("Infinity") ? (Number) Double.valueOf(low) : (Number) Integer.valueOf(low);
        Constraint.Range range = new Constraint.Range(least, most, below);
        assertThat(range.text()).isEqualTo(text);
        assertThat(range.after("a number ")).isEqualTo("a number " + behind);
    }

    @ParameterizedTest
    @CsvSource({"0.9, false, false", "1, true, true", "5, true, true", "9, true, false", "9.1, false, false", "NaN, false, false"})
    void a_range_has_its_ends_unless_they_are_left_out(double value, boolean closed, boolean open) {
        assertThat(Constraint.between(1, 9).allows(value)).isEqualTo(closed);
        assertThat(new Constraint.Range(1, 9, true).allows(value)).isEqualTo(open);
        assertThat(Constraint.atLeast(1).allows(value)).isEqualTo(value >= 1);
    }

    @Test
    void a_choice_has_its_names_alone() {
        Constraint.Choice choice = new Constraint.Choice(List.of("mean", "sum"));
        assertThat(choice.text()).isEqualTo("one of [mean, sum]");
        assertThat(choice.allows("sum")).isTrue();
        assertThat(choice.allows("Sum")).isFalse();
        assertThat(choice.allows(1)).isFalse();
    }
}
