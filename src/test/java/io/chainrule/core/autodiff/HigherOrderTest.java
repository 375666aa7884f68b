package io.chainrule.core.autodiff;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivatives of any order come out of the construction: nothing but the two modes, repeated in every combination. */
class HigherOrderTest {

    /** One application of a mode: {@code R} or {@code F}. */
    static Stream<String> combinations() {
        return IntStream.range(0, 8).mapToObj(bits -> (bits & 4) + " " + (bits & 2) + " " + (bits & 1))
                .map(bits -> bits.replaceAll("[124]", "R").replace("0", "F").replace(" ", ""));
    }

    /** A function of one number, where it is looked at, and its value and derivatives there. */
    record Smooth(String name, UnaryOperator<Node> body, double x, double... derivatives) {
        @Override
        public String toString() {
            return name + " at " + x;
        }
    }

    static List<Smooth> smooth() {
        double t = Math.tanh(0.7);
        double e = Math.exp(1.3);
        double pi = Math.PI;
        return List.of(
                new Smooth("x^5", x -> pow(x, 5), 1.7, Math.pow(1.7, 5), 5 * Math.pow(1.7, 4), 20 * Math.pow(1.7, 3),
                        60 * Math.pow(1.7, 2)),
                new Smooth("x^5", x -> pow(x, 5), -0.3, -0.00243, 0.0405, -0.54, 5.4),
                new Smooth("exp", x -> call("exp", x), 1.3, e, e, e, e),
                new Smooth("tanh", x -> call("tanh", x), 0.7, t, 1 - t * t, -2 * t * (1 - t * t), (6 * t * t - 2) * (1 - t * t)),
                new Smooth("x^3", x -> pow(x, 3), -2, -8, 12, -12, 6),
                new Smooth("square", x -> call("square", x), 0, 0, 0, 2, 0),
                new Smooth("x * x * x", x -> call("mul", call("mul", x, x), x), 0, 0, 0, 0, 6),
                new Smooth("sinc", x -> call("sinc", x), 1, 0, -1, 2, pi * pi - 6),
                new Smooth("1 / x", x -> call("div", x.graph().literal(1), x), -2, -0.5, -0.25, -0.25, -0.375),
                new Smooth("x * sin(x)", x -> call("mul", x, call("sin", x)), 0, 0, 0, 2, 0),
                new Smooth("an angle by expm", x -> element(call("expm", matrix(x, 0, 1, -1, 0, 0, 0, 0, 0)), 0, 1), 0.7, Math.sin(0.7),
                        Math.cos(0.7), -Math.sin(0.7), -Math.cos(0.7)),
                new Smooth("an eigenvalue, √(1 + x²)", x -> call("index", Map.of("at", List.of(1)), call("eigvalsh", symmetric(x))), 0.75,
                        ROOT),
                new Smooth("a singular value, √(1 + x²)",
                        x -> call("index", Map.of("at", List.of(0)), call("svdvals", matrix(x, 1, 0, 0, 0, 0, 0, 1, 0))), 0.75, ROOT),
                new Smooth("a length by QR, −√(1 + x²)", x -> call("neg", element(call("qr_r", matrix(x, 1, 0, 0, 0, 0, 0, 1, 1)), 0, 0)),
                        0.75,
                        ROOT),
                new Smooth("a square of an eigenvector's component",
                        x -> call("square", element(call("eigh_vectors", symmetric(x)), 0, 1)), 0.75, 0.8, 0.256, -0.36864, 0.393216),
                new Smooth("pinv, x / (1 + x²)", x -> element(call("pinv", matrix(x, 1, 0, 0, 0, 0, 0, 1, 0)), 0, 0), 0.5, 0.4, 0.48,
                        -1.408,
                        1.0752),
                new Smooth("det, x⁴ + 3 x³ + 2 x²", HigherOrderTest::singularDeterminant, 0, 0, 0, 4, 18),
                new Smooth("sigmoid", x -> call("sigmoid", x), 0, 0.5, 0.25, 0, -0.125),
                new Smooth("softplus", x -> call("softplus", x), 0, Math.log(2), 0.5, 0.25, 0),
                new Smooth("relu(x)^2", x -> pow(call("relu", x), 2), 1.5, 2.25, 3, 2, 0),
                new Smooth("sum(conv2d(x * image, x * kernel)^2)", HigherOrderTest::convolved, 2, 160, 320, 480, 480),
                new Smooth("stop_gradient(x) * x", x -> call("mul", call("stop_gradient", x), x), 3, 9, 3, 0, 0));
    }

    /** √(1 + x²) and its derivatives at 3/4. */
    private static final double[] ROOT = {1.25, 0.6, 0.512, -0.73728};

    /** x times one matrix, plus another. */
    private static Node matrix(Node x, double... ofXThenRest) {
        Node factor = x.graph().constant(Tensor.of(Shape.of(2, 2), Arrays.copyOf(ofXThenRest, 4)));
        Node rest = x.graph().constant(Tensor.of(Shape.of(2, 2), Arrays.copyOfRange(ofXThenRest, 4, 8)));
        return call("add", call("mul", factor, x), rest);
    }

    private static Node symmetric(Node x) {
        return matrix(x, 1, 0, 0, -1, 0, 1, 1, 0);
    }

    private static Node element(Node matrix, int i, int j) {
        return call("index", Map.of("at", List.of(i, j)), matrix);
    }

    /** Of a rotated diagonal matrix with the elements x, x, x + 1, x + 2. */
    private static Node singularDeterminant(Node x) {
        Node rotation = x.graph().constant(Tensor.of(Shape.of(4, 4), 0.5, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, -0.5, 0.5,
                -0.5, -0.5, 0.5));
        Node diagonal = x.graph().constant(Tensor.of(Shape.of(4, 4), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2));
        Node identity = x.graph().constant(Tensor.of(Shape.of(4, 4), 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1));
        Node sum = call("add", call("mul", identity, x), diagonal);
        return call("det", call("matmul", call("matmul", rotation, sum), rotation));
    }

    private static Node pow(Node x, double exponent) {
        return call("pow", x, x.graph().literal(exponent));
    }

    private static Node convolved(Node x) {
        Node image = x.graph().constant(Tensor.of(Shape.of(1, 1, 3, 3), 1, 2, 0, -1, 3, 1, 0.5, 2, -2));
        Node kernel = x.graph().constant(Tensor.of(Shape.of(1, 1, 2, 2), 1, -1, 0.5, 2));
        Node y = call("conv2d", Map.of("stride", 2, "padding", 1), call("mul", x, image), call("mul", x, kernel));
        return call("sum", call("square", y));
    }

    static Stream<Arguments> smoothInEveryCombination() {
        return smooth().stream().flatMap(function -> combinations().map(modes -> Arguments.of(function, modes)));
    }

    @ParameterizedTest(name = "{0} by {1}")
    @MethodSource("smoothInEveryCombination")
    void derivatives_of_functions_of_one_number(Smooth smooth, String modes) {
        GraphFunction function = GraphFunction.of(x -> smooth.body().apply(x[0]), Shape.SCALAR);
        for (int order = 0; order <= 3; order++) {
            double[] arguments = new double[1 + order];
            Arrays.fill(arguments, 1);
            arguments[0] = smooth.x();
            double exact = smooth.derivatives()[order];
            assertThat(function.at(arguments)).as("derivative of order %d", order).isCloseTo(exact,
                    within(1e-12 * Math.max(1e-3, Math.abs(exact))));
            if (order < 3) {
                function = modes.charAt(order) == 'R' ? function.vjp(0) : function.jvp(0);
            }
        }
    }

    private static final double[][] W = {{0.3, -1.2, 0.7}, {1.1, 0.4, -0.6}};
    private static final double[] X = {0.9, -0.5, 1.3};
    private static final double[][] DIRECTIONS = {{0.2, -0.7, 1.1}, {1.4, 0.3, -0.8}, {-0.6, 0.5, 0.9}};

    /**
     * The third derivative of sum((W @ x)^3) along a, b and c is 6 Σᵢ (Wᵢ·a)(Wᵢ·b)(Wᵢ·c). Reverse mode leaves one of the
     * directions open, and closes it where it is applied again.
     */
    @ParameterizedTest
    @MethodSource("combinations")
    void third_derivatives_of_a_sum_of_cubes(String modes) {
        GraphFunction function = GraphFunction.of(x -> call("sum", pow(call("matmul", x[0].graph().constant(Tensor.matrix(W)), x[0]), 3)),
                Shape.of(3));
        List<Tensor> arguments = new ArrayList<>(List.of(Tensor.vector(X)));
        List<double[]> along = new ArrayList<>();
        for (int order = 0; order < 3; order++) {
            boolean reverse = modes.charAt(order) == 'R';
            boolean open = !function.outputShapes().getFirst().isScalar();
            function = reverse ? function.vjp(0) : function.jvp(0);
            if (reverse && !open) {
                arguments.add(Tensor.scalar(1));
            } else {
                arguments.add(Tensor.vector(DIRECTIONS[order]));
                along.add(DIRECTIONS[order]);
            }
        }
        Tensor derivative = function.apply(arguments.toArray(Tensor[]::new));
        for (int j = 0; j < derivative.length(); j++) {
            double[] unit = {j == 0 ? 1 : 0, j == 1 ? 1 : 0, j == 2 ? 1 : 0};
            double[] last = derivative.shape().isScalar() ? along.get(2) : unit;
            double exact = 0;
            for (double[] row : W) {
                exact += 6 * dot(row, along.get(0)) * dot(row, along.get(1)) * dot(row, last);
            }
            assertThat(derivative.data()[j]).isCloseTo(exact, within(1e-12 * Math.abs(exact)));
        }
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** Powers whose exponent is an input like any other. */
    @ParameterizedTest
    @MethodSource("powers")
    void powers_with_a_variable_exponent(double a, double b, double byA, double byB) {
        GraphFunction pow = GraphFunction.of(x -> call("pow", x[0], x[1]), Shape.SCALAR, Shape.SCALAR);
        assertThat(new double[]{pow.vjp(0).at(a, b, 1), pow.vjp(1).at(a, b, 1)}).containsExactly(new double[]{byA, byB}, within(1e-15));
        assertThat(new double[]{pow.jvp(0).at(a, b, 1), pow.jvp(1).at(a, b, 1)}).containsExactly(new double[]{byA, byB}, within(1e-15));
    }

    static Stream<Arguments> powers() {
        double ln2 = Math.log(2);
        return Stream.of(Arguments.of(0, 2, 0, 0), Arguments.of(0, 1, 1, 0), Arguments.of(0, 0, 0, Double.NEGATIVE_INFINITY),
                Arguments.of(2, 0, 0, ln2), Arguments.of(2, 3, 12, 8 * ln2), Arguments.of(-2, 3, 12, Double.NaN),
                Arguments.of(0, 0.5, Double.POSITIVE_INFINITY, 0), Arguments.of(-2, 0.5, Double.NaN, Double.NaN));
    }

}
