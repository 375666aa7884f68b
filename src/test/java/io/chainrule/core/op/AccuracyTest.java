package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Family;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** Values and derivatives to the last digits over whole domains, against references which reference/make.py computes. */
class AccuracyTest {
    private static final double RELATIVE = 2e-15;
    private static final List<String> NAMES = List.of("x", "y", "z", "u", "v", "w");

    /** Ops that mix elements and yet round nothing, or have no operand: they place, count or choose. */
    private static final Set<String> NOTHING_TO_ROUND = Set.of("zeros", "ones", "full", "eye", "arange", "linspace", "masked_fill", "any",
            "all", "one_hot", "argmax", "argmin", "argsort", "argcummax", "argcummin", "max_pool2d_indices", "class_index",
            "random_mask", "dropout");

    /**
     * Elementwise ops that are polynomials between their kinks and jumps. The derivatives of sinc are here too: the rows of sinc have the
     * first two, and scalars.csv bounds the others.
     */
    private static final Set<String> POLYNOMIALS = Set.of("sign", "add", "sub", "mul", "maximum", "minimum", "fmax", "fmin", "copysign",
            "lerp", "strong_mul", "strong_mul_both", "sinc_derivative", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or",
            "logical_xor", "logical_not", "isnan", "isfinite", "floor", "ceil", "round", "trunc", "where", "heaviside", "fmod", "remainder",
            "floor_divide", "clip", "nan_to_num", "stop_gradient", "relu", "leaky_relu", "relu6", "hard_tanh", "hard_sigmoid", "hard_swish",
            "softshrink", "hardshrink", "threshold", "prelu");

    @ParameterizedTest(name = "{0} at {1}")
    @CsvFileSource(resources = {"/reference/scalars.csv", "/reference/arrays.csv"}, numLinesToSkip = 1, maxCharsPerColumn = 100_000)
    void values_and_jacobians_in_both_modes(String call, String operands, String value, String derivatives, @Nullable String bound,
            @Nullable String why) {
        assertThat(why == null).as("a bound has a reason").isEqualTo(bound == null);
        Bound within = Bound.of(bound);
        List<Tensor> x = Arrays.stream(operands.split(";")).map(AccuracyTest::tensor).toList();
        SequencedMap<String, Shape> inputs = new LinkedHashMap<>();
        x.forEach(operand -> inputs.put(NAMES.get(inputs.size()), operand.shape()));
        GraphFunction function = GraphFunction.of(call, inputs);
        double[] y = function.run(x).getFirst().data();
        assertClose("value", y, numbers(value), within);
        GraphFunction backward = function.vjp();
        GraphFunction forward = function.jvp();
        List<Shape> result = function.outputShapes();
        String[] jacobians = derivatives.split(";", -1);
        for (int k = 0; k < x.size(); k++) {
            if (!jacobians[k].isBlank() && !jacobians[k].strip().equals("-")) {
                double[] jacobian = numbers(jacobians[k]);
                int n = x.get(k).length();
                assertThat(jacobian).hasSize(y.length * n);
                for (int i = 0; i < y.length; i++) {
                    double[] row = Arrays.copyOfRange(jacobian, i * n, (i + 1) * n);
                    assertClose("backward, element " + i + " by operand " + k, backward.run(with(x, result, 0, i)).get(k).data(), row,
                            within);
                }
                for (int j = 0; j < n; j++) {
                    double[] column = new double[y.length];
                    for (int i = 0; i < y.length; i++) {
                        column[i] = jacobian[i * n + j];
                    }
                    double[] actual = forward.run(with(x, function.inputShapes(), k, j)).getFirst().data();
                    assertClose("forward, by element " + j + " of operand " + k, actual, column, within);
                }
            }
        }
    }

    /** Values, and behind them a direction: zeros but for a 1. */
    private static List<Tensor> with(List<Tensor> x, List<Shape> shapes, int tensor, int element) {
        List<Tensor> arguments = new ArrayList<>(x);
        shapes.forEach(shape -> arguments.add(Tensor.zeros(shape)));
        arguments.get(x.size() + tensor).data()[element] = 1;
        return arguments;
    }

    /** A number, or a shape in brackets and its elements. */
    private static Tensor tensor(String text) {
        int end = text.indexOf(']');
        Shape shape = end < 0
                ? Shape.SCALAR
                : Shape.of(Arrays.stream(text.substring(text.indexOf('[') + 1, end).split(",")).mapToInt(Integer::parseInt).toArray());
        return Tensor.of(shape, numbers(text.substring(end + 1)));
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.strip().split("[, ]+")).mapToDouble(Double::parseDouble).toArray();
    }

    /** How far a number may lie from the reference. */
    private record Bound(double relative, double absolute) {
        static Bound of(@Nullable String text) {
            return text == null
                    ? new Bound(RELATIVE, 0)
                    : text.startsWith("±")
                            ? new Bound(RELATIVE, Double.parseDouble(text.substring(1)))
                            : new Bound(Double.parseDouble(text), 0);
        }
    }

    private static void assertClose(String what, double[] actual, double[] exact, Bound bound) {
        assertThat(actual).as(what).hasSameSizeAs(exact);
        for (int i = 0; i < exact.length; i++) {
            if (Double.isFinite(exact[i])) {
                assertThat(actual[i]).as("%s, %d", what, i).isCloseTo(exact[i],
                        within(bound.relative() * Math.abs(exact[i]) + bound.absolute()));
            } else {
                assertThat(actual[i]).as("%s, %d", what, i).isEqualTo(Double.valueOf(exact[i]));
            }
        }
    }

    /** By construction: an op that computes something has references. */
    @Test
    void every_op_that_computes_has_references() {
        Set<String> referenced = Stream.of("scalars", "arrays").flatMap(AccuracyTest::calls).collect(Collectors.toSet());
        assertThat(referenced).allSatisfy(op -> assertThat(OpCatalogue.find(op)).as(op).isNotNull());
        assertThat(OpCatalogue.all().stream().filter(AccuracyTest::computes).map(OpDefinition::name).filter(op -> !referenced.contains(op)))
                .as("ops to add to make.py").isEmpty();
    }

    /** A new elementwise op is either a polynomial between its kinks, or gets references. */
    @Test
    void every_curved_elementwise_op_has_references_of_its_second_derivatives() {
        Set<String> referenced = calls("seconds").collect(Collectors.toSet());
        assertThat(OpCatalogue.all().stream().filter(op -> op.family() == Family.ELEMENTWISE && !op.has(Trait.EXACT))
                .map(OpDefinition::name).filter(op -> !POLYNOMIALS.contains(op) && !referenced.contains(op)))
                .as("ops to add to SECONDS in make.py").isEmpty();
        assertThat(POLYNOMIALS).doesNotContainAnyElementsOf(referenced)
                .allSatisfy(op -> assertThat(OpCatalogue.find(op)).as(op).isNotNull());
    }

    private static boolean computes(OpDefinition op) {
        return op.family() != Family.LEAF && op.family() != Family.MOVEMENT && op.family() != Family.LINEAR
                && !NOTHING_TO_ROUND.contains(op.name());
    }

    private static Stream<String> calls(String file) {
        try (InputStream in = Objects.requireNonNull(AccuracyTest.class.getResourceAsStream("/reference/" + file + ".csv"))) {
            return Pattern.compile("^\"?(\\w+)\\(", Pattern.MULTILINE).matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .results()
                    .map(match -> match.group(1)).toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Powers of two have whole logarithms, the subnormal ones too. */
    @Test
    void log2_of_a_power_of_two_is_exact() {
        GraphFunction log2 = GraphFunction.of(x -> call("log2", x), Shape.SCALAR);
        for (int exponent = -1074; exponent <= 1023; exponent++) {
            assertThat(log2.at(Math.scalb(1.0, exponent))).isEqualTo(exponent);
        }
    }

    /** What no reference with digits can say: infinities and NaN among scores. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # scores                  | logsumexp | softmax  | log_softmax
            1e308, -1e308             | 1e308     | 1, 0     | 0, -Infinity
            -Infinity, 0              | 0         | 0, 1     | -Infinity, 0
            -Infinity, -Infinity      | -Infinity | NaN, NaN | NaN, NaN
            Infinity, 0               | Infinity  | NaN, NaN | NaN, NaN
            NaN, 0                    | NaN       | NaN, NaN | NaN, NaN
            """)
    void infinite_scores(String scores, double logSumExp, String softmax, String logSoftmax) {
        Tensor x = Tensor.vector(numbers(scores));
        Map.of("logsumexp", new double[]{logSumExp}, "softmax", numbers(softmax), "log_softmax", numbers(logSoftmax))
                .forEach((op, exact) -> assertClose(op, GraphFunction.of(nodes -> call(op, nodes), x.shape()).apply(x).data(), exact,
                        Bound.of(null)));
    }
}
