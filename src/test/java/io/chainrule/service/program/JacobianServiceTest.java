package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.with;
import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.matrices;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Outcome;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.run.Query;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Objects;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrices of derivatives against closed forms: the test functions are those of Moré, Garbow and Hillstrom (1981). */
class JacobianServiceTest {
    private static final double[][] W = {{0.1, 0.5}, {-0.3, 0.8}};
    private static final Query SQUARED_NORM = call("q = W @ x\nf = sum(q^2)", "W", W, "x", vector(0.2, 0.4));
    private static final String ROSENBROCK = "f = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)";
    private static final String BROYDEN = "y = concatenate([0], x, [0])\nf = (3 - 2 * x) * x - y[:-2] - 2 * y[2:] + 1";

    private static Tensor dense(CompiledJacobian.Result result, String of, String by) {
        return result.block(of, by).dense();
    }

    private static CompiledJacobian.Result jacobian(Query call, Transformation.Mode mode, String... of) {
        return matrices()
                .jacobian(call, new Transformation.Jacobians(of.length == 0 ? null : List.of(of), mode, Transformation.Extent.DENSE))
                .result();
    }

    @ParameterizedTest
    @EnumSource(Transformation.Mode.class)
    void jacobiansAreTheSameInBothModes(Transformation.Mode mode) {
        CompiledJacobian.Result answer = jacobian(SQUARED_NORM, mode, "q", "f");
        assertThat(dense(answer, "q", "x")).isEqualTo(Tensor.matrix(W));
        assertThat(dense(answer, "q", "W")).isEqualTo(Tensor.of(Shape.of(2, 2, 2), 0.2, 0.4, 0, 0, 0, 0, 0.2, 0.4));
        assertThat(dense(answer, "f", "x").data()).containsExactly(new double[]{-0.112, 0.636}, within(1e-15));
        assertThat(answer.function().passes()).isEqualTo(mode == Transformation.Mode.FORWARD ? 6 : 3);
        assertThat(answer.function().mode())
                .isEqualTo(mode == Transformation.Mode.FORWARD ? Transformation.Mode.FORWARD : Transformation.Mode.REVERSE);
    }

    @Test
    void aJacobianByAnInputThatTheProgramNeverMentionsIsZero() {
        CompiledJacobian.Result answer = jacobian(call("y = 2 * x", "x", vector(1, 2), "u", vector(1, 2, 3)), Transformation.Mode.AUTO);
        assertThat(dense(answer, "y", "u")).isEqualTo(Tensor.zeros(Shape.of(2, 3)));
    }

    static Stream<Arguments> broyden() {
        return Stream.of(10, 300).flatMap(n -> Stream.of(Arguments.of(BROYDEN, n), Arguments.of(entryByEntry(n), n)));
    }

    private static String entryByEntry(int n) {
        return "f = [" + IntStream.range(0, n)
                .mapToObj(i -> "(3 - 2 * x[" + i + "]) * x[" + i + "]" + (i == 0 ? "" : " - x[" + (i - 1) + "]")
                        + (i == n - 1 ? "" : " - 2 * x[" + (i + 1) + "]") + " + 1")
                .collect(Collectors.joining(", ")) + "]";
    }

    /** Eleven nodes an entry: more than the default limit lets through. */
    @Test
    void tenThousandEntriesWrittenOutTakeAsManyPasses() {
        CompiledJacobian.Result answer = matrices("nodes", "300000", "time", "60s")
                .jacobian(call(entryByEntry(10_000), "x", new double[10_000]),
                        new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES))
                .result();
        assertThat(answer.function().passes()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("broyden")
    void aTridiagonalJacobianTakesThreePassesHoweverLargeAndHoweverWritten(String program, int n) {
        double[] x = IntStream.range(0, n).mapToDouble(i -> -1 + 0.01 * i).toArray();
        for (Transformation.Mode mode : Transformation.Mode.values()) {
            CompiledJacobian.Result answer = matrices()
                    .jacobian(call(program, "x", x), new Transformation.Jacobians(null, mode, Transformation.Extent.ENTRIES)).result();
            assertThat(answer.function().passes()).isEqualTo(3);
            assertThat(answer.block("f", "x").shape()).isEqualTo(Shape.of(n, n));
            CompiledJacobian.Entries matrix = answer.block("f", "x").entries();
            assertThat(matrix.values()).hasSize(3 * n - 2);
            for (int i = 0; i < matrix.values().length; i++) {
                int row = matrix.indices()[i][0];
                int column = matrix.indices()[i][1];
                double expected = row == column ? 3 - 4 * x[row] : column == row - 1 ? -1 : -2;
                assertThat(Math.abs(row - column)).isLessThan(2);
                assertThat(matrix.values()[i]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    @Test
    void nothingDenseIsBuiltOfASparseJacobian() {
        Query call = call(BROYDEN, "x", new double[10_000]);
        CompiledJacobian.Result answer = matrices()
                .jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES)).result();
        assertThat(answer.function().passes()).isEqualTo(3);
        assertThat(answer.block("f", "x").entries().values()).hasSize(29_998);
        assertThatThrownBy(() -> jacobian(call, Transformation.Mode.AUTO)).isInstanceOf(LimitException.class);
    }

    @Test
    void separateInputsShareTheirPassesToo() {
        Query call = call("f = [a * a, b * b, c * c]", "a", 1, "b", 2, "c", 3);
        assertThat(jacobian(call, Transformation.Mode.FORWARD).function().passes()).isEqualTo(1);
        assertThat(dense(jacobian(call, Transformation.Mode.FORWARD), "f", "b")).isEqualTo(Tensor.vector(0, 4, 0));
    }

    /** In reverse all fifty values are held; forward, where one pass is enough, two at a time. */
    @Test
    void theOtherModeIsTakenWhereTheCheaperOneHasNoRoom() {
        Query call = call("y = x\nfor i in 0:50\n  y = sin(y)", "x", new double[1000]);
        JacobianService tight = matrices("bytes", "300000");
        assertThat(jacobian(call, Transformation.Mode.AUTO).function().mode()).isEqualTo(Transformation.Mode.REVERSE);
        assertThat(tight.jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES))
                .result().function().mode())
                .isEqualTo(Transformation.Mode.FORWARD);
        assertThatThrownBy(
                () -> tight.jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.REVERSE, Transformation.Extent.ENTRIES)))
                .isInstanceOf(LimitException.class).satisfies(e -> assertThat(((LimitException) e).limit()).isEqualTo("bytes"));
    }

    @Test
    void theHessianOfASquaredNorm() {
        CompiledJacobian.Result answer = matrices().hessian(wrt(SQUARED_NORM, "x"), MatrixFormat.DENSE).result();
        assertThat(Objects.requireNonNull(answer.value()).item()).isCloseTo(0.116, within(1e-12));
        assertThat(at(answer.values(), "x").data()).containsExactly(new double[]{-0.112, 0.636}, within(1e-12));
        assertThat(dense(answer, "x", "x").data()).containsExactly(new double[]{0.2, -0.38, -0.38, 1.78}, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 200})
    void theHessianOfRosenbrockIsTridiagonal(int n) {
        double[] x = IntStream.range(0, n).mapToDouble(i -> i % 2 == 0 ? -1.2 : 1).toArray();
        CompiledJacobian.Result answer = matrices().hessian(call(ROSENBROCK, "x", x), MatrixFormat.DENSE).result();
        double[] expected = new double[n * n];
        double[] gradient = new double[n];
        for (int i = 0; i < n - 1; i++) {
            double t = x[i + 1] - x[i] * x[i];
            gradient[i] += -400 * x[i] * t - 2 * (1 - x[i]);
            gradient[i + 1] += 200 * t;
            expected[i * n + i] += -400 * (x[i + 1] - 3 * x[i] * x[i]) + 2;
            expected[(i + 1) * n + i + 1] += 200;
            expected[i * n + i + 1] = -400 * x[i];
            expected[(i + 1) * n + i] = -400 * x[i];
        }
        assertThat(answer.function().passes()).isEqualTo(3);
        assertThat(at(answer.values(), "x").data()).containsExactly(gradient, within(1e-10));
        assertThat(dense(answer, "x", "x").data()).containsExactly(expected, within(1e-10));
    }

    /** A program written with slices stays small however many inputs it has, and the Hessian is never built. */
    @Test
    void aMillionInputsTakeOneHessianVectorProduct() {
        double[] x = IntStream.range(0, 1_000_000).mapToDouble(i -> 1 + 0.5 * Math.sin(i)).toArray();
        double[] v = IntStream.range(0, x.length).mapToDouble(Math::cos).toArray();
        Query call = TestService.nodes(call(ROSENBROCK, "x", x), new Signature.NodeSelection.None());
        double[] product = at(with("answer-bytes", "50001000").hvp(call, Map.of("x", Tensor.vector(v))).result().products(), "x").data();
        for (int i = 1; i < x.length - 1; i++) {
            double expected = (1200 * x[i] * x[i] - 400 * x[i + 1] + 202) * v[i] - 400 * (x[i] * v[i + 1] + x[i - 1] * v[i - 1]);
            assertThat(Math.abs(product[i] - expected)).isLessThan(1e-9);
        }
    }

    /** exp reads its own result in its derivative, and must read it without the perturbation; broadcast_to is looked through by rules. */
    @ParameterizedTest
    @ValueSource(strings = {"a = exp(x)\nf = a^2", "a = sigmoid(x)\nf = a^2", "a = 1 / x\nf = exp(a)", "a = sqrt(x)\nf = a^3",
            "a = broadcast_to(x, shape=[])\nf = gelu(a)", "a = norm(stack(x, 2))\nf = a^2"})
    void derivativesByANodeInsideAreThoseByAPerturbationOfIt(String text) {
        double x = 0.7;
        Query call = TestService.wrt(call(text, "x", x), "a", "x");
        CompiledJacobian.Result answer = matrices().hessian(call, MatrixFormat.DENSE).result();
        CompiledJacobian.Result expected = matrices().hessian(call(text.replace("\nf", " + d\nf"), "d", 0, "x", x), MatrixFormat.DENSE)
                .result();
        for (String first : List.of("a", "x")) {
            for (String second : List.of("a", "x")) {
                double perturbed = dense(expected, first.replace("a", "d"), second.replace("a", "d")).item();
                assertThat(dense(answer, first, second).item()).isCloseTo(perturbed, within(1e-12));
            }
        }
        Outcome product = with().hvp(call, Map.of("a", Tensor.scalar(1))).result();
        assertThat(at(product.products(), "x").item()).isCloseTo(dense(expected, "x", "d").item(), within(1e-12));
        Query many = TestService.batch(TestService.wrt(call(text, "x", vector(x, 2 * x)), "a", "x"), Signature.Reduction.SUM, "x");
        Tensor block = dense(matrices().hessian(many, MatrixFormat.DENSE).result(), "x", "a");
        assertThat(block.data()[0]).isCloseTo(dense(expected, "x", "d").item(), within(1e-12));
    }

    /** Refused before anything of that size is made: these have some 10⁸ entries. */
    @ParameterizedTest
    @ValueSource(strings = {"cumsum(x)", "sort(x)", "softmax(x)", "x * sum(x)"})
    void fullJacobiansBeyondTheLimitAreRefusedAtOnce(String program) {
        Query call = call(program, "x", new double[20_000]);
        assertThatThrownBy(() -> matrices().jacobian(call,
                new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES)))
                .isInstanceOf(LimitException.class).hasMessageContaining("jacobian-entries");
    }

    @Test
    void aSparseHessianOfManyInputsIsFound() {
        double[] x = IntStream.range(0, 100_000).mapToDouble(Math::sin).toArray();
        CompiledJacobian.Result answer = matrices().hessian(call("f = sum((x[1:] - x[:-1])^4)", "x", x), MatrixFormat.COO).result();
        assertThat(answer.function().passes()).isEqualTo(3);
    }

    @Test
    void mixedSecondDerivativesAndThoseThatAreZero() {
        CompiledJacobian.Result answer = matrices()
                .hessian(call("f = a * b^2 + c", "a", 3, "b", 5, "c", 7, "u", vector(1, 2)), MatrixFormat.DENSE).result();
        assertThat(dense(answer, "a", "b")).isEqualTo(Tensor.scalar(10));
        assertThat(dense(answer, "b", "a")).isEqualTo(Tensor.scalar(10));
        assertThat(dense(answer, "b", "b")).isEqualTo(Tensor.scalar(6));
        assertThat(dense(answer, "a", "a")).isEqualTo(Tensor.scalar(0));
        assertThat(dense(answer, "c", "b")).isEqualTo(Tensor.scalar(0));
        assertThat(dense(answer, "u", "b")).isEqualTo(Tensor.zeros(Shape.of(2)));
    }

    @Test
    void aHessianVectorProductIsTheHessianTimesTheVector() {
        double[] x = {-1.2, 1, -1.2, 1};
        double[] v = {1, -2, 0.5, 3};
        double[] hessian = dense(matrices().hessian(call(ROSENBROCK, "x", x), MatrixFormat.DENSE).result(), "x", "x").data();
        double[] expected = IntStream.range(0, 4).mapToDouble(i -> IntStream.range(0, 4).mapToDouble(j -> hessian[4 * i + j] * v[j]).sum())
                .toArray();
        Outcome answer = with().hvp(call(ROSENBROCK, "x", x), Map.of("x", Tensor.vector(v))).result();
        assertThat(at(answer.products(), "x").data()).containsExactly(expected, within(1e-9));
    }

    @Test
    void aHessianVectorProductInAHundredThousandVariables() {
        double[] x = new double[100_000];
        Arrays.fill(x, 1);
        Outcome answer = with().hvp(TestService.nodes(call(ROSENBROCK, "x", x), new Signature.NodeSelection.None()),
                Map.of("x", Tensor.vector(x))).result();
        assertThat(at(answer.products(), "x").data()).startsWith(402).endsWith(-200);
        assertThat(at(answer.products(), "x").data()[1]).isCloseTo(802 + 200 - 800, within(1e-9));
    }

    @Test
    void onlyAScalarHasAHessian() {
        assertThatThrownBy(() -> matrices().hessian(call("y = x^2", "x", vector(1, 2)), MatrixFormat.DENSE))
                .isInstanceOfSatisfying(ProblemException.class,
                        e -> assertThat(e.problems().getFirst().code().code()).isEqualTo("not-scalar"));
    }

    static Stream<Arguments> singularInTheDerivativeOnly() {
        double[][] singular = {{1, 2}, {2, 4}};
        double[] b = vector(1, 2);
        return Stream.of(Arguments.of(call("y = solve(a, b)\nf = sum(y * b)", "a", singular, "b", b), "b", "y"),
                Arguments.of(call("c = a * 2\ny = solve(c, b)\nf = sum(y^2)", "a", singular, "b", b), "b", "y"),
                Arguments.of(call("y = solve(a, b)\nf = sum(y)", "a", singular, "b", b), "a", "y"));
    }

    /** Values that no answer needs are not computed, so that only the derivative may meet the matrix. */
    @ParameterizedTest
    @MethodSource("singularInTheDerivativeOnly")
    void aSingularMatrixIsRefusedInTheNameOfItsNode(Query call, String by, String node) {
        for (Transformation.Mode mode : Transformation.Mode.values()) {
            assertThatThrownBy(() -> jacobian(wrt(call, by), mode)).isInstanceOfSatisfying(ProblemException.class,
                    e -> assertThat(e.problems().getFirst().node()).isEqualTo(node));
        }
        assertThatThrownBy(() -> matrices().hessian(wrt(call, by), MatrixFormat.DENSE)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems().getFirst().node()).isEqualTo(node));
        assertThatThrownBy(() -> TestService.with().vjp(wrt(call, by), Map.of("y", Tensor.vector(1, 1))))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems().getFirst().node()).isEqualTo(node));
    }
}
