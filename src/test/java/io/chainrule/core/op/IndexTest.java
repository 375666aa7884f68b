package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code x[...]} as NumPy's basic indexing. */
class IndexTest {
    private static final @Nullable Integer[] BOUNDS = {null, -100, -6, -5, -4, -1, 0, 1, 3, 4, 5, 100};
    private static final int[] STEPS = {1, 2, 3, 7, -1, -2, -3, -7, Integer.MAX_VALUE, Integer.MIN_VALUE};

    /** Every slice against what Python says of it: counted up or down from a start that lies within the axis. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 5})
    void slices_are_pythons(int n) {
        for (Integer start : BOUNDS) {
            for (Integer stop : BOUNDS) {
                for (int step : STEPS) {
                    String slice = (start == null ? "" : start) + ":" + (stop == null ? "" : stop) + ":" + step;
                    assertThat(apply(Map.of("at", List.of(slice)), counting(n)).data()).as("[%s] of %d elements", slice, n)
                            .containsExactly(python(n, start, stop, step));
                }
            }
        }
    }

    private static double[] python(int n, @Nullable Integer start, @Nullable Integer stop, int step) {
        List<Double> taken = new ArrayList<>();
        long from = start == null ? step > 0 ? 0 : n - 1L : start < 0 ? start + n : start;
        long to = stop == null ? step > 0 ? n : -1 : stop < 0 ? Math.max(-1, stop + n) : stop;
        if (step > 0) {
            for (long i = Math.max(0, from); i < Math.min(n, to); i += step) {
                taken.add((double) i);
            }
        } else {
            for (long i = Math.min(n - 1, from); i >= 0 && i > to; i += step) {
                taken.add((double) i);
            }
        }
        return taken.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Elements of a 2 × 3 × 4 array that counts from 0. */
    static Stream<Arguments> places() {
        return Stream.of(
                place(List.of(), Shape.of(2, 3, 4)), place(List.of("..."), Shape.of(2, 3, 4)), place(List.of(1, 2, 3), Shape.SCALAR, 23),
                place(List.of(-2, -3, -4), Shape.SCALAR, 0), place(List.of(1, "1:", 0), Shape.of(2), 16, 20),
                place(List.of("...", 1), Shape.of(2, 3), 1, 5, 9, 13, 17, 21), place(List.of(0, "...", 1), Shape.of(3), 1, 5, 9),
                place(List.of(0, 1, "...", "::-2"), Shape.of(2), 7, 5), place(List.of("::-1", 0, "3:0:-2"), Shape.of(2, 2), 15, 13, 3, 1),
                place(List.of(":", "2:1"), Shape.of(2, 0, 4)), place(List.of(":", ":", "5:9"), Shape.of(2, 3, 0)),
                place(List.of(1, " 1 : 3 ", "-1:"), Shape.of(2, 1), 19, 23), place(List.of(0, 0, "::99999999999"), Shape.of(1), 0),
                place(List.of(0, 0, "-99999999999:99999999999"), Shape.of(4), 0, 1, 2, 3));
    }

    private static Arguments place(List<?> at, Shape shape, double... elements) {
        return Arguments.of(at, shape, elements);
    }

    @ParameterizedTest
    @MethodSource("places")
    void whole_numbers_drop_an_axis_and_an_ellipsis_stands_for_the_rest(List<?> at, Shape shape, double[] elements) {
        Tensor actual = apply(Map.of("at", at), counting(2, 3, 4));
        assertThat(actual.shape()).isEqualTo(shape);
        if (elements.length > 0) {
            assertThat(actual.data()).containsExactly(elements);
        }
    }

    static Stream<Arguments> nowhere() {
        return Stream.of(
                Arguments.of(List.of(2), "index 2 is out of range for axis 0 of shape [2, 3]", "from -2 to 1"),
                Arguments.of(List.of(0, -4), "index -4 is out of range for axis 1 of shape [2, 3]", "from -3 to 2"),
                Arguments.of(List.of(0, 0, 0), "too many indices", "at most 2"),
                Arguments.of(List.of(0, "...", 0, 0), "too many indices", "at most 2"),
                Arguments.of(List.of("...", "..."), "\"...\" is no slice", "start:stop or start:stop:step"),
                Arguments.of(List.of("1"), "\"1\" is no slice", "start:stop or start:stop:step"),
                Arguments.of(List.of("a:b"), "\"a:b\" is no slice", "start:stop or start:stop:step"),
                Arguments.of(List.of("1:2:3:4"), "is no slice", "start:stop or start:stop:step"),
                Arguments.of(List.of("1.5:2"), "is no slice", "start:stop or start:stop:step"),
                Arguments.of(List.of("::0"), "the step of slice \"::0\" is 0", "a step that is not 0"));
    }

    @ParameterizedTest
    @MethodSource("nowhere")
    void what_points_nowhere_is_refused(List<?> at, String message, String expected) {
        Op index = GraphFunction.op("index", Map.of("at", at), 1);
        assertThatThrownBy(() -> index.shape(Shape.of(2, 3))).isInstanceOfSatisfying(ShapeException.class, e -> {
            assertThat(e).hasMessageContaining(message);
            assertThat(e.expected()).isEqualTo(expected);
        });
    }

    @Test
    void an_empty_axis_has_no_first_element() {
        Op first = GraphFunction.op("index", Map.of("at", List.of(0)), 1);
        assertThatThrownBy(() -> first.shape(Shape.of(0))).isInstanceOfSatisfying(ShapeException.class, e -> {
            assertThat(e).hasMessage("index 0 is out of range for axis 0 of shape [0]");
            assertThat(e.expected()).isEqualTo("nothing: the axis is empty");
        });
    }

    static Stream<Arguments> items() {
        return Stream.of(Arguments.of(List.of("1:2:"), List.of("1:2")), Arguments.of(List.of("::", 0, "::2"), List.of(":", 0, "::2")),
                Arguments.of(List.of("...", ":3"), List.of("...", ":3")), Arguments.of(List.of("1:2:3:"), List.of("1:2:3:")));
    }

    @ParameterizedTest
    @MethodSource("items")
    void a_colon_without_a_step_behind_it_is_not_written(List<?> given, List<?> written) {
        assertThat(GraphFunction.op("index", Map.of("at", given), 1).attributes()).isEqualTo(Map.of("at", written));
        assertThat(GraphFunction.op("index_transpose", Map.of("shape", 3, "at", List.of(given)), 1).attributes())
                .isEqualTo(Map.of("shape", List.of(3), "at", List.of(written)));
    }

    static Stream<Arguments> sums() {
        Tensor pair = Tensor.vector(10, 20);
        return Stream.of(sum(List.of(List.of("2:0:-1")), Tensor.of(Shape.of(4), 0, 20, 10, 0), pair),
                sum(List.of(List.of(0), List.of(0)), Tensor.of(Shape.of(2), 3, 0), Tensor.scalar(1), Tensor.scalar(2)),
                sum(List.of(List.of(1), List.of(0)), Tensor.of(Shape.of(2), 2, 1), Tensor.scalar(1), Tensor.scalar(2)),
                sum(List.of(List.of("1:"), List.of(":2")), Tensor.of(Shape.of(3), 10, 30, 20), pair, pair),
                sum(List.of(List.of(0), List.of(":"), List.of(1)), Tensor.of(Shape.of(2), 11, 22), Tensor.scalar(1), pair,
                        Tensor.scalar(2)),
                sum(List.of(List.of("2:", 2)), Tensor.zeros(Shape.of(2, 3)), Tensor.vector()),
                sum(List.of(List.of(":0:-1")), Tensor.zeros(Shape.of(1)), Tensor.vector()),
                sum(List.of(List.of(":", 1), List.of(0)), Tensor.of(Shape.of(2, 2), 10, 30, 0, 20), pair, pair),
                sum(List.of(List.of(0)), Tensor.of(Shape.of(2), 0, 0), Tensor.scalar(-0.0)),
                sum(List.of(List.of(0), List.of(0)), Tensor.of(Shape.of(1), 0), Tensor.scalar(-0.0), Tensor.scalar(-0.0)));
    }

    private static Arguments sum(List<?> places, Tensor expected, Tensor... parts) {
        return Arguments.of(places, expected, List.of(parts));
    }

    /** A sum that begins with a zero is never −0. */
    @ParameterizedTest
    @MethodSource("sums")
    void parts_are_added_to_zeros_at_their_places(List<?> places, Tensor expected, List<Tensor> parts) {
        Op op = GraphFunction.op("index_transpose", Map.of("shape", expected.shape().toList(), "at", places), parts.size());
        Tensor actual = Tensor.full(expected.shape(), Double.NaN);
        GraphFunction.write(op, parts, actual, Parallel.NONE);
        assertThat(Arrays.stream(actual.data()).mapToObj(Double::valueOf))
                .containsExactlyElementsOf(Arrays.stream(expected.data()).mapToObj(Double::valueOf).toList());
    }

    @Test
    void sums_of_parts_of_one_array_are_one_op() {
        Op first = transposed(List.of(3), List.of(0));
        Op second = transposed(List.of(3), List.of("1:"), List.of(-1));
        assertThat(first.isSummedAtOnce()).isTrue();
        assertThat(Objects.requireNonNull(first.sumOf(List.of(first, second), false)).attributes())
                .isEqualTo(Map.of("shape", List.of(3), "at", List.of(List.of(0), List.of("1:"), List.of(-1))));
        assertThat(Objects.requireNonNull(first.sumOf(List.of(second, first), true)).attributes())
                .isEqualTo(Map.of("shape", List.of(3), "at", List.of(List.of("..."), List.of("1:"), List.of(-1), List.of(0))));
        assertThat(first.sumOf(List.of(first, transposed(List.of(4), List.of(0))), false)).as("of another shape").isNull();
        assertThat(first.sumOf(List.of(first, GraphFunction.op("exp", Map.of(), 1)), false)).as("of another op").isNull();
    }

    private static Op transposed(List<?> shape, List<?>... at) {
        return GraphFunction.op("index_transpose", Map.of("shape", shape, "at", List.of(at)), at.length);
    }

    /** Only parts that overlap are added, and rounded. */
    @Test
    void one_exact_part_stays_exact() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node one = graph.add(transposed(List.of(3), List.of(0)), graph.input("x", Shape.SCALAR));
        assertThat(one.op().error(one, new Node[1])).isNull();
    }

    static Stream<Arguments> joined() {
        List<String> rows = List.of("2,3", "4,3", "1,3");
        List<String> columns = List.of("2,1", "2,0", "2,3");
        List<String> equal = List.of("2,3", "2,3", "2,3");
        return Stream.of(Arguments.of("concatenate", 0, rows, List.of("0:2"), 0), Arguments.of("concatenate", 0, rows, List.of("2:6"), 1),
                Arguments.of("concatenate", 0, rows, List.of("-1:"), 2), Arguments.of("concatenate", 0, rows, List.of("...", ":2", ":"), 0),
                Arguments.of("concatenate", 0, rows, List.of("1:3"), -1), Arguments.of("concatenate", 0, rows, List.of("1::-1"), -1),
                Arguments.of("concatenate", 0, rows, List.of(":2", ":2"), -1), Arguments.of("concatenate", 0, rows, List.of(6), -1),
                Arguments.of("concatenate", -1, columns, List.of(":", "1:"), 2),
                Arguments.of("concatenate", 1, columns, List.of(":", ":1"), 0),
                Arguments.of("concatenate", 1, columns, List.of(":", 0), -1), Arguments.of("concatenate", 1, columns, List.of("0:2"), -1),
                Arguments.of("stack", 0, equal, List.of(0), 0), Arguments.of("stack", 0, equal, List.of(-1), 2),
                Arguments.of("stack", 0, equal, List.of("1:2"), -1), Arguments.of("stack", 1, equal, List.of(":", 1), 1),
                Arguments.of("stack", 1, equal, List.of(0), -1), Arguments.of("stack", -1, equal, List.of("...", 2), 2),
                Arguments.of("stack", 1, equal, List.of(":", ":", 1), -1), Arguments.of("stack", 0, List.of("", ""), List.of(1), 1));
    }

    @ParameterizedTest
    @MethodSource("joined")
    void a_whole_part_of_joined_arrays_is_the_array_that_was_joined(String op, int axis, List<String> dims, List<?> at, int expected) {
        Shape[] shapes = dims.stream().map(ShapeTables::shape).toArray(Shape[]::new);
        Op joining = GraphFunction.op(op, Map.of("axis", axis), shapes.length);
        Op index = GraphFunction.op("index", Map.of("at", at), 1);
        assertThat(index.selects(joining, shapes)).isEqualTo(expected);
    }

    @Test
    void a_part_of_another_op_is_none_of_its_operands() {
        Op index = GraphFunction.op("index", Map.of("at", List.of("...")), 1);
        assertThat(index.selects(GraphFunction.op("exp", Map.of(), 1), new Shape[]{Shape.of(3)})).isEqualTo(-1);
    }

    private static Tensor apply(Map<String, ?> attributes, Tensor x) {
        return GraphFunction.of(nodes -> GraphFunction.call("index", attributes, nodes), x.shape()).apply(x);
    }

    private static Tensor counting(int... dims) {
        Tensor tensor = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(tensor.data(), i -> i);
        return tensor;
    }
}
