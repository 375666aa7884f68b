package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of linear algebra, computed with 40 digits, and what is refused. */
class LinearAlgebraTest {
    /** A batch may be long, so that the run asks for each matrix whether it may go on; for an inverse also before it is factored. */
    @ParameterizedTest
    @CsvSource({"inv, 1, 14", "triangular_solve, 2, 7"})
    void asks_for_each_matrix_whether_to_go_on(String op, int operands, int least) {
        Tensor matrices = Tensor.full(Shape.of(7, 1, 1), 2);
        int[] asked = {0};
        GraphFunction.write(GraphFunction.op(op, Map.of(), operands), Collections.nCopies(operands, matrices),
                Tensor.zeros(matrices.shape()),
                Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isGreaterThanOrEqualTo(least);
    }

    static Stream<Arguments> values() {
        return Stream.of(
                arguments("det", Map.of(), of("2", 13.71875, -79.3125),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3))),
                arguments("det", Map.of(), of("", 0), List.of(of("2,2", 1, 2, 2, 4))),
                arguments("det", Map.of(), of("", 1), List.of(of("0,0"))),
                arguments("det", Map.of(), of("", 165.2783203125),
                        List.of(of("5,5", 2.25, -1.25, -3, 2.75, -1.25, -1, 3.25, 0.5, -0.25, 1.75, -2.75, 1.25, 0.25, -2.5, 1, 2.5, -1.75,
                                0.75, -0.25, 1.5, 1.25, -1.75, 2, 1, 2))),
                arguments("logdet", Map.of(), of("", 2.618763510275445),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5))),
                arguments("slogdet", Map.of(), of("2", 2.618763510275445, 4.373395745474607),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3))),
                arguments("inv", Map.of(),
                        of("2,3,3", 0.5284738041002278, 0.3462414578587699, -0.1366742596810934, -0.19134396355353075, 0.6332574031890661,
                                0.11845102505694761, -0.04555808656036447, 0.2460136674259681, 0.21867881548974943, -0.15602836879432624,
                                0.028368794326241134, 0.014184397163120567, -0.03309692671394799, -0.2364066193853428, -0.1182033096926714,
                                -0.12923561859732072, 0.12450748620961387, -0.2710795902285264),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3))),
                arguments("cofactor", Map.of(), of("3,3", 12.375, 2.625, 10.25, -2.25, 18.75, -9.875, -1.125, 9.375, 21.5),
                        List.of(of("3,3", -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25, -3))),
                arguments("cofactor", Map.of(), of("2,2", 4, -2, -2, 1), List.of(of("2,2", 1, 2, 2, 4))),
                arguments("cofactor", Map.of(), of("3,3", -2, 4, -2, 1, -2, 1, 0, 0, 0), List.of(of("3,3", 1, 2, 3, 2, 4, 6, 1, 1, 1))),
                arguments("cofactor", Map.of(), of("1,1", 1), List.of(of("1,1", 0))),
                arguments("cofactor", Map.of(), of("2,2", 0, 0, 0, 0), List.of(of("2,2", 0, 0, 0, 0))),
                arguments("solve", Map.of(),
                        of("2,3,2", 1.917995444191344, 0.24145785876993167, 0.27107061503416857, 1.7574031890660593, -0.26879271070615035,
                                1.0136674259681093, -0.3049645390070922, 0.1702127659574468, -0.12529550827423167, -0.75177304964539,
                                0.6059889676910953, -0.19739952718676124),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3), of("3,2", 2, -0.5, 1.5, 2.25, -2.5, 2))),
                arguments("solve", Map.of(),
                        of("2,3", -0.12300683371298406, -0.09339407744874716, -0.4031890660592255, 0.08865248226950355, 0.26122931442080377,
                                0.6390858944050434),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3), of("3", -0.75, 0, -2))),
                arguments("solve", Map.of(),
                        of("2,3", -0.07972665148063782, -0.7642369020501139, 0.1275626423690205, 0.1950354609929078, 0.041371158392434985,
                                0.32821118991331755),
                        List.of(of("2,3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5, -6.25, -0.75, 0, -0.5, -3.5, 1.5, 2.75, -1.25,
                                -3), of("2,3", 1.25, -1.25, 2.25, -1.25, 0.25, -0.5))),
                arguments("solve", Map.of(),
                        of("2,3,1", 0.06378132118451026, -1.4886104783599088, -0.9020501138952164, 1.24373576309795, 0.7220956719817767,
                                0.41002277904328016),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5), of("2,3,1", 0.75, -1.75, -2, 1.5, 1.5, 0.5))),
                arguments("triangular_solve", Map.of(), of("3", -0.5, 0.16666666666666666, -0.32575757575757575),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5), of("3", -0.75, 0, -2))),
                arguments("triangular_solve", Map.of("lower", false),
                        of("3,2", 2.712121212121212, 0.8636363636363636, 0.8484848484848485, 1.621212121212121, -0.45454545454545453,
                                0.36363636363636365),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5), of("3,2", 2, -0.5, 1.5, 2.25, -2.5, 2))),
                arguments("triangular_solve", Map.of("trans", true),
                        of("3,2", 1.1262626262626263, -0.9343434343434344, 0.3939393939393939, 1.9848484848484849, -0.45454545454545453,
                                0.36363636363636365),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5), of("3,2", 2, -0.5, 1.5, 2.25, -2.5, 2))),
                arguments("triangular_solve", Map.of("lower", false, "trans", true, "unit_diagonal", true),
                        of("3,2", 2, -0.5, 4.5, 1.5, -3.75, 3.625),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5), of("3,2", 2, -0.5, 1.5, 2.25, -2.5, 2))),
                arguments("cholesky", Map.of(),
                        of("3,3", 3.783186487605389, 0, 0, -2.1972218465131736, 2.8804888746886768, 0, 0.1486841851023952,
                                2.6737447963830063, 2.2397503827246537),
                        List.of(of("3,3", 14.3125, -8.3125, 0.5625, -8.3125, 13.125, 7.375, 0.5625, 7.375, 12.1875))),
                arguments("cholesky", Map.of(), of("2,2", 2, 0, 1, 1.4142135623730951), List.of(of("2,2", 4, 5, -1, 3))),
                arguments("matrix_power", Map.of("n", 5), of("2,2", 49, 98, 147, -49), List.of(of("2,2", 1, 2, 3, -1))),
                arguments("matrix_power", Map.of("n", 0), of("2,2,2", 1, 0, 0, 1, 1, 0, 0, 1),
                        List.of(of("2,2,2", 1, 1, 1, 1, 1, 1, 1, 1))),
                arguments("matrix_power", Map.of("n", -3),
                        of("3,3", 0.04812452157549646, 0.294313167834451, 0.00033359920171640006, -0.19574613975407154, 0.1828701372322677,
                                0.10201005929718719, -0.08374058600817764, 0.11511498576098518, 0.05223475119573696),
                        List.of(of("3,3", 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5))),
                arguments("matrix_power", Map.of("n", 1), of("2,2", 1, 2, 2, 4), List.of(of("2,2", 1, 2, 2, 4))));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("values")
    void have_the_value_of_the_reference(String op, Map<String, ?> attributes, Tensor expected, List<Tensor> operands) {
        GraphFunction.assertValue(op, attributes, operands, expected, 1e-13, 1e-14);
    }

    /** Sizes below, at and beyond the sides of blocks, and with a part of a block left over. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 65, 100})
    void factors_of_all_sizes_reproduce_the_matrix(int n) {
        Random random = new Random(n);
        double[] a = random.doubles((long) n * n).map(x -> random.nextGaussian()).toArray();
        double[] right = random.doubles(3L * n).map(x -> random.nextGaussian()).toArray();
        Tensor general = Tensor.of(Shape.of(n, n), a);
        Tensor definite = Tensor.of(Shape.of(n, n), product(a, transposed(a, n), n, n));
        Tensor columns = Tensor.of(Shape.of(n, 3), right);
        Tensor l = apply("cholesky", Map.of(), definite);
        assertThat(product(l.data(), transposed(l.data(), n), n, n)).containsExactly(definite.data(), within(1e-13 * n));
        assertThat(IntStream.range(0, n * n).filter(i -> i % n > i / n)).allMatch(i -> l.data()[i] == 0);
        double[] one = apply("solve", Map.of(), general, Tensor.of(Shape.of(n), Arrays.copyOf(right, n))).data();
        assertThat(product(a, one, n, 1)).containsExactly(Arrays.copyOf(right, n), within(1e-14 * n * largest(one)));
        double[] solved = apply("solve", Map.of(), general, columns).data();
        assertThat(product(a, solved, n, 3)).containsExactly(right, within(1e-14 * n * largest(solved)));
        for (boolean lower : new boolean[]{true, false}) {
            for (boolean transposed : new boolean[]{true, false}) {
                // Dominant diagonals, since triangles with random elements have huge inverses.
                double[] triangle = IntStream.range(0, n * n)
                        .mapToDouble(i -> i % n == i / n ? 2 + n : i % n < i / n == lower ? a[i] : 0).toArray();
                double[] full = IntStream.range(0, n * n).mapToDouble(i -> triangle[i] == 0 ? Double.NaN : triangle[i]).toArray();
                double[] used = transposed ? transposed(triangle, n) : triangle;
                Map<String, ?> attributes = Map.of("lower", lower, "trans", transposed);
                double[] x = apply("triangular_solve", attributes, Tensor.of(Shape.of(n, n), full), columns).data();
                assertThat(product(used, x, n, 3)).containsExactly(right, within(1e-14 * n));
                Tensor vector = Tensor.of(Shape.of(n), Arrays.copyOf(right, n));
                double[] ofVector = apply("triangular_solve", attributes, Tensor.of(Shape.of(n, n), full), vector).data();
                assertThat(product(used, ofVector, n, 1)).containsExactly(vector.data(), within(1e-14 * n));
            }
        }
    }

    /** The gradient of Σ t ∘ x, where A x = b, is Aᵀ b̄ = t and Ā = −b̄ xᵀ; A is one matrix or each of a batch. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2, 3, 1", "7, 2, 3", "32, 1, 2", "33, 3, 1", "65, 2, 1", "100, 1, 4"})
    void gradients_of_solutions_solve_the_transposed_equations(int n, int batch, int m) {
        Random random = new Random(n);
        for (boolean isOne : new boolean[]{true, false}) {
            Tensor a = gaussian(random, isOne ? Shape.of(n, n) : Shape.of(batch, n, n));
            Tensor b = gaussian(random, Shape.of(batch, n, m));
            Tensor t = gaussian(random, b.shape());
            GraphFunction solve = GraphFunction.of(x -> GraphFunction.call("solve", x), a.shape(), b.shape());
            double[] x = solve.apply(a, b).data();
            List<Tensor> gradients = solve.vjp().run(List.of(a, b, t));
            double[] ofA = new double[a.length()];
            for (int i = 0; i < batch; i++) {
                int matrix = isOne ? 0 : i * n * n;
                double[] rows = transposed(Arrays.copyOfRange(a.data(), matrix, matrix + n * n), n);
                double[] ofB = Arrays.copyOfRange(gradients.get(1).data(), i * n * m, (i + 1) * n * m);
                assertThat(product(rows, ofB, n, m)).containsExactly(Arrays.copyOfRange(t.data(), i * n * m, (i + 1) * n * m),
                        within(1e-14 * n * largest(ofB)));
                for (int row = 0; row < n; row++) {
                    for (int column = 0; column < n; column++) {
                        for (int k = 0; k < m; k++) {
                            ofA[matrix + row * n + column] -= ofB[row * m + k] * x[i * n * m + column * m + k];
                        }
                    }
                }
            }
            assertThat(gradients.getFirst().data()).containsExactly(ofA, within(1e-13 * largest(ofA)));
        }
    }

    private static Tensor gaussian(Random random, Shape shape) {
        return Tensor.of(shape, random.doubles(shape.length()).map(_ -> random.nextGaussian()).toArray());
    }

    /** NaN is no zero: a matrix that has one is not singular. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 40})
    void a_matrix_with_a_nan_has_results_that_are_nan(int n) {
        for (int row = 0; row < n; row += n / 2) {
            Tensor a = Tensor.zeros(Shape.of(n, n));
            Arrays.setAll(a.data(), i -> i % n == (i / n + 1) % n ? 1 : 0);
            a.data()[row * n] = Double.NaN;
            Tensor b = Tensor.full(Shape.of(n), 1);
            assertThat(apply("det", Map.of(), a).item()).isNaN();
            assertThat(apply("slogdet", Map.of(), a).item()).isNaN();
            assertThat(apply("logdet", Map.of(), a).item()).isNaN();
            assertThat(apply("solve", Map.of(), a, b).data()).contains(Double.NaN);
            assertThat(apply("inv", Map.of(), a).data()).contains(Double.NaN);
        }
    }

    private static Tensor apply(String op, Map<String, ?> attributes, Tensor... operands) {
        return GraphFunction.of(x -> GraphFunction.call(op, attributes, x), Stream.of(operands).map(Tensor::shape).toArray(Shape[]::new))
                .apply(operands);
    }

    private static double[] transposed(double[] x, int n) {
        return IntStream.range(0, n * n).mapToDouble(i -> x[i % n * n + i / n]).toArray();
    }

    /** Of an n × n and an n × m matrix. */
    private static double[] product(double[] x, double[] y, int n, int m) {
        double[] z = new double[n * m];
        for (int i = 0; i < n * m; i++) {
            for (int k = 0; k < n; k++) {
                z[i] += x[i / m * n + k] * y[k * m + i % m];
            }
        }
        return z;
    }

    private static double largest(double[] x) {
        return Arrays.stream(x).map(Math::abs).max().orElse(0);
    }

    static Stream<Arguments> refused() {
        Tensor singular = of("3,2,2", 1, 0, 0, 1, 1, 2, 2, 4, 1, 0, 0, 1);
        Tensor twos = of("2", 1, 2);
        return Stream.of(
                arguments("inv", List.of(singular), "inv: matrix 1 of the batch of 3 is singular"),
                arguments("inv", List.of(of("1,1", 0)), "inv: the matrix is singular"),
                arguments("solve", List.of(singular, twos), "solve: matrix 1 of the batch of 3 is singular"),
                arguments("triangular_solve", List.of(of("2,2", 1, 2, 3, 0), twos), "the matrix is singular"),
                arguments("cholesky", List.of(singular), "cholesky: matrix 1 of the batch of 3 is not positive definite"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuse_what_has_no_inverse_or_factor(String op, List<Tensor> operands, String message) {
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call(op, x),
                operands.stream().map(Tensor::shape).toArray(Shape[]::new));
        assertThatThrownBy(() -> function.run(operands)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problems().getFirst().code()).isEqualTo(ProblemCode.SINGULAR_MATRIX);
            assertThat(e.graphNode()).isEqualTo(operands.size());
        }).hasMessageContaining(message);
    }

    @Test
    void determinants_of_singular_matrices_have_derivatives() {
        Tensor singular = of("2,2", 1, 2, 2, 4);
        GraphFunction det = GraphFunction.of(x -> GraphFunction.call("det", x), singular.shape());
        GraphFunction gradient = det.vjp();
        assertThat(gradient.apply(singular, Tensor.scalar(1)).data()).containsExactly(4, -2, -2, 1);
        assertThat(gradient.jvp(0).apply(singular, Tensor.scalar(1), of("2,2", 1, 0, 0, 0)).data()).containsExactly(0, 0, 0, 1);
        GraphFunction logdet = GraphFunction.of(x -> GraphFunction.call("logdet", x), singular.shape());
        assertThat(logdet.apply(singular).item()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logdet.vjp().apply(singular, Tensor.scalar(1)).data()).containsOnly(Double.NaN);
        Tensor negative = of("2,2", 0, 1, 1, 0);
        assertThat(logdet.apply(negative).item()).isNaN();
        assertThat(logdet.vjp().apply(negative, Tensor.scalar(1)).data()).containsOnly(Double.NaN);
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                arguments("det", List.of("3"), "takes a square matrix"), arguments("inv", List.of("2,3"), "takes a square matrix"),
                arguments("solve", List.of("2,3", "3"), "takes a square matrix"), arguments("solve", List.of("2,2", ""), "2 rows"),
                arguments("solve", List.of("2,2", "3"), "2 rows"), arguments("solve", List.of("3,2,2", "2,2,1"), "do not broadcast"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refuse_operands_that_do_not_fit(String op, List<String> operands, String message) {
        ShapeTables.assertRefused(op, Map.of(), operands, message);
    }

    private static Tensor of(String dims, double... data) {
        return Tensor.of(ShapeTables.shape(dims), data);
    }
}
