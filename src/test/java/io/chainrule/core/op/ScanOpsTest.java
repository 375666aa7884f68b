package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scans: values as NumPy and PyTorch answer them, and gradients at zeros, ties and infinities. */
class ScanOpsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    static Stream<Arguments> values() {
        Tensor a = Tensor.matrix(r(1, 2), r(3, 4));
        return Stream.of(Arguments.of("cumsum", Map.of(), a, Tensor.vector(1, 3, 6, 10)),
                Arguments.of("cumsum", Map.of("axis", 0), a, Tensor.matrix(r(1, 2), r(4, 6))),
                Arguments.of("cumsum", Map.of("axis", 1, "reverse", true), a, Tensor.matrix(r(3, 2), r(7, 4))),
                Arguments.of("cumprod", Map.of("axis", 0), Tensor.vector(1, 2, 3, 4, 5), Tensor.vector(1, 2, 6, 24, 120)),
                Arguments.of("cumprod", Map.of(), Tensor.vector(2, 0, 3), Tensor.vector(2, 0, 0)),
                Arguments.of("cumprod", Map.of(), Tensor.scalar(7), Tensor.vector(7)),
                Arguments.of("cummax", Map.of(), Tensor.vector(1, 3, 2, 3, NAN, 9), Tensor.vector(1, 3, 3, 3, NAN, NAN)),
                Arguments.of("cummin", Map.of("axis", 1), a, Tensor.matrix(r(1, 1), r(3, 3))),
                Arguments.of("argcummax", Map.of(), Tensor.vector(1, 3, 2, 3, NAN, NAN), Tensor.vector(0, 1, 1, 1, 4, 4)),
                Arguments.of("argcummin", Map.of(), Tensor.vector(2, 3, 1, 1), Tensor.vector(0, 0, 2, 2)),
                Arguments.of("logcumsumexp", Map.of(), Tensor.vector(-INF, -INF, 0, INF), Tensor.vector(-INF, -INF, 0, INF)),
                Arguments.of("logcumsumexp", Map.of(), Tensor.vector(1000, 1000), Tensor.vector(1000, 1000 + Math.log(2))));
    }

    private static double[] r(double... row) {
        return row;
    }

    @ParameterizedTest
    @MethodSource("values")
    void values_of_scans(String op, Map<String, ?> attributes, Tensor x, Tensor expected) {
        assertThat(GraphFunction.of(nodes -> call(op, attributes, nodes), x.shape()).apply(x)).isEqualTo(expected);
    }

    static Stream<Arguments> gradients() {
        return Stream.of(Arguments.of("cumsum", r(1, 2, 3), r(111, 110, 100)), Arguments.of("cumprod", r(2, 0, 3), r(1, 620, 0)),
                Arguments.of("cumprod", r(0, 0, 3), r(1, 0, 0)), Arguments.of("cummax", r(1, 3, 3), r(1, 110, 0)),
                Arguments.of("cummin", r(2, 2, 1), r(11, 0, 100)), Arguments.of("logcumsumexp", r(0, -INF, -INF), r(111, 0, 0)));
    }

    @ParameterizedTest
    @MethodSource("gradients")
    void gradients_of_scans(String op, double[] x, double[] gradient) {
        GraphFunction function = GraphFunction.of(nodes -> call(op, nodes), Shape.of(3));
        assertThat(function.vjp().apply(Tensor.vector(x), Tensor.vector(1, 10, 100)).data()).containsExactly(gradient, within(1e-12));
    }

    @Test
    void second_derivatives_of_products_with_zeros() {
        GraphFunction curvature = GraphFunction.of(nodes -> call("cumprod", nodes), Shape.of(3)).vjp().jvp(0);
        List<Tensor> at = List.of(Tensor.vector(2, 0, 3), Tensor.vector(0, 0, 1), Tensor.vector(0, 1, 0));
        assertThat(curvature.run(at)).containsExactly(Tensor.vector(3, 0, 2));
    }

    @Test
    void huge_shapes_without_elements() {
        Shape wide = Shape.of(0, Integer.MAX_VALUE);
        for (String op : List.of("cumsum", "cumprod", "cummax", "logcumsumexp", "sort")) {
            GraphFunction scan = GraphFunction.of(x -> call(op, Map.of("axis", 1), x), wide);
            assertThat(scan.apply(Tensor.zeros(wide))).as(op).isEqualTo(Tensor.zeros(wide));
        }
    }

    /** Lines one after the other ask after more than 2¹⁶ elements, and columns beside each other after more than 2¹⁸ additions. */
    @ParameterizedTest
    @CsvSource({"argcummax, 1, '4,32768', 1", "argcummax, 1, '6,32768', 2", "argsort, 1, '4,32768', 1", "cumsum, 1, '4,32768', 1",
            "cumsum, 0, '16386,16', 1", "cumsum, 0, '16385,16', 0", "cumsum, 0, '32772,16', 2"})
    void loops_ask_whether_they_may_go_on(String name, int axis, String dims, int times) {
        int[] asked = {0};
        Shape shape = ShapeTables.shape(dims);
        Op op = GraphFunction.op(name, Map.of("axis", axis), 1);
        GraphFunction.write(op, List.of(Tensor.zeros(shape)), Tensor.zeros(shape), Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isEqualTo(times);
    }

    /** Against a loop, at a length that is no power of two. */
    @Test
    void a_long_scan() {
        double[] x = new Random(1).doubles(37, -2, 2).toArray();
        double[] product = new double[37];
        double[] logs = new double[37];
        double running = 1;
        double exps = 0;
        for (int i = 0; i < x.length; i++) {
            running *= x[i];
            exps += Math.exp(x[i]);
            product[i] = running;
            logs[i] = Math.log(exps);
        }
        assertThat(GraphFunction.of(n -> call("cumprod", n), Shape.of(37)).apply(Tensor.vector(x)).data()).containsExactly(product,
                within(1e-9));
        assertThat(GraphFunction.of(n -> call("logcumsumexp", n), Shape.of(37)).apply(Tensor.vector(x)).data()).containsExactly(logs,
                within(1e-13));
    }
}
