package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax, its logarithm and logsumexp: bounds on their errors, the circuits that they stand for, and how their loops go. */
class SoftmaxTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double LEAST = Double.MIN_VALUE;

    /** The bounds on the errors of the elements; without {@code errors} of exact scores. */
    private static double[] bounds(String op, double[] scores, double... errors) {
        Shape shape = Shape.of(scores.length);
        GraphFunction bound = GraphFunction.of(x -> {
            Node node = call(op, x[0]);
            @Nullable
            Node[] given = {errors.length == 0 ? null : x[1]};
            return Maths.broadcastTo(Objects.requireNonNull(node.op().error(node, given)), node.shape());
        }, shape, shape);
        return bound.apply(Tensor.vector(scores), Tensor.vector(errors.length == 0 ? scores : errors)).data();
    }

    private static double[] zeros(int n) {
        return new double[n];
    }

    /**
     * In units of u times the value: n terms are added, each is an exponential, and that of a rounded difference d is off by u |d|. The
     * mean of |d| in a sum of exponentials is at most log n.
     */
    static Stream<Arguments> roundings() {
        double log1000 = Math.log(1000);
        return Stream.of(Arguments.of("softmax", r(3), 0, 1, 2), Arguments.of("softmax", r(0, 0), 0, 5, 6),
                Arguments.of("softmax", r(0, -40), 1, 45, 52), Arguments.of("softmax", r(-40, 0), 1, 2, 3.01),
                Arguments.of("softmax", zeros(1000), 7, 1000 + 2 * log1000, 1010 + 2 * log1000),
                Arguments.of("log_softmax", r(0, 0), 0, 10, 15), Arguments.of("log_softmax", r(0, -40), 0, 50, 53),
                Arguments.of("log_softmax", zeros(1000), 3, 1000 + log1000, 1012 + log1000),
                Arguments.of("logsumexp", zeros(1000), 0, 1000 / log1000 + 3, 1020 / log1000 + 6),
                Arguments.of("logsumexp", r(3), 0, 3, 20), Arguments.of("logsumexp", r(1, -40), 0, 12, 20));
    }

    private static double[] r(double... numbers) {
        return numbers;
    }

    @ParameterizedTest
    @MethodSource("roundings")
    void of_exact_scores_only_roundings_are_bounded(String op, double[] scores, int element, double least, double most) {
        double value = GraphFunction.of(x -> call(op, x), Shape.of(scores.length)).apply(Tensor.vector(scores)).data()[element];
        assertThat(bounds(op, scores)[element] / (0x1p-53 * Math.abs(value))).isBetween(least, most);
    }

    /** Of exponentials that underflow at most the least number is lost. */
    @Test
    void where_one_class_has_everything_the_bounds_are_the_least_numbers() {
        assertThat(bounds("log_softmax", r(800, 0, 1))[0]).isEqualTo(4 * LEAST);
        assertThat(bounds("log_softmax", r(3))).containsExactly(0);
        assertThat(bounds("softmax", r(800, 0, 1))).containsExactly(bounds("softmax", r(0, -900, -900))[0], 2 * LEAST, 2 * LEAST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"softmax", "log_softmax"})
    void a_class_of_score_minus_infinity_has_no_error_unless_its_score_has_an_infinite_one(String op) {
        assertThat(bounds(op, r(0, -INF, 1))[1]).isZero();
        assertThat(bounds(op, r(0, -INF, 1), 0.1, 0, 0.1)[1]).isZero();
        assertThat(bounds(op, r(0, -INF, 1), 0, INF, 0)[1]).isGreaterThanOrEqualTo(1);
        assertThat(Arrays.stream(bounds(op, r(0, 0, 1), 0, INF, 0))).allMatch(bound -> bound >= 1);
    }

    @Test
    void an_infinite_logsumexp_is_exact() {
        assertThat(bounds("logsumexp", r(-INF, -INF))[0]).isZero();
        assertThat(bounds("logsumexp", r(0, INF))[0]).isZero();
        assertThat(bounds("logsumexp", r())[0]).isZero();
        assertThat(bounds("logsumexp", r(0, INF), 0, 0.5)[0]).isEqualTo(0.5);
    }

    /** The score itself, and the other one, move by their errors. */
    @ParameterizedTest
    @CsvSource({"-50, 0.25, 0.25", "-40, 0.5, 0", "-3, 0, 0.1", "0, 1e-9, 1e-9", "2, 0.3, 0.3", "40, 0.1, 0.2", "40, 3, 1",
            "-800, 150, 150"})
    void scores_that_move_by_their_errors(double d, double e0, double e1) {
        double e = e0 + Math.max(e0, e1);
        double[] scores = {d, 0};
        double p = 1 / (1 + Math.exp(-d));
        double farther = Math.exp(d) * Math.expm1(e0 + e1) / (1 + Math.exp(d)) / (1 + Math.exp(d + e0 + e1));
        double nearer = -Math.exp(d) * Math.expm1(-e0 - e1) / (1 + Math.exp(d)) / (1 + Math.exp(d - e0 - e1));
        assertThat(bounds("softmax", scores, e0, e1)[0]).as("share").isGreaterThanOrEqualTo(Math.max(farther, nearer) * (1 - 1e-14))
                .isLessThanOrEqualTo((Math.min(p, 1 / (1 + Math.exp(d))) + 1e-14 * p + 2 * LEAST) * Math.expm1(e) * (1 + 1e-11) + 1e-13 * p)
                .isLessThanOrEqualTo(1 + 1e-15);
        double lower = Math.log1p(Math.expm1(e0 + e1) / (1 + Math.exp(d)));
        double others = 1 / (1 + Math.exp(d));
        assertThat(bounds("log_softmax", scores, e0, e1)[0]).as("logarithm").isGreaterThanOrEqualTo(lower * (1 - 1e-14))
                .isLessThanOrEqualTo(e * Math.min(1, others * Math.exp(e)) * (1 + 1e-11) + 1e-13 * Math.max(others, -d));
    }

    /** A bound holds where it is sharp, however its own computation is rounded: each score of a tiny share moves its logarithm in full. */
    @Test
    void bounds_are_rounded_up() {
        double[] errors = {0.25, 0.25};
        assertThat(bounds("log_softmax", r(-50, 0), errors)[0]).isGreaterThan(0.5 + 50 * 0x1p-53 + 1e-13);
        double p = Math.exp(-50);
        assertThat(bounds("softmax", r(-50, 0), errors)[0]).isGreaterThan(p * Math.expm1(0.5) + 50 * 0x1p-53 * p + p * 1e-13);
    }

    static Stream<OpCases> gates() {
        OpCase ofRows = new OpCase(Objects.requireNonNull(OpCatalogue.find("logsumexp")), Map.of("axis", 1), List.of(Shape.of(2, 3)));
        return OpCases.of(Stream.concat(Stream.of(ofRows), OpCase.all())
                .filter(one -> Set.of("softmax", "log_softmax", "logsumexp", "norm").contains(one.definition().name())
                        && !one.op().isComposite()));
    }

    @ParameterizedTest
    @MethodSource("gates")
    void a_gate_has_the_values_of_its_circuit(OpCases cases) {
        cases.each(one -> {
            assertThat(one.op().isGate()).isTrue();
            Shape[] shapes = one.shapes().toArray(Shape[]::new);
            List<Tensor> operands = one.operands(3);
            Tensor circuit = GraphFunction.of(x -> Objects.requireNonNull(one.op().expand(x)), shapes).run(operands).getFirst();
            Tensor value = one.function().run(operands).getFirst();
            assertThat(circuit.shape()).isEqualTo(value.shape());
            for (int i = 0; i < value.length(); i++) {
                assertThat(circuit.data()[i]).isCloseTo(value.data()[i], within(1e-14));
            }
        });
    }

    /** Where the largest elements broadcast against the operand, the circuit of logsumexp keeps no axes. */
    @Test
    void a_circuit_has_no_shapes_that_it_can_do_without() {
        Op whole = GraphFunction.op("logsumexp", Map.of(), 1);
        Op ofRows = GraphFunction.op("logsumexp", Map.of("axis", 1), 1);
        assertThat(GraphFunction.of(x -> Objects.requireNonNull(whole.expand(x)), Shape.of(2, 3)).ops()).doesNotContain("reshape");
        assertThat(GraphFunction.of(x -> Objects.requireNonNull(ofRows.expand(x)), Shape.of(2, 3)).ops()).contains("reshape");
    }

    private static Kernel kernel(String op, int axis, Shape shape) {
        return GraphFunction.op(op, Map.of("axis", axis), 1).prepare(new Shape[]{shape}, shape);
    }

    /** Plans compute rows together with those of the operands. */
    @ParameterizedTest
    @ValueSource(strings = {"softmax", "log_softmax"})
    void along_the_last_axes_rows_are_computed_one_by_one_and_else_columns_side_by_side(String op) {
        assertThat(kernel(op, 1, Shape.of(3, 20))).isInstanceOfSatisfying(RowKernel.class, rows -> assertThat(rows.rows()).isEqualTo(3));
        assertThat(kernel(op, 0, Shape.of(20, 1)).byRows()).isNotNull();
        assertThat(kernel(op, 0, Shape.of(20, 16))).isInstanceOf(ColumnScores.class);
        assertThat(kernel(op, 0, Shape.of(1 << 13, 16))).isInstanceOf(ColumnScores.class);
        assertThat(kernel(op, 0, Shape.of(20, 15))).as("too few columns").isNotInstanceOf(ColumnScores.class);
        assertThat(kernel(op, 0, Shape.of((1 << 13) + 1, 16))).as("columns that fit into no cache").isNotInstanceOf(ColumnScores.class);
    }

    /** The shifted scores and the exponentials, which are one array where no logarithm is asked for; largest scores and sums. */
    @Test
    void the_bytes_of_columns_are_told() {
        assertThat(kernel("softmax", 0, Shape.of(20, 300)).bytes()).isEqualTo(8 * (20 + 2) * 300);
        assertThat(kernel("log_softmax", 0, Shape.of(20, 300)).bytes()).isEqualTo(8 * (2 * 20 + 2) * 300);
        assertThat(kernel("softmax", 0, Shape.of(128, 300)).bytes()).isEqualTo(8 * (128 + 2) * 128);
        assertThat(kernel("softmax", 0, Shape.of(1 << 13, 300)).bytes()).isEqualTo(8 * ((1 << 13) + 2) * 16);
    }

    @Test
    void columns_ask_before_each_panel_whether_they_may_go_on() {
        Shape shape = Shape.of(2, 1024, 64);
        int ofOnePanel = asked(kernel("softmax", 0, Shape.of(1024, 16)), Shape.of(1024, 16));
        assertThat(ofOnePanel).isPositive();
        assertThat(asked(kernel("softmax", 1, shape), shape)).isEqualTo(8 * ofOnePanel).isGreaterThanOrEqualTo(8);
    }

    @Test
    void long_lines_ask_each_quarter_of_a_million_elements_whether_they_may_go_on() {
        Shape shape = Shape.of(3, 1 << 17, 2);
        assertThat(asked(kernel("softmax", 1, shape), shape)).isEqualTo(3);
        Shape longer = Shape.of((1 << 18) + 1, 3);
        assertThat(asked(kernel("softmax", 0, longer), longer)).isEqualTo(3);
    }

    private static int asked(Kernel kernel, Shape shape) {
        int[] asked = {0};
        kernel.run(new double[][]{new double[shape.length()]}, new double[shape.length()], Parallel.onThisThread(() -> asked[0]++));
        return asked[0];
    }

    /** Cotangents of losses by class labels are such updates. */
    @ParameterizedTest
    @CsvSource({"1, true", "2, false"})
    void a_cotangent_of_logarithms_that_is_one_update_a_line_is_not_summed(int updates, boolean isOne) {
        Shape shape = Shape.of(3, 5);
        GraphFunction gradient = GraphFunction.of(x -> {
            Node y = call("log_softmax", x[0]);
            Op add = GraphFunction.op("take_along_axis_transpose", Map.of("length", 5), 2);
            return Objects.requireNonNull(y.op().vjp(y, 0, x[0].graph().add(add, x[1], x[2])));
        }, shape, Shape.of(3, updates), Shape.of(3, updates));
        assertThat(gradient.ops().contains("sum")).isEqualTo(!isOne);
        double[] numbers = new Random(1).doubles(15, -2, 2).toArray();
        int[] classes = {4, 0, 2, 1, 3, 1};
        Tensor x = Tensor.of(shape, numbers);
        double[] labels = Arrays.stream(classes).limit(3L * updates).asDoubleStream().toArray();
        double[] weights = Arrays.copyOf(r(1, 10, 100, -3, 7, 0.5), labels.length);
        Tensor indices = Tensor.of(Shape.of(3, updates), labels);
        double[] found = gradient.apply(x, indices, Tensor.of(Shape.of(3, updates), weights)).data();
        for (int i = 0; i < 3; i++) {
            double[] line = Arrays.copyOfRange(numbers, 5 * i, 5 * i + 5);
            double sum = Arrays.stream(line).map(Math::exp).sum();
            for (int j = 0; j < 5; j++) {
                double expected = 0;
                for (int u = i * updates; u < (i + 1) * updates; u++) {
                    double same = (int) labels[u] == j ? 1 : 0;
                    expected += weights[u] * (same - Math.exp(line[j]) / sum);
                }
                assertThat(found[5 * i + j]).isCloseTo(expected, within(1e-12));
            }
        }
    }
}
