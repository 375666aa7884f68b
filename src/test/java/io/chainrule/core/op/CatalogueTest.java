package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.language.Language;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every op of the catalogue, by construction. */
class CatalogueTest {
    private static final double[] AWKWARD = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1, 0.5, -800,
            800,
            Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE};

    /** Families whose derivatives are zero nowhere but where there is no dependence. */
    private static final Set<Family> EXACT = EnumSet.of(Family.LINEAR, Family.BILINEAR, Family.MOVEMENT);

    /** Ops of which an element depends on whole lines or matrices. */
    private static final Set<String> DEPENDENCES_NOT_TOLD = Set.of("softmax", "log_softmax", "solve", "triangular_solve");

    static Stream<OpDefinition> definitions() {
        return OpCatalogue.all().stream();
    }

    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all());
    }

    static Stream<OpCases> elementwise() {
        return OpCases.of(OpCase.all().filter(OpCase::isElementwise));
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void every_op_has_its_cases(OpDefinition definition) {
        assertThat(OpCase.of(definition)).as(definition.family() == Family.ELEMENTWISE
                ? "add values of the attributes of %s to ATTRIBUTES in OpCase"
                : "add operand shapes of %s to TABLE in OpCase", definition.name()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void every_op_is_documented(OpDefinition definition) {
        assertThat(definition.formula()).as("formula").isNotBlank();
        assertThat(definition.derivative()).as("derivative").isNotBlank();
        assertThat(definition.operands()).as("operands").doesNotHaveDuplicates();
        assertThat(definition.attributes()).allSatisfy(attribute -> assertThat(attribute.description()).isNotBlank());
        assertThat(definition.exampleInputs().keySet()).allSatisfy(input -> assertThat(definition.example()).contains(input));
        for (String alias : definition.aliases()) {
            assertThat(OpCatalogue.find(alias)).isSameAs(definition);
        }
        OpCase.of(definition).limit(1).forEach(one -> {
            GraphBuilder graph = GraphBuilder.withShapes();
            Node node = graph.add(one.op(), one.shapes().stream().map(shape -> graph.input("x", shape)).toArray(Node[]::new));
            if (node.op().kink(node) != null) {
                assertThat(definition.convention()).as("%s has a kink: say what holds there by .convention(…)", definition.name())
                        .isNotBlank();
                assertThat(Phrase.ofEnglish("convention", String.valueOf(definition.convention())).isIn(Language.KO))
                        .as("the convention of %s has a message in explain_ko.properties", definition.name()).isTrue();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void every_example_runs_and_has_a_gradient(OpDefinition definition) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        definition.exampleInputs().forEach((name, value) -> shapes.put(name, value.shape()));
        NamedGraph program = ShapeInference.infer(
                ExpressionParser.parse(definition.example(), shapes.keySet(), new ExpressionParser.Limits(100, 100)),
                shapes);
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.nodes(1000));
        int[] inputs = program.inputs().stream().mapToInt(input -> opened.image()[input]).toArray();
        GraphFunction function = new GraphFunction(opened.graph(), inputs, new int[]{opened.image()[program.output()]});
        List<Tensor> values = program.inputs().stream()
                .map(input -> Objects.requireNonNull(definition.exampleInputs().get(program.id(input))))
                .toList();
        assertThat(function.run(values)).allMatch(Tensor::isFinite);
        Tensor ones = Tensor.full(program.graph().shape(program.output()), 1);
        assertThat(function.vjp().run(concat(values, List.of(ones)))).allMatch(Tensor::isFinite);
        assertThat(IntStream.range(0, program.graph().size()).mapToObj(i -> program.graph().op(i).name())).contains(definition.name());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_shape_rule_tells_the_actual_shape(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            assertThat(function.outputShapes()).containsExactly(one.shape());
            if (!one.op().isComposite() && one.shape().size() > 0) {
                List<Tensor> operands = one.operands(1);
                Tensor first = Tensor.full(one.shape(), 1e300);
                Tensor second = Tensor.full(one.shape(), Double.NaN);
                GraphFunction.write(one.op(), operands, first, Parallel.NONE);
                GraphFunction.write(one.op(), operands, second, Parallel.NONE);
                assertThat(first).as("every element is written, whatever the buffer held").isEqualTo(second);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void an_op_is_made_again_from_its_attributes(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            Stream.of(function, function.vjp(), function.jvp(), function.vjp().vjp()).forEach(derived -> {
                Graph graph = derived.graph();
                IntStream.range(0, graph.size()).filter(i -> !graph.isLeaf(i)).forEach(i -> {
                    Op op = graph.op(i);
                    assertThat(op.isComposite()).isFalse();
                    if (OpCatalogue.isSlope(op)) {
                        return; // a slope, which is written as its circuit
                    }
                    Op again = GraphFunction.op(op.name(), op.attributes(), graph.operandCount(i));
                    assertThat(again.attributes()).isEqualTo(op.attributes());
                    assertThat(again.shape(graph.operandShapes(i))).isEqualTo(graph.shape(i));
                    assertThat(op.flops(graph.operandShapes(i), graph.shape(i))).isNotNegative();
                });
            });
            assertThat(GraphFunction.op(one.definition().name(), one.op().attributes(), one.shapes().size()).attributes())
                    .isEqualTo(one.op().attributes());
        });
    }

    @ParameterizedTest
    @MethodSource("elementwise")
    void elementwise_ops_broadcast_as_numpy_does(OpCases cases) {
        cases.each(one -> {
            Elementwise op = (Elementwise) one.op();
            List<Tensor> operands = one.operands(2);
            Tensor expected = Tensor.zeros(one.shape());
            for (int i = 0; i < expected.length(); i++) {
                double[] x = new double[3];
                for (int k = 0; k < operands.size(); k++) {
                    x[k] = operands.get(k).data()[broadcastPosition(i, one.shape(), operands.get(k).shape())];
                }
                expected.data()[i] = op.apply(x[0], x[1], x[2]);
            }
            assertThat(one.function().run(operands)).containsExactly(expected);
            if (expected.length() > 0 && operands.getFirst().shape().equals(one.shape())) {
                GraphFunction.write(op, operands, operands.getFirst(), Parallel.NONE);
                assertThat(operands.getFirst()).as("written over an operand").isEqualTo(expected);
            }
        });
    }

    /** Where the element of the result that stands at row-major {@code position} reads an operand. */
    private static int broadcastPosition(int position, Shape result, Shape operand) {
        int at = 0;
        int step = 1;
        int rest = position;
        for (int i = 1; i <= operand.rank(); i++) {
            int index = rest % result.dim(result.rank() - i);
            rest /= result.dim(result.rank() - i);
            int length = operand.dim(operand.rank() - i);
            at += step * (length == 1 ? 0 : index);
            step *= length;
        }
        return at;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void first_derivatives_agree_in_both_modes_and_with_differences(OpCases cases) {
        cases.each(one -> {
            checkDerivatives(one, one.function(), one.operands(3), 4);
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void second_derivatives_agree_in_both_modes_and_with_differences(OpCases cases) {
        cases.each(one -> {
            List<Tensor> operands = one.operands(5);
            GraphFunction function = one.function();
            List<Tensor> forReverse = new ArrayList<>(operands);
            forReverse.addAll(directions(function.outputShapes(), 6));
            checkDerivatives(one, function.vjp(), forReverse, 7);
            List<Tensor> forForward = new ArrayList<>(operands);
            forForward.addAll(directions(function.inputShapes(), 8));
            checkDerivatives(one, function.jvp(), forForward, 9);
        });
    }

    private static void checkDerivatives(OpCase one, GraphFunction function, List<Tensor> x, long seed) {
        List<Tensor> tangents = directions(function.inputShapes(), seed);
        IntStream.range(0, one.shapes().size()).filter(one::isDiscrete).forEach(k -> Arrays.fill(tangents.get(k).data(), 0));
        List<Tensor> cotangents = directions(function.outputShapes(), seed + 100);
        List<Tensor> forward = function.jvp().run(concat(x, tangents));
        List<Tensor> backward = function.vjp().run(concat(x, cotangents));
        double scale = 1 + magnitude(cotangents, forward) + magnitude(backward, tangents);
        assertThat(product(backward, tangents)).as("%s: ⟨Jᵀȳ, ẋ⟩ = ⟨ȳ, J ẋ⟩", one).isCloseTo(product(cotangents, forward),
                within(1e-13 * scale));
        List<Tensor> differences = one.definition().name().equals("stop_gradient")
                ? zeros(function.outputShapes())
                : differences(function, x, tangents);
        for (int k = 0; k < forward.size(); k++) {
            double size = 1 + Arrays.stream(forward.get(k).data()).map(Math::abs).max().orElse(0);
            assertThat(forward.get(k).data()).as("%s: against central differences", one).containsExactly(differences.get(k).data(),
                    within(1e-8 * size));
        }
    }

    /** Central differences along a direction, extrapolated twice (Richardson), so that the error is of order h⁶. */
    private static List<Tensor> differences(GraphFunction function, List<Tensor> x, List<Tensor> direction) {
        double h = 2e-3;
        List<Tensor> half = centralDifference(function, x, direction, h / 2);
        List<Tensor> coarse = combined(half, centralDifference(function, x, direction, h), (two, one) -> (4 * two - one) / 3);
        List<Tensor> fine = combined(centralDifference(function, x, direction, h / 4), half, (four, two) -> (4 * four - two) / 3);
        return combined(fine, coarse, (f, c) -> (16 * f - c) / 15);
    }

    private static List<Tensor> centralDifference(GraphFunction function, List<Tensor> x, List<Tensor> direction, double h) {
        List<Tensor> after = function.run(moved(x, direction, h));
        return combined(after, function.run(moved(x, direction, -h)), (a, b) -> (a - b) / (2 * h));
    }

    private static List<Tensor> moved(List<Tensor> x, List<Tensor> direction, double h) {
        return combined(x, direction, (from, along) -> from + h * along);
    }

    private static List<Tensor> combined(List<Tensor> a, List<Tensor> b, DoubleBinaryOperator f) {
        List<Tensor> result = new ArrayList<>();
        for (int k = 0; k < a.size(); k++) {
            double[] left = a.get(k).data();
            double[] right = b.get(k).data();
            Tensor combined = Tensor.zeros(a.get(k).shape());
            Arrays.setAll(combined.data(), i -> f.applyAsDouble(left[i], right[i]));
            result.add(combined);
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("elementwise")
    void a_zero_cotangent_or_tangent_stays_zero_in_elementwise_ops(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            int[] operands = IntStream.range(0, one.shapes().size()).toArray();
            GraphFunction backward = function.vjp();
            GraphFunction forward = function.jvp();
            GraphFunction curvature = backward.jvp(operands);
            List<Tensor> zeroCotangents = zeros(function.outputShapes());
            List<Tensor> zeroTangents = zeros(function.inputShapes());
            List<Tensor> directions = directions(function.inputShapes(), 12);
            Random random = new Random(11);
            for (int round = 0; round < AWKWARD.length; round++) {
                List<Tensor> x = zeros(one.shapes());
                x.forEach(operand -> Arrays.setAll(operand.data(), i -> AWKWARD[random.nextInt(AWKWARD.length)]));
                assertThat(backward.run(concat(x, zeroCotangents))).as("%s: cotangents at %s", one, x).allSatisfy(CatalogueTest::isZero);
                assertThat(forward.run(concat(x, zeroTangents))).as("%s: tangents at %s", one, x).allSatisfy(CatalogueTest::isZero);
                assertThat(curvature.run(concat(concat(x, zeroCotangents), directions))).as("%s: second derivatives at %s", one, x)
                        .allSatisfy(CatalogueTest::isZero);
            }
        });
    }

    private static void isZero(Tensor tensor) {
        assertThat(Arrays.stream(tensor.data())).allMatch(value -> value == 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_derivative_that_is_not_zero_is_told_by_the_dependences(OpCases cases) {
        cases.each(one -> {
            Set<List<Integer>> told = new HashSet<>();
            if (one.op().isComposite()) {
                return;
            }
            boolean isTold = one.op().dependences(one.shapes().toArray(Shape[]::new), one.shape(),
                    (operand, from, to) -> told.add(List.of(operand, from, to)));
            if (!isTold) {
                assertThat(DEPENDENCES_NOT_TOLD).as("ops that do not tell").contains(one.definition().name());
                return;
            }
            GraphFunction backward = one.function().vjp();
            Set<List<Integer>> found = new HashSet<>();
            for (int to = 0; to < one.shape().length(); to++) {
                Tensor unit = Tensor.zeros(one.shape());
                unit.data()[to] = 1;
                List<Tensor> row = backward.run(concat(one.operands(1), List.of(unit)));
                for (int k = 0; k < row.size(); k++) {
                    for (int from = 0; from < row.get(k).length(); from++) {
                        if (row.get(k).data()[from] != 0) {
                            found.add(List.of(k, from, to));
                        }
                    }
                }
            }
            assertThat(told).as("operand, its element, and the element of the result").containsAll(found);
            if (EXACT.contains(one.definition().family()) && IntStream.range(0, one.shapes().size()).noneMatch(one::isDiscrete)) {
                assertThat(told).as("nothing else").isEqualTo(found);
            }
        });
    }

    @Test
    void names_and_aliases_find_the_op_and_nothing_else_does() {
        assertThat(OpCatalogue.names()).allSatisfy(name -> assertThat(OpCatalogue.find(name)).isNotNull());
        assertThat(Objects.requireNonNull(OpCatalogue.find("arcsin")).name()).isEqualTo("asin");
        assertThat(OpCatalogue.find("Sin")).isNull();
        assertThat(OpCatalogue.find("input")).isNull();
    }

    private static List<Tensor> directions(List<Shape> shapes, long seed) {
        Random random = new Random(seed);
        List<Tensor> directions = zeros(shapes);
        directions.forEach(direction -> Arrays.setAll(direction.data(), i -> random.nextDouble(-1, 1)));
        return directions;
    }

    private static List<Tensor> zeros(List<Shape> shapes) {
        return shapes.stream().map(Tensor::zeros).toList();
    }

    private static List<Tensor> concat(List<Tensor> a, List<Tensor> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private static double product(List<Tensor> a, List<Tensor> b) {
        return sum(combined(a, b, (x, y) -> x * y));
    }

    private static double magnitude(List<Tensor> a, List<Tensor> b) {
        return sum(combined(a, b, (x, y) -> Math.abs(x * y)));
    }

    private static double sum(List<Tensor> tensors) {
        return tensors.stream().flatMapToDouble(tensor -> Arrays.stream(tensor.data())).sum();
    }
}
