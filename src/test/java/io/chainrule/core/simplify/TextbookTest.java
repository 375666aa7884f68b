package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.autodiff.RandomProgramsTest;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivatives as a textbook prints them, and where these are the derivatives. */
class TextbookTest {
    /** Each line reads the one before it twice, so that a walk through all paths would not end. */
    private static final String LONG = IntStream.range(0, 24).mapToObj(_ -> "u = u * sin(u)\n").collect(Collectors.joining()) + "sum(u)";
    private static final double[] EDGES = {0, -0.0, 1, -1, 0.5, 2, -3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN};

    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            function | wrt | shapes | derivative | domain
            x * log(x) | x | x: | log(x) + 1 | x != 0, isfinite(x)
            tanh(x) | x | x: | 1 - tanh(x)^2 |
            tanh(x) * cosh(x) | x | x: | 1 / cosh(x) + tanh(x) * sinh(x) | isfinite(cosh(x))
            sigmoid(x) | x | x: | sigmoid(x) * (1 - sigmoid(x)) |
            log_sigmoid(x) | x | x: | 1 - sigmoid(x) |
            silu(x) | x | x: | x * sigmoid(x) * (1 - sigmoid(x)) + sigmoid(x) |
            x * sqrt(x) | x | x: | 1.5 * sqrt(x) | x != 0, isfinite(x)
            x^x | x | x: | x^x * (log(x) + 1) | x != 0, isfinite(x)
            1 / x * x | x | x: | 0 | x != 0, isfinite(x)
            log(x / y) | x | x: y: | 1 / x | y != 0, isfinite(y)
            asin(x) | x | x: | 1 / sqrt(1 - x^2) |
            acosh(x) | x | x: | 1 / sqrt(x^2 - 1) | x - 1 >= 0, 1 + x >= 0
            atanh(x) | x | x: | 1 / (1 - x^2) |
            asinh(x) | x | x: | 1 / sqrt(x^2 + 1) |
            hypot(x, y) | x | x: y: | x / hypot(x, y) | hypot(x, y) != 0
            logaddexp(x, y) | x | x: y: | sigmoid(x - y) | isfinite(x)
            norm(x) | x | x:3 | x / norm(x) | norm(x) != 0
            norm(W @ x)^2 | x | x:3 W:2,3 | 2 * W.T @ (W @ x) | norm(W @ x) != 0, isfinite(norm(W @ x))
            sum((W @ x)^2) | x | x:3 W:2,3 | 2 * W.T @ (W @ x) |
            sum(tanh(W @ x)) | x | x:3 W:2,3 | W.T @ (1 - tanh(W @ x)^2) |
            sum((x - mean(x))^2) | x | x:3 | 2 * (x - mean(x)) |
            var(x) | x | x:3 | x - mean(x) |
            mse_loss(x, y) | x | x:3 y:3 | 2 * (x - y) / 3 |
            cross_entropy(x, y, reduction='sum') | x | x:4 y:4 | softmax(x) * sum(y) - y | isfinite(y), isfinite(x)
            cross_entropy(x, 1) | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x)
            cross_entropy(x, y) | x | x:2,4 y:2 | (softmax(x) - one_hot(y, num_classes=4)) / 2 | y != -100, isfinite(x)
            -log(softmax(x)[1]) | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x), softmax(x)[1] != 0
            -log_softmax(x)[1] | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x)
            -sum(y * log(softmax(x))) | x | x:4 y:4 | softmax(x) * sum(y) - y | softmax(x) != 0, isfinite(x)
            logsumexp(x) - dot(y, x) | x | x:4 y:4 | softmax(x) - y |
            binary_cross_entropy_with_logits(x, y) | x | x:3 y:3 | (sigmoid(x) - y) / 3 | isfinite(y), isfinite(x)
            -y * log(sigmoid(x)) - (1 - y) * log(1 - sigmoid(x)) | x | x: y: | sigmoid(x) - y | \
            sigmoid(x) != 0, isfinite(x), 1 - sigmoid(x) != 0, isfinite(y)
            relu(x) | x | x: | where(x > 0, 1, 0) |
            2 * x + 2 * y | x | x: y: | 2 |
            x^3 + 2 * x^2 | x | x: | 3 * x^2 + 4 * x |
            """)
    void isWrittenAsInATextbook(String function, String wrt, String shapes, String derivative, String domain) {
        Textbook textbook = Derivatives.of(Derivatives.parse(function, Derivatives.shapes(shapes)), wrt).textbook();
        assertThat(Derivatives.print(textbook.graph())).isEqualTo(derivative.replace('⏎', '\n'));
        assertThat(conditions(textbook)).isEqualTo(Objects.requireNonNullElse(domain, ""));
    }

    private static String conditions(Textbook textbook) {
        return textbook.domain().stream().map(Derivatives::print).collect(Collectors.joining(", "));
    }

    static Stream<String> selections() {
        return Stream.of("sum(u * take_along_axis(q, i, axis=0))", "sum(u * take_along_axis(w, i, axis=1))", "sum(exp(u))", LONG);
    }

    /** What labels select along another axis, or from arrays of other shapes, or in long expressions. */
    @ParameterizedTest
    @MethodSource("selections")
    void whatLabelsSelect(String output) {
        Map<String, Tensor> inputs = Map.of("z", Tensor.matrix(new double[]{0.1, 0.2, 0.3}, new double[]{1, -1, 0.5}), "q",
                Tensor.matrix(new double[]{5}, new double[]{7}), "w", Tensor.matrix(new double[]{1, 2, 3, 4}, new double[]{5, 6, 7, 8}),
                "labels", Tensor.vector(1, 0));
        Derivatives.Derivative derivative = Derivatives.of(
                Derivatives.parse("i = reshape(class_index(labels, num_classes=2), [2, 1])\nu = take_along_axis(z, i, axis=1)\n" + output,
                        Derivatives.shapes(inputs)),
                "z");
        Graph textbook = derivative.textbook().graph();
        Graph stable = derivative.simplified();
        assertClose(Derivatives.value(textbook, textbook.size() - 1, inputs), Derivatives.value(stable, stable.size() - 1, inputs),
                Derivatives.print(textbook));
    }

    static Stream<OpCase> cases() {
        return OpCase.all().filter(one -> !one.shapes().isEmpty());
    }

    static Stream<OpCases> ops() {
        return OpCases.of(cases());
    }

    @ParameterizedTest
    @MethodSource("ops")
    void isTheStableFormOnItsDomain(OpCases cases) {
        cases.each(one -> verify(one.function(), one.operands(3), one.definition().name()));
    }

    /** Zeros, infinities, NaN and kinks, which the domain has to leave out where they make a difference. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("ops")
    void theDomainLeavesOutWhatDiffers(OpCases cases) {
        cases.each(one -> {
            Random random = new Random(5);
            for (int round = 0; round < 6 && one.isElementwise(); round++) {
                List<Tensor> values = new ArrayList<>();
                for (Shape shape : one.shapes()) {
                    Tensor value = Tensor.zeros(shape);
                    Arrays.setAll(value.data(), _ -> EDGES[random.nextInt(EDGES.length)]);
                    values.add(value);
                }
                verify(one.function(), values, one.definition().name());
            }
        });
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("io.chainrule.core.autodiff.RandomProgramsTest#seeds")
    void ofGraphsDrawnAtRandom(long seed) {
        Random random = new Random(seed);
        GraphFunction function = RandomProgramsTest.program(seed);
        verify(function, function.inputShapes().stream().map(shape -> random(shape, random)).toList(), "graph " + seed);
    }

    @Tag("long")
    @Test
    void theDomainHoldsAlmostEverywhere() {
        long outside = cases().filter(one -> !verify(one.function(), one.operands(3), one.definition().name())).count();
        assertThat(outside).isLessThan(15);
    }

    /** Compares both forms of each gradient where the domain holds; false if it does not hold for one of them. */
    private static boolean verify(GraphFunction function, List<Tensor> values, String name) {
        Random random = new Random(1);
        GraphFunction gradient = function.vjp();
        List<Tensor> given = new ArrayList<>(values);
        function.outputShapes().forEach(shape -> given.add(random(shape, random)));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int k = 0; k < given.size(); k++) {
            inputs.put(((Leaf.Input) gradient.graph().op(gradient.inputs()[k])).id(), given.get(k));
        }
        boolean holds = true;
        for (int output : gradient.outputs()) {
            Graph stable = Simplifier.simplify(gradient.graph(), output, function.graph().size(), Allowance.UNBOUNDED);
            Textbook textbook = Simplifier.textbook(gradient.graph(), output, function.graph().size(), Allowance.UNBOUNDED);
            String text = name + ": " + Derivatives.print(textbook.graph()) + " [" + conditions(textbook) + "] for "
                    + Derivatives.print(stable);
            NamedGraph again = Derivatives.parse(Derivatives.print(textbook.graph()), Derivatives.shapes(inputs));
            assertThat(ExpressionPrinter.print(again)).isEqualTo(Derivatives.print(textbook.graph()));
            boolean isInside = textbook.domain().stream().allMatch(
                    condition -> DoubleStream.of(Derivatives.value(condition, condition.size() - 1, inputs).data()).allMatch(x -> x != 0));
            holds &= isInside;
            if (isInside) {
                assertClose(Derivatives.value(again.graph(), again.output(), inputs),
                        Derivatives.value(stable, stable.size() - 1, inputs), text + " at " + values);
            }
        }
        return holds;
    }

    private static Tensor random(Shape shape, Random random) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
        return tensor;
    }

    private static void assertClose(Tensor actual, Tensor expected, String text) {
        assertThat(actual.shape()).as(text).isEqualTo(expected.shape());
        double scale = 1 + Arrays.stream(expected.data()).filter(Double::isFinite).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length(); i++) {
            double a = actual.data()[i];
            double e = expected.data()[i];
            assertThat(a == e || Double.isNaN(a) && Double.isNaN(e) || Math.abs(a - e) <= 1e-9 * scale)
                    .as("%s: element %d of %s instead of %s", text, i, actual, expected).isTrue();
        }
    }
}
