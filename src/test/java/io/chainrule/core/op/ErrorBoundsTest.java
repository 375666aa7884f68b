package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ops say of the error of their values: never less than operands that move within their errors make of it, and not much more. */
class ErrorBoundsTest {
    /** Bounds add up what of random errors in part cancels, and those of matrices are norms. */
    private static final double MOST = 1000;
    /** The sum of a number and its error is rounded. */
    private static final double SHORT_OF_END = 1 - 1e-5;

    static Stream<OpCases> cases() {
        return OpCases.of(
                OpCase.all().filter(one -> !one.op().isComposite() && !one.shapes().isEmpty() && one.shape().size() > 0 && isKnown(one)));
    }

    /** Second derivatives of determinants have no bound. */
    private static boolean isKnown(OpCase one) {
        return !one.definition().name().equals("cofactor_derivative");
    }

    /** An op with a bound on its error, as a function of its operands and of bounds on the errors of some of them. */
    private record Bounded(Graph graph, int[] operands, int[] errors, int value, int bound) {
        static Bounded of(OpCase one, List<Integer> inexact) {
            GraphBuilder builder = GraphBuilder.withShapes();
            Node[] operands = one.shapes().stream().map(shape -> builder.input("x", shape)).toArray(Node[]::new);
            Node[] given = inexact.stream().map(k -> builder.input("e", one.shapes().get(k))).toArray(Node[]::new);
            @Nullable
            Node[] errors = new Node[operands.length];
            for (int i = 0; i < given.length; i++) {
                errors[inexact.get(i)] = given[i];
            }
            Node node = GraphFunction.call(one.definition().name(), one.attributes(), operands);
            Node bound = node.op().error(node, errors);
            return new Bounded(builder.build(), indices(operands), indices(given), node.index(), bound == null ? -1 : bound.index());
        }

        private static int[] indices(Node[] nodes) {
            return Arrays.stream(nodes).mapToInt(Node::index).toArray();
        }

        /** The value, and the bound of each of its elements. */
        double[][] at(List<Tensor> x, List<Tensor> e) {
            Map<Integer, Tensor> inputs = new HashMap<>();
            for (int k = 0; k < operands.length; k++) {
                inputs.put(operands[k], x.get(k));
            }
            for (int k = 0; k < errors.length; k++) {
                inputs.put(errors[k], e.get(k));
            }
            Map<Integer, Tensor> values = NodeByNode.values(graph, inputs);
            Tensor y = Objects.requireNonNull(values.get(value));
            double[] bounds = new double[y.length()];
            if (bound >= 0) {
                Tensor given = Objects.requireNonNull(values.get(bound));
                new BroadcastLoop(y.shape(), given.shape()).copy(0, given.data(), 0, bounds.length, bounds);
            }
            return new double[][]{y.data(), bounds};
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_value_moves_within_its_bound_and_not_much_less(OpCases cases) {
        cases.each(one -> {
            List<Integer> all = IntStream.range(0, one.shapes().size()).filter(k -> !one.isDiscrete(k)).boxed().toList();
            List<List<Integer>> choices = new ArrayList<>(all.stream().map(List::of).toList());
            if (all.size() > 1) {
                choices.add(all);
            }
            for (List<Integer> inexact : choices) {
                for (double size : new double[]{1e-9, 1e-4, 0.3}) {
                    check(one, inexact, size);
                }
            }
        });
    }

    private static void check(OpCase one, List<Integer> inexact, double size) {
        Random random = new Random(7);
        List<Tensor> x = one.operands(4);
        // Some elements are exact.
        List<Tensor> e = inexact.stream()
                .map(k -> filled(one.shapes().get(k), _ -> random.nextInt(4) == 0 ? 0 : size * random.nextDouble(0.5, 1)))
                .toList();
        Bounded exact = Bounded.of(one, List.of());
        double[][] there = Bounded.of(one, inexact).at(x, e);
        double[] value = there[0];
        double[] bounds = there[1];
        double farthest = 0;
        for (int round = 0; round < 10; round++) {
            List<Tensor> moved = new ArrayList<>(x);
            for (int i = 0; i < inexact.size(); i++) {
                int k = inexact.get(i);
                double[] by = e.get(i).data();
                moved.set(k, filled(one.shapes().get(k),
                        j -> x.get(k).data()[j] + (random.nextBoolean() ? SHORT_OF_END : -SHORT_OF_END) * by[j]));
            }
            double[][] other = exact.at(moved, List.of());
            for (int j = 0; j < value.length; j++) {
                double distance = other[0][j] == value[j] ? 0 : Math.abs(other[0][j] - value[j]);
                if (!Double.isNaN(distance)) {
                    assertThat(distance).as("operands %s within %s, element %s", inexact, size, j)
                            .isLessThanOrEqualTo(bounds[j] * (1 + 1e-9) + other[1][j]);
                    farthest = Math.max(farthest, distance);
                }
            }
        }
        if (size < 1e-3) {
            double magnitude = Arrays.stream(value).map(Math::abs).max().orElse(0);
            assertThat(Arrays.stream(bounds).max().orElse(0)).as("operands %s within %s", inexact, size)
                    .isLessThanOrEqualTo(MOST * farthest + 10 * size + 1e-10 * (1 + magnitude));
        }
    }

    /** Of exact operands only the op's own rounding is left. */
    @ParameterizedTest
    @MethodSource("cases")
    void exact_operands_leave_the_rounding_of_the_op(OpCases cases) {
        cases.each(one -> {
            double[][] there = Bounded.of(one, List.of()).at(one.operands(4), List.of());
            double magnitude = Arrays.stream(there[0]).map(Math::abs).max().orElse(0);
            assertThat(Arrays.stream(there[1])).as("bounds").allMatch(bound -> bound >= 0 && bound <= 1e-10 * (1 + magnitude));
        });
    }

    /** What is read at a position that may be another one may be anything. */
    @ParameterizedTest
    @MethodSource("cases")
    void a_doubtful_position_leaves_nothing_certain(OpCases cases) {
        cases.each(one -> IntStream.range(0, one.shapes().size()).filter(k -> one.isDiscrete(k) && one.shapes().get(k).size() > 0)
                .forEach(k -> {
                    Bounded bounded = Bounded.of(one, List.of(k));
                    Tensor doubtful = Tensor.full(one.shapes().get(k), 1e-9);
                    assertThat(bounded.at(one.operands(4), List.of(doubtful))[1]).as("operand %s", k)
                            .containsOnly(Double.POSITIVE_INFINITY);
                    Tensor certain = Tensor.zeros(one.shapes().get(k));
                    assertThat(Arrays.stream(bounded.at(one.operands(4), List.of(certain))[1])).as("operand %s", k)
                            .allMatch(Double::isFinite);
                }));
    }

    /** The bound on the error of an op whose operands are the first half of these arrays, and their errors the second. */
    private static Node bound(String op, Node[] all) {
        Node node = GraphFunction.call(op, Arrays.copyOf(all, all.length / 2));
        return Objects.requireNonNull(node.op().error(node, Arrays.copyOfRange(all, all.length / 2, all.length)));
    }

    @Test
    void an_error_of_which_nothing_is_known_leaves_nothing_certain() {
        GraphFunction exp = GraphFunction.of(x -> bound("exp", x), Shape.of(3), Shape.of(3));
        assertThat(exp.apply(Tensor.vector(1, 1, 1), Tensor.vector(Double.NaN, Double.POSITIVE_INFINITY, 0)).data())
                .containsExactly(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Math.ulp(Math.E));
    }

    @Test
    void the_bound_of_a_sum_that_overflows_is_infinite() {
        GraphFunction sum = GraphFunction.of(x -> bound("add", x), Shape.SCALAR, Shape.SCALAR, Shape.SCALAR, Shape.SCALAR);
        assertThat(sum.at(1e308, 1e308, 0, 0)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    /** A batch may be long, so that the run asks before each matrix whether it may go on. */
    @Test
    void of_matrices_are_infinite_where_they_are_not_computed_and_ask_before_each() {
        int[] asked = {0};
        MatrixError.Bound bound = (arrays, result, checkpoint) -> result[1] = arrays[0][0] > 1 ? Double.NaN : 0.5;
        Tensor result = Tensor.zeros(Shape.of(3, 2));
        GraphFunction.write(new MatrixError("f", 1, 10, bound), List.of(Tensor.vector(1, 2, 1)), result,
                Parallel.onThisThread(() -> asked[0]++));
        double infinity = Double.POSITIVE_INFINITY;
        assertThat(result.data()).containsExactly(infinity, 0.5, infinity, infinity, infinity, 0.5);
        assertThat(asked[0]).isEqualTo(3);
    }

    @Test
    void are_named_for_their_ops() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node matrix = graph.input("x", Shape.of(2, 2));
        for (String op : List.of("exp", "inv")) {
            assertThat(bound(op, new Node[]{matrix, matrix}).op().name()).isEqualTo(op + "_error");
        }
    }

    /** γₖ |A| |B| of Higham 2002, (3.13), where γₖ is a little more than k u. */
    @Test
    void of_a_matrix_product_is_not_less_than_the_textbook_says() {
        GraphFunction product = GraphFunction.of(x -> {
            Node node = GraphFunction.call("matmul", x);
            return Objects.requireNonNull(node.op().error(node, new Node[2]));
        }, Shape.of(2, 3), Shape.of(3, 2));
        double[] bounds = product.apply(Tensor.of(Shape.of(2, 3), 1, -2, 3, 0, 0, 0), Tensor.of(Shape.of(3, 2), 1, 1, 1, -1, 1, 0)).data();
        for (int i = 0; i < 2; i++) {
            double gamma = 3 * Accuracy.UNIT / (1 - 3 * Accuracy.UNIT);
            assertThat(bounds[i]).isBetween(gamma * (i == 0 ? 6 : 3), 1.001 * gamma * (i == 0 ? 6 : 3));
            assertThat(bounds[2 + i]).as("of zeros").isLessThan(1e-100);
        }
    }

    private static Tensor filled(Shape shape, IntToDoubleFunction element) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), element);
        return tensor;
    }
}
