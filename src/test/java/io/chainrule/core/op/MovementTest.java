package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What ops that move data tell of themselves: where elements go, which derivatives are zero, and what is only seen in another shape. */
class MovementTest {

    static Stream<OpCases> cases() {
        return OpCases.of(Stream.concat(OpCase.all().filter(one -> one.op() instanceof Movement),
                Stream.of(joined("concatenate", 0, "0", "2", "0", "0", "1"), joined("concatenate", 1, "2,0", "2,0", "2,2"),
                        joined("stack", 0, "2", "2", "2"), joined("concatenate", 0, "0", "0"),
                        joined("concatenate", 1, "0,2", "0,3"))));
    }

    private static OpCase joined(String op, int axis, String... dims) {
        return new OpCase(Objects.requireNonNull(OpCatalogue.find(op)), Map.of("axis", axis),
                Arrays.stream(dims).map(ShapeTables::shape).toList());
    }

    /** An element of the result depends on those elements whose change changes it. */
    @ParameterizedTest
    @MethodSource("cases")
    void exactly_the_elements_that_are_moved_are_told(OpCases cases) {
        cases.each(MovementTest::assertExactlyTold);
    }

    private static void assertExactlyTold(OpCase one) {
        Shape[] shapes = one.shapes().toArray(Shape[]::new);
        List<List<Integer>> told = new ArrayList<>();
        assertThat(one.op().dependences(shapes, one.shape(), (operand, from, to) -> told.add(List.of(operand, from, to)))).isTrue();
        List<List<Integer>> found = new ArrayList<>();
        for (int k = 0; k < shapes.length && one.shape().size() > 0; k++) {
            for (int from = 0; from < shapes[k].length(); from++) {
                List<Tensor> unit = Arrays.stream(shapes).map(Tensor::zeros).toList();
                unit.get(k).data()[from] = 1;
                double[] moved = value(one.op(), unit);
                for (int to = 0; to < moved.length; to++) {
                    if (moved[to] != 0) {
                        found.add(List.of(k, from, to));
                    }
                }
            }
        }
        assertThat(told).containsExactlyInAnyOrderElementsOf(found);
    }

    private static double[] value(Op op, List<Tensor> operands) {
        Tensor result = Tensor.zeros(op.shape(operands.stream().map(Tensor::shape).toArray(Shape[]::new)));
        GraphFunction.write(op, operands, result, Parallel.NONE);
        return result.data();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_derivative_by_one_operand_is_that_by_all_of_them(OpCases cases) {
        cases.each(MovementTest::assertDerivatives);
    }

    private static void assertDerivatives(OpCase one) {
        Tensor cotangent = counting(one.shape());
        for (int k = 0; k < one.shapes().size(); k++) {
            int operand = k;
            List<Tensor> inputs = new ArrayList<>(one.operands(1));
            inputs.add(cotangent);
            GraphFunction alone = GraphFunction.of(x -> {
                Node node = call(one.definition().name(), one.attributes(), Arrays.copyOf(x, x.length - 1));
                return Objects.requireNonNull(node.op().vjp(node, operand, x[x.length - 1]));
            }, inputs.stream().map(Tensor::shape).toArray(Shape[]::new));
            assertThat(alone.run(inputs).getFirst()).isEqualTo(one.function().vjp().run(inputs).get(k));
        }
    }

    private static Tensor counting(Shape shape) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> i + 1);
        return tensor;
    }

    @Test
    void an_operand_without_a_tangent_leaves_zeros_in_its_place() {
        GraphFunction tangent = GraphFunction.of(x -> {
            Node node = call("concatenate", x[0], x[1]);
            return Objects.requireNonNull(node.op().jvp(node, new @Nullable Node[]{null, x[2]}));
        }, Shape.of(2), Shape.of(1), Shape.of(1));
        assertThat(tangent.apply(Tensor.vector(1, 2), Tensor.vector(3), Tensor.vector(4))).isEqualTo(Tensor.vector(0, 0, 4));
    }

    @Test
    void without_tangents_nothing_is_added() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node node = call("concatenate", graph.input("x", Shape.of(2)), graph.input("x", Shape.of(1)));
        assertThat(node.op().jvp(node, new Node[2])).isNull();
        assertThat(node.op().error(node, new Node[2])).as("errors move with the elements").isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # axes   | operand | swaps the last two
                     | 2,3     | true
                     | 3       | false
                     | ''      | false
                     | 2,3,4   | false
            1,0      | 2,3     | true
            0,1      | 2,3     | false
            0,2,1    | 2,3,4   | true
            -3,-1,-2 | 2,3,4   | true
            1,0,2    | 2,3,4   | false
            2,1,0    | 2,3,4   | false
            1,2,0    | 2,3,4   | false
            2,0,1    | 2,3,4   | false
            0,1,3,2  | 2,3,4,5 | true
            1,0,3,2  | 2,3,4,5 | false
            """)
    void a_transpose_may_swap_rows_and_columns(@Nullable String axes, String dims, boolean expected) {
        Map<String, ?> attributes = axes == null
                ? Map.of()
                : Map.of("axes", Arrays.stream(axes.split(",")).map(Integer::valueOf).toList());
        Shape shape = ShapeTables.shape(dims);
        Op op = GraphFunction.op("transpose", attributes, 1);
        assertThat(op.swapsLastAxes(shape)).isEqualTo(expected);
        assertThat(((Shaping.Transpose) op).swapsRowsAndColumns(shape)).isEqualTo(expected && shape.rank() == 2);
    }

    @Test
    void an_op_tells_whether_its_operand_can_be_read_instead() {
        assertThat(GraphFunction.op("reshape", Map.of("shape", 3), 1).isView()).isTrue();
        assertThat(GraphFunction.op("broadcast_to", Map.of("shape", 3), 1).isStretched()).isTrue();
    }

    /** Each array of a batch has its only nonzero element where the reshaped one has it. */
    @Test
    void a_batch_of_one_hot_arrays_stays_one_when_it_is_reshaped() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node values = graph.input("x", Shape.of(2, 3));
        Op op = GraphFunction.op("reshape", Map.of("shape", List.of(3, 2)), 1);
        Node reshaped = Objects.requireNonNull(op.onOneHot(new Node[]{values}, new boolean[]{true}));
        assertThat(reshaped.operand(0).index()).isEqualTo(values.index());
        assertThat(reshaped.shape()).isEqualTo(Shape.of(3, 2));
    }

    static Stream<Arguments> runs() {
        return Stream.of(Arguments.of("concatenate", 0, List.of("16", "17"), true),
                Arguments.of("concatenate", 0, List.of("16", "15"), false),
                Arguments.of("concatenate", 0, List.of("15", "16"), false), Arguments.of("concatenate", 0, List.of("2,8", "3,8"), true),
                Arguments.of("concatenate", 1, List.of("2,16", "2,20", "2,17"), true),
                Arguments.of("concatenate", 1, List.of("2,8", "2,20"), false), Arguments.of("stack", 1, List.of("3,16", "3,16"), true),
                Arguments.of("stack", -1, List.of("3,16", "3,16"), false), Arguments.of("concatenate", -1, List.of("3,40"), true));
    }

    /** Shorter copies take longer than the steps between them. */
    @ParameterizedTest
    @MethodSource("runs")
    void joined_arrays_are_read_run_by_run_where_runs_are_long(String op, int axis, List<String> dims, boolean expected) {
        OpCase one = joined(op, axis, dims.toArray(String[]::new));
        ElementLoop loop = ElementLoop.of(one.op(), one.shapes().toArray(Shape[]::new), one.shape());
        assertThat(loop != null).isEqualTo(expected);
        if (loop == null) {
            return;
        }
        assertThat(loop.isGathering()).isTrue();
        List<Tensor> operands = one.operands(1);
        double[][] x = operands.stream().map(Tensor::data).toArray(double[][]::new);
        double[] all = one.function().run(operands).getFirst().data();
        for (int position = 0; position < all.length; position++) {
            for (int n : new int[]{1, 17, all.length}) {
                int most = Math.min(n, all.length - position);
                double[] out = new double[most + 2];
                loop.run(x, new int[x.length], new int[x.length], out, 1, position, most);
                assertThat(Arrays.copyOfRange(out, 1, 1 + most)).as("%d from %d on", most, position)
                        .containsExactly(Arrays.copyOfRange(all, position, position + most));
                assertThat(out[0] + out[most + 1]).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"-3", "2"})
    void a_new_axis_stands_beside_one_that_there_is(int axis) {
        assertThatThrownBy(() -> GraphFunction.op("stack", Map.of("axis", axis), 1).shape(Shape.of(2)))
                .isInstanceOfSatisfying(ShapeException.class, e -> {
                    assertThat(e).hasMessage("axis " + axis + " is out of range for stacking shape [2]");
                    assertThat(e.expected()).isEqualTo("an axis from -2 to 1");
                });
    }

    static Stream<Arguments> unlike() {
        return Stream.of(Arguments.of("concatenate", -1, "2,3,4", "2,3", "shapes that differ on axis -1 only"),
                Arguments.of("concatenate", 1, "2,3", "1,3", "shapes that differ on axis 1 only"),
                Arguments.of("stack", -1, "2,3", "3", "equal shapes"), Arguments.of("stack", 1, "2,3", "2,4", "equal shapes"));
    }

    @ParameterizedTest
    @MethodSource("unlike")
    void only_arrays_that_are_alike_beside_the_axis_are_joined(String op, int axis, String first, String second, String expected) {
        Shape a = ShapeTables.shape(first);
        Shape b = ShapeTables.shape(second);
        assertThatThrownBy(() -> GraphFunction.op(op, Map.of("axis", axis), 2).shape(a, b))
                .isInstanceOfSatisfying(ShapeException.class, e -> {
                    assertThat(e).hasMessage("shapes " + a + " and " + b + " cannot be joined along axis " + axis);
                    assertThat(e.expected()).isEqualTo(expected);
                });
    }

    @Test
    void the_derivative_of_a_plain_transpose_is_a_plain_transpose() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node node = call("transpose", graph.input("x", Shape.of(2, 3)));
        Node back = Objects.requireNonNull(node.op().vjp(node, 0, graph.input("y", Shape.of(3, 2))));
        assertThat(back.op().attributes()).isEmpty();
        assertThat(back.op().family()).isEqualTo(Family.MOVEMENT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            :,2:18 | 3,45 | true
            :,2:17 | 3,45 | false
            :,2    | 3,45 | false
            2      | 3,45 | true
            """)
    void parts_are_read_line_by_line_where_lines_are_long(String at, String dims, boolean expected) {
        List<?> items = Arrays.stream(at.split(",")).map(item -> item.contains(":") ? item : Integer.valueOf(item)).toList();
        Op index = GraphFunction.op("index", Map.of("at", items), 1);
        Shape shape = ShapeTables.shape(dims);
        assertThat(ElementLoop.of(index, new Shape[]{shape}, index.shape(shape)) != null).isEqualTo(expected);
    }

    @Test
    void only_another_axis_than_the_first_is_written() {
        assertThat(GraphFunction.op("stack", Map.of("axis", 0), 1).attributes()).isEmpty();
        assertThat(GraphFunction.op("concatenate", Map.of("axis", -1), 1).attributes()).isEqualTo(Map.of("axis", -1));
    }

    @Test
    void offsets_are_all_sums_row_by_row() {
        assertThat(Offsets.of(new int[]{0, 10, 20}, new int[]{1, 3})).containsExactly(1, 3, 11, 13, 21, 23);
        assertThat(Offsets.of(new int[]{4}, new int[]{0})).containsExactly(4);
        assertThat(Offsets.of()).containsExactly(0);
        assertThat(Offsets.of(new int[]{1, 2}, new int[0])).isEmpty();
        assertThat(Offsets.steps(3, 5, -2)).containsExactly(5, 3, 1);
        assertThat(IntStream.of(Offsets.steps(0, 5, 2))).isEmpty();
    }
}
