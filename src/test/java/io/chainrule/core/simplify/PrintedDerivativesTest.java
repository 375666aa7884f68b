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
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A derivative, simplified, written and read again, is the derivative; and so is its derivative. */
class PrintedDerivativesTest {
    private static final Map<String, Shape> SHAPES = Derivatives.shapes("x: y: u:3 v:3 W:2,3");

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all().filter(one -> !one.shapes().isEmpty()));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("seeds")
    void textsDrawnAtRandom(long seed) {
        String text = new RandomText(seed).program();
        NamedGraph program = Derivatives.parse(text, SHAPES);
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
        verify(new GraphFunction(opened.graph(), inputs(opened.graph()), new int[]{opened.image()[program.output()]}), seed, true);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("io.chainrule.core.autodiff.RandomProgramsTest#seeds")
    void graphsDrawnAtRandom(long seed) {
        verify(RandomProgramsTest.program(seed), seed, true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOp(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            List<Tensor> values = one.operands(3);
            verify(function, values, 3, false);
        });
    }

    private static void verify(GraphFunction function, long seed, boolean twice) {
        Random random = new Random(seed);
        List<Tensor> values = function.inputShapes().stream().map(shape -> random(shape, random)).toList();
        verify(function, values, seed, twice);
    }

    private static void verify(GraphFunction function, List<Tensor> values, long seed, boolean twice) {
        Random random = new Random(seed + 1);
        GraphFunction gradient = function.vjp();
        List<Tensor> given = new ArrayList<>(values);
        function.outputShapes().forEach(shape -> given.add(random(shape, random)));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int k = 0; k < given.size(); k++) {
            inputs.put(id(gradient.graph(), gradient.inputs()[k]), given.get(k));
        }
        for (int output : gradient.outputs()) {
            Graph simple = Simplifier.simplify(gradient.graph(), output, function.graph().size(), Allowance.UNBOUNDED);
            String text = Derivatives.print(simple);
            NamedGraph program = Derivatives.parse(text, Derivatives.shapes(inputs));
            assertThat(ExpressionPrinter.print(program)).isEqualTo(text);
            Tensor expected = Derivatives.value(gradient.graph(), output, inputs);
            assertClose(Derivatives.value(program.graph(), program.output(), inputs), expected, text);
            if (twice) {
                Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
                Tensor direction = random(expected.shape(), random);
                Map<String, Tensor> again = pulledBack(opened.graph(), opened.image()[program.output()], inputs, direction);
                pulledBack(gradient.graph(), output, inputs, direction).forEach((id, second) -> assertClose(
                        Objects.requireNonNullElseGet(again.get(id), () -> Tensor.zeros(second.shape())), second, text));
            }
        }
    }

    /** The cotangents of all inputs for one of a node. */
    private static Map<String, Tensor> pulledBack(Graph graph, int node, Map<String, Tensor> inputs, Tensor cotangent) {
        int[] places = inputs(graph);
        GraphFunction pullback = new GraphFunction(graph, places, new int[]{node}).vjp();
        List<Tensor> values = new ArrayList<>();
        for (int place : places) {
            values.add(Objects.requireNonNull(inputs.get(id(graph, place))));
        }
        values.add(cotangent);
        List<Tensor> results = pullback.run(values);
        Map<String, Tensor> byId = new LinkedHashMap<>();
        for (int k = 0; k < places.length; k++) {
            byId.put(id(graph, places[k]), results.get(k));
        }
        return byId;
    }

    private static String id(Graph graph, int node) {
        return ((Leaf.Input) graph.op(node)).id();
    }

    private static int[] inputs(Graph graph) {
        return IntStream.range(0, graph.size()).filter(i -> graph.op(i) instanceof Leaf.Input).toArray();
    }

    private static Tensor random(Shape shape, Random random) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
        return tensor;
    }

    /** Relative to the largest element, which may be the sum of others. */
    private static void assertClose(Tensor actual, Tensor expected, String text) {
        assertThat(actual.shape()).as(text).isEqualTo(expected.shape());
        double scale = 1 + Arrays.stream(expected.data()).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length(); i++) {
            double difference = Math.abs(actual.data()[i] - expected.data()[i]);
            assertThat(difference).as("%s: element %d of %s instead of %s", text, i, actual, expected).isLessThanOrEqualTo(1e-10 * scale);
        }
    }

    /** Programs over numbers, vectors and a matrix, as people write them. */
    private static final class RandomText {
        private final Random random;
        private final List<String> numbers = new ArrayList<>(List.of("x", "y", "x", "2", "0.5"));
        private final List<String> vectors = new ArrayList<>(List.of("u", "v"));

        RandomText(long seed) {
            random = new Random(seed);
        }

        String program() {
            List<String> statements = new ArrayList<>();
            for (int i = 0; i < random.nextInt(3); i++) {
                boolean isNumber = random.nextBoolean();
                statements.add("h" + i + " = " + (isNumber ? number(2) : vector(2)));
                (isNumber ? numbers : vectors).add("h" + i);
            }
            statements.add("f = " + number(4));
            return String.join("\n", statements);
        }

        private String number(int depth) {
            if (depth == 0) {
                return pick(numbers);
            }
            String a = number(depth - 1);
            String b = number(random.nextInt(depth));
            String vector = vector(depth - 1);
            return switch (random.nextInt(26)) {
                case 0, 1 -> a + " + " + b;
                case 2, 3 -> "(" + a + ") * (" + b + ")";
                case 4 -> a + " - (" + b + ")";
                case 5 -> "(" + a + ") / (1 + (" + b + ")^2)";
                case 6 -> "(" + a + ")^" + (2 + random.nextInt(2));
                case 7 -> "(1 + (" + a + ")^2)^tanh(" + b + ")";
                case 8 -> "log(1 + (" + a + ")^2)";
                case 9 -> "sqrt(2 + sin(" + a + "))";
                case 10 -> "maximum(" + a + ", " + b + ")";
                case 11 -> "where(" + a + " > 0.3, " + b + ", sin(" + a + "))";
                case 12 -> "dot(" + vector + ", " + vector(random.nextInt(depth)) + ")";
                case 13 -> "(" + vector + ")[" + random.nextInt(3) + "]";
                case 14 -> pick(List.of("max", "prod", "logsumexp", "sum", "mean", "sum", "var")) + "(" + vector + ")";
                case 15 -> "sum((W @ (" + vector + "))^2)";
                case 16 -> "exp(-(" + a + ")^2 / 2)";
                case 17 -> "2^tanh(" + a + ")";
                case 18 -> "1 / (1 + exp(-(" + a + ")))";
                default ->
                    pick(List.of("sin", "cos", "tanh", "sigmoid", "relu", "softplus", "atan", "silu", "abs", "-", "square")) + "(" + a
                            + ")";
            };
        }

        private String vector(int depth) {
            if (depth == 0) {
                return pick(vectors);
            }
            String a = vector(depth - 1);
            String b = vector(random.nextInt(depth));
            return switch (random.nextInt(14)) {
                case 0 -> a + " + " + b;
                case 1, 2 -> "(" + a + ") * (" + b + ")";
                case 3 -> "(" + number(depth - 1) + ") * (" + a + ")";
                case 4 -> a + " - (" + number(depth - 1) + ")";
                case 5 -> "(" + a + ") / (2 + (" + b + ")^2)";
                case 6 -> "W.T @ (W @ (" + a + "))";
                case 7 -> "softmax(" + a + ")";
                case 8 -> "where(" + a + " > 0.1, " + b + ", sqrt(1 + (" + a + ")^2))";
                case 9 -> "(" + a + ")[::-1]";
                case 10 -> "[" + number(depth - 1) + ", " + pick(numbers) + ", x]";
                default -> pick(List.of("(sin", "(tanh", "exp(-", "(relu", "log(2 + tanh", "(-")) + "(" + a + "))";
            };
        }

        private String pick(List<String> options) {
            return options.get(random.nextInt(options.size()));
        }
    }
}
