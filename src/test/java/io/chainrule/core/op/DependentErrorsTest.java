package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where both operands of an op are made of one array their errors are the same, and the bound says so. */
class DependentErrorsTest {
    private final GraphBuilder graph = GraphBuilder.withShapes();

    private double[] bound(Node node, @Nullable Node[] errors, Map<Node, double[]> given) {
        Node bound = Objects.requireNonNull(node.op().error(node, errors));
        Map<Integer, Tensor> inputs = new HashMap<>();
        given.forEach((input, values) -> inputs.put(input.index(), Tensor.of(input.shape(), values)));
        Tensor found = Objects.requireNonNull(NodeByNode.values(graph.build(), inputs).get(bound.index()));
        double[] all = new double[node.shape().length()];
        new BroadcastLoop(node.shape(), found.shape()).copy(0, found.data(), 0, all.length, all);
        return all;
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.strip().split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    }

    /** With errors of 0.1, elements that are 0.2 apart may be equal. The mask is 1 where an element may be the extremum and may not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # op | x            | errors      | doubtful
            max  | 1 2 5        | 0.1 0.1 0.1 | 0 0 0
            max  | 1 4.9 5      | 0.1 0.1 0.1 | 0 1 1
            max  | 4.85 4.7 5   | 0.1 0.1 0.1 | 1 0 1
            max  | 5 1 5        | 0.1 0.1 0.1 | 1 0 1
            max  | 5 1 5        | 0 0 0       | 0 0 0
            max  | 1 4.9 5      | 0.1 0 0     | 0 1 1
            min  | 1 1.1 5      | 0.1 0.1 0.1 | 1 1 0
            min  | 1 2 5        | 0.1 0.1 0.1 | 0 0 0
            """)
    void an_element_is_the_extremum_unless_another_comes_near(String op, String x, String errors, String doubtful) {
        Node array = graph.input("x", Shape.of(3));
        Node error = graph.input("e", Shape.of(3));
        Map<Node, double[]> given = Map.of(array, numbers(x), error, numbers(errors));
        Node extreme = GraphFunction.call(op, array);
        for (Node found : new Node[]{extreme, Maths.reshape(extreme, Shape.of(1)), Maths.broadcastTo(extreme, Shape.of(3)),
                Maths.broadcastTo(Maths.reshape(extreme, Shape.of(1)), Shape.of(3))}) {
            assertThat(bound(Maths.eq(array, found), new Node[]{error, extreme.op().error(extreme, new Node[]{error})}, given))
                    .isEqualTo(numbers(doubtful));
        }
    }

    @Test
    void an_extremum_along_an_axis_is_compared_with_its_own_line() {
        Node array = graph.input("x", Shape.of(2, 2));
        Node error = graph.input("e", Shape.of(2, 2));
        Map<Node, double[]> given = Map.of(array, numbers("1 1.1 5 1"), error, numbers("0.1 0.1 0.1 0.1"));
        Node extreme = GraphFunction.call("max", Map.of("axis", 1, "keepdims", true), array);
        assertThat(bound(Maths.eq(array, extreme), new Node[]{error, null}, given)).containsExactly(1, 1, 0, 0);
    }

    /** 4.9 and 5 may be equal if each is wrong by 0.1; if only one of them is, by 0.05, they differ. */
    @ParameterizedTest
    @CsvSource({"0.1, 0.1, 1", "0.05, 0.04, 0", "0, 0, 0", "0.2, 0, 1"})
    void other_values_are_compared_within_both_errors(double ofX, double ofOther, double doubtful) {
        Node x = graph.input("x", Shape.SCALAR);
        Node other = graph.input("y", Shape.of(1));
        Node e = graph.input("e", Shape.SCALAR);
        Node f = graph.input("f", Shape.SCALAR);
        Map<Node, double[]> given = Map.of(x, numbers("4.9"), other, numbers("5"), e, new double[]{ofX}, f, new double[]{ofOther});
        for (Node second : new Node[]{other, GraphFunction.call("max", other)}) {
            assertThat(bound(Maths.eq(x, second), new Node[]{e, f}, given)).containsExactly(doubtful);
        }
    }

    @Test
    void an_exact_array_has_the_extremum_that_was_found() {
        Node x = graph.input("x", Shape.of(2));
        Node extreme = GraphFunction.call("max", x);
        assertThat(bound(Maths.eq(x, extreme), new Node[]{null, null}, Map.of(x, numbers("5 4.9")))).containsExactly(0, 0);
    }

    @Test
    void a_value_less_itself_is_exactly_zero() {
        Node x = graph.input("x", Shape.of(2));
        Node e = graph.input("e", Shape.of(2));
        Node zero = GraphFunction.call("sub", x, x);
        assertThat(zero.op().error(zero, new Node[]{e, e})).isNull();
    }

    /** The shapes of the array, of both reshaped forms, and whether the diagonal of their difference is exact. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2   | 2,1   | 1,2   | true
            2   | 1,2   | 2,1   | true
            2,2 | 2,2,1 | 2,1,2 | true
            3,2 | 3,1,2 | 3,2,1 | true
            2   | 2,1   | 2     | false
            2,2 | 4,1   | 1,4   | false
            4   | 2,2   | 1,2,2 | false
            """)
    void all_differences_of_an_array_are_exact_on_the_diagonal(String own, String left, String right, boolean isExact) {
        Node x = graph.input("x", ShapeTables.shape(own));
        Node a = Maths.reshape(x, ShapeTables.shape(left));
        Node b = Maths.reshape(x, ShapeTables.shape(right));
        assertDiagonal(x, a, b, isExact);
    }

    private void assertDiagonal(Node x, Node a, Node b, boolean isExact) {
        Node difference = GraphFunction.call("sub", a, b);
        Node error = graph.input("e", Shape.SCALAR);
        double[] bound = bound(difference, new Node[]{error, error},
                Map.of(x, new double[x.shape().length()], error, new double[]{0.25}));
        int n = difference.shape().last();
        for (int i = 0; i < bound.length; i++) {
            boolean isOnDiagonal = i % n == i / n % n;
            assertThat(bound[i]).as("element %s", i).isEqualTo(isExact && isOnDiagonal ? 0 : 0.5);
        }
    }

    @Test
    void differences_of_two_arrays_are_not_exact_on_the_diagonal() {
        Node x = graph.input("x", Shape.of(2));
        Node y = graph.constant(Tensor.zeros(Shape.of(2)));
        assertDiagonal(x, Maths.reshape(x, Shape.of(2, 1)), Maths.reshape(y, Shape.of(1, 2)), false);
        assertDiagonal(x, Maths.reshape(y, Shape.of(2, 1)), graph.literal(0), false);
    }

    @Test
    void errors_of_different_arrays_add_up() {
        BinaryOperator<Node> sub = (a, b) -> GraphFunction.call("sub", a, b);
        Node x = graph.input("x", Shape.SCALAR);
        Node y = graph.input("y", Shape.SCALAR);
        Node e = graph.input("e", Shape.SCALAR);
        Map<Node, double[]> given = Map.of(x, numbers("3"), y, numbers("1"), e, numbers("0.5"));
        assertThat(bound(sub.apply(x, y), new Node[]{e, e}, given)).containsExactly(1);
        assertThat(bound(sub.apply(x, y), new Node[]{e, null}, given)).containsExactly(0.5);
        // 3 − 3 · 2⁻⁶⁰ is rounded to 3.
        assertThat(bound(sub.apply(x, graph.literal(3 * 0x1p-60)), new Node[]{null, null}, given)).containsExactly(3 * 0x1p-60);
    }
}
