package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An elementwise op is a function of numbers with a rule for each operand; loops, shapes and both modes of derivatives follow. */
class ElementwiseTest {
    private static final Map<String, Object> ATTRIBUTES = Map.of("slope", 2.0);

    static Stream<Arguments> ops() {
        KernelLoop doubling = (x, from, out, o, n) -> {
            for (int i = 0; i < n; i++) {
                out[o + i] = 2 * x[from + i];
            }
        };
        return Stream.of(Arguments.of(Elementwise.unary("f", ATTRIBUTES, a -> 2 * a), ATTRIBUTES, 1, 2.0),
                Arguments.of(Elementwise.unary("f", ATTRIBUTES, a -> 2 * a, doubling), ATTRIBUTES, 1, 2.0),
                Arguments.of(Elementwise.unary("f", ATTRIBUTES, Kernels.Unary.NEG), ATTRIBUTES, 1, -1.0),
                Arguments.of(Elementwise.binary("f", null, (a, b) -> a - b), Map.of(), 2, -9.0),
                Arguments.of(Elementwise.binary("f", ATTRIBUTES, Kernels.Binary.MUL, (a, b) -> a * b), ATTRIBUTES, 2, 10.0),
                Arguments.of(Elementwise.ternary("f", (a, b, c) -> a + b / c), Map.of(), 3, 1 + 10.0 / 100),
                Arguments.of(Elementwise.select("f"), Map.of(), 3, 10.0), Arguments.of(Elementwise.given("f", 2), Map.of(), 3, 1.0));
    }

    @ParameterizedTest
    @MethodSource("ops")
    void an_op_tells_what_it_was_made_of(Elementwise op, Map<String, ?> attributes, int arity, double at1And10And100) {
        assertThat(op.name()).isEqualTo("f");
        assertThat(op.attributes()).isEqualTo(attributes);
        assertThat(op.arity()).isEqualTo(arity);
        assertThat(op.family()).isEqualTo(Family.ELEMENTWISE);
        assertThat(op.apply(1, 10, 100)).isEqualTo(at1And10And100);
        assertThat(op.absorbing()).isEmpty();
    }

    /** Operand k advances or repeats its first element; the loop begins in the midst of arrays and writes nothing beside its results. */
    @ParameterizedTest
    @MethodSource("ops")
    void arrays_are_computed_as_numbers_are(Elementwise op, Map<String, ?> attributes, int arity, double at1And10And100) {
        double[][] x = {{9, 1, 2, 0, 4, 9}, {9, 9, 10, 20, 30, 40}, {100, 200, 300, 400, 9, 9}};
        int[] from = {1, 2, 0};
        for (int repeating = 0; repeating < 1 << arity; repeating++) {
            int[] stride = {1 - (repeating & 1), 1 - (repeating >> 1 & 1), 1 - (repeating >> 2 & 1)};
            if (arity == 1 && stride[0] == 0) {
                continue;
            }
            double[] out = new double[7];
            op.run(Arrays.copyOf(x, arity), Arrays.copyOf(from, arity), Arrays.copyOf(stride, arity), out, 2, 0, 4);
            for (int i = 0; i < 4; i++) {
                double expected = op.apply(x[0][from[0] + i * stride[0]], x[1][from[1] + i * stride[1]], x[2][from[2] + i * stride[2]]);
                assertThat(out[2 + i]).as("strides %s, element %s", Arrays.toString(stride), i).isEqualTo(expected);
            }
            assertThat(new double[]{out[0], out[1], out[6]}).containsOnly(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 20", "1, 10", "-1, 10", "NaN, 10"})
    void a_selection_takes_the_second_operand_where_the_first_is_not_zero(double condition, double expected) {
        assertThat(Elementwise.select("choose").apply(condition, 10, 20)).isEqualTo(expected);
    }

    @Test
    void only_ops_with_a_dedicated_loop_have_one() {
        assertThat(Elementwise.unary("f", Map.of(), Kernels.Unary.EXP).unary()).isEqualTo(Kernels.Unary.EXP);
        assertThat(Elementwise.unary("f", Map.of(), Math::exp).unary()).isNull();
        assertThat(Elementwise.binary("f", Kernels.Binary.MUL, (a, b) -> a * b).binary()).isEqualTo(Kernels.Binary.MUL);
        assertThat(Elementwise.binary("f", null, (a, b) -> a * b).binary()).isNull();
        assertThat(Elementwise.binary("f", Kernels.Binary.MUL, (a, b) -> a * b).unary()).isNull();
        assertThat(Elementwise.unary("f", Map.of(), Kernels.Unary.EXP).binary()).isNull();
    }

    @Test
    void a_given_value_is_its_first_operand() {
        Elementwise given = Elementwise.given("f", 2);
        assertThat(given.isGiven()).isTrue();
        assertThat(given.isView()).isTrue();
        assertThat(given.isGate()).isTrue();
        Elementwise other = Elementwise.ternary("f", (a, b, c) -> a);
        assertThat(other.isGiven()).isFalse();
        assertThat(other.isView()).isFalse();
        assertThat(other.isGate()).isFalse();
    }

    private record Operands(GraphBuilder graph, Node[] x) {
        static Operands of(Shape... shapes) {
            GraphBuilder graph = GraphBuilder.withShapes();
            Node[] x = new Node[shapes.length];
            Arrays.setAll(x, k -> graph.input("x" + k, shapes[k]));
            return new Operands(graph, x);
        }
    }

    @Test
    void shapes_broadcast() {
        Elementwise op = Elementwise.ternary("f", (a, b, c) -> a);
        assertThat(op.shape(Shape.of(2, 1), Shape.of(3), Shape.SCALAR)).isEqualTo(Shape.of(2, 3));
        assertThat(op.shape(Shape.SCALAR, Shape.of(3), Shape.of(4, 2, 1))).isEqualTo(Shape.of(4, 2, 3));
    }

    @Test
    void an_operand_without_a_rule_has_no_gradient_and_gives_no_tangent() {
        Elementwise op = Elementwise.binary("f", null, (a, b) -> a).rule(0, (t, x, y) -> t);
        Operands of = Operands.of(Shape.of(2), Shape.of(2));
        Node y = of.graph().add(op, of.x());
        Node t = of.graph().input("t", Shape.of(2));
        assertThat(op.ignores(0)).isFalse();
        assertThat(op.ignores(1)).isTrue();
        assertThat(op.vjp(y, 0, t)).isEqualTo(t);
        assertThat(op.vjp(y, 1, t)).isNull();
        assertThat(op.jvp(y, new Node[]{t, null})).isEqualTo(t);
        assertThat(op.jvp(y, new Node[]{null, t})).isNull();
        assertThat(op.jvp(y, new Node[]{t, t})).isEqualTo(t);
    }

    @Test
    void a_rule_may_say_that_a_derivative_is_zero_here() {
        Elementwise op = Elementwise.binary("f", null, (a, b) -> b).rule(0, (t, x, y) -> null).rule(1, (t, x, y) -> t);
        Operands of = Operands.of(Shape.of(2), Shape.of(2));
        Node y = of.graph().add(op, of.x());
        Node t = of.graph().input("t", Shape.of(2));
        assertThat(op.jvp(y, new Node[]{t, null})).isNull();
        assertThat(op.jvp(y, new Node[]{t, t})).isEqualTo(t);
        assertThat(op.vjp(y, 0, t)).isNull();
    }

    /** f(a, b) = 3a + 5b: the tangent is 3ȧ + 5ḃ. */
    @Test
    void tangents_of_the_operands_add_up() {
        Elementwise op = Elementwise.binary("f", null, (a, b) -> 3 * a + 5 * b)
                .partial(0, (x, y) -> Maths.number(y.graph(), 3)).partial(1, (x, y) -> Maths.number(y.graph(), 5));
        GraphFunction f = GraphFunction.of(x -> x[0].graph().add(op, x), Shape.SCALAR, Shape.SCALAR);
        assertThat(f.at(2, 10)).isEqualTo(56);
        assertThat(f.jvp().at(2, 10, 7, 100)).isEqualTo(3 * 7 + 5 * 100);
        assertThat(f.jvp(1).at(2, 10, 100)).isEqualTo(500);
        assertThat(f.vjp().run(Stream.of(2.0, 10.0, 2.0).map(Tensor::scalar).toList())).containsExactly(Tensor.scalar(6),
                Tensor.scalar(10));
    }

    /** The derivative of the square root at 0 is infinite; a cotangent of 0 stays 0 all the same. */
    @Test
    void a_factor_is_applied_by_the_strong_product() {
        Elementwise op = Elementwise.unary("f", Map.of(), Math::sqrt).partial(0, (x, y) -> Maths.div(0.5, y));
        GraphFunction vjp = GraphFunction.of(x -> x[0].graph().add(op, x), Shape.of(2)).vjp();
        assertThat(vjp.apply(Tensor.of(Shape.of(2), 0, 4), Tensor.of(Shape.of(2), 0, 1)).data()).containsExactly(0, 0.25);
    }

    @Test
    void an_element_depends_on_those_that_it_is_computed_from_by_operands_that_have_a_rule() {
        Elementwise op = Elementwise.ternary("f", (a, b, c) -> a + b).rule(0, (t, x, y) -> t).rule(1, (t, x, y) -> t);
        List<List<Integer>> found = new ArrayList<>();
        Shape[] operands = {Shape.of(2, 1), Shape.of(3), Shape.of(2, 3)};
        assertThat(op.dependences(operands, Shape.of(2, 3), (operand, from, to) -> found.add(List.of(operand, from, to)))).isTrue();
        List<List<Integer>> expected = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            expected.add(List.of(0, i / 3, i));
            expected.add(List.of(1, i % 3, i));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        found.clear();
        assertThat(op.dependences(new Shape[]{Shape.of(0), Shape.of(1), Shape.of(0)}, Shape.of(0),
                (operand, from, to) -> found.add(List.of(operand, from, to)))).isTrue();
        assertThat(found).isEmpty();
    }

    @Test
    void kinks_are_where_the_mask_says() {
        Operands of = Operands.of(Shape.of(2));
        Elementwise bent = Elementwise.unary("f", Map.of(), Math::abs).kinkWhere((x, y) -> Maths.eq(x[0], 0));
        Node y = of.graph().add(bent, of.x());
        assertThat(Objects.requireNonNull(bent.kink(y)).op().name()).isEqualTo("eq");
        Elementwise smooth = Elementwise.unary("f", Map.of(), Math::exp);
        assertThat(smooth.kink(of.graph().add(smooth, of.x()))).isNull();
    }

    @Test
    void a_gate_opens_into_its_circuit() {
        Elementwise gate = Elementwise.binary("f", null, (a, b) -> a * b + a)
                .circuit(x -> Maths.add(Maths.mul(x[0], x[1]), x[0]));
        Operands of = Operands.of(Shape.of(2), Shape.of(2));
        assertThat(gate.isGate()).isTrue();
        Node opened = Objects.requireNonNull(gate.expand(of.x()));
        assertThat(opened.op().name()).isEqualTo("add");
        assertThat(opened.operand(0).op().name()).isEqualTo("mul");
        assertThat(Elementwise.unary("f", Map.of(), Math::exp).expand(of.x())).isNull();
    }

    /** A circuit's result is a node of its own, also where the circuit has none. */
    @Test
    void a_circuit_that_is_an_operand_or_a_number_becomes_a_node() {
        Operands of = Operands.of(Shape.of(2));
        Node same = Objects.requireNonNull(Elementwise.given("f", 0).expand(of.x()));
        assertThat(same.op().name()).isEqualTo("reshape");
        assertThat(same.operand(0)).isEqualTo(of.x()[0]);
        assertThat(same.shape()).isEqualTo(Shape.of(2));
        Elementwise five = Elementwise.unary("f", Map.of(), a -> 5).circuit(x -> Maths.number(x[0].graph(), 5));
        assertThat(Objects.requireNonNull(five.expand(of.x())).op().name()).isEqualTo("reshape");
        // A number that stands in the graph already.
        assertThat(Objects.requireNonNull(five.expand(of.x())).op().name()).isEqualTo("reshape");
    }

    static Stream<Arguments> onOneHot() {
        Elementwise product = Elementwise.binary("mul", null, (a, b) -> a * b);
        Elementwise strong = Elementwise.binary("strong", null, (a, b) -> a * b).absorbing(0);
        Elementwise sum = Elementwise.binary("add", null, Double::sum);
        Elementwise cosine = Elementwise.unary("cos", Map.of(), Math::cos);
        Elementwise sine = Elementwise.unary("sin", Map.of(), Math::sin);
        Elementwise where = (Elementwise) Comparisons.WHERE.op();
        return Stream.of(Arguments.of(sine, "h", true), Arguments.of(cosine, "h", false), Arguments.of(sum, "hh", true),
                Arguments.of(sum, "h0", true), Arguments.of(sum, "h2", false), Arguments.of(sum, "hx", false),
                Arguments.of(product, "hh", true), Arguments.of(product, "h2", true), Arguments.of(product, "2h", true),
                // 0 · x is NaN where x is infinite.
                Arguments.of(product, "hx", false), Arguments.of(strong, "hx", true), Arguments.of(strong, "xh", false),
                Arguments.of(strong, "sx", false), Arguments.of(where, "xhh", true), Arguments.of(where, "xh0", true),
                Arguments.of(where, "x0h", true), Arguments.of(where, "xh2", false), Arguments.of(where, "x2h", false),
                Arguments.of(where, "xhx", false), Arguments.of(where, "hhx", false), Arguments.of(where, "hhh", true));
    }

    /** The letters are the operands: h a one-hot batch, s one that is stretched, x any array, and a digit a number. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("onOneHot")
    void zeros_of_a_batch_stay_zeros_or_the_op_is_done_with_all_of_them(Elementwise op, String operands, boolean isKept) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node[] x = new Node[operands.length()];
        boolean[] hot = new boolean[x.length];
        for (int k = 0; k < x.length; k++) {
            char kind = operands.charAt(k);
            hot[k] = kind == 'h' || kind == 's';
            x[k] = Character.isDigit(kind)
                    ? graph.literal(kind - '0')
                    : graph.input("x" + k, kind == 's' ? Shape.of(1, 3) : Shape.of(2, 3));
        }
        Node found = op.onOneHot(x, hot);
        assertThat(found != null).isEqualTo(isKept);
        if (found != null) {
            assertThat(found.op()).isSameAs(op);
            assertThat(found.operands()).containsExactly(x);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # operands   | batched | result
            5,2,3 3      | tf      | 5,2,3
            5,3 2,3      | tf      | 5,2,3
            2,3 5,3      | ft      | 5,2,3
            5 3          | tf      | 5,3
            5,3 5,2,1    | tt      | 5,2,3
            5 5          | tt      | 5
            """)
    void a_batch_has_its_axis_in_front_of_all_others(String shapes, String batched, String expected) {
        Operands of = Operands.of(Arrays.stream(shapes.split(" ", -1)).map(ShapeTables::shape).toArray(Shape[]::new));
        boolean[] isBatched = new boolean[batched.length()];
        for (int k = 0; k < isBatched.length; k++) {
            isBatched[k] = batched.charAt(k) == 't';
        }
        Elementwise op = Elementwise.binary("f", null, Double::sum);
        Node found = op.batch(of.x(), isBatched, 5);
        assertThat(found.op()).isSameAs(op);
        assertThat(found.shape()).isEqualTo(ShapeTables.shape(expected));
        Node[] all = Batched.all(of.x(), isBatched, 5);
        for (int k = 0; k < all.length; k++) {
            assertThat(all[k].shape()).isEqualTo(isBatched[k] ? of.x()[k].shape() : Shape.of(5).concat(of.x()[k].shape()));
        }
    }

    /** What a definition's factories make is an op of that name with operands x, a, b and c. */
    static Stream<Arguments> definitions() {
        KernelLoop loop = KernelLoop.of(Kernels.Unary.NEG);
        return Stream.of(
                Arguments.of(Definitions.unary("f", a -> 2 * a, (x, y) -> Maths.number(x.graph(), 2)), List.of("x"), 6.0, 2.0),
                Arguments.of(Definitions.unary("f", a -> -a, loop, (x, y) -> Maths.number(x.graph(), -1)), List.of("x"), -3.0, -1.0),
                Arguments.of(Definitions.unary("f", Kernels.Unary.SQUARE, (x, y) -> Maths.mul(2, x)), List.of("x"), 9.0, 6.0),
                Arguments.of(Definitions.flat("f", Math::ceil), List.of("x"), 3.0, null),
                Arguments.of(Definitions.flat("f", Kernels.Unary.SIGN), List.of("x"), 1.0, null),
                Arguments.of(Definitions.flat("f", Kernels.Binary.GT, (a, b) -> a > b ? 1 : 0), List.of("a", "b"), 0.0, null),
                Arguments.of(Definitions.define("f", Elementwise.ternary("f", (a, b, c) -> a + b + c)), List.of("a", "b", "c"), 111.0,
                        null),
                Arguments.of(Definitions.define(Elementwise.binary("f", null, Double::sum), "input", "target"), List.of("input", "target"),
                        13.0, null),
                Arguments.of(Definitions.define("f", Definitions.selecting("f", Map.of(), a -> a, (t, x, y) -> t)), List.of("x"), 3.0, 1.0),
                Arguments.of(Definitions.define("f", Definitions.selecting("f", Map.of(), a -> -a, loop, (t, x, y) -> Maths.neg(t))),
                        List.of("x"), -3.0, -1.0));
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void a_definition_of_one_function_has_its_name_operands_value_and_derivative(OpDefinition definition, List<String> operands,
            double at3And10And98, @Nullable Double derivative) {
        assertThat(definition.name()).isEqualTo("f");
        assertThat(definition.family()).isEqualTo(Family.ELEMENTWISE);
        assertThat(definition.operands()).isEqualTo(operands);
        Shape[] scalars = operands.stream().map(_ -> Shape.SCALAR).toArray(Shape[]::new);
        GraphFunction f = GraphFunction.of(x -> x[0].graph().add(definition.op(), x), scalars);
        List<Tensor> x = Stream.of(3.0, 10.0, 98.0).limit(operands.size()).map(Tensor::scalar).toList();
        assertThat(f.run(x).getFirst().item()).isEqualTo(at3And10And98);
        assertThat(definition.op().ignores(0)).isEqualTo(derivative == null);
        if (derivative != null) {
            assertThat(f.vjp(0).run(Stream.concat(x.stream(), Stream.of(Tensor.scalar(1))).toList()).getFirst().item())
                    .isEqualTo(derivative);
        }
    }

    static Stream<Arguments> loops() {
        Shape[] row = {Shape.of(3)};
        return Stream.of(Arguments.of("exp", Map.of(), row, false),
                Arguments.of("index", Map.of("at", List.of("1:3")), new Shape[]{Shape.of(4, 100)}, true),
                Arguments.of("index", Map.of("at", List.of(1)), row, null),
                Arguments.of("concatenate", Map.of(), new Shape[]{Shape.of(100), Shape.of(200)}, true),
                Arguments.of("sum", Map.of(), row, null), Arguments.of("matmul", Map.of(), new Shape[]{Shape.of(3), Shape.of(3)}, null));
    }

    /** Null where there is no such loop. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("loops")
    void a_run_of_elements_is_computed_from_a_run_of_operands_or_gathered(String name, Map<String, ?> attributes, Shape[] operands,
            @Nullable Boolean isGathering) {
        // Short runs are not worth a loop.
        Op op = GraphFunction.op(name, attributes, operands.length);
        ElementLoop loop = ElementLoop.of(op, operands, op.shape(operands));
        assertThat(loop == null ? null : (Boolean) loop.isGathering()).isEqualTo(isGathering);
        if (op instanceof Elementwise) {
            assertThat(loop).isSameAs(op);
        }
    }
}
