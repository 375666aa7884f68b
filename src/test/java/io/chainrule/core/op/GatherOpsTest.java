package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ops that find elements by index or by order: values as NumPy answers them, and what indices must not be. */
class GatherOpsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final Tensor A = Tensor.matrix(new double[]{3, 1, 2}, new double[]{4, 6, 5});

    static Stream<Arguments> values() {
        return Stream.of(
                of("take", Map.of("axis", 1), rows(r(2, 3), r(5, 4)), A, Tensor.vector(-1, 0)),
                of("take", Map.of("axis", 0), rows(r(4, 6, 5)), A, Tensor.vector(1)),
                of("take", Map.of("axis", 0), Tensor.vector(4, 6, 5), A, Tensor.scalar(1)),
                of("take", Map.of(), rows(r(4, 3), r(5, 5)), A, rows(r(3, 0), r(-1, 5))),
                of("take", Map.of(), Tensor.vector(), A, Tensor.vector()),
                of("take", Map.of("axis", -2), Tensor.of(Shape.of(2, 1, 3), 4, 6, 5, 3, 1, 2), A, rows(r(1), r(0))),
                of("embedding", Map.of(), Tensor.of(Shape.of(2, 1, 3), 4, 6, 5, 3, 1, 2), rows(r(1), r(-2)), A),
                of("embedding", Map.of(), Tensor.vector(3, 1, 2), Tensor.scalar(0), A),
                of("take_along_axis", Map.of(), rows(r(1), r(6)), A, rows(r(1), r(-2))),
                of("take_along_axis", Map.of("axis", 0), rows(r(4, 1, 5)), A, rows(r(1, 0, 1))),
                of("take_along_axis", Map.of(), rows(r(2, 3), r(5, 4)), A, rows(r(2, 0))),
                of("take_along_axis_transpose", Map.of("length", 3), Tensor.vector(4, 0, 2), Tensor.vector(0, 2, -3),
                        Tensor.vector(1, 2, 3)),
                of("scatter_add", Map.of("axis", 0), Tensor.vector(8, 2), Tensor.vector(1, 2), Tensor.vector(0, 0), Tensor.vector(3, 4)),
                of("scatter_add", Map.of("axis", 1), rows(r(3, 1, 12), r(4, 6, 15)), A, Tensor.vector(2, -1), Tensor.scalar(5)),
                of("scatter_add", Map.of(), rows(r(3, 1, 2), r(4, 7, 5)), A, Tensor.scalar(4), Tensor.scalar(1)),
                of("scatter_add", Map.of("axis", 0), Tensor.vector(1, 2), Tensor.vector(1, 2), Tensor.vector(), Tensor.vector()),
                of("take_along_axis", Map.of("axis", 1), cube(2, 1, 1, 4, 6), cube(2, 3, 1, 5, 1, 4, 2, 3, 6), cube(2, 1, 1, 2, -1)),
                of("take_along_axis", Map.of("axis", 1), cube(2, 1, 1, 1, 2), cube(2, 3, 1, 5, 1, 4, 2, 2, 6), cube(1, 1, 1, 1)),
                of("take_along_axis", Map.of("axis", 2), Tensor.of(Shape.of(2, 2, 1, 1), 2, 3, 8, 9),
                        Tensor.of(Shape.of(2, 2, 3, 1), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Tensor.of(Shape.of(1, 2, 1, 1), 2, 0)),
                of("take_along_axis_transpose", Map.of("axis", 0, "length", 3), rows(r(0), r(7), r(0)), rows(r(1)), rows(r(7))),
                of("take_along_axis_transpose", Map.of("axis", 1, "length", 2), cube(2, 2, 1, 0, 5, 6, 0), cube(2, 1, 1, 1, 0),
                        cube(2, 1, 1, 5, 6)),
                of("take_along_axis_transpose", Map.of("axis", 1, "length", 2), cube(2, 2, 1, 0, 5, 0, 6), cube(1, 1, 1, 1),
                        cube(2, 1, 1, 5, 6)),
                of("one_hot", Map.of("num_classes", 3), rows(r(0, 0, 1), r(1, 0, 0)), Tensor.vector(-1, 0)),
                of("one_hot", Map.of("num_classes", 2), Tensor.vector(0, 1), Tensor.scalar(1)),
                of("argmax", Map.of(), Tensor.scalar(4), A), of("argmin", Map.of("axis", 1), Tensor.vector(1, 0), A),
                of("argmax", Map.of(), Tensor.scalar(1), Tensor.vector(1, 3, 3)),
                of("argmin", Map.of(), Tensor.scalar(2), Tensor.vector(1, 0, NAN, NAN)),
                of("argmax", Map.of("axis", 0, "keepdims", true), rows(r(1, 1, 1)), A),
                of("argsort", Map.of(), rows(r(1, 2, 0), r(0, 2, 1)), A),
                of("argsort", Map.of("axis", 0), rows(r(0, 0, 0), r(1, 1, 1)), A),
                of("argsort", Map.of(), Tensor.vector(3, 0, 2, 1), Tensor.vector(0, NAN, -0.0, -INF)),
                of("argsort", Map.of("descending", true), Tensor.vector(1, 2, 0, 3), Tensor.vector(1, 2, 2, 0)),
                of("sort", Map.of(), rows(r(1, 2, 3), r(4, 5, 6)), A),
                of("sort", Map.of("descending", true), rows(r(3, 2, 1), r(6, 5, 4)), A),
                of("topk", Map.of("k", 2), rows(r(3, 2), r(6, 5)), A), of("topk", Map.of("k", 1, "axis", 0), rows(r(4, 6, 5)), A),
                of("topk", Map.of("k", 3), rows(r(3, 2, 1), r(6, 5, 4)), A),
                of("median", Map.of(), Tensor.scalar(3.5), A), of("median", Map.of("axis", 1), Tensor.vector(2, 5), A),
                of("median", Map.of(), Tensor.scalar(NAN), Tensor.vector(1, NAN, 2)),
                of("median", Map.of(), Tensor.scalar(INF), Tensor.vector(INF, INF)),
                of("median", Map.of(), Tensor.scalar(NAN), Tensor.vector()),
                of("quantile", Map.of("q", 0.25), Tensor.scalar(1.75), Tensor.vector(4, 3, 2, 1)),
                of("quantile", Map.of("q", 1, "axis", 0, "keepdims", true), rows(r(4, 6, 5)), A),
                of("quantile", Map.of("q", 0), Tensor.scalar(1), A));
    }

    private static Arguments of(String op, Map<String, ?> attributes, Tensor expected, Tensor... operands) {
        return Arguments.of(op, attributes, expected, List.of(operands));
    }

    private static Tensor rows(double[]... rows) {
        return Tensor.matrix(rows);
    }

    private static Tensor cube(int a, int b, int c, double... elements) {
        return Tensor.of(Shape.of(a, b, c), elements);
    }

    private static double[] r(double... row) {
        return row;
    }

    @ParameterizedTest
    @MethodSource("values")
    void values_by_index_and_order(String op, Map<String, ?> attributes, Tensor expected, List<Tensor> operands) {
        GraphFunction function = GraphFunction.of(x -> call(op, attributes, x), operands.stream().map(Tensor::shape).toArray(Shape[]::new));
        assertThat(function.run(operands)).containsExactly(expected);
    }

    static Stream<Arguments> gradients() {
        return Stream.of(Arguments.of("sort", Map.of(), r(2, 1, 2), r(1, 2, 3), r(2, 1, 3)),
                Arguments.of("topk", Map.of("k", 1), r(2, 1, 2), r(1), r(1, 0, 0)),
                Arguments.of("median", Map.of(), r(4, 1, 2, 9), r(1), r(0.5, 0, 0.5, 0)),
                Arguments.of("median", Map.of(), r(4, 1, 2), r(1), r(0, 0, 1)),
                Arguments.of("quantile", Map.of("q", 0.25), r(4, 1, 2, 9), r(1), r(0, 0.25, 0.75, 0)),
                Arguments.of("argmax", Map.of(), r(1, 2), r(1), r(0, 0)));
    }

    @ParameterizedTest
    @MethodSource("gradients")
    void gradients_go_to_the_elements_found(String op, Map<String, ?> attributes, double[] x, double[] cotangent, double[] gradient) {
        GraphFunction function = GraphFunction.of(nodes -> call(op, attributes, nodes), Shape.of(x.length));
        Tensor given = Tensor.of(function.outputShapes().getFirst(), cotangent);
        assertThat(function.vjp().apply(Tensor.vector(x), given).data()).containsExactly(gradient, within(1e-15));
    }

    @Test
    void repeated_indices_accumulate() {
        GraphFunction take = GraphFunction.of(x -> call("take", Map.of("axis", 0), x), Shape.of(3), Shape.of(4));
        Tensor gradient = take.vjp(0).apply(Tensor.vector(5, 6, 7), Tensor.vector(0, 2, 0, -3), Tensor.vector(1, 10, 100, 1000));
        assertThat(gradient).isEqualTo(Tensor.vector(1101, 0, 10));
    }

    static Stream<Arguments> badIndices() {
        return Stream.of(
                Arguments.of("take", Map.of("axis", 0), List.of(A, Tensor.scalar(2)), "index 2 is out of range for axis 0",
                        "a whole number from -2 to 1"),
                Arguments.of("take", Map.of("axis", 1), List.of(A, Tensor.vector(0, -4)), "index -4 is out of range for axis 1",
                        "a whole number from -3 to 2"),
                Arguments.of("take", Map.of(), List.of(Tensor.vector(), Tensor.scalar(0)), "which has length 0",
                        "nothing: the axis is empty"),
                Arguments.of("take_along_axis", Map.of(), List.of(A, rows(r(0.5))), "index 0.5 is not a whole number",
                        "a whole number from -3 to 2"),
                Arguments.of("take_along_axis", Map.of(), List.of(A, rows(r(NAN))), "index NaN is not a whole number",
                        "a whole number from -3 to 2"),
                Arguments.of("scatter_add", Map.of(), List.of(A, Tensor.scalar(INF), Tensor.scalar(1)), "index Infinity is out of range",
                        "a whole number from -6 to 5"),
                Arguments.of("one_hot", Map.of("num_classes", 3), List.of(Tensor.vector(1, 3)), "index 3 is out of range",
                        "a whole number from -3 to 2"));
    }

    @ParameterizedTest
    @MethodSource("badIndices")
    void indices_that_point_nowhere(String op, Map<String, ?> attributes, List<Tensor> operands, String message, String expected) {
        GraphFunction function = GraphFunction.of(x -> call(op, attributes, x), operands.stream().map(Tensor::shape).toArray(Shape[]::new));
        assertThatThrownBy(() -> function.run(operands)).hasMessageContaining(message)
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(e -> assertThat(e.problems()).singleElement()
                        .satisfies(p -> {
                            assertThat(p.code()).isEqualTo(ProblemCode.INVALID_VALUE);
                            assertThat(p.expected()).isEqualTo(expected);
                        }));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(Arguments.of("take", Map.of("axis", 2), "2,3;2", "axis 2 is out of range"),
                Arguments.of("embedding", Map.of(), "2;", "axis 0 is out of range for shape []"),
                Arguments.of("scatter_add", Map.of("axis", -3), "2,3;2;2", "axis -3 is out of range"),
                Arguments.of("take_along_axis", Map.of(), "2,3;2", "not as many axes"),
                Arguments.of("take_along_axis", Map.of(), "2,3;3,1", "do not broadcast"),
                Arguments.of("take_along_axis_transpose", Map.of("length", 2), "3;2", "do not stretch"),
                Arguments.of("scatter_add", Map.of("axis", 0), "3;2;3", "does not stretch"),
                Arguments.of("argmax", Map.of(), "0", "nothing has no argmax"),
                Arguments.of("topk", Map.of("k", 4), "3", "fewer than 4"), Arguments.of("sort", Map.of(), "", "axis -1 is out of range"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void operands_that_do_not_fit(String op, Map<String, ?> attributes, String dims, String message) {
        Shape[] shapes = Arrays.stream(dims.split(";", -1)).map(ShapeTables::shape).toArray(Shape[]::new);
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, shapes.length).shape(shapes)).isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_quantile_is_between_0_and_1() {
        assertThatThrownBy(() -> GraphFunction.op("quantile", Map.of("q", 1.5), 1)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("from 0 to 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void all_lines_are_read_at_the_same_indices_on_any_number_of_threads(int axis) {
        Shape shape = Shape.of(2, 3, 2);
        Tensor x = Tensor.of(shape, IntStream.range(0, shape.length()).asDoubleStream().toArray());
        int length = shape.dim(axis);
        int n = 70_001;
        int[] indices = new Random(1).ints(n, -length, length).toArray();
        int part = shape.sub(axis + 1, 3).length();
        double[] expected = IntStream.range(0, shape.length() / length * n)
                .mapToDouble(i -> i / part / n * length * part + Math.floorMod(indices[i / part % n], length) * part + i % part).toArray();
        GraphFunction take = GraphFunction.of(o -> call("take", Map.of("axis", axis), o), shape, Shape.of(n));
        List<Tensor> operands = List.of(x, Tensor.vector(Arrays.stream(indices).asDoubleStream().toArray()));
        try (Threads three = Threads.of(3)) {
            for (Parallel parallel : List.of(Parallel.NONE, three)) {
                assertThat(take.run(operands, parallel).getFirst().data()).isEqualTo(expected);
            }
        }
    }

    /** Longer rows than may be read at once. */
    @ParameterizedTest
    @CsvSource({"0, true", "3, true", "0, false", "3, false"})
    void long_rows_are_read_and_added_part_by_part(int rest, boolean isOneRow) {
        int n = (1 << 18) + rest;
        Shape shape = Shape.of(2, n);
        Tensor x = Tensor.zeros(shape);
        Arrays.setAll(x.data(), i -> i);
        Tensor indices = Tensor.zeros(Shape.of(3, isOneRow ? 1 : n));
        int[] rows = {1, 0, 1};
        Arrays.setAll(indices.data(), i -> isOneRow ? rows[i] : (rows[i / n] + i) % 2);
        GraphFunction take = GraphFunction.of(o -> call("take_along_axis", Map.of("axis", 0), o), shape, indices.shape());
        double[] expected = IntStream.range(0, 3 * n)
                .mapToDouble(i -> (isOneRow ? rows[i / n] : (rows[i / n] + i) % 2) * n + i % n).toArray();
        assertThat(take.apply(x, indices).data()).isEqualTo(expected);
        double[] added = new double[2 * n];
        IntStream.range(0, 3 * n).forEach(i -> added[(int) expected[i]] += i);
        Tensor updates = Tensor.zeros(Shape.of(3, n));
        Arrays.setAll(updates.data(), i -> i);
        assertThat(take.vjp(0).apply(x, indices, updates).data()).isEqualTo(added);
    }

    static Stream<Arguments> asking() {
        Shape rows = Shape.of(2, 1 << 18);
        Shape longer = Shape.of(2, (1 << 18) + 3);
        Shape lines = Shape.of((1 << 18) + 1, 1);
        return Stream.of(Arguments.of("take_along_axis", Map.of("axis", 0), List.of(rows, Shape.of(2, 1)), 2),
                Arguments.of("take_along_axis", Map.of("axis", 0), List.of(longer, Shape.of(2, 1)), 2),
                Arguments.of("take_along_axis", Map.of("axis", 0), List.of(Shape.of(2, 4), Shape.of(1 << 17, 4)), 2),
                Arguments.of("take_along_axis_transpose", Map.of("axis", 0, "length", 1), List.of(Shape.of(2, 1), rows), 2),
                Arguments.of("take_along_axis_transpose", Map.of("length", 1), List.of(lines, lines), 2));
    }

    @ParameterizedTest
    @MethodSource("asking")
    void loops_ask_each_quarter_of_a_million_elements_whether_they_may_go_on(String name, Map<String, ?> attributes, List<Shape> shapes,
            int times) {
        int[] asked = {0};
        Op op = GraphFunction.op(name, attributes, 2);
        Tensor result = Tensor.zeros(op.shape(shapes.toArray(Shape[]::new)));
        GraphFunction.write(op, shapes.stream().map(Tensor::zeros).toList(), result, Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isEqualTo(times);
    }

    static Stream<Arguments> dependent() {
        return Stream.of(
                Arguments.of("take_along_axis", Map.of("axis", 0), "2,2;1,2", "0:0>0 0:2>0 0:1>1 0:3>1"),
                Arguments.of("take_along_axis", Map.of("axis", 1), "2,2;1,3", "0:0>0 0:1>0 0:0>1 0:1>1 0:0>2 0:1>2 "
                        + "0:2>3 0:3>3 0:2>4 0:3>4 0:2>5 0:3>5"),
                Arguments.of("take_along_axis", Map.of("axis", 1), "2,2,1;2,1,1", "0:0>0 0:1>0 0:2>1 0:3>1"),
                Arguments.of("take_along_axis", Map.of("axis", 0), "2;0", ""),
                Arguments.of("take_along_axis_transpose", Map.of("axis", 0, "length", 2), "1,2;1,2", "1:0>0 1:0>2 1:1>1 1:1>3"),
                Arguments.of("take_along_axis_transpose", Map.of("axis", 0, "length", 0), "1,2;1,2", ""),
                Arguments.of("take_along_axis_transpose", Map.of("axis", 0, "length", 2), "0;0", ""));
    }

    /** Any element along the axis may be the one at an index; pairs are written as operand:element>element of the result. */
    @ParameterizedTest
    @MethodSource("dependent")
    void an_element_depends_on_each_along_the_axis(String name, Map<String, ?> attributes, String dims, String pairs) {
        Shape[] shapes = Arrays.stream(dims.split(";", -1)).map(ShapeTables::shape).toArray(Shape[]::new);
        Op op = GraphFunction.op(name, attributes, 2);
        List<String> found = new ArrayList<>();
        assertThat(op.dependences(shapes, op.shape(shapes), (operand, from, to) -> found.add(operand + ":" + from + ">" + to))).isTrue();
        assertThat(found).containsExactlyInAnyOrder(pairs.isEmpty() ? new String[0] : pairs.split(" "));
    }

    @Test
    void indices_pass_no_derivative_and_the_other_operand_does() {
        Op take = GraphFunction.op("take_along_axis", Map.of(), 2);
        Op add = GraphFunction.op("take_along_axis_transpose", Map.of("length", 2), 2);
        assertThat(Stream.of(take.ignores(0), take.ignores(1), add.ignores(0), add.ignores(1))).containsExactly(false, true, true, false);
    }
}
