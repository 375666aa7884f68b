package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.kernel.BlockSums;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Threads;
import java.util.Arrays;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.Arguments;
import java.util.stream.Stream;
import java.util.Objects;
import java.util.HashMap;
import java.util.ArrayList;
import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.graph.Node;
import io.chainrule.core.ShapeTables;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ops that take long lines of elements at once have, in every bit, what they have element by element and line by line. */
class LongLinesTest {
    private static final int ROWS = 37;
    private static final int COLUMNS = 45;

    @ParameterizedTest
    @ValueSource(strings = {"softmax", "log_softmax", "cumsum", "cummax", "argsort", "sort"})
    void along_the_middle_axis_as_along_the_last_of_transposed_copies(String op) {
        for (int threads : new int[]{1, 3}) {
            Tensor x = special(3, ROWS, COLUMNS);
            Tensor cotangent = numbers(3, ROWS, COLUMNS);
            GraphFunction middle = GraphFunction.of(nodes -> call(op, Map.of("axis", 1), nodes), x.shape());
            GraphFunction last = GraphFunction.of(nodes -> call(op, Map.of("axis", 2), nodes), transposed(x).shape());
            try (Threads parallel = Threads.of(threads)) {
                assertThat(bits(middle.run(List.of(x), parallel).getFirst())).isEqualTo(bits(transposed(last.apply(transposed(x)))));
                assertThat(bits(middle.vjp().run(List.of(x, cotangent), parallel).getFirst()))
                        .isEqualTo(bits(transposed(last.vjp().apply(transposed(x), transposed(cotangent)))));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4095, 4096, 4097, 10_001})
    void logsumexp_adds_a_line_in_the_order_of_one_sum(int n) {
        GraphFunction f = GraphFunction.of(nodes -> call("logsumexp", nodes), Shape.of(n));
        for (int largest : new int[]{0, n / 2, n - 1}) {
            double[] x = numbers(n).data();
            x[largest] = 4;
            // An equal one counts as another element.
            x[n - 1] = 4;
            double[] others = Arrays.stream(x).map(each -> Exponential.exp(each - 4)).toArray();
            others[largest] = 0;
            assertThat(f.apply(Tensor.vector(x)).item()).isEqualTo(4 + Logarithm.log1p(BlockSums.sum(others, 0, n)));
            x[1] = Double.NEGATIVE_INFINITY;
            assertThat(f.apply(Tensor.vector(x)).item()).isFinite();
            x[n - 2] = Double.NaN;
            assertThat(f.apply(Tensor.vector(x)).item()).isNaN();
        }
    }

    @Test
    void a_transposed_matrix_has_each_element() {
        Tensor x = numbers(ROWS, COLUMNS);
        assertThat(GraphFunction.of(nodes -> call("transpose", nodes), x.shape()).apply(x)).isEqualTo(transposed(x));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void sorted_positions_are_those_of_a_stable_sort(boolean descending) {
        Random random = new Random(3);
        double[] special = {0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -Double.MIN_VALUE};
        double[] x = new double[2000];
        // Many differ in their last bits only, some of them with the sign of a 32-bit number set.
        Arrays.setAll(x, i -> i % 3 == 0
                ? special[random.nextInt(special.length)]
                : (random.nextBoolean() ? 1 : -1) * Double.longBitsToDouble(Double.doubleToLongBits(1) + random.nextInt(-50, 50)));
        Comparator<Integer> ascending = (i, j) -> x[i] == x[j] ? 0 : Double.compare(x[i], x[j]);
        double[] expected = IntStream.range(0, x.length).boxed().sorted(descending ? ascending.reversed() : ascending)
                .mapToDouble(i -> i).toArray();
        GraphFunction sort = GraphFunction.of(nodes -> call("argsort", Map.of("descending", descending), nodes), Shape.of(x.length));
        assertThat(sort.apply(Tensor.vector(x)).data()).containsExactly(expected);
    }

    @Test
    void rows_are_read_at_indices_and_added_there() {
        Tensor x = numbers(ROWS, COLUMNS);
        Tensor cotangent = numbers(5, COLUMNS);
        Tensor indices = Tensor.vector(3, -1, 3, 0, 3);
        GraphFunction take = GraphFunction.of(nodes -> call("take", Map.of("axis", 0), nodes), x.shape(), indices.shape());
        int[] rows = {3, ROWS - 1, 3, 0, 3};
        double[] read = new double[5 * COLUMNS];
        double[] added = new double[ROWS * COLUMNS];
        for (int i = 0; i < read.length; i++) {
            int at = rows[i / COLUMNS] * COLUMNS + i % COLUMNS;
            read[i] = x.data()[at];
            added[at] += cotangent.data()[i];
        }
        assertThat(take.apply(x, indices).data()).containsExactly(read);
        assertThat(take.vjp(0).apply(x, indices, cotangent).data()).containsExactly(added);
    }

    static Stream<Arguments> moved() {
        return Stream.of(Arguments.of("concatenate", Map.of(), List.of("37,45", "20,45")),
                Arguments.of("concatenate", Map.of("axis", 1), List.of("37,45", "37,20", "37,16")),
                Arguments.of("concatenate", Map.of("axis", 1), List.of("37,45", "37,15")),
                Arguments.of("stack", Map.of(), List.of("37,45", "37,45")),
                Arguments.of("stack", Map.of("axis", 1), List.of("37,45", "37,45")),
                Arguments.of("index", Map.of("at", List.of(":", "::-1")), List.of("37,45")),
                Arguments.of("index", Map.of("at", List.of("30:5:-1", "3::2")), List.of("37,45")),
                Arguments.of("index", Map.of("at", List.of(1, ":", "2:40")), List.of("3,37,45")),
                Arguments.of("index", Map.of("at", List.of(":", ":", 2)), List.of("3,37,45")),
                Arguments.of("transpose", Map.of("axes", List.of(1, 0, 2)), List.of("3,37,45")),
                Arguments.of("broadcast_to", Map.of("shape", List.of(50, 45)), List.of("45")),
                Arguments.of("broadcast_to", Map.of("shape", List.of(37, 3, 45)), List.of("37,1,45")),
                Arguments.of("broadcast_to", Map.of("shape", List.of(37, 45)), List.of("37,1")),
                Arguments.of("take_along_axis_transpose", Map.of("length", 50), List.of("37,1", "37,1")),
                Arguments.of("take_along_axis_transpose", Map.of("length", 3), List.of("700,1", "700,1")));
    }

    /** The elements are moved a block at a time, as the elementwise op reads them. */
    @ParameterizedTest
    @MethodSource("moved")
    void elements_that_an_elementwise_op_reads(String op, Map<String, ?> attributes, List<String> dims) {
        GraphFunction function = GraphFunction.of(nodes -> {
            Node moved = call(op, attributes, nodes);
            return call("sin", call("mul", moved, moved));
        }, dims.stream().map(ShapeTables::shape).toArray(Shape[]::new));
        List<Tensor> x = new ArrayList<>(function.inputShapes().stream().map(shape -> numbers(shape.dims())).toList());
        if (op.equals("take_along_axis_transpose")) {
            Arrays.setAll(x.getFirst().data(), i -> i % 5 - 3);
        }
        Map<Integer, Tensor> inputs = new HashMap<>();
        for (int k = 0; k < x.size(); k++) {
            inputs.put(function.inputs()[k], x.get(k));
        }
        Tensor expected = Objects.requireNonNull(NodeByNode.values(function.graph(), inputs).get(function.outputs()[0]));
        for (int threads : new int[]{1, 3}) {
            try (Threads parallel = Threads.of(threads)) {
                assertThat(bits(function.run(x, parallel).getFirst())).isEqualTo(bits(expected));
            }
        }
    }

    private static Tensor numbers(int... dims) {
        Tensor x = Tensor.zeros(Shape.of(dims));
        Random random = new Random(dims.length);
        Arrays.setAll(x.data(), i -> random.nextGaussian());
        return x;
    }

    /** Numbers of which some are infinite, NaN or a zero of either sign, in some of the lines. */
    private static Tensor special(int... dims) {
        Tensor x = numbers(dims);
        double[] special = {0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (int i = 0; i < x.length(); i += 331) {
            x.data()[i] = special[i % special.length];
        }
        return x;
    }

    /** The last two axes of each matrix are swapped. */
    private static Tensor transposed(Tensor x) {
        int rank = x.shape().rank();
        int rows = x.shape().dim(rank - 2);
        int columns = x.shape().dim(rank - 1);
        int size = rows * columns;
        Tensor y = Tensor.zeros(x.shape().with(rank - 2, columns).with(rank - 1, rows));
        Arrays.setAll(y.data(), i -> x.data()[i / size * size + i % size % rows * columns + i % size / rows]);
        return y;
    }

    private static List<Long> bits(Tensor x) {
        return Arrays.stream(x.data()).mapToObj(Double::doubleToLongBits).toList();
    }
}
