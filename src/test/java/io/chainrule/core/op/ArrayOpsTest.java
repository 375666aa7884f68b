package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ops that rearrange, select and summarise arrays: values as NumPy answers them, and the derivatives where they are delicate. */
class ArrayOpsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final Tensor A = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6});

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("reshape", Map.of("shape", List.of(-1, 5)), Tensor.zeros(Shape.of(0, 3)), Tensor.zeros(Shape.of(0, 5))),
                Arguments.of("reshape", Map.of("shape", List.of(3, -1)), A, rows(r(1, 2), r(3, 4), r(5, 6))),
                Arguments.of("flatten", Map.of(), A, Tensor.vector(1, 2, 3, 4, 5, 6)),
                Arguments.of("swapaxes", Map.of("axis1", 0, "axis2", 1), A, rows(r(1, 4), r(2, 5), r(3, 6))),
                Arguments.of("moveaxis", Map.of("source", -1, "destination", 0), A, rows(r(1, 4), r(2, 5), r(3, 6))),
                Arguments.of("squeeze", Map.of(), rows(r(1, 2)), Tensor.vector(1, 2)),
                Arguments.of("expand_dims", Map.of("axis", 0), Tensor.vector(1, 2), rows(r(1, 2))),
                Arguments.of("tile", Map.of("reps", List.of(2, 2)), Tensor.vector(1, 2), rows(r(1, 2, 1, 2), r(1, 2, 1, 2))),
                Arguments.of("flatten", Map.of("start_axis", -1), Tensor.scalar(7), Tensor.vector(7)),
                Arguments.of("flatten", Map.of("start_axis", 1), Tensor.of(Shape.of(2, 1, 2), 1, 2, 3, 4), rows(r(1, 2), r(3, 4))),
                Arguments.of("squeeze", Map.of("axis", -1), Tensor.of(Shape.of(1, 2, 1), 1, 2), rows(r(1, 2))),
                Arguments.of("squeeze", Map.of(), Tensor.of(Shape.of(1, 2, 1), 1, 2), Tensor.vector(1, 2)),
                Arguments.of("expand_dims", Map.of("axis", List.of(-1, 0)), Tensor.vector(1, 2), Tensor.of(Shape.of(1, 2, 1), 1, 2)),
                Arguments.of("expand_dims", Map.of("axis", 1), A, Tensor.of(Shape.of(2, 1, 3), A.data())),
                Arguments.of("tile", Map.of("reps", List.of(2)), rows(r(1, 2), r(3, 4)), rows(r(1, 2, 1, 2), r(3, 4, 3, 4))),
                Arguments.of("tile", Map.of("reps", List.of(2, 1)), rows(r(1, 2), r(3, 4)), rows(r(1, 2), r(3, 4), r(1, 2), r(3, 4))),
                Arguments.of("tile", Map.of("reps", List.of(2, 1, 2)), rows(r(1), r(2)),
                        Tensor.of(Shape.of(2, 2, 2), 1, 1, 2, 2, 1, 1, 2, 2)),
                Arguments.of("tile", Map.of("reps", List.of()), Tensor.vector(1, 2), Tensor.vector(1, 2)),
                Arguments.of("repeat", Map.of("repeats", 2, "axis", -2), rows(r(1, 2), r(3, 4)), rows(r(1, 2), r(1, 2), r(3, 4), r(3, 4))),
                Arguments.of("repeat", Map.of("repeats", 2), Tensor.scalar(3), Tensor.vector(3, 3)),
                Arguments.of("repeat", Map.of("repeats", 2), rows(r(1, 2), r(3, 4)), Tensor.vector(1, 1, 2, 2, 3, 3, 4, 4)),
                Arguments.of("repeat", Map.of("repeats", 2, "axis", 1), rows(r(1, 2)), rows(r(1, 1, 2, 2))),
                Arguments.of("flip", Map.of("axis", 0), A, rows(r(4, 5, 6), r(1, 2, 3))),
                Arguments.of("flip", Map.of(), A, rows(r(6, 5, 4), r(3, 2, 1))),
                Arguments.of("flip", Map.of("axis", -1), A, rows(r(3, 2, 1), r(6, 5, 4))),
                Arguments.of("flip", Map.of("axis", List.of()), A, A),
                Arguments.of("roll", Map.of("shift", List.of(1, 2), "axis", List.of(0, 1)), A, rows(r(5, 6, 4), r(2, 3, 1))),
                Arguments.of("roll", Map.of("shift", 1, "axis", List.of(0, 1)), A, rows(r(6, 4, 5), r(3, 1, 2))),
                Arguments.of("roll", Map.of("shift", List.of(1, 1, 2), "axis", 1), A, rows(r(3, 1, 2), r(6, 4, 5))),
                Arguments.of("roll", Map.of("shift", List.of(Integer.MAX_VALUE, Integer.MAX_VALUE), "axis", 1),
                        Tensor.of(Shape.of(1, 3), 1, 2, 3),
                        rows(r(2, 3, 1))),
                Arguments.of("roll", Map.of("shift", List.of(), "axis", 1), A, A),
                Arguments.of("roll", Map.of("shift", 1, "axis", List.of()), A, A),
                Arguments.of("roll", Map.of("shift", 1), Tensor.scalar(2), Tensor.scalar(2)),
                Arguments.of("roll", Map.of("shift", 1, "axis", 0), Tensor.vector(), Tensor.vector()),
                Arguments.of("roll", Map.of("shift", 1), A, rows(r(6, 1, 2), r(3, 4, 5))),
                Arguments.of("roll", Map.of("shift", -1, "axis", 1), A, rows(r(2, 3, 1), r(5, 6, 4))),
                Arguments.of("roll", Map.of("shift", List.of(1, 1), "axis", List.of(1, 1)), A, rows(r(2, 3, 1), r(5, 6, 4))),
                Arguments.of("pad", Map.of("pad_width", List.of(List.of(1, 0), List.of(0, 1)), "value", 9), rows(r(1, 2)),
                        rows(r(9, 9, 9), r(1, 2, 9))),
                Arguments.of("pad", Map.of("pad_width", List.of(List.of(1, 0))), A, rows(r(0, 0, 0, 0), r(0, 1, 2, 3), r(0, 4, 5, 6))),
                Arguments.of("pad", Map.of("pad_width", List.of(List.of(0, 1))), Tensor.vector(), Tensor.vector(0)),
                Arguments.of("tril", Map.of(), Tensor.of(Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8),
                        Tensor.of(Shape.of(2, 2, 2), 1, 0, 3, 4, 5, 0, 7, 8)),
                Arguments.of("triu", Map.of("k", -1), rows(r(1, 2), r(3, 4), r(5, 6)), rows(r(1, 2), r(3, 4), r(0, 6))),
                Arguments.of("tril", Map.of(), A, rows(r(1, 0, 0), r(4, 5, 0))),
                Arguments.of("tril", Map.of("k", 1), A, rows(r(1, 2, 0), r(4, 5, 6))),
                Arguments.of("triu", Map.of(), A, rows(r(1, 2, 3), r(0, 5, 6))),
                Arguments.of("triu", Map.of("k", 1), rows(r(INF, NAN), r(NAN, INF)), rows(r(0, NAN), r(0, 0))),
                Arguments.of("diag", Map.of(), Tensor.vector(1, 2), rows(r(1, 0), r(0, 2))),
                Arguments.of("diag", Map.of("k", -1), Tensor.vector(7), rows(r(0, 0), r(7, 0))),
                Arguments.of("diag", Map.of("k", 1), A, Tensor.vector(2, 6)),
                Arguments.of("diagonal", Map.of("offset", -1), A, Tensor.vector(4)),
                Arguments.of("diag", Map.of("k", 1), Tensor.vector(7, 8), rows(r(0, 7, 0), r(0, 0, 8), r(0, 0, 0))),
                Arguments.of("diag", Map.of("k", -2), Tensor.vector(7), rows(r(0, 0, 0), r(0, 0, 0), r(7, 0, 0))),
                Arguments.of("diag", Map.of("k", 1), Tensor.vector(), rows(r(0))),
                Arguments.of("diag", Map.of("k", -3), Tensor.vector(), Tensor.zeros(Shape.of(3, 3))),
                Arguments.of("diag", Map.of(), Tensor.vector(), Tensor.zeros(Shape.of(0, 0))),
                Arguments.of("diag", Map.of("k", 3), A, Tensor.vector()), Arguments.of("diag", Map.of("k", 2), A, Tensor.vector(3)),
                Arguments.of("diag", Map.of(), rows(r(1, 2), r(3, 4), r(5, 6)), Tensor.vector(1, 4)),
                Arguments.of("diag", Map.of("k", -1), rows(r(1, 2), r(3, 4), r(5, 6)), Tensor.vector(3, 6)),
                Arguments.of("diagonal", Map.of("offset", -2), A, Tensor.vector()),
                Arguments.of("diagonal", Map.of("offset", Integer.MIN_VALUE), A, Tensor.vector()),
                Arguments.of("diagonal", Map.of("offset", Integer.MAX_VALUE), A, Tensor.vector()),
                Arguments.of("diagonal", Map.of("axis1", 2, "axis2", 0), Tensor.of(Shape.of(2, 1, 2), 1, 2, 3, 4), rows(r(1, 4))),
                Arguments.of("diagonal", Map.of("offset", 1, "axis1", -1, "axis2", 0), Tensor.of(Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8),
                        Tensor.of(Shape.of(2, 1), 5, 7)),
                Arguments.of("slice", Map.of("stop", List.of(1)), A, rows(r(1, 2, 3))),
                Arguments.of("slice", Map.of("start", List.of(0), "stop", List.of(2, 2)), A, rows(r(1, 2), r(4, 5))),
                Arguments.of("slice", Map.of(), A, A),
                Arguments.of("slice", Map.of("start", List.of(1, -1), "step", List.of(1, -2)), A, rows(r(6, 4))),
                Arguments.of("var", Map.of(), Tensor.vector(1, 2, 4, 5), Tensor.scalar(10 / 3.0)),
                Arguments.of("var", Map.of("correction", 0), Tensor.vector(1, 2, 4, 5), Tensor.scalar(2.5)),
                Arguments.of("var", Map.of(), Tensor.vector(3), Tensor.scalar(NAN)),
                Arguments.of("var", Map.of(), Tensor.vector(), Tensor.scalar(NAN)),
                Arguments.of("std", Map.of("axis", 1), rows(r(1, 1), r(0, 2)), Tensor.vector(0, Math.sqrt(2))),
                Arguments.of("std", Map.of("correction", 0), Tensor.vector(0.1, 0.1, 0.1), Tensor.scalar(0)),
                Arguments.of("norm", Map.of(), Tensor.vector(3, -4), Tensor.scalar(5)),
                Arguments.of("norm", Map.of(), Tensor.vector(3e200, 4e200), Tensor.scalar(5e200)),
                Arguments.of("var", Map.of("correction", 3), Tensor.vector(1, 2), Tensor.scalar(INF)),
                Arguments.of("var", Map.of("axis", 0, "keepdims", true), rows(r(1, 5), r(3, 5)), rows(r(2, 0))),
                Arguments.of("norm", Map.of("ord", -1), Tensor.vector(1, 2), Tensor.scalar(2 / 3.0)),
                Arguments.of("norm", Map.of("ord", -1), Tensor.vector(0, 2), Tensor.scalar(0)),
                Arguments.of("norm", Map.of("ord", -1), Tensor.vector(INF, 2), Tensor.scalar(2)),
                Arguments.of("norm", Map.of("ord", -1), Tensor.vector(4e-300, 4e-300), Tensor.scalar(2e-300)),
                Arguments.of("norm", Map.of("ord", 3), Tensor.vector(INF, 1), Tensor.scalar(INF)),
                Arguments.of("norm", Map.of("ord", 3, "axis", 0), Tensor.zeros(Shape.of(0, 2)), Tensor.vector(0, 0)),
                Arguments.of("norm", Map.of("ord", 3, "axis", 1, "keepdims", true), rows(r(1, -2, 2), r(0, 0, 0)),
                        rows(r(Math.cbrt(17)), r(0))),
                Arguments.of("norm", Map.of(), Tensor.vector(-INF, 1), Tensor.scalar(INF)),
                Arguments.of("norm", Map.of(), Tensor.vector(NAN, 1), Tensor.scalar(NAN)),
                Arguments.of("norm", Map.of(), Tensor.vector(), Tensor.scalar(0)),
                Arguments.of("norm", Map.of("ord", 1), Tensor.vector(3, -4), Tensor.scalar(7)),
                Arguments.of("norm", Map.of("ord", 0), Tensor.vector(3, 0, -4), Tensor.scalar(2)),
                Arguments.of("norm", Map.of("ord", "Infinity"), Tensor.vector(3, -4), Tensor.scalar(4)),
                Arguments.of("norm", Map.of("ord", "-Infinity"), Tensor.vector(3, -4), Tensor.scalar(3)),
                Arguments.of("norm", Map.of("ord", 3), Tensor.vector(0, 0), Tensor.scalar(0)),
                Arguments.of("norm", Map.of("ord", 4), Tensor.vector(0, -1e300), Tensor.scalar(1e300)),
                Arguments.of("any", Map.of("axis", 1), rows(r(0, NAN), r(0, 0)), Tensor.vector(1, 0)),
                Arguments.of("any", Map.of(), Tensor.vector(), Tensor.scalar(0)),
                Arguments.of("all", Map.of(), Tensor.vector(), Tensor.scalar(1)),
                Arguments.of("all", Map.of("axis", 0), rows(r(0, NAN), r(1, 2)), Tensor.vector(0, 1)));
    }

    private static Tensor rows(double[]... rows) {
        return Tensor.matrix(rows);
    }

    private static double[] r(double... row) {
        return row;
    }

    @ParameterizedTest
    @MethodSource("values")
    void values_of_arrays(String op, Map<String, ?> attributes, Tensor x, Tensor expected) {
        Tensor actual = GraphFunction.of(nodes -> call(op, attributes, nodes), x.shape()).apply(x);
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < expected.length(); i++) {
            double wanted = expected.data()[i];
            double tolerance = Double.isFinite(wanted) ? 1e-15 * Math.abs(wanted) : 0;
            assertThat(actual.data()[i]).as("%s %s, element %d", op, attributes, i)
                    .satisfiesAnyOf(value -> assertThat(value).isEqualTo(Double.valueOf(wanted)),
                            value -> assertThat(value).isCloseTo(wanted, within(tolerance)));
        }
    }

    /** Each place of the result with the axis of the operand that stands there. */
    static Stream<Arguments> orders() {
        return Stream.of(Arguments.of("transpose", Map.of(), "4,2,3", "2,1,0"),
                Arguments.of("transpose", Map.of("axes", List.of(1, 2, 0)), "4,2,3", "1,2,0"),
                Arguments.of("transpose", Map.of("axes", List.of(-1, 0, -2)), "4,2,3", "2,0,1"),
                Arguments.of("swapaxes", Map.of("axis1", 0, "axis2", -1), "4,2,3", "2,1,0"),
                Arguments.of("swapaxes", Map.of("axis1", 1, "axis2", 1), "4,2,3", "0,1,2"),
                Arguments.of("moveaxis", Map.of("source", 0, "destination", -1), "4,2,3", "1,2,0"),
                Arguments.of("moveaxis", Map.of("source", List.of(0, 2), "destination", List.of(1, 0)), "4,2,3", "2,0,1"),
                Arguments.of("moveaxis", Map.of("source", List.of(3, 1), "destination", List.of(0, 2)), "4,2,3,5", "3,0,1,2"),
                Arguments.of("moveaxis", Map.of("source", List.of(0, 1), "destination", List.of(-1, -2)), "4,2,3,5", "2,3,1,0"),
                Arguments.of("moveaxis", Map.of("source", List.of(), "destination", List.of()), "4,2", "0,1"));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void axes_stand_in_another_order(String op, Map<String, ?> attributes, String dims, String order) {
        Shape shape = ShapeTables.shape(dims);
        int[] axes = Arrays.stream(order.split(",")).mapToInt(Integer::parseInt).toArray();
        Tensor x = Tensor.zeros(shape);
        Arrays.setAll(x.data(), i -> i);
        Tensor y = GraphFunction.of(nodes -> call(op, attributes, nodes), shape).apply(x);
        assertThat(y.shape()).isEqualTo(Shape.of(Arrays.stream(axes).map(shape::dim).toArray()));
        for (int i = 0; i < y.length(); i++) {
            int[] index = y.shape().index(i);
            int element = 0;
            for (int axis = 0; axis < axes.length; axis++) {
                int to = axis;
                int place = IntStream.range(0, axes.length).filter(j -> axes[j] == to).findFirst().orElseThrow();
                element = element * shape.dim(axis) + index[place];
            }
            assertThat(y.data()[i]).isEqualTo(element);
        }
    }

    @Test
    void nothing_is_moved_that_stays_in_its_place() {
        assertThat(GraphFunction.of(x -> call("roll", Map.of("shift", List.of(4, 1), "axis", List.of(0, 1)), x), Shape.of(2, 3)).ops())
                .as("only along the axis whose length does not divide the shift").containsExactly("index", "index", "concatenate");
        assertThat(GraphFunction.of(x -> call("pad", Map.of("pad_width", List.of(List.of(0, 0), List.of(1, 0))), x), Shape.of(2, 3)).ops())
                .containsExactly("broadcast_to", "concatenate");
        assertThat(GraphFunction.of(x -> call("diagonal", Map.of("offset", 3), x), Shape.of(2, 3)).ops()).as("where there is nothing")
                .containsExactly("broadcast_to");
    }

    @Test
    void a_mask_fills_from_either_side_of_broadcasting() {
        GraphFunction fill = GraphFunction.of(x -> call("masked_fill", Map.of("value", "-Infinity"), x), Shape.of(2, 2), Shape.of(2));
        Tensor x = rows(r(1, NAN), r(3, INF));
        assertThat(fill.apply(x, Tensor.vector(0, 1))).isEqualTo(rows(r(1, -INF), r(3, -INF)));
        assertThat(fill.vjp(0).apply(x, Tensor.vector(0, 1), Tensor.full(x.shape(), 1))).isEqualTo(rows(r(1, 0), r(1, 0)));
    }

    static Stream<Arguments> gradients() {
        return Stream.of(Arguments.of("std", Map.of(), r(0.1, 0.1, 0.1), r(0, 0, 0)), Arguments.of("norm", Map.of(), r(0, 0), r(0, 0)),
                Arguments.of("norm", Map.of(), r(3e200, -4e200), r(0.6, -0.8)), Arguments.of("norm", Map.of("ord", 3), r(0, 0), r(0, 0)),
                Arguments.of("norm", Map.of("ord", 1.5), r(0, 2), r(0, 1)), Arguments.of("norm", Map.of("ord", 1), r(0, -2), r(0, -1)),
                Arguments.of("norm", Map.of("ord", "Infinity"), r(2, -2), r(0.5, -0.5)),
                Arguments.of("any", Map.of(), r(0, 1), r(0, 0)), Arguments.of("all", Map.of(), r(0, 1), r(0, 0)));
    }

    @ParameterizedTest
    @MethodSource("gradients")
    void gradients_at_awkward_points(String op, Map<String, ?> attributes, double[] x, double[] gradient) {
        GraphFunction function = GraphFunction.of(nodes -> call(op, attributes, nodes), Shape.of(x.length));
        assertThat(function.vjp().apply(Tensor.vector(x), Tensor.scalar(1)).data()).containsExactly(gradient, within(1e-15));
    }

    @Test
    void a_norm_sits_on_its_kink_at_zero() {
        GraphFunction kink = GraphFunction.of(nodes -> {
            Node node = call("norm", Map.of("axis", 1), nodes);
            return Objects.requireNonNull(node.op().kink(node));
        }, Shape.of(2, 2));
        assertThat(kink.apply(rows(r(0, 0), r(0, 1)))).isEqualTo(Tensor.vector(1, 0));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(Arguments.of("flatten", Map.of("start_axis", 2), "2,3", "axis 2 is out of range"),
                Arguments.of("flatten", Map.of("start_axis", 1), "", "axis 1 is out of range"),
                Arguments.of("flatten", Map.of("start_axis", -2), "", "axis -2 is out of range"),
                Arguments.of("repeat", Map.of("repeats", 2, "axis", 0), "", "axis 0 is out of range"),
                Arguments.of("roll", Map.of("shift", List.of(1, 2), "axis", List.of(0, 1, 1)), "2,3", "2 shifts and 3 axes"),
                Arguments.of("pad", Map.of("pad_width", List.of(List.of(1, 1), List.of(1, 1))), "2,2,2", "2 pairs of widths"),
                Arguments.of("diag", Map.of(), "", "a vector or a matrix"), Arguments.of("triu", Map.of(), "", "takes matrices"),
                Arguments.of("swapaxes", Map.of("axis1", 0, "axis2", 2), "2,3", "axis 2 is out of range"),
                Arguments.of("moveaxis", Map.of("source", List.of(0, 1), "destination", 0), "2,3", "1 places"),
                Arguments.of("squeeze", Map.of("axis", 0), "2,1", "has length 2"),
                Arguments.of("expand_dims", Map.of("axis", 3), "2,3", "axis 3 is out of range"),
                Arguments.of("tile", Map.of("reps", 100_000), "100000", "more elements than an array can hold"),
                Arguments.of("repeat", Map.of("repeats", 100_000), "100000", "more elements than an array can hold"),
                Arguments.of("roll", Map.of("shift", List.of(1, 2, 3), "axis", List.of(0, 1)), "2,3", "3 shifts and 2 axes"),
                Arguments.of("pad", Map.of("pad_width", List.of(List.of(1, 1), List.of(1, 1))), "2", "2 pairs of widths"),
                Arguments.of("tril", Map.of(), "3", "takes matrices"), Arguments.of("diag", Map.of(), "2,2,2", "a vector or a matrix"),
                Arguments.of("diag", Map.of("k", Integer.MIN_VALUE), "2", "more elements than an array can hold"),
                Arguments.of("diagonal", Map.of("axis1", 1, "axis2", 1), "2,3", "named twice"),
                Arguments.of("norm", Map.of("ord", "Infinity"), "0", "nothing has no norm"),
                Arguments.of("max", Map.of("axis", 1), "2,0", "nothing has no max"),
                Arguments.of("slice", Map.of("start", List.of(0, 0)), "2", "too many indices"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void operands_that_do_not_fit(String op, Map<String, ?> attributes, String dims, String message) {
        Shape shape = ShapeTables.shape(dims);
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, 1).shape(shape)).isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void attributes_that_make_no_sense() {
        for (Map<String, ?> attributes : List.of(Map.of("pad_width", List.of(List.of(1))), Map.of("pad_width", List.of(List.of(1, -1))),
                Map.of("pad_width", List.of(List.of(1, 1)), "mode", "round"))) {
            assertThatThrownBy(() -> GraphFunction.op("pad", attributes, 1)).isInstanceOf(ProblemException.class);
        }
        assertThatThrownBy(() -> GraphFunction.op("tile", Map.of("reps", -1), 1)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> GraphFunction.op("repeat", Map.of("repeats", -1), 1)).isInstanceOf(ProblemException.class);
    }
}
