package io.chainrule.core;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a derivative is where calculus leaves it open: at kinks, jumps and infinities. */
class ConventionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    static Stream<Arguments> numbers() {
        return Stream.of(
                // At a kink: the one-sided derivative of least magnitude, or the minimum-norm subgradient.
                numbers("relu", Map.of(), at(0), gives(0)), numbers("relu", Map.of(), at(-0.0), gives(0)),
                numbers("abs", Map.of(), at(0), gives(0)),
                numbers("leaky_relu", Map.of(), at(0), gives(0.01)),
                numbers("leaky_relu", Map.of("negative_slope", 3), at(0), gives(1)),
                numbers("leaky_relu", Map.of("negative_slope", -0.5), at(0), gives(0)),
                numbers("elu", Map.of(), at(0), gives(1)), numbers("elu", Map.of("alpha", 0.5), at(0), gives(0.5)),
                numbers("elu", Map.of("alpha", 4), at(0), gives(1)), numbers("elu", Map.of("alpha", -1), at(0), gives(0)),
                numbers("hypot", Map.of(), at(0, 0), gives(0, 0)), numbers("copysign", Map.of(), at(0, -1), gives(0, 0)),
                // A tie is shared equally.
                numbers("maximum", Map.of(), at(2, 2), gives(0.5, 0.5)), numbers("minimum", Map.of(), at(2, 2), gives(0.5, 0.5)),
                numbers("maximum", Map.of(), at(0, -0.0), gives(0.5, 0.5)), numbers("maximum", Map.of(), at(INF, INF), gives(0.5, 0.5)),
                numbers("fmax", Map.of(), at(1, 1), gives(0.5, 0.5)), numbers("fmin", Map.of(), at(1, 1), gives(0.5, 0.5)),
                // NaN gives way to the other operand.
                numbers("fmax", Map.of(), at(NAN, 1), gives(0, 1)), numbers("fmin", Map.of(), at(1, NAN), gives(1, 0)),
                // clip passes the gradient at its bounds.
                numbers("clip", Map.of("min", -1, "max", 1), at(1), gives(1)),
                numbers("clip", Map.of("min", -1, "max", 1), at(-1), gives(1)),
                numbers("clip", Map.of("min", -1, "max", 1), at(1.5), gives(0)),
                numbers("clip", Map.of("min", -1, "max", 1), at(-INF), gives(0)), numbers("clip", Map.of("max", 1), at(-INF), gives(1)),
                numbers("clip", Map.of("min", 1, "max", -1), at(0), gives(0)),
                // At a jump: that of the branch taken, which is flat.
                numbers("sign", Map.of(), at(0), gives(0)), numbers("floor", Map.of(), at(2), gives(0)),
                numbers("round", Map.of(), at(0.5), gives(0)),
                numbers("heaviside", Map.of(), at(0, 0.5), gives(0, 1)), numbers("heaviside", Map.of(), at(1, 0.5), gives(0, 0)),
                numbers("eq", Map.of(), at(1, 1), gives(0, 0)), numbers("gt", Map.of(), at(1, 1), gives(0, 0)),
                numbers("remainder", Map.of(), at(6, 3), gives(1, -2)), numbers("fmod", Map.of(), at(-6, 3), gives(1, 2)),
                // 0.1 is a little more than a tenth, so that 1 holds it nine times, though 1 / 0.1 rounds to 10.
                numbers("fmod", Map.of(), at(1, 0.1), gives(1, -9)), numbers("remainder", Map.of(), at(1, 0.1), gives(1, -9)),
                numbers("remainder", Map.of(), at(-1, 0.1), gives(1, 10)), numbers("remainder", Map.of(), at(-1, INF), gives(1, 1)),
                // Outside its domain a function has no derivative, at its edge an infinite one.
                numbers("log", Map.of(), at(-1), gives(NAN)), numbers("log", Map.of(), at(0), gives(INF)),
                numbers("log2", Map.of(), at(-1), gives(NAN)),
                numbers("log10", Map.of(), at(-1), gives(NAN)), numbers("log1p", Map.of(), at(-2), gives(NAN)),
                numbers("logit", Map.of(), at(2), gives(NAN)), numbers("logit", Map.of(), at(-1), gives(NAN)),
                numbers("sqrt", Map.of(), at(-1), gives(NAN)), numbers("sqrt", Map.of(), at(0), gives(INF)),
                numbers("rsqrt", Map.of(), at(-1), gives(NAN)),
                numbers("asin", Map.of(), at(2), gives(NAN)), numbers("asin", Map.of(), at(1), gives(INF)),
                numbers("acos", Map.of(), at(-2), gives(NAN)),
                numbers("acosh", Map.of(), at(-3), gives(NAN)), numbers("acosh", Map.of(), at(0), gives(NAN)),
                numbers("atanh", Map.of(), at(2), gives(NAN)),
                numbers("pow", Map.of(), at(-1, 0.5), gives(NAN, NAN)), numbers("xlogy", Map.of(), at(1, -1), gives(NAN, NAN)),
                numbers("atan2", Map.of(), at(0, 0), gives(NAN, NAN)),
                numbers("xlogy", Map.of(), at(0, 3), gives(Math.log(3), 0)),
                numbers("xlog1py", Map.of(), at(0, 2), gives(Math.log1p(2), 0)),
                // Activations: at a kink the derivative of least magnitude, at a jump that of the branch taken.
                numbers("selu", Map.of(), at(0), gives(1.0507009873554805)), numbers("celu", Map.of("alpha", 2), at(0), gives(1)),
                numbers("relu6", Map.of(), at(0), gives(0)), numbers("relu6", Map.of(), at(6), gives(0)),
                numbers("hard_tanh", Map.of(), at(-1), gives(0)), numbers("hard_tanh", Map.of(), at(1), gives(0)),
                numbers("hard_sigmoid", Map.of(), at(-3), gives(0)), numbers("hard_sigmoid", Map.of(), at(3), gives(0)),
                numbers("hard_swish", Map.of(), at(-3), gives(0)), numbers("hard_swish", Map.of(), at(3), gives(1)),
                numbers("softshrink", Map.of(), at(0.5), gives(0)), numbers("softshrink", Map.of("lambd", 0), at(0), gives(1)),
                numbers("hardshrink", Map.of(), at(-0.5), gives(0)), numbers("hardshrink", Map.of("lambd", 0), at(0), gives(1)),
                numbers("threshold", Map.of("threshold", 1, "value", 5), at(1), gives(0)),
                numbers("prelu", Map.of(), at(0, 0.25), gives(0.25, 0)), numbers("prelu", Map.of(), at(0, 3), gives(1, 0)),
                numbers("prelu", Map.of(), at(0, -1), gives(0, 0)), numbers("prelu", Map.of(), at(-2, 3), gives(3, -2)),
                // Gates that are closed at −∞ stay closed.
                numbers("silu", Map.of(), at(-INF), gives(0)), numbers("silu", Map.of(), at(INF), gives(1)),
                numbers("mish", Map.of(), at(-INF), gives(0)), numbers("mish", Map.of(), at(INF), gives(1)),
                numbers("gelu", Map.of(), at(-INF), gives(0)), numbers("gelu", Map.of(), at(INF), gives(1)),
                numbers("gelu", Map.of("approximate", "tanh"), at(-INF), gives(0)),
                numbers("gelu", Map.of("approximate", "tanh"), at(INF), gives(1)),
                numbers("erfinv", Map.of(), at(1), gives(INF)), numbers("erfinv", Map.of(), at(2), gives(NAN)),
                numbers("lgamma", Map.of(), at(-2), gives(NAN)), numbers("lgamma", Map.of(), at(0), gives(-INF)),
                numbers("lgamma", Map.of(), at(INF), gives(INF)), numbers("digamma", Map.of(), at(-1), gives(INF)),
                numbers("digamma", Map.of(), at(INF), gives(0)), numbers("polygamma", Map.of("n", 1), at(-1), gives(NAN)),
                // The branch not taken gets nothing, even from infinity.
                numbers("where", Map.of(), at(1, 2, INF), gives(0, 1, 0)), numbers("where", Map.of(), at(0, NAN, 2), gives(0, 0, 1)),
                numbers("where", Map.of(), at(NAN, 1, 2), gives(0, 1, 0)),
                numbers("logaddexp", Map.of(), at(-INF, -INF), gives(0.5, 0.5)),
                numbers("logaddexp", Map.of(), at(INF, INF), gives(0.5, 0.5)),
                numbers("logaddexp", Map.of(), at(INF, 0), gives(1, 0)), numbers("logaddexp", Map.of(), at(-INF, 0), gives(0, 1)),
                numbers("nan_to_num", Map.of(), at(NAN), gives(0)), numbers("nan_to_num", Map.of(), at(-INF), gives(0)),
                numbers("stop_gradient", Map.of(), at(3), gives(0)),
                numbers("strong_mul", Map.of(), at(0, INF), gives(INF, 0)), numbers("strong_mul", Map.of(), at(2, 3), gives(3, 2)),
                numbers("strong_mul_both", Map.of(), at(INF, 0), gives(0, INF)),
                numbers("strong_mul_both", Map.of(), at(0, INF), gives(INF, 0)));
    }

    private static Arguments numbers(String op, Map<String, ?> attributes, double[] x, double[] partials) {
        return Arguments.of(op, attributes, x, partials);
    }

    private static double[] at(double... x) {
        return x;
    }

    private static double[] gives(double... partials) {
        return partials;
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void the_derivative_at_awkward_points(String op, Map<String, ?> attributes, double[] x, double[] partials) {
        GraphFunction function = GraphFunction.of(nodes -> call(op, attributes, nodes),
                Stream.generate(() -> Shape.SCALAR).limit(x.length).toArray(Shape[]::new));
        double[] withUnit = Arrays.copyOf(x, x.length + 1);
        withUnit[x.length] = 1;
        for (int k = 0; k < x.length; k++) {
            assertThat(function.vjp(k).at(withUnit) + 0.0).as("%s %s at %s, backward by operand %d", op, attributes, Arrays.toString(x), k)
                    .isEqualTo(Double.valueOf(partials[k]));
            assertThat(function.jvp(k).at(withUnit) + 0.0).as("%s %s at %s, forward by operand %d", op, attributes, Arrays.toString(x), k)
                    .isEqualTo(Double.valueOf(partials[k]));
        }
    }

    static Stream<Arguments> arrays() {
        return Stream.of(
                Arguments.of("max", at(1, 3, 3), gives(0, 0.5, 0.5)), Arguments.of("min", at(1, 1, 1), gives(1 / 3.0, 1 / 3.0, 1 / 3.0)),
                Arguments.of("max", at(INF, 0, INF), gives(0.5, 0, 0.5)), Arguments.of("max", at(-INF, -INF), gives(0.5, 0.5)),
                Arguments.of("max", at(0.0, -0.0), gives(0.5, 0.5)), Arguments.of("max", at(1, NAN), gives(0, 0)),
                Arguments.of("min", at(NAN, 1), gives(0, 0)),
                Arguments.of("logsumexp", at(-INF, -INF), gives(0.5, 0.5)), Arguments.of("logsumexp", at(0, -INF), gives(1, 0)),
                Arguments.of("logsumexp", at(INF, 3, INF), gives(0.5, 0, 0.5)), Arguments.of("logsumexp", at(1000, 1000), gives(0.5, 0.5)),
                Arguments.of("logsumexp", at(NAN, 0), gives(NAN, NAN)),
                Arguments.of("prod", at(0, 2, 3), gives(6, 0, 0)), Arguments.of("mean", at(INF, 1), gives(0.5, 0.5)));
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void the_gradient_of_reductions_at_awkward_points(String op, double[] x, double[] gradient) {
        GraphFunction function = GraphFunction.of(nodes -> call(op, nodes), Shape.of(x.length));
        assertThat(function.vjp().apply(Tensor.vector(x), Tensor.scalar(1)).data()).containsExactly(gradient);
        for (int i = 0; i < x.length; i++) {
            Tensor unit = Tensor.zeros(Shape.of(x.length));
            unit.data()[i] = 1;
            assertThat(function.jvp().apply(Tensor.vector(x), unit).item()).as("forward by element %d", i)
                    .isEqualTo(Double.valueOf(gradient[i]));
        }
    }

    /** Ops that have a kink, where they sit on it and where not. */
    static Stream<Arguments> kinks() {
        return Stream.of(
                Arguments.of("relu", Map.of(), at(0), at(1)), Arguments.of("abs", Map.of(), at(-0.0), at(-1)),
                Arguments.of("leaky_relu", Map.of(), at(0), at(1)), Arguments.of("elu", Map.of("alpha", 2), at(0), at(1)),
                Arguments.of("clip", Map.of("min", -1, "max", 1), at(1), at(0.5)),
                Arguments.of("clip", Map.of("min", -1, "max", 1), at(-1), at(2)),
                Arguments.of("clip", Map.of("max", 1), at(1), at(0.5)),
                Arguments.of("maximum", Map.of(), at(2, 2), at(2, 3)), Arguments.of("minimum", Map.of(), at(2, 2), at(2, 3)),
                Arguments.of("fmax", Map.of(), at(2, 2), at(2, 3)), Arguments.of("fmin", Map.of(), at(2, 2), at(NAN, 3)),
                Arguments.of("selu", Map.of(), at(0), at(1)), Arguments.of("relu6", Map.of(), at(6), at(5)),
                Arguments.of("hard_tanh", Map.of(), at(-1), at(0)), Arguments.of("hard_sigmoid", Map.of(), at(3), at(0)),
                Arguments.of("hard_swish", Map.of(), at(-3), at(0)), Arguments.of("softshrink", Map.of(), at(-0.5), at(0)),
                Arguments.of("hardshrink", Map.of(), at(0.5), at(0)), Arguments.of("prelu", Map.of(), at(0, 2), at(0, 1)),
                Arguments.of("threshold", Map.of("threshold", 1, "value", 1), at(1), at(0)),
                Arguments.of("hypot", Map.of(), at(0, 0), at(0, 1)), Arguments.of("copysign", Map.of(), at(0, 1), at(1, 0)));
    }

    @ParameterizedTest
    @MethodSource("kinks")
    void an_op_tells_where_it_sits_on_a_kink(String op, Map<String, ?> attributes, double[] on, double[] off) {
        assertThat(mask(op, attributes, on)).isEqualTo(1);
        assertThat(mask(op, attributes, off)).isZero();
    }

    private static double mask(String op, Map<String, ?> attributes, double[] x) {
        Shape[] scalars = Stream.generate(() -> Shape.SCALAR).limit(x.length).toArray(Shape[]::new);
        return GraphFunction.of(nodes -> {
            Node node = call(op, attributes, nodes);
            return node.op().kink(node);
        }, scalars).at(x);
    }

    @ParameterizedTest
    @MethodSource("ties")
    void a_reduction_sits_on_a_kink_where_several_elements_win(List<Double> x, double expected) {
        GraphFunction kink = GraphFunction.of(nodes -> {
            Node node = call("max", nodes);
            return node.op().kink(node);
        }, Shape.of(x.size()));
        assertThat(kink.apply(Tensor.vector(x.stream().mapToDouble(Double::doubleValue).toArray())).item()).isEqualTo(expected);
    }

    static Stream<Arguments> ties() {
        return Stream.of(Arguments.of(List.of(1.0, 3.0, 3.0), 1), Arguments.of(List.of(1.0, 3.0, 2.0), 0), Arguments.of(List.of(1.0), 0));
    }

    @ParameterizedTest
    @MethodSource("smoothChoices")
    void attributes_that_smooth_a_kink_leave_none(String op, Map<String, ?> attributes) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node node = call(op, attributes, graph.input("x", Shape.SCALAR));
        assertThat(node.op().kink(node)).isNull();
    }

    static Stream<Arguments> smoothChoices() {
        return Stream.of(Arguments.of("elu", Map.of("alpha", 1)), Arguments.of("leaky_relu", Map.of("negative_slope", 1)),
                Arguments.of("clip", Map.of()), Arguments.of("softshrink", Map.of("lambd", 0)),
                Arguments.of("hardshrink", Map.of("lambd", 0)), Arguments.of("celu", Map.of("alpha", 2)));
    }

    @ParameterizedTest
    @MethodSource("flat")
    void piecewise_constant_ops_say_so(String op, int arity, boolean flat) {
        assertThat(IntStream.range(0, arity).allMatch(GraphFunction.op(op, Map.of(), arity)::ignores)).isEqualTo(flat);
        if (flat) {
            GraphBuilder graph = GraphBuilder.withShapes();
            Node[] x = IntStream.range(0, arity).mapToObj(k -> graph.input("x", Shape.SCALAR)).toArray(Node[]::new);
            Node node = call(op, x);
            int size = graph.size();
            assertThat(node.op().vjp(node, 0, x[0])).isNull();
            assertThat(node.op().jvp(node, x)).isNull();
            assertThat(graph.size()).as("nodes, none of them added").isEqualTo(size);
        }
    }

    static Stream<Arguments> flat() {
        return Stream.of(Arguments.of("sign", 1, true), Arguments.of("floor", 1, true), Arguments.of("round", 1, true),
                Arguments.of("lt", 2, true),
                Arguments.of("logical_and", 2, true), Arguments.of("isnan", 1, true), Arguments.of("floor_divide", 2, true),
                Arguments.of("stop_gradient", 1, true), Arguments.of("relu", 1, false), Arguments.of("heaviside", 2, false),
                Arguments.of("where", 3, false), Arguments.of("add", 2, false));
    }
}
