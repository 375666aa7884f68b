package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The derivative of an array in closed form is its Jacobian, which is computed column by column. */
class ArrayDerivativesTest {
    private static final int MOST_ENTRIES = 300;

    /** Functions that are applied to the result of an op. */
    private static final List<UnaryOperator<Node>> OUTER = List.of(x -> x, x -> GraphFunction.call("square", x),
            x -> GraphFunction.call("sin", x), x -> GraphFunction.call("mul", x, numbers(x, x.shape())),
            x -> x.shape().rank() == 0 ? x : GraphFunction.call("matmul", numbers(x, left(x.shape())), x),
            x -> x.shape().rank() == 0 ? x : GraphFunction.call("matmul", x, numbers(x, Shape.of(x.shape().last(), 2))),
            x -> GraphFunction.call("index", Map.of("at", x.shape().rank() == 0 ? List.of() : List.of("...", "::-1")), x));

    private static Shape left(Shape x) {
        return Shape.of(2, x.dim(Math.max(0, x.rank() - 2)));
    }

    private static Node numbers(Node like, Shape shape) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> Math.cos(3 * i + 1));
        return like.graph().constant(tensor);
    }

    static Stream<OpCase> arrays() {
        return OpCase.all()
                .filter(one -> !one.shapes().isEmpty() && !one.shape().isScalar() && one.shape().length() > 0
                        && one.shapes().stream().mapToInt(shape -> Math.max(1, shape.length())).max().orElseThrow()
                                * one.shape().length() <= MOST_ENTRIES);
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void ofEveryOp(OpCase one) {
        List<Tensor> values = one.operands(3);
        Shape[] shapes = one.shapes().toArray(Shape[]::new);
        for (int g = 0; g < OUTER.size(); g++) {
            UnaryOperator<Node> outer = OUTER.get(g);
            GraphFunction function = GraphFunction.of(x -> outer.apply(x[0].graph().add(one.op(), x)), shapes);
            for (int k = 0; k < shapes.length; k++) {
                if (!one.isDiscrete(k) && shapes[k].length() > 0) {
                    verify(function, k, values, one + " by operand " + k + ", outer function " + g);
                }
            }
        }
    }

    private static void verify(GraphFunction function, int wrt, List<Tensor> values, String text) {
        Graph graph = function.graph();
        int by = function.inputs()[wrt];
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int k = 0; k < values.size(); k++) {
            inputs.put(((Leaf.Input) graph.op(function.inputs()[k])).id(), values.get(k));
        }
        Tensor expected = jacobian(function, wrt, values);
        RawDerivative raw;
        try {
            raw = RawDerivative.of(graph, function.outputs()[0], by, Allowance.UNBOUNDED);
        } catch (RuntimeException e) {
            throw new AssertionError(text, e);
        }
        assertSame(raw.simplified(Allowance.UNBOUNDED), inputs, expected, text);
        if (raw.node() >= 0) {
            assertSame(raw.textbook(Allowance.UNBOUNDED).graph(), inputs, expected, text + ", textbook");
        }
    }

    private static Tensor jacobian(GraphFunction function, int wrt, List<Tensor> values) {
        GraphFunction tangent = function.jvp(wrt);
        Shape by = function.inputShapes().get(wrt);
        Shape of = function.outputShapes().getFirst();
        Tensor jacobian = Tensor.zeros(of.concat(by));
        for (int column = 0; column < by.length(); column++) {
            Tensor direction = Tensor.zeros(by);
            direction.data()[column] = 1;
            List<Tensor> given = new ArrayList<>(values);
            given.add(direction);
            double[] found = tangent.run(given).getFirst().data();
            for (int row = 0; row < found.length; row++) {
                jacobian.data()[row * by.length() + column] = found[row];
            }
        }
        return jacobian;
    }

    private static void assertSame(Graph derivative, Map<String, Tensor> inputs, Tensor expected, String text) {
        assertClose(Derivatives.value(derivative, derivative.size() - 1, inputs), expected, text);
        String printed = ExpressionPrinter.print(Derivatives.program(derivative), inputs.keySet());
        NamedGraph read = Derivatives.parse(printed, Derivatives.shapes(inputs));
        assertClose(Derivatives.value(read.graph(), read.output(), inputs), expected, text + ": " + printed);
    }

    private static void assertClose(Tensor actual, Tensor expected, String text) {
        assertThat(actual.shape()).as(text).isEqualTo(expected.shape());
        double scale = 1 + Arrays.stream(expected.data()).filter(Double::isFinite).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length(); i++) {
            if (Double.isFinite(expected.data()[i])) {
                assertThat(actual.data()[i]).as("%s: element %d", text, i).isCloseTo(expected.data()[i], within(1e-8 * scale));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"diff(x)", "x[..., 1:]", "2*x[..., 1:]", "x[..., 1:] + 1", "diff(x, n=2)", "diff(x)/0.1",
            "diff(exp(x))", "diff(x) + diff(t)", "cumsum(diff(x))", "diff(x)*y", "diff(x)^2", "x[..., 1:]^2", "x[..., 1:]*y",
            "exp(x[..., 0:2])", "sin(diff(x))", "relu(diff(x))", "diff(x @ A)", "diff(A @ x)", "B @ diff(x)", "softmax(x[..., 1:])",
            "diff(x)/diff(t)", "x[...]", "x[..., 0] * x", "diff(A)", "diff(A, axis=0) @ x", "concat([x, diff(x)], axis=-1)",
            "stack([x[0]^2, x[1]*x[2]], axis=-1)", "flip(diff(x))", "roll(diff(x), shift=1)", "sort(diff(x))", "outer(diff(x), x)",
            "tril(outer(x, x))", "cumsum(outer(x, diff(x)), axis=-1)", "A[..., 1:]", "diff(A @ A)^2"})
    void ofParts(String text) {
        Map<String, Shape> shapes = Derivatives.shapes("x:4 t:4 y:3 A:4,4 B:2,3");
        shapes.keySet().removeIf(name -> !text.matches(".*\\b" + name + "\\b.*"));
        Random random = new Random(5);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            Tensor x = Tensor.zeros(shape);
            Arrays.setAll(x.data(), _ -> random.nextDouble(0.2, 0.9));
            inputs.put(name, x);
        });
        for (String name : shapes.keySet()) {
            CompiledJacobian jacobian = Program.parse(text).jacobian(name).compile(Shapes.of(shapes));
            Tensor expected = jacobian.call(inputs).block(jacobian.bound().program().outputId(), name).dense();
            DerivativePrograms programs = programs(text, shapes, List.of(name));
            assertSame(programs.by(List.of(name)).graph(), inputs, expected, text + " by " + name);
            assertSame(programs.textbook(List.of(name)).program().graph(), inputs, expected, text + " by " + name + ", textbook");
        }
    }

    /** Numbers of mpmath at 60 digits. */
    @ParameterizedTest
    @CsvSource({"tanh(x), 2, 0.3, -0.53318187820145435", "tanh(x), 2, 40, -1.4438811102763321e-34",
            "tanh(x), 2, 100, -1.10711722138939e-86", "tanh(x), 2, -200, 1.5321356773712046e-173",
            "tanh(x), 2, 300, -2.1203172424034487e-260", "tanh(x), 2, 400, 0", "tanh(x), 2, 700, 0", "tanh(x), 3, 0.3, -1.3643061061011236",
            "tanh(x), 3, 40, 2.8877622205526643e-34", "tanh(x), 3, 100, 2.21423444277878e-86", "tanh(x), 3, -200, 3.0642713547424091e-173",
            "tanh(x), 3, 300, 4.2406344848068973e-260", "tanh(x), 3, 400, 0", "tanh(x), 3, 700, 0", "tanh(x), 4, 0.3, 3.7224858166137201",
            "tanh(x), 4, 40, -5.7755244411053286e-34", "tanh(x), 4, 100, -4.4284688855575601e-86",
            "tanh(x), 4, -200, 6.1285427094848182e-173", "tanh(x), 4, 300, -8.4812689696137946e-260", "tanh(x), 4, 400, 0",
            "tanh(x), 4, 700, 0", "log(cosh(x)), 2, 0.3, 0.9151369618266292", "log(cosh(x)), 2, 40, 7.2194055513816607e-35",
            "log(cosh(x)), 2, 100, 5.5355861069469501e-87", "log(cosh(x)), 2, -200, 7.6606783868560228e-174",
            "log(cosh(x)), 2, 300, 1.0601586212017243e-260", "log(cosh(x)), 2, 400, 0", "log(cosh(x)), 2, 700, 0",
            "log(cosh(x)), 3, 0.3, -0.53318187820145435", "log(cosh(x)), 3, 40, -1.4438811102763321e-34",
            "log(cosh(x)), 3, 100, -1.10711722138939e-86", "log(cosh(x)), 3, -200, 1.5321356773712046e-173",
            "log(cosh(x)), 3, 300, -2.1203172424034487e-260", "log(cosh(x)), 3, 400, 0", "log(cosh(x)), 3, 700, 0",
            "1 / cosh(x), 2, 0.3, -0.79426320988964276", "1 / cosh(x), 2, 40, 8.496708510583178e-18",
            "1 / cosh(x), 2, 100, 7.4401519520416719e-44", "1 / cosh(x), 2, -200, 2.7677930534734751e-87",
            "1 / cosh(x), 2, 300, 1.0296400444824028e-130", "1 / cosh(x), 2, 400, 3.8303391934280114e-174",
            "1 / cosh(x), 2, 700, 1.9719353087519542e-304"})
    void ofHighOrderFarFromZero(String text, int order, double x, double expected) {
        List<String> by = Collections.nCopies(order, "x");
        NamedGraph program = programs(text, Map.of("x", Shape.SCALAR), by).by(by);
        double value = Derivatives.value(program.graph(), program.output(), Map.of("x", Tensor.scalar(x))).data()[0];
        assertThat(value).isCloseTo(expected, within(1e-11 * Math.abs(expected) + Double.MIN_NORMAL));
    }

    private static DerivativePrograms programs(String text, Map<String, Shape> shapes, List<String> by) {
        Signature signature = new Signature(new Transformation.Derivative(), Shapes.of(shapes), Shapes.NONE, Signature.Missing.SCALAR, null,
                by, new Signature.NodeSelection.None(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, Set.of());
        return DerivativePrograms.of(Program.parse(text).bind(signature, BuildLimits.GENEROUS), BuildLimits.GENEROUS);
    }
}
