package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Derivatives of any order, of numbers and arrays. Each is compared with the Jacobian of the one before, and some with numbers of mpmath
 * at 60 digits.
 */
class DerivativeProgramsTest {

    /** A derivative as a textbook writes it; {@code at} and {@code value} are numbers of mpmath. */
    record Row(String program, List<String> by, Map<String, Shape> shapes, String derivative, String domain, Map<String, Double> at,
            double value) {
        static Row of(JsonNode node) {
            Map<String, Double> at = new LinkedHashMap<>();
            node.path("at").properties().forEach(entry -> at.put(entry.getKey(), entry.getValue().asDouble()));
            return new Row(node.get("program").asString(), node.get("by").values().stream().map(JsonNode::asString).toList(),
                    Derivatives.shapes(node.path("shapes").asString("")), node.get("derivative").asString(),
                    node.path("domain").asString(""), at, node.path("value").asDouble(Double.NaN));
        }

        @Override
        public String toString() {
            return program + " by " + by;
        }
    }

    static Stream<Row> rows() throws IOException {
        try (InputStream in = Objects.requireNonNull(DerivativeProgramsTest.class.getResourceAsStream("/calculus/derivatives.json"))) {
            return JsonMapper.shared().readTree(in).values().stream().map(Row::of).toList().stream();
        }
    }

    static Stream<Row> numbers() throws IOException {
        return rows().filter(row -> !row.at.isEmpty() && row.shapes.values().stream().allMatch(Shape::isScalar));
    }

    private static DerivativePrograms programs(String text, Map<String, Shape> shapes, List<String> by) {
        Signature signature = new Signature(new Transformation.Derivative(), Shapes.of(shapes), Shapes.NONE, Signature.Missing.SCALAR, null,
                by, new Signature.NodeSelection.None(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, Set.of());
        return DerivativePrograms.of(Program.parse(text).bind(signature, BuildLimits.GENEROUS), BuildLimits.GENEROUS);
    }

    private static Tensor value(NamedGraph program, Map<String, Tensor> inputs) {
        return Program.parse(ExpressionPrinter.print(program, inputs.keySet())).value().compile(Shapes.ofValues(inputs)).call(inputs)
                .value();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isWrittenAsInATextbook(Row row) {
        DerivativePrograms.TextbookProgram textbook = programs(row.program, row.shapes, row.by).textbook(row.by);
        assertThat(ExpressionPrinter.print(textbook.program(), row.shapes.keySet())).isEqualTo(row.derivative);
        assertThat(textbook.domain().stream().map(ExpressionPrinter::print).collect(Collectors.joining(", "))).isEqualTo(row.domain);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("rows")
    void isTheJacobianOfTheDerivativeBefore(Row row) {
        Map<String, Shape> shapes = new LinkedHashMap<>(row.shapes);
        row.by.forEach(name -> shapes.putIfAbsent(name, Shape.SCALAR));
        List<String> before = row.by.subList(0, row.by.size() - 1);
        String function = before.isEmpty()
                ? row.program
                : ExpressionPrinter.print(programs(row.program, shapes, before).by(before), shapes.keySet());
        CompiledJacobian jacobian = Program.parse(function).jacobian(row.by.getLast()).compile(Shapes.of(shapes));
        DerivativePrograms programs = programs(row.program, shapes, row.by);
        Random random = new Random(7);
        for (int round = 0; round < 3; round++) {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> {
                Tensor x = Tensor.zeros(shape);
                Arrays.setAll(x.data(), _ -> random.nextDouble(0.2, 0.9));
                inputs.put(name, x);
            });
            Tensor expected = jacobian.call(inputs).block(jacobian.bound().program().outputId(), row.by.getLast()).dense();
            if (!DoubleStream.of(expected.data()).allMatch(Double::isFinite)) {
                continue;
            }
            assertClose(value(programs.by(row.by), inputs), expected, row + ", stable");
            DerivativePrograms.TextbookProgram textbook = programs.textbook(row.by);
            if (textbook.domain().stream().allMatch(condition -> holds(condition, inputs))) {
                assertClose(value(textbook.program(), inputs), expected, row + ", textbook");
            }
        }
    }

    private static boolean holds(NamedGraph condition, Map<String, Tensor> inputs) {
        return DoubleStream.of(Derivatives.value(condition.graph(), condition.output(), inputs).data()).allMatch(x -> x != 0);
    }

    private static void assertClose(Tensor actual, Tensor expected, String text) {
        assertThat(actual.shape()).as(text).isEqualTo(expected.shape());
        double scale = Math.max(1, DoubleStream.of(expected.data()).map(Math::abs).max().orElse(0));
        for (int i = 0; i < expected.length(); i++) {
            assertThat(actual.data()[i]).as("%s: element %d", text, i).isCloseTo(expected.data()[i], within(1e-9 * scale));
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void hasTheNumbersOfMpmath(Row row) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        row.at.forEach((name, x) -> inputs.put(name, Tensor.scalar(x)));
        DerivativePrograms programs = programs(row.program, Shapes.ofValues(inputs).toMap(), row.by);
        double tolerance = 1e-11 * Math.max(1, Math.abs(row.value));
        assertThat(value(programs.by(row.by), inputs).item()).isCloseTo(row.value, within(tolerance));
        assertThat(value(programs.textbook(row.by).program(), inputs).item()).isCloseTo(row.value, within(tolerance));
    }

    @Test
    void ofHighOrderStaysShort() {
        List<String> by = Collections.nCopies(5, "x");
        DerivativePrograms programs = programs("exp(-x^2 / 2) * sin(x)", Map.of(), by);
        assertThat(programs.by(by).graph().size()).isLessThan(500);
    }

    @Test
    void isByInputsOnlyBeyondTheFirstOrder() {
        Map<String, Shape> shapes = Map.of("x", Shape.SCALAR);
        assertThat(ExpressionPrinter.print(programs("q = x^2\nq^3", shapes, List.of("q")).by(List.of("q")))).isEqualTo("3 * (x^2)^2");
        assertThatThrownBy(() -> programs("q = x^2\nq^3", shapes, List.of("q")).by(List.of("q", "q")))
                .isInstanceOfSatisfying(ProblemException.class,
                        e -> assertThat(e.problems().getFirst().message())
                                .isEqualTo("'q' is no input; a derivative of order 2 is by inputs"));
    }

    @Test
    void isRefusedWhereItHasTooManyElements() {
        BuildLimits limits = new BuildLimits(1_000, 100, 10_000, 1_000, 1_000, Long.MAX_VALUE, Long.MAX_VALUE, _ -> {}, () -> {});
        Signature signature = Signature.of(new Transformation.Derivative(), Shapes.of("x", 100));
        DerivativePrograms programs = DerivativePrograms.of(Program.parse("sin(x)").bind(signature, limits), limits);
        assertThatThrownBy(() -> programs.by(List.of("x")))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("tensor-elements"));
    }

    @Test
    void isZeroWhereNothingDependsOnTheInput() {
        Map<String, Shape> shapes = Map.of("x", Shape.of(2), "v", Shape.of(3));
        assertThat(ExpressionPrinter.print(programs("sin(v)", shapes, List.of("x")).by(List.of("x")))).isEqualTo("zeros(shape=[3, 2])");
        assertThat(ExpressionPrinter.print(programs("sum(x)", shapes, List.of("x")).textbook(List.of("x", "x")).program()))
                .isEqualTo("zeros(shape=[2, 2])");
    }
}
