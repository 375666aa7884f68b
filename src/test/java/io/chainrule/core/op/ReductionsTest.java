package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Ops that make one number of the elements along axes: values, bounds on errors, and how their loops go. */
class ReductionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double UNIT = 0x1p-53;

    /** What each op makes of the elements along its axes, in row-major order. */
    static Stream<Arguments> ops() {
        return Stream.of(op("sum", x -> Arrays.stream(x).sum()), op("mean", x -> Arrays.stream(x).sum() / x.length),
                op("prod", x -> Arrays.stream(x).reduce(1, (a, b) -> a * b)), op("max", x -> Arrays.stream(x).max().orElseThrow()),
                op("min", x -> Arrays.stream(x).min().orElseThrow()),
                op("logsumexp", x -> Math.log(Arrays.stream(x).map(Math::exp).sum())),
                op("argmax", x -> IntStream.range(0, x.length).reduce((i, j) -> x[j] > x[i] ? j : i).orElseThrow()),
                op("argmin", x -> IntStream.range(0, x.length).reduce((i, j) -> x[j] < x[i] ? j : i).orElseThrow()),
                op("median", ReductionsTest::median),
                op("norm", ReductionsTest::length), op("std", x -> length(centred(x)) / Math.sqrt(x.length - 1)),
                op("var", x -> Math.pow(length(centred(x)), 2) / (x.length - 1)), op("squared_norm", x -> Math.pow(length(x), 2)),
                op("any", x -> Arrays.stream(x).anyMatch(each -> each != 0) ? 1 : 0),
                op("all", x -> Arrays.stream(x).allMatch(each -> each != 0) ? 1 : 0));
    }

    private static Arguments op(String name, ToDoubleFunction<double[]> of) {
        return Arguments.of(name, of);
    }

    private static double median(double[] x) {
        double[] sorted = Arrays.stream(x).sorted().toArray();
        return (sorted[(x.length - 1) / 2] + sorted[x.length / 2]) / 2;
    }

    private static double length(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(each -> each * each).sum());
    }

    private static double[] centred(double[] x) {
        double mean = Arrays.stream(x).sum() / x.length;
        return Arrays.stream(x).map(each -> each - mean).toArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ops")
    void along_any_axes(String op, ToDoubleFunction<double[]> of) {
        Shape shape = Shape.of(3, 2, 1, 4);
        double[] numbers = new Random(4).doubles(24, -2, 2).toArray();
        for (int i = 0; i < 24; i += 5) {
            numbers[i] = 0;
        }
        for (int axes = 0; axes < 16; axes++) {
            int chosen = axes;
            List<Integer> list = IntStream.range(0, 4).filter(axis -> (chosen >> axis & 1) == 1).boxed().toList();
            if (list.isEmpty()) {
                continue;
            }
            Map<Integer, List<Double>> lines = new TreeMap<>();
            for (int i = 0; i < 24; i++) {
                int[] at = {i / 8, i / 4 % 2, 0, i % 4};
                list.forEach(axis -> at[axis] = 0);
                lines.computeIfAbsent(at[0] * 8 + at[1] * 4 + at[3], _ -> new ArrayList<>()).add(numbers[i]);
            }
            double[] expected = lines.values().stream()
                    .mapToDouble(line -> of.applyAsDouble(line.stream().mapToDouble(each -> each).toArray())).toArray();
            for (boolean keepdims : new boolean[]{true, false}) {
                Tensor found = GraphFunction.of(x -> call(op, Map.of("axis", list, "keepdims", keepdims), x), shape)
                        .apply(Tensor.of(shape, numbers));
                boolean[] reduced = new boolean[4];
                list.forEach(axis -> reduced[axis] = true);
                assertThat(found.shape()).isEqualTo(shape.reduced(reduced, keepdims));
                for (int i = 0; i < expected.length; i++) {
                    double wanted = expected[i];
                    if (Double.isNaN(wanted)) {
                        assertThat(found.data()[i]).as("axes %s", list).isNaN();
                    } else {
                        assertThat(found.data()[i]).as("axes %s", list).isCloseTo(wanted, within(1e-13));
                    }
                }
            }
        }
    }

    private static Kernel kernel(String name, List<Integer> axes, String dims) {
        Op op = GraphFunction.op(name, Map.of("axis", axes), 1);
        Shape shape = ShapeTables.shape(dims);
        return op.prepare(new Shape[]{shape}, op.shape(shape));
    }

    /** Plans compute rows together with those of operands. Axes of length 1 break no row; an extremum of a very long one goes in parts. */
    @ParameterizedTest
    @CsvSource({"max, 1, '3,4', 3", "max, 0, '3,4', 0", "max, 2, '3,1,4,1', 3", "max, 0, '4,1', 1", "max, 3, '3,4,2,1', 24",
            "norm, 1, '3,4', 3",
            "norm, 0, '3,4', 0", "max, 1, '2,262144', 2", "max, 1, '2,262145', 0", "norm, 1, '2,262145', 2", "argmin, 1, '3,4', 3"})
    void rows_become_one_element_each(String op, int axis, String dims, int rows) {
        Kernel kernel = kernel(op, List.of(axis), dims);
        if (rows == 0) {
            assertThat(kernel.byRows()).isNull();
        } else {
            assertThat(kernel).isInstanceOfSatisfying(RowKernel.class, by -> assertThat(by.rows()).isEqualTo(rows));
        }
    }

    @Test
    void a_reduced_axis_of_length_1_breaks_no_row() {
        assertThat(kernel("max", List.of(0, 2), "1,3,4")).isInstanceOfSatisfying(RowKernel.class, by -> assertThat(by.rows()).isEqualTo(3));
    }

    /** The shifted elements of a part of a line. */
    @Test
    void a_row_of_logsumexp_needs_room_for_a_part() {
        assertThat(kernel("logsumexp", List.of(1), "2,10")).isInstanceOfSatisfying(RowKernel.class,
                by -> assertThat(by.spare()).isEqualTo(10));
        assertThat(kernel("logsumexp", List.of(1), "2,5000"))
                .isInstanceOfSatisfying(RowKernel.class, by -> assertThat(by.spare()).isBetween(1000, 4999));
    }

    @ParameterizedTest
    @CsvSource({"norm, 0, '16384,8', 2", "norm, 0, '65536,3', 3", "argmax, 0, '16384,8', 2"})
    void loops_ask_each_65536_elements_whether_they_may_go_on(String op, int axis, String dims, int times) {
        int[] asked = {0};
        Shape shape = ShapeTables.shape(dims);
        double[] result = new double[shape.length() / shape.dim(axis)];
        kernel(op, List.of(axis), dims).run(new double[][]{new double[shape.length()]}, result, Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isEqualTo(times);
    }

    /** The largest of one part, and of the other. */
    @Test
    void an_extremum_of_a_long_row_is_that_of_all_its_parts() {
        int n = (1 << 18) + 1;
        Shape shape = Shape.of(2, n);
        double[] x = new double[2 * n];
        x[0] = 3;
        x[n - 1] = -4;
        x[n] = -5;
        x[2 * n - 1] = 6;
        assertThat(value("max", Map.of("axis", 1), Tensor.of(shape, x))).containsExactly(3, 6);
        assertThat(value("min", Map.of("axis", 1), Tensor.of(shape, x))).containsExactly(-4, -5);
    }

    private static double[] value(String op, Map<String, ?> attributes, Tensor x) {
        return GraphFunction.of(nodes -> call(op, attributes, nodes), x.shape()).apply(x).data();
    }

    private static double[] r(double... numbers) {
        return numbers;
    }

    static Stream<Arguments> bounds() {
        return Stream.of(bound("max", Map.of(), r(1, 5, 2), r(0.25, 0, 0.5), 0.5, 0.5), bound("max", Map.of(), r(1, 5), r(), 0, 0),
                bound("sum", Map.of(), r(1, 2), r(0.5, 0.25), 0.75, 0.7501), bound("norm", Map.of(), r(3, 4), r(), 5 * UNIT, 40 * UNIT),
                bound("norm", Map.of(), new double[1000], r(), 0, 0),
                bound("norm", Map.of(), ones(1024), r(), 32 * 512 * UNIT, 32 * 520 * UNIT),
                bound("norm", Map.of(), r(0, 0), r(3, 4), 5, 5.0001), bound("norm", Map.of(), r(3, 4), r(0.3, 0.4), 0.5, 0.5001),
                bound("logsumexp", Map.of(), r(0, 0), r(0.25, 0.5), 0.5, 0.5001),
                bound("cumsum", Map.of("axis", 0), r(1), r(), UNIT, UNIT), bound("cumsum", Map.of("axis", 0), r(-3), r(0.5), 0.5, 0.5001),
                bound("argmax", Map.of(), r(1, 2), r(), 0, 0), bound("argmax", Map.of(), r(2, 2), r(0, 0), 0, 0),
                bound("argmax", Map.of(), r(1, 2), r(0.4, 0.4), 0, 0), bound("argmax", Map.of(), r(1, 2), r(0.5, 0.5), INF, INF),
                bound("argmax", Map.of(), r(3, 1, 1), r(0.4, 0.4, 0.4), 0, 0), bound("argmax", Map.of(), r(3), r(1), 0, 0),
                bound("argmin", Map.of(), r(1, 3, 3), r(0.4, 0.4, 0.4), 0, 0),
                bound("argmin", Map.of(), r(1, 1, 3), r(0.1, 0, 0), INF, INF),
                bound("argsort", Map.of(), r(4), r(1), 0, 0), bound("argsort", Map.of(), r(4, 1, 2), r(0.4, 0.4, 0.4), 0, 0),
                bound("argsort", Map.of(), r(4, 1, 2), r(0.5, 0.1, 0.1), INF, INF), bound("argsort", Map.of(), r(4, 4), r(0, 0), 0, 0),
                bound("argcummax", Map.of(), r(4, 1, 2), r(0.4, 0.4, 0.4), 0, 0),
                bound("argcummax", Map.of(), r(4, 1, 2), r(0, 0, 0.6), INF, INF));
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static Arguments bound(String op, Map<String, ?> attributes, double[] x, double[] errors, double least, double most) {
        return Arguments.of(op, attributes, x, errors, least, most);
    }

    /** A bound on the first element of the value, of exact operands where there are no errors. */
    @ParameterizedTest
    @MethodSource("bounds")
    void a_bound_on_the_error(String op, Map<String, ?> attributes, double[] x, double[] errors, double least, double most) {
        assertThat(bounds(op, attributes, Tensor.vector(x), errors.length == 0 ? null : Tensor.vector(errors))[0]).isBetween(least, most);
    }

    private static double[] bounds(String op, Map<String, ?> attributes, Tensor x, @Nullable Tensor errors) {
        GraphFunction bound = GraphFunction.of(nodes -> {
            Node node = call(op, attributes, nodes[0]);
            @Nullable
            Node[] given = {errors == null ? null : nodes[1]};
            Node error = Objects.requireNonNullElseGet(node.op().error(node, given), () -> nodes[0].graph().literal(0));
            return Maths.broadcastTo(error, node.shape());
        }, x.shape(), x.shape());
        return bound.apply(x, errors == null ? x : errors).data();
    }

    /** Lines that are certain stay so beside others; what may be first of the second line is doubtful. */
    @Test
    void bounds_of_lines() {
        Tensor x = Tensor.matrix(r(1, 2, 4), r(1, 2, 1.5));
        Tensor errors = Tensor.matrix(r(0.4, 0.4, 0.4), r(0.4, 0.4, 0.4));
        assertThat(bounds(GraphFunction.op("argmax", Map.of("axis", 1), 1), x, errors)).containsExactly(0, INF);
        assertThat(bounds(GraphFunction.op("argmin", Map.of("axis", 1), 1), x, errors)).containsExactly(0, INF);
        assertThat(bounds(GraphFunction.op("argmax", Map.of("axis", 1, "keepdims", true), 1), x, errors)).containsExactly(0, INF);
        assertThat(bounds(GraphFunction.op("argsort", Map.of(), 1), x, errors)).containsExactly(0, 0, 0, INF, INF, INF);
        assertThat(bounds(GraphFunction.op("argsort", Map.of("axis", 0), 1), x, errors)).containsExactly(INF, INF, 0, INF, INF, 0);
        assertThat(bounds(GraphFunction.op("max", Map.of("axis", 0), 1), x, Tensor.matrix(r(0.1, 0.2, 0), r(0.3, 0.1, 0))))
                .containsExactly(0.3, 0.2, 0);
        assertThat(bounds(GraphFunction.op("min", Map.of(), 1), x, errors)).containsExactly(0.4);
        double[] cumulative = bounds(GraphFunction.op("cumsum", Map.of("axis", 1), 1), x, errors);
        double[] reverse = bounds(GraphFunction.op("cumsum", Map.of("axis", 1, "reverse", true), 1), x, errors);
        for (int i = 0; i < 3; i++) {
            assertThat(cumulative[i]).isBetween(0.4 * (i + 1), 0.40001 * (i + 1));
            assertThat(reverse[i]).isBetween(0.4 * (3 - i), 0.40001 * (3 - i));
        }
    }

    /** The numbers that are added up are those of one line. */
    @Test
    void roundings_of_lines_grow_with_their_length() {
        Tensor x = Tensor.matrix(r(3, 4), r(0, 0), r(3, 4), r(3, 4));
        assertThat(bounds("norm", Map.of("axis", 1), x, null)[0]).isBetween(5 * UNIT, 40 * UNIT);
        assertThat(bounds("logsumexp", Map.of("axis", 1), x, null)[1]).isBetween(10 * UNIT, 17 * UNIT);
    }

    private static double[] bounds(Op op, Tensor x, Tensor errors) {
        return GraphFunction.of(nodes -> {
            Node node = nodes[0].graph().add(op, nodes[0]);
            return Maths.broadcastTo(Objects.requireNonNull(node.op().error(node, new Node[]{nodes[1]})), node.shape());
        }, x.shape(), x.shape()).apply(x, errors).data();
    }

    /** Additions of n numbers, each sum of which is rounded. */
    @Test
    void bounds_of_running_sums_grow_with_what_is_added() {
        double[] found = bounds("cumsum", Map.of("axis", 0), Tensor.vector(1, -2, 4), null);
        assertThat(found).containsExactly(3 * UNIT, 9 * UNIT, 21 * UNIT);
    }

    static Stream<Arguments> dependent() {
        return Stream.of(Arguments.of("sum", Map.of("axis", 1), "2,2", "0>0 1>0 2>1 3>1"),
                Arguments.of("max", Map.of("axis", 0, "keepdims", true), "2,2", "0>0 1>1 2>0 3>1"),
                Arguments.of("sum", Map.of("axis", 0), "0,2", ""), Arguments.of("sum", Map.of("axis", 1), "0,2", ""),
                Arguments.of("argmax", Map.of("axis", 1), "2,2", ""), Arguments.of("argsort", Map.of(), "2", ""),
                Arguments.of("argcummin", Map.of(), "2", ""), Arguments.of("cumsum", Map.of("axis", 0), "3", "0>0 0>1 1>1 0>2 1>2 2>2"),
                Arguments.of("cumsum", Map.of("axis", 0, "reverse", true), "2,2", "0>0 2>0 1>1 3>1 2>2 3>3"),
                Arguments.of("cumsum", Map.of("axis", 0), "0", ""), Arguments.of("cumsum", Map.of("axis", 0), "0,3", ""));
    }

    @ParameterizedTest
    @MethodSource("dependent")
    void an_element_depends_on_those_along_the_axes(String name, Map<String, ?> attributes, String dims, String pairs) {
        Shape shape = ShapeTables.shape(dims);
        Op op = GraphFunction.op(name, attributes, 1);
        List<String> found = new ArrayList<>();
        assertThat(op.dependences(new Shape[]{shape}, op.shape(shape), (_, from, to) -> found.add(from + ">" + to))).isTrue();
        assertThat(found).containsExactlyInAnyOrder(pairs.isEmpty() ? new String[0] : pairs.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"argsort, true", "argmax, true", "argcummax, true", "cumsum, false", "max, false", "sum, false", "softmax, false"})
    void positions_pass_no_derivative(String name, boolean ignores) {
        assertThat(GraphFunction.op(name, Map.of("axis", 0), 1).ignores(0)).isEqualTo(ignores);
    }

    static Stream<Arguments> kinks() {
        return Stream.of(Arguments.of("max", Map.of(), r(1, 3, 3), r(1)), Arguments.of("max", Map.of(), r(1, 3, 2), r(0)),
                Arguments.of("min", Map.of(), r(1, 1, 3), r(1)), Arguments.of("norm", Map.of(), r(0, 0), r(1)));
    }

    @ParameterizedTest
    @MethodSource("kinks")
    void ties_are_kinks(String op, Map<String, ?> attributes, double[] x, double[] kink) {
        GraphFunction function = GraphFunction.of(nodes -> {
            Node node = call(op, attributes, nodes);
            return Objects.requireNonNull(node.op().kink(node));
        }, Shape.of(x.length));
        assertThat(function.apply(Tensor.vector(x)).data()).containsExactly(kink);
    }

    static Stream<Arguments> orders() {
        return Stream.of(Arguments.of("argsort", r(3, 1, 3, 2), r(0, 0, 1, 1)), Arguments.of("argsort", r(2), null),
                Arguments.of("argcummax", r(1, 3, 3, 2), r(0, 0, 1, 1)), Arguments.of("argcummin", r(1, 3, 1), r(0, 0, 1)));
    }

    /** Another element has the same value. Of the first in a tie there is none yet as far as a scan has come. */
    @ParameterizedTest
    @MethodSource("orders")
    void elements_that_are_tied_in_an_order_are_kinks(String order, double[] x, double @Nullable [] kink) {
        GraphFunction function = GraphFunction.of(nodes -> {
            Node read = call("take_along_axis", nodes[0], call(order, nodes[0]));
            return Objects.requireNonNullElse(read.op().kink(read), read);
        }, Shape.of(x.length));
        assertThat(function.apply(Tensor.vector(x)).data()).containsExactly(kink == null ? x : kink);
    }

    static Stream<Arguments> atInfinity() {
        return Stream.of(Arguments.of(r(INF, INF, 1), r(0.5, 0.5, 0)), Arguments.of(r(-INF, -INF), r(0.5, 0.5)),
                Arguments.of(r(-INF, 3), r(0, 1)), Arguments.of(r(1e300, 0), r(1, 0)));
    }

    @ParameterizedTest
    @MethodSource("atInfinity")
    void infinite_largest_elements_share_the_gradient_of_logsumexp(double[] x, double[] gradient) {
        GraphFunction function = GraphFunction.of(nodes -> call("logsumexp", nodes), Shape.of(x.length));
        assertThat(function.vjp().apply(Tensor.vector(x), Tensor.scalar(1)).data()).containsExactly(gradient);
        double[] direction = {3, 5, 7};
        double expected = IntStream.range(0, x.length).mapToDouble(i -> direction[i] * gradient[i]).sum();
        assertThat(function.jvp().apply(Tensor.vector(x), Tensor.vector(Arrays.copyOf(direction, x.length))).item()).isEqualTo(expected);
    }

    /** A norm of ordinary numbers is rounded as its formula is; it is scaled only where squares would overflow or underflow. */
    @Test
    void a_norm_is_the_root_of_a_sum_of_squares() {
        double[] x = new Random(5).doubles(9, -1, 1).toArray();
        double squares = 0;
        for (double each : x) {
            squares += each * each;
        }
        assertThat(value("norm", Map.of(), Tensor.vector(x))).containsExactly(Math.sqrt(squares));
        for (double scale : new double[]{0x1p-700, 0x1p700, 0x1p-1060}) {
            assertThat(value("norm", Map.of(), Tensor.vector(3 * scale, 4 * scale))).containsExactly(5 * scale);
        }
    }
}
