package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operand of every op as a number written in the program, a scalar, an array, and an empty array. */
class OperandKindsTest {
    private static final List<Shape> ARRAYS = List.of(Shape.SCALAR, Shape.of(2), Shape.of(2, 2), Shape.of(0), Shape.of(1, 0),
            Shape.of(0, 0));
    /** With so many operands all combinations of kinds are tried; with more, each operand alone and all alike. */
    private static final int MOST_COMBINED = 3;

    /** Numbers that derivative rules fold away, as neutral elements or as conditions; NaN stands for one of the op's domain. */
    private static final List<Double> LITERALS = List.of(Double.NaN, 0.0, 1.0, -1.0);

    /** An input of a shape, or a literal, which is a scalar to the shape rule. */
    private record Kind(Shape shape, @Nullable Double literal) {
        static Kind input(Shape shape) {
            return new Kind(shape, null);
        }

        boolean isLiteral() {
            return literal != null;
        }

        @Override
        public String toString() {
            return literal == null ? shape.toString() : literal.isNaN() ? "literal" : literal.toString();
        }
    }

    /** An op with its attributes, and the kinds of its operands. */
    private record Use(OpCase one, List<Kind> kinds) {
        Shape[] shapes() {
            return kinds.stream().map(Kind::shape).toArray(Shape[]::new);
        }

        Op op() {
            return one.definition().create(one.attributes(), kinds.size());
        }

        /** Whether operands are drawn from where the op has no kink, and none of them counts. */
        boolean isSmooth() {
            OpCase usual = new OpCase(one.definition(), one.attributes(), List.of(shapes()));
            return !one.definition().name().equals("stop_gradient") && IntStream.range(0, kinds.size()).noneMatch(usual::isDiscrete)
                    && kinds.stream().allMatch(kind -> kind.literal() == null || kind.literal().isNaN());
        }

        @Override
        public String toString() {
            return one.definition().name() + one.attributes() + kinds;
        }
    }

    static Stream<OpDefinition> definitions() {
        return OpCatalogue.all().stream().filter(definition -> !definition.operands().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void a_combination_is_refused_by_the_shape_rule_or_has_a_value_and_derivatives_in_both_modes(OpDefinition definition) {
        List<Use> admitted = uses(definition).filter(OperandKindsTest::isAdmitted).toList();
        assertThat(admitted).as("uses of %s, made from its cases in OpCase", definition.name()).isNotEmpty();
        admitted.forEach(OperandKindsTest::check);
    }

    private static Stream<Use> uses(OpDefinition definition) {
        Set<Object> attributes = new HashSet<>();
        return OpCase.of(definition).filter(one -> attributes.add(List.of(one.attributes(), one.shapes().size())))
                .flatMap(one -> kinds(one.shapes()).map(kinds -> new Use(one, kinds)));
    }

    private static Stream<List<Kind>> kinds(List<Shape> usual) {
        List<Kind> others = Stream.concat(LITERALS.stream().map(value -> new Kind(Shape.SCALAR, value)),
                ARRAYS.stream().map(Kind::input)).toList();
        List<Kind> asUsual = usual.stream().map(Kind::input).toList();
        if (usual.size() > MOST_COMBINED) {
            Stream<List<Kind>> alone = IntStream.range(0, usual.size()).boxed()
                    .flatMap(k -> others.stream().map(kind -> replaced(asUsual, k, kind)));
            return Stream.concat(alone, others.stream().map(kind -> asUsual.stream().map(_ -> kind).toList()));
        }
        Stream<List<Kind>> all = Stream.of(List.of());
        for (Kind same : asUsual) {
            all = all.flatMap(start -> Stream.concat(Stream.of(same), others.stream()).map(kind -> appended(start, kind)));
        }
        return all;
    }

    private static List<Kind> replaced(List<Kind> kinds, int place, Kind kind) {
        List<Kind> result = new ArrayList<>(kinds);
        result.set(place, kind);
        return result;
    }

    private static List<Kind> appended(List<Kind> kinds, Kind kind) {
        return Stream.concat(kinds.stream(), Stream.of(kind)).toList();
    }

    /** A refusal is one of the two exceptions that are answered as problems, and says what is wrong. */
    private static boolean isAdmitted(Use use) {
        try {
            use.op().shape(use.shapes());
            return true;
        } catch (ShapeException | ProblemException e) {
            assertThat(e).as(use.toString()).hasMessageMatching("(?s).*\\w.*");
            return false;
        }
    }

    private static void check(Use use) {
        Shape shape = use.op().shape(use.shapes());
        List<Tensor> values = values(use);
        GraphFunction written = function(use, values, true);
        GraphFunction given = function(use, values, false);
        assertThat(written.outputShapes()).as("%s: shape", use).containsExactly(shape);
        assertThat(given.outputShapes()).as("%s: shape", use).containsExactly(shape);
        List<Tensor> inputs = inputs(use, values);
        if (refusesValues(given, values)) {
            assertThat(refusesValues(written, inputs)).as("%s: refused alike", use).isTrue();
            return;
        }
        int[] wrt = IntStream.range(0, values.size()).filter(k -> !use.kinds().get(k).isLiteral()).toArray();
        assertSame(use, "value", written.run(inputs), given.run(values));

        List<Tensor> cotangents = directions(List.of(shape), 1);
        List<Tensor> tangents = directions(written.inputShapes(), 2);
        List<Tensor> backward = written.vjp().run(concat(inputs, cotangents));
        List<Tensor> forward = written.jvp().run(concat(inputs, tangents));
        assertSame(use, "VJP", backward, given.vjp(wrt).run(concat(values, cotangents)));
        assertSame(use, "JVP", forward, given.jvp(wrt).run(concat(values, tangents)));
        double pulled = product(backward, tangents, (a, b) -> a * b);
        double pushed = product(forward, cotangents, (a, b) -> a * b);
        double scale = 1 + product(backward, tangents, (a, b) -> Math.abs(a * b)) + product(forward, cotangents, (a, b) -> Math.abs(a * b));
        if (Double.isFinite(scale)) {
            assertThat(pulled).as("%s: ⟨Jᵀȳ, ẋ⟩ = ⟨ȳ, J ẋ⟩", use).isCloseTo(pushed, within(1e-11 * scale));
        }
        if (use.isSmooth() && Double.isFinite(scale)) {
            assertDifference(use, written, inputs, tangents, forward);
        }
    }

    private static void assertDifference(Use use, GraphFunction f, List<Tensor> x, List<Tensor> direction, List<Tensor> tangent) {
        double h = 1e-5;
        double[] after = f.run(moved(x, direction, h)).getFirst().data();
        double[] before = f.run(moved(x, direction, -h)).getFirst().data();
        double size = 1 + Arrays.stream(tangent.getFirst().data()).map(Math::abs).max().orElse(0);
        double[] difference = IntStream.range(0, after.length).mapToDouble(i -> (after[i] - before[i]) / (2 * h)).toArray();
        if (!DoubleStream.of(difference).allMatch(Double::isFinite)) {
            // The mean of nothing, and the like.
            return;
        }
        assertThat(tangent.getFirst().data()).as("%s: against a central difference", use).containsExactly(difference,
                within(1e-5 * size));
    }

    private static List<Tensor> moved(List<Tensor> x, List<Tensor> direction, double h) {
        return IntStream.range(0, x.size()).mapToObj(k -> {
            Tensor moved = Tensor.zeros(x.get(k).shape());
            Arrays.setAll(moved.data(), i -> x.get(k).data()[i] + h * direction.get(k).data()[i]);
            return moved;
        }).toList();
    }

    /** Labels beyond the classes, a matrix that is not positive definite: known only when it runs. */
    private static boolean refusesValues(GraphFunction function, List<Tensor> values) {
        try {
            function.run(values);
            return false;
        } catch (ProblemException e) {
            return true;
        }
    }

    /** As a request's program is run: its literals stand in the graph when its gates are opened. */
    private static GraphFunction function(Use use, List<Tensor> values, boolean withLiterals) {
        GraphBuilder builder = GraphBuilder.withShapes();
        List<Node> inputs = new ArrayList<>();
        Node[] operands = new Node[values.size()];
        for (int k = 0; k < operands.length; k++) {
            boolean isLiteral = withLiterals && use.kinds().get(k).isLiteral();
            operands[k] = isLiteral ? builder.literal(values.get(k).item()) : builder.input("x" + k, values.get(k).shape());
            if (!isLiteral) {
                inputs.add(operands[k]);
            }
        }
        int output = builder.add(use.op(), operands).index();
        Gates.Expansion opened = Gates.expand(builder.build(), Allowance.UNBOUNDED);
        return new GraphFunction(opened.graph(), inputs.stream().mapToInt(input -> opened.image()[input.index()]).toArray(),
                new int[]{opened.image()[output]});
    }

    private static List<Tensor> inputs(Use use, List<Tensor> values) {
        return IntStream.range(0, values.size()).filter(k -> !use.kinds().get(k).isLiteral()).mapToObj(values::get).toList();
    }

    private static List<Tensor> values(Use use) {
        List<Shape> shapes = use.kinds().stream().map(Kind::shape).toList();
        List<Tensor> values = new ArrayList<>(new OpCase(use.one().definition(), use.one().attributes(), shapes).operands(3));
        for (int k = 0; k < values.size(); k++) {
            Double literal = use.kinds().get(k).literal();
            if (literal != null && !literal.isNaN()) {
                values.set(k, Tensor.scalar(literal));
            }
        }
        return values;
    }

    private static void assertSame(Use use, String what, List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).as("%s: %s", use, what).hasSameSizeAs(expected);
        for (int k = 0; k < actual.size(); k++) {
            assertThat(actual.get(k).shape()).as("%s: shape of the %s", use, what).isEqualTo(expected.get(k).shape());
            double size = 1 + Arrays.stream(expected.get(k).data()).map(Math::abs).filter(Double::isFinite).max().orElse(0);
            assertThat(actual.get(k).data()).as("%s: %s", use, what).containsExactly(expected.get(k).data(), within(1e-12 * size));
        }
    }

    private static List<Tensor> directions(List<Shape> shapes, long seed) {
        Random random = new Random(seed);
        List<Tensor> directions = shapes.stream().map(Tensor::zeros).toList();
        directions.forEach(direction -> Arrays.setAll(direction.data(), i -> random.nextDouble(-1, 1)));
        return directions;
    }

    private static List<Tensor> concat(List<Tensor> a, List<Tensor> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private static double product(List<Tensor> a, List<Tensor> b, ToDoubleBiFunction<Double, Double> f) {
        return IntStream.range(0, a.size()).mapToDouble(k -> IntStream.range(0, a.get(k).length())
                .mapToDouble(i -> f.applyAsDouble(a.get(k).data()[i], b.get(k).data()[i])).sum()).sum();
    }
}
