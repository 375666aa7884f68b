package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.time.Duration;
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

/** Factors, pseudoinverses, exponentials and norms of matrices: known values, computed with 60 digits, and what always holds. */
class DecompositionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final Tensor A = matrix(3, 1.5, -1.5, 1.75, 0.5, 1.5, -0.5, -0.25, -2, 5.5);
    private static final Tensor B = matrix(2, 1, 2, 3, 4, 5, -6);
    private static final Tensor GRADED = matrix(3, 2, 5e-6, 5e-11, 5e-6, 2.0000000000000003e-10, 5e-16, 5e-11, 5e-16,
            2.0000000000000002e-20);

    private static Tensor matrix(int columns, double... data) {
        return Tensor.of(Shape.of(data.length / columns, columns), data);
    }

    private static Tensor apply(String op, Map<String, ?> attributes, Tensor x) {
        return GraphFunction.of(nodes -> GraphFunction.call(op, attributes, nodes), x.shape()).apply(x);
    }

    private static Tensor apply(String op, Tensor x) {
        return apply(op, Map.of(), x);
    }

    static Stream<Arguments> values() {
        return Stream.of(arguments("eigvalsh", Map.of(), A, Tensor.vector(0.9526133226167919, 1.5252488732219511, 6.0221378041612565)),
                arguments("eigvalsh", Map.of(), matrix(2, 1e200, 2e200, 0, 1e200), Tensor.vector(0, 2e200)),
                arguments("eigh_vectors", Map.of(), matrix(2, 3, 8, 0, -3), matrix(2, -Math.sqrt(0.2), Math.sqrt(0.8), Math.sqrt(0.8),
                        Math.sqrt(0.2))),
                arguments("svdvals", Map.of(), A, Tensor.vector(6.336255027148342, 1.67530234629635, 1.2923754405865606)),
                arguments("svdvals", Map.of(), B, Tensor.vector(8.039754922197854, 5.13442701681457)),
                arguments("svdvals", Map.of(), matrix(2, 0, 3e-100, 4e100, 0), Tensor.vector(4e100, 3e-100)),
                arguments("svd_u", Map.of(), matrix(1, 3, -4), matrix(1, -0.6, 0.8)),
                arguments("svd_vh", Map.of(), matrix(1, 3, -4), matrix(1, -1)),
                arguments("svd_u", Map.of(), matrix(2, 0, 0, 0, 0), matrix(2, 1, 0, 0, 1)),
                arguments("pinv", Map.of(), B, matrix(3, 0.051643192488262914, 0.13615023474178403, 0.107981220657277, 0.05046948356807512,
                        0.11032863849765258, -0.07629107981220658)),
                arguments("pinv", Map.of(), matrix(2, 1, 2, 2, 4), matrix(2, 0.04, 0.08, 0.08, 0.16)),
                arguments("pinv", Map.of(), matrix(3, 0, 0, 0, 0, 0, 0), matrix(2, 0, 0, 0, 0, 0, 0)),
                arguments("pinv", Map.of(), matrix(2, 1, 0, 0, 4e-16), matrix(2, 1, 0, 0, 0)),
                arguments("pinv", Map.of(), matrix(2, 1, 0, 0, 5e-16), matrix(2, 1, 0, 0, 2e15)),
                arguments("qr_q", Map.of(), matrix(1, 3, -4), matrix(1, -0.6, 0.8)),
                arguments("qr_r", Map.of(), matrix(1, 3, -4), matrix(1, -5)),
                arguments("qr_q", Map.of(), matrix(3, 1, 3, 5, 2, 4, -6), matrix(2, -Math.sqrt(0.2), -Math.sqrt(0.8), -Math.sqrt(0.8),
                        Math.sqrt(0.2))),
                arguments("qr_r", Map.of(), B, matrix(2, -5.916079783099616, 2.704493615131253, 0, -6.977514907595274)),
                arguments("qr_r", Map.of(), matrix(1, -7), matrix(1, -7)), arguments("qr_q", Map.of(), matrix(1, -7), matrix(1, 1)),
                arguments("qr_r", Map.of(), matrix(2, 2, 3, 0, -5), matrix(2, 2, 3, 0, -5)),
                arguments("expm", Map.of(), A, matrix(3, -8.87930369983645, -55.24037264965954, 115.22933347620062, 3.9866870806825885,
                        11.029639547664967, -17.836386731118356, -28.827136613060595, -114.62585833208522, 254.9966620904234)),
                arguments("expm", Map.of(), matrix(2, -49, 24, -64, 31),
                        matrix(2, -0.7357587581447531, 0.5518190996580977, -1.4715175990882605, 1.1036382407155727)),
                arguments("expm", Map.of(), matrix(2, 0, 1e-3, 0, 0), matrix(2, 1, 1e-3, 0, 1)),
                arguments("expm", Map.of(), matrix(2, 0, 1e10, 0, 0), matrix(2, 1, 1e10, 0, 1)),
                arguments("expm", Map.of(), matrix(1, -20), matrix(1, Math.exp(-20))),
                arguments("matrix_norm", Map.of("ord", "nuc"), B, Tensor.scalar(13.174181939012424)),
                arguments("matrix_norm", Map.of(), B, Tensor.scalar(Math.sqrt(91))),
                arguments("matrix_norm", Map.of("ord", 1), B, Tensor.scalar(12)),
                arguments("matrix_norm", Map.of("ord", -1), B, Tensor.scalar(9)),
                arguments("matrix_norm", Map.of("ord", "Infinity"), B, Tensor.scalar(11)),
                arguments("matrix_norm", Map.of("ord", "-Infinity"), B, Tensor.scalar(3)),
                arguments("matrix_norm", Map.of("ord", 2, "keepdims", true), B, matrix(1, 8.039754922197854)),
                arguments("matrix_norm", Map.of("ord", -2), B, Tensor.scalar(5.13442701681457)),
                arguments("matrix_norm", Map.of(), matrix(2, 3e200, 0, 0, 4e200), Tensor.scalar(5e200)),
                arguments("matrix_norm", Map.of("ord", "nuc"), Tensor.of(Shape.of(0, 3)), Tensor.scalar(0)),
                arguments("vector_norm", Map.of(), Tensor.vector(3e200, -4e200), Tensor.scalar(5e200)),
                arguments("vector_norm", Map.of("ord", 3), Tensor.vector(1e200, -1e200), Tensor.scalar(Math.cbrt(2) * 1e200)),
                arguments("vector_norm", Map.of("ord", -1, "axis", 1, "keepdims", true), matrix(2, 1, -1, 4, 4), matrix(1, 0.5, 2)),
                arguments("vector_norm", Map.of("ord", 0), Tensor.vector(0, 7, -1), Tensor.scalar(2)),
                arguments("vector_norm", Map.of("ord", "-Infinity"), Tensor.vector(3, -2), Tensor.scalar(2)));
    }

    @ParameterizedTest(name = "{0}{1} of {2}")
    @MethodSource("values")
    void have_the_known_value(String op, Map<String, ?> attributes, Tensor x, Tensor expected) {
        Tensor actual = apply(op, attributes, x);
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double size = Arrays.stream(expected.data()).map(Math::abs).filter(value -> value < 1e100).max().orElse(0);
        for (int i = 0; i < expected.length(); i++) {
            double wanted = expected.data()[i];
            boolean exact = op.equals("svdvals");
            assertThat(actual.data()[i]).isCloseTo(wanted,
                    within(exact ? 4e-15 * wanted : Math.max(4e-14 * Math.abs(wanted), 1e-15 * size)));
        }
    }

    @Test
    void small_values_of_graded_matrices_are_accurate() {
        assertThat(apply("svdvals", GRADED).data()[2]).isCloseTo(1.7999999999928002e-20, within(1e-34));
        assertThat(apply("eigvalsh", GRADED).data()[0]).isCloseTo(1.7999999999928002e-20, within(1e-34));
        Tensor hilbert = Tensor.zeros(Shape.of(10, 10));
        Arrays.setAll(hilbert.data(), i -> 1.0 / (i / 10 + i % 10 + 1));
        double[] values = apply("svdvals", hilbert).data();
        assertThat(values[0]).isCloseTo(1.7519196702651776, within(2e-15));
        assertThat(values[9]).isCloseTo(1.0932524334974553e-13, within(2e-16));
        assertThat(apply("eigvalsh", hilbert).data()[0]).isCloseTo(1.0932524334974553e-13, within(2e-16));
    }

    private static Tensor random(long seed, int... dims) {
        Tensor x = Tensor.zeros(Shape.of(dims));
        Random random = new Random(seed);
        Arrays.setAll(x.data(), i -> random.nextGaussian());
        return x;
    }

    /**
     * Full rank, tall, wide, in batches; of lower rank; of zeros; graded; large and small; with values close together. Those with a side of
     * at most 32 are decomposed by rotations, others by reductions.
     */
    static Stream<Tensor> matrices() {
        Tensor lowRank = GraphFunction.of(x -> GraphFunction.call("matmul", x), Shape.of(6, 2), Shape.of(2, 5)).apply(random(8, 6, 2),
                random(9, 2, 5));
        Tensor huge = random(10, 4, 4);
        Arrays.setAll(huge.data(), i -> huge.data()[i] * (i < 8 ? 1e250 : 1e-250));
        Tensor ones = Tensor.full(Shape.of(7, 7), 1);
        Tensor manyOnes = Tensor.full(Shape.of(50, 50), 1);
        Tensor shift = Tensor.zeros(Shape.of(45, 45));
        Tensor graded = random(11, 40, 40);
        Tensor upward = random(11, 40, 40);
        Tensor extreme = random(12, 36, 36);
        Arrays.setAll(shift.data(), i -> i % 45 == i / 45 + 1 ? 1 : 0);
        Arrays.setAll(graded.data(), i -> graded.data()[i] * Math.pow(0.1, i / 40 + i % 40));
        Arrays.setAll(upward.data(), i -> graded.data()[1599 - i]);
        Tensor manyOfLowRank = product(random(14, 64, 3), random(15, 3, 64));
        Tensor tiny = random(16, 50, 50);
        Arrays.setAll(tiny.data(), i -> tiny.data()[i] * 1e-290);
        Tensor nearIdentity = random(17, 60, 60);
        Arrays.setAll(nearIdentity.data(), i -> nearIdentity.data()[i] * 1e-13 + (i % 61 == 0 ? 1 : 0));
        Tensor repeated = Tensor.zeros(Shape.of(48, 48));
        Arrays.setAll(repeated.data(), i -> i % 49 == 0 ? i % 3 : 0);
        Arrays.setAll(extreme.data(), i -> extreme.data()[i] * (i < extreme.length() / 2 ? 1e-305 : 1e300));
        return Stream.of(random(1, 5, 5), random(2, 7, 3), random(3, 3, 7), random(4, 2, 3, 4, 2), random(5, 1, 6), random(6, 40, 40),
                lowRank, Tensor.zeros(Shape.of(4, 3)), huge, GRADED, ones, random(7, 70, 33), random(8, 34, 65),
                Tensor.zeros(Shape.of(33, 34)), random(13, 100, 100), manyOnes, shift, graded, upward, extreme, manyOfLowRank,
                tiny, nearIdentity, repeated);
    }

    @ParameterizedTest
    @MethodSource("matrices")
    void factors_are_orthogonal_and_their_product_is_the_matrix(Tensor a) {
        checkProduct(a, apply("qr_q", a), apply("qr_r", a));
        checkOrthogonal(apply("qr_q", a), true);
        Tensor u = apply("svd_u", a);
        Tensor scaled = GraphFunction.of(x -> GraphFunction.call("mul", x[0], GraphFunction.call("expand_dims", Map.of("axis", -2), x[1])),
                u.shape(), apply("svdvals", a).shape()).apply(u, apply("svdvals", a));
        checkProduct(a, scaled, apply("svd_vh", a));
        checkOrthogonal(u, true);
        checkOrthogonal(apply("svd_vh", a), false);
        double[] sigma = apply("svdvals", a).data();
        int k = apply("svdvals", a).shape().last();
        assertThat(IntStream.range(1, sigma.length).filter(i -> i % k > 0)).allMatch(i -> sigma[i] <= sigma[i - 1]);
        int rank = a.shape().rank();
        if (a.shape().last() == a.shape().dim(rank - 2)) {
            Tensor s = GraphFunction.of(x -> GraphFunction.call("mul", x[0].graph().literal(0.5),
                    GraphFunction.call("add", x[0], GraphFunction.call("transpose", x[0]))), a.shape()).apply(a);
            Tensor v = apply("eigh_vectors", a);
            checkOrthogonal(v, true);
            Tensor lambda = apply("eigvalsh", a);
            checkProduct(s, GraphFunction.of(x -> GraphFunction.call("mul", x), v.shape(), lambda.shape()).apply(v, lambda), turned(v));
        }
    }

    private static Tensor turned(Tensor x) {
        return apply("swapaxes", Map.of("axis1", -1, "axis2", -2), x);
    }

    private static Tensor product(Tensor a, Tensor b) {
        return GraphFunction.of(x -> GraphFunction.call("matmul", x), a.shape(), b.shape()).apply(a, b);
    }

    private static void checkProduct(Tensor a, Tensor left, Tensor right) {
        double size = Arrays.stream(a.data()).map(Math::abs).max().orElse(0);
        assertThat(product(left, right).data()).containsExactly(a.data(), within(5e-15 * size * Math.sqrt(a.shape().last())));
    }

    private static void checkOrthogonal(Tensor factor, boolean byColumns) {
        Tensor gram = byColumns ? product(turned(factor), factor) : product(factor, turned(factor));
        int k = gram.shape().last();
        double[] identity = IntStream.range(0, gram.length()).mapToDouble(i -> i % k == i / k % k ? 1 : 0).toArray();
        assertThat(gram.data()).containsExactly(identity, within(4e-15 * Math.sqrt(factor.shape().last())));
    }

    /** A step with a shift would divide by the first element of the diagonal; the values add up to those that the matrix without it has. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-160, 1e-310, 0, 1e-8})
    void singularValuesOfABidiagonalMatrixWithASmallFirstElement(double first) {
        int n = 40;
        Tensor a = Tensor.zeros(Shape.of(n, n));
        for (int i = 0; i < n; i++) {
            a.data()[i * n + i] = i == 0 ? first : 1;
            if (i + 1 < n) {
                a.data()[i * n + i + 1] = 1;
            }
        }
        double[] values = apply("svdvals", a).data();
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        assertThat(squares).as("the sum of the squares of all elements").isCloseTo(first * first + 2 * (n - 1), within(1e-11));
        assertThat(values[n - 1]).as("the product of the values is the determinant").isBetween(0.0, Math.max(first, 1e-15));
        assertThat(values[n - 2]).isGreaterThan(0.01);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qr_q", "qr_r", "eigvalsh", "eigh_vectors", "svdvals", "svd_u", "svd_vh", "pinv", "expm", "matrix_norm"})
    void what_is_not_finite_gives_nan_and_no_error(String op) {
        for (double odd : new double[]{Double.NaN, INF, -INF}) {
            Tensor large = Tensor.full(Shape.of(40, 40), 1);
            large.data()[45] = odd;
            for (Tensor x : List.of(matrix(2, odd, 1, 2, 3), large)) {
                boolean hasValue = op.equals("matrix_norm") && Double.isInfinite(odd);
                assertThat(apply(op, x).data()).contains(hasValue ? INF : Double.NaN);
                GraphFunction gradient = GraphFunction.of(nodes -> GraphFunction.call(op, nodes), x.shape()).vjp();
                assertThat(gradient.apply(x, Tensor.full(gradient.inputShapes().getLast(), 1)).data()).contains(Double.NaN);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"qr_q, 3, 2", "eigvalsh, 2, 2", "eigh_vectors, 2, 2", "svdvals, 3, 2", "svd_u, 3, 2", "svd_vh, 2, 3", "pinv, 3, 2"})
    void where_values_are_equal_or_zero_derivatives_follow_the_convention(String op, int m, int n) {
        Tensor zeros = Tensor.zeros(Shape.of(m, n));
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call(op, x), zeros.shape());
        Tensor ones = Tensor.full(function.outputShapes().getFirst(), 1);
        double[] gradient = function.vjp().apply(zeros, ones).data();
        switch (op) {
            case "qr_q" -> assertThat(gradient).containsOnly(Double.NaN);
            case "eigvalsh" -> assertThat(gradient).containsExactly(1, 0, 0, 1);
            default -> assertThat(gradient).containsOnly(0);
        }
    }

    @Test
    void the_gradient_of_a_symmetric_function_is_right_at_equal_eigenvalues() {
        Tensor x = matrix(3, 2, 1, 1, 1, 2, 1, 1, 1, 2);
        GraphFunction cubes = GraphFunction.of(nodes -> GraphFunction.call("sum", GraphFunction.call("pow",
                GraphFunction.call("eigvalsh", nodes), nodes[0].graph().literal(3))), x.shape());
        assertThat(cubes.vjp().apply(x, Tensor.scalar(1)).data()).containsExactly(new double[]{18, 15, 15, 15, 18, 15, 15, 15, 18},
                within(1e-13));
        GraphFunction nuclear = GraphFunction.of(nodes -> GraphFunction.call("matrix_norm", Map.of("ord", "nuc"), nodes), x.shape());
        assertThat(nuclear.vjp().apply(x, Tensor.scalar(1)).data()).containsExactly(new double[]{1, 0, 0, 0, 1, 0, 0, 0, 1}, within(1e-14));
    }

    @Test
    void what_does_not_fit_is_refused() {
        for (String op : List.of("qr_q", "svdvals", "pinv", "matrix_norm")) {
            assertThatThrownBy(() -> GraphFunction.op(op, Map.of(), 1).shape(Shape.of(3))).isInstanceOf(ShapeException.class)
                    .hasMessageContaining("takes matrices");
        }
        for (String op : List.of("eigvalsh", "eigh_vectors", "expm")) {
            assertThatThrownBy(() -> GraphFunction.op(op, Map.of(), 1).shape(Shape.of(2, 3))).isInstanceOf(ShapeException.class)
                    .hasMessageContaining("takes a square matrix");
        }
        assertThatThrownBy(() -> GraphFunction.op("matrix_norm", Map.of("ord", 2), 1).shape(Shape.of(0, 2)))
                .isInstanceOf(ShapeException.class);
        for (Object ord : List.of("frobenius", 3, 0)) {
            assertThatThrownBy(() -> GraphFunction.op("matrix_norm", Map.of("ord", ord), 1)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining("'ord'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qr_q", "eigh_vectors", "svd_u", "expm", "cofactor_derivative"})
    void the_deadline_is_kept(String op) {
        int operands = op.equals("cofactor_derivative") ? 2 : 1;
        Op made = GraphFunction.op(op, Map.of(), operands);
        Tensor x = random(3, 60, 60);
        List<Tensor> both = Collections.nCopies(operands, x);
        Shape shape = made.shape(both.stream().map(Tensor::shape).toArray(Shape[]::new));
        int[] asked = {0};
        Checkpoint third = () -> {
            if (++asked[0] == 3) {
                throw new DeadlineExceededException(Duration.ZERO);
            }
        };
        assertThatThrownBy(() -> GraphFunction.write(made, both, Tensor.zeros(shape), Parallel.onThisThread(third)))
                .isInstanceOf(DeadlineExceededException.class);
    }
}
