package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole Jacobians and Hessians as functions to call. */
class CompiledJacobianTest {
    private static final Map<String, Tensor> X = Map.of("x", Tensor.vector(0.5, -1, 2));
    private static final Shapes SHAPE = Shapes.of("x", 3);

    @ParameterizedTest
    @ValueSource(strings = {"y = x^3", "y = tanh(outer(x, x) @ x)", "y = cumsum(sin(x))[1:]", "y = sum(x^2)",
            "y = reshape(x, shape=[3, 1]) * x"})
    void rowsAreGradientsOfTheOutputsElements(String text) {
        Program program = Program.parse(text);
        CompiledJacobian f = program.jacobian("x").compile(SHAPE);
        CompiledJacobian.Result r = f.call(X);
        Tensor value = program.value().compile(SHAPE).call(X).value();
        assertThat(r.values()).isEqualTo(Map.of("y", value));
        Tensor jacobian = r.block("y", "x").dense();
        assertThat(jacobian.shape()).isEqualTo(value.shape().concat(Shape.of(3)));
        CompiledFunction pull = program.vjp(Shapes.of(Map.of("y", value.shape())), "x").compile(SHAPE);
        for (int row = 0; row < value.length(); row++) {
            double[] unit = new double[value.length()];
            unit[row] = 1;
            double[] expected = pull.call(X, Map.of("y", Tensor.of(value.shape(), unit))).gradient("x").data();
            assertThat(Arrays.copyOfRange(jacobian.data(), 3 * row, 3 * row + 3)).containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void theHessianIsTheGradientsJacobian() {
        CompiledJacobian f = Program.parse("f = x[0]^2 * x[1] + y * x[2]").hessian().compile(Shapes.of("x", 3, "y"));
        CompiledJacobian.Result r = f.call(Map.of("x", Tensor.vector(0.5, -1, 2), "y", Tensor.scalar(3)));
        assertThat(r.value()).isEqualTo(Tensor.scalar(0.25 * -1 + 6));
        assertThat(r.values()).isEqualTo(Map.of("x", Tensor.vector(-1, 0.25, 3), "y", Tensor.scalar(2)));
        assertThat(r.block("x", "x").dense())
                .isEqualTo(Tensor.matrix(new double[]{-2, 1, 0}, new double[]{1, 0, 0}, new double[]{0, 0, 0}));
        assertThat(r.block("x", "y").dense()).isEqualTo(Tensor.vector(0, 0, 1));
        assertThat(r.block("y", "y").dense()).isEqualTo(Tensor.scalar(0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x[0] * sum(x[1:]^3) + sum(exp(x))               | 2
            sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)  | 3
            sum(sin(x))                                     | 1
            (x[0] + x[69]) * sum(x[1:69]^2) + x[0] * x[69]  | 3
            tanh(sum(x))                                    | 70
            """)
    void aHessianTakesAsManyPassesAsItsStructureNeeds(String text, int passes) {
        Program program = Program.parse("f = " + text);
        CompiledJacobian f = program.hessian("x").compile(Shapes.of("x", 70));
        assertThat(f.passes()).isEqualTo(passes);
        double[] point = IntStream.range(0, 70).mapToDouble(i -> Math.sin(i + 1)).toArray();
        Map<String, Tensor> x = Map.of("x", Tensor.vector(point));
        double[] hessian = f.call(x).block("x", "x").dense().data();
        CompiledFunction product = program.hvp(Shapes.of("x", 70), "x").compile(Shapes.of("x", 70));
        for (int row = 0; row < 70; row++) {
            double[] unit = new double[70];
            unit[row] = 1;
            assertThat(Arrays.copyOfRange(hessian, 70 * row, 70 * row + 70))
                    .containsExactly(product.call(x, Map.of("x", Tensor.vector(unit))).product("x").data(), within(1e-12));
        }
    }

    @Test
    void aHessianByInputsOfWhichOneMeetsAllOthersTakesTwoPasses() {
        Program program = Program.parse("f = s * sum(x^3) + t * s");
        CompiledJacobian f = program.hessian().over("x")
                .compile(Shapes.of(Map.of("x", Shape.of(2, 4), "s", Shape.SCALAR, "t", Shape.SCALAR)));
        assertThat(f.passes()).isEqualTo(2);
        CompiledJacobian.Result r = f.call(Map.of("x", Tensor.matrix(new double[]{1, 2, 3, 4}, new double[]{5, 6, 7, 8}), "s",
                Tensor.scalar(2), "t", Tensor.scalar(1)));
        assertThat(r.block("s", "x").dense()).isEqualTo(Tensor.matrix(new double[]{3, 12, 27, 48}, new double[]{75, 108, 147, 192}));
        assertThat(r.block("x", "s").dense()).isEqualTo(Tensor.matrix(new double[]{3, 12, 27, 48}, new double[]{75, 108, 147, 192}));
        assertThat(r.block("x", "x").dense().data()).hasSize(32).startsWith(12, 0, 0, 0, 0, 24, 0, 0).endsWith(0, 96);
        assertThat(r.block("s", "t").dense()).isEqualTo(Tensor.vector(1, 1));
    }

    @Test
    void pairsAreTheBlocksOfTheWholeMatrixAndNoOthers() {
        Program program = Program.parse("e = tanh(W @ c) * p\nr = w^2 + 0 * c[0]\ns = sum(e) * w");
        Shapes shapes = Shapes.of(Map.of("W", Shape.of(4, 3), "c", Shape.of(3), "p", Shape.of(4), "w", Shape.SCALAR));
        SequencedMap<String, List<String>> pairs = new LinkedHashMap<>();
        pairs.put("s", List.of("w", "e"));
        pairs.put("e", List.of("c", "p"));
        pairs.put("r", List.of("w"));
        CompiledJacobian some = program.jacobians(pairs).compile(shapes);
        Map<String, Tensor> at = Map.of("W", Tensor.matrix(new double[]{1, 2, 3}, new double[]{.4, .5, .6}, new double[]{-1, 0, 1},
                new double[]{.7, .8, -.9}), "c", Tensor.vector(.1, .2, -.3), "p", Tensor.vector(1, 2, 3, 4), "w", Tensor.scalar(5));
        CompiledJacobian.Result found = some.call(at);
        Signature all = Signature
                .of(new Transformation.Jacobians(List.of("s", "e", "r"), Transformation.Mode.AUTO, Transformation.Extent.DENSE), shapes)
                .withWrt(List.of("w", "e", "c", "p"));
        CompiledJacobian.Result whole = ((CompiledJacobian) Compiled.of(program.bind(all, BuildLimits.GENEROUS), BuildLimits.GENEROUS))
                .call(at);
        assertThat(found.blocks().keySet()).containsExactly("s", "e", "r");
        pairs.forEach((of, by) -> {
            assertThat(found.blocks()).hasEntrySatisfying(of, row -> assertThat(row.keySet()).containsExactlyElementsOf(by));
            assertThat(found.values().get(of)).isEqualTo(whole.values().get(of));
            by.forEach(name -> {
                assertThat(found.block(of, name).dense().shape()).isEqualTo(whole.block(of, name).dense().shape());
                assertThat(found.block(of, name).dense().data()).containsExactly(whole.block(of, name).dense().data(), within(1e-14));
            });
        });
        assertThat(some.entries()).as("of e by c, e by p, s by w and e, r by w").isEqualTo(12 + 4 + 1 + 4 + 1);
    }

    @Test
    void aHessianByManyScalarsIsThatByAVector() {
        int n = 60;
        String terms = IntStream.range(1, n).mapToObj(i -> "100 * (x" + i + " - x" + (i - 1) + "^2)^2 + (1 - x" + (i - 1) + ")^2")
                .collect(Collectors.joining(" + "));
        Map<String, Tensor> point = new LinkedHashMap<>();
        IntStream.range(0, n).forEach(i -> point.put("x" + i, Tensor.scalar(Math.sin(i + 1))));
        CompiledJacobian f = Program.parse("f = " + terms).hessian().compile(Shapes.ofValues(point));
        assertThat(f.passes()).isEqualTo(3);
        CompiledJacobian.Result found = f.call(point);
        Tensor expected = Program.parse("f = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)").hessian().compile(Shapes.of("x", n))
                .call(Map.of("x", Tensor.vector(point.values().stream().mapToDouble(Tensor::item).toArray()))).block("x", "x").dense();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                assertThat(found.block("x" + i, "x" + j).dense().item()).isCloseTo(expected.data()[i * n + j], within(1e-10));
            }
        }
    }

    /** Forward, a matrix of 1,000 rows is multiplied by two others; in reverse only by the narrow one. */
    @Test
    void theModeWithFewerOperationsIsTakenEvenIfItHasMorePasses() {
        CompiledJacobian f = Program.parse("y = C @ tanh(B @ tanh(A @ x))").jacobian("x").compile(Shapes
                .of(Map.of("A", Shape.of(10, 100), "B", Shape.of(1000, 10), "C", Shape.of(120, 1000), "x", Shape.of(100))));
        assertThat(f.mode()).isEqualTo(Transformation.Mode.REVERSE);
        assertThat(f.passes()).isEqualTo(120);
        assertThat(f.cost().flops()).isLessThan(5_000_000);
    }

    @Test
    void anElementwiseFunctionTakesOnePassAndHasADiagonal() {
        CompiledJacobian f = Program.parse("sin(x)").jacobian().compile(Shapes.of("x", 50));
        assertThat(f.passes()).isEqualTo(1);
        assertThat(f.entries()).isEqualTo(50);
    }

    @Test
    void eachSampleHasItsJacobian() {
        CompiledJacobian f = Program.parse("y = x^2").jacobian("x").over("x").compile(Shapes.of("x", 2, 3));
        Tensor jacobians = f.call(Map.of("x", Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6}))).block("y", "x").dense();
        assertThat(jacobians.shape()).isEqualTo(Shape.of(2, 3, 3));
        assertThat(jacobians.data()).containsExactly(2, 0, 0, 0, 4, 0, 0, 0, 6, 8, 0, 0, 0, 10, 0, 0, 0, 12);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tanh(W @ x) | W:4,3 x:3   | x
            tanh(W @ x) | W:4,3 x:3   | W
            tanh(W @ x) | W:4,3 x:3   | W x
            tanh(x @ W) | W:4,3 x:2,4 | x
            tanh(W @ x) | W:4,3 x:3,2 | W x
            tanh(x)     | x:3         | x
            """)
    void samplesHaveTheJacobiansThatEachHasAlone(String text, String shapes, String batch) {
        int n = 3;
        Random random = new Random(4);
        List<String> carriers = List.of(batch.split(" "));
        Map<String, Tensor> together = new LinkedHashMap<>();
        Derivatives.shapes(shapes).forEach((name, shape) -> {
            Tensor value = Tensor.zeros(carriers.contains(name) ? Shape.of(n).concat(shape) : shape);
            Arrays.setAll(value.data(), _ -> random.nextGaussian());
            together.put(name, value);
        });
        Program program = Program.parse("y = " + text);
        double[] all = program.jacobian("x").over(carriers.toArray(String[]::new)).compile(Shapes.ofValues(together)).call(together)
                .block("y", "x").dense().data();
        for (int sample = 0; sample < n; sample++) {
            int at = sample;
            Map<String, Tensor> alone = new LinkedHashMap<>();
            together.forEach((name, value) -> alone.put(name, carriers.contains(name)
                    ? Tensor.of(value.shape().without(0),
                            Arrays.copyOfRange(value.data(), at * value.length() / n, (at + 1) * value.length() / n))
                    : value));
            double[] one = program.jacobian("x").compile(Shapes.ofValues(alone)).call(alone).block("y", "x").dense().data();
            assertThat(Arrays.copyOfRange(all, at * one.length, (at + 1) * one.length)).containsExactly(one, within(1e-15));
        }
    }

    @Test
    void aFunctionKeepsNothingOfACall() {
        CompiledJacobian f = Program.parse("y = tanh(x) * x[0]").jacobian("x").compile(SHAPE);
        Tensor first = f.call(X).block("y", "x").dense();
        f.call(Map.of("x", Tensor.vector(7, 8, 9)));
        assertThat(f.call(X).block("y", "x").dense()).isEqualTo(first);
    }

    @Test
    void wrongCallsAreToldWhatWasExpected() {
        CompiledJacobian f = Program.parse("y = x^2").jacobian("x").compile(SHAPE);
        assertThatThrownBy(() -> f.call(Map.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 'x' of shape [3]");
        assertThatThrownBy(() -> f.call(Map.of("x", Tensor.scalar(1)))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'x' has shape [3], its value has []");
        assertThatThrownBy(() -> f.call(X).block("x", "y")).isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("of [y] by [x]");
    }

    @Test
    void itPrintsItselfAndTellsItsCost() {
        CompiledJacobian f = Program.parse("y = x^2").jacobian("x").compile(SHAPE);
        assertThat(f.toString()).startsWith("y = x^2\n# x [3] -> y [3]\n# jacobians by x: 1 passes in ").endsWith(f.cost().toString());
        assertThat(f.cost().flops()).isPositive();
    }
}
