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
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        verify(row, 3);
    }

    /** Functions whose Jacobians have no short form. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            A @ x | x | x:3 A:2,2,3
            A @ (M * X) | X | X:3,4 A:2,3 M:3,4
            A @ cumsum(X @ v) | X | X:3,4 A:2,3 v:4
            A @ cumsum(X, axis=0) | X | X:3,4 A:2,3
            (M * X) @ B | X | X:3,4 M:3,4 B:4,2
            (M * X) @ v | X | X:3,4 M:3,4 v:4
            (M * X).T @ v | X | X:3,4 M:3,4 v:3
            cumsum(X, axis=0).T @ v | X | X:3,4 v:3
            cumsum(X, axis=0).T | X | X:3,4
            outer(x, a) | x | x:3 a:2
            outer(x, a).T | x | x:3 a:2
            X.T | X | X:2,3,2
            X[0].T | X | X:2,3,2
            X[0] | X | X:2,2
            X[0, 1] * v | X | X:2,2 v:2
            sum(X[0]) * v | X | X:3,2 v:2
            sum(X @ v) * w | X | X:3,2 v:2 w:2
            sum(X) * v | X | X:2,3,2 v:2
            sum(M * X) * v | X | X:2,3,2 M:2,3,2 v:2
            sum(outer(x, a)) * v | x | x:3 a:2 v:2
            sum(outer(x, a), axis=0) | x | x:3 a:2
            sum(M * X, axis=1) | X | X:3,4 M:3,4
            sum(M * X, axis=0) | X | X:3,4 M:3,4
            sum(cumsum(X, axis=0), axis=0) | X | X:3,4
            sum(X, axis=1, keepdims=true) | X | X:3,4
            sum(X, axis=0) | X | X:3,4,2
            sum(X, axis=[0, 1]) | X | X:3,4,2
            reshape(M * X, shape=[3]) | X | X:3,1 M:3,1
            reshape(X, shape=[3]) | X | X:1,3
            reshape(X.T, shape=[3]) | X | X:1,3
            reshape(X, shape=[6]) | X | X:3,2
            reshape(outer(x, a), shape=[3]) | x | x:3 a:1
            reshape(X, shape=[6]) | X | X:2,3,1
            solve(A, 2 * x) | x | A:3,3 x:3
            solve(A, x) | x | A:2,3,3 x:3
            solve(A, sum(x) * v) | x | A:3,3 x:3 v:3
            solve(A, M * X) | X | A:3,3 X:3,2 M:3,2
            solve(A, X @ v) | X | A:3,3 X:3,2 v:2
            solve(A, outer(x, v)) | x | A:3,3 x:3 v:2
            concatenate([X, Y]) | X | X:2,2 Y:1,2
            concatenate([X @ v, w]) | X | X:2,2 v:2 w:1
            stack([x, 2 * x]) | x | x:2
            """)
    void isTheJacobian(String program, String by, String shapes) {
        verify(new Row(program, List.of(by), Derivatives.shapes(shapes), "", "", Map.of(), Double.NaN), 1);
    }

    /** Writes array functions of x and X of any shape, from ops that the closed forms know and some that they do not. */
    private record Writer(Random random) {
        private static final Map<String, Shape> INPUTS = Derivatives.shapes("x:3 X:3,2 s: a:2 b:3 A:2,3 B:3,2 C:3,3 D:2,2");

        private String one(String... texts) {
            return texts[random.nextInt(texts.length)];
        }

        private String fixed(int... dims) {
            return switch (dims.length == 0 ? 0 : dims.length == 1 ? dims[0] : 10 * dims[0] + dims[1]) {
                case 0 -> one("s", "2", "0.5");
                case 2 -> "a";
                case 3 -> "b";
                case 23 -> "A";
                case 32 -> "B";
                case 33 -> "C";
                default -> "D";
            };
        }

        String number(int depth) {
            if (depth <= 0) {
                return one("sum(x)", "sum(X)", "x[1]", "X[2, 0]", "s");
            }
            int n = 2 + random.nextInt(2);
            int m = 2 + random.nextInt(2);
            return switch (random.nextInt(9)) {
                case 0 -> "sum(" + vector(n, depth - 1) + ")";
                case 1 -> "sum(" + matrix(n, m, depth - 1) + ")";
                case 2 -> "dot(" + vector(n, depth - 1) + ", " + fixed(n) + ")";
                case 3 -> "(" + fixed(n) + " @ " + vector(n, depth - 1) + ")";
                case 4 -> vector(n, depth - 1) + "[" + random.nextInt(n) + "]";
                case 5 -> "mean(" + vector(n, depth - 1) + ")";
                case 6 -> "(" + number(depth - 1) + one(" + ", " - ") + number(depth - 1) + ")";
                case 7 -> "(" + fixed() + " * " + number(depth - 1) + ")";
                default -> one("-", "sin", "exp") + "(" + number(depth - 1) + ")";
            };
        }

        String vector(int n, int depth) {
            if (depth <= 0) {
                return n == 3 ? one("x", "x", "X[:, 1]", "b") : one("X[0]", "x[:2]", "a");
            }
            int m = 2 + random.nextInt(2);
            return switch (random.nextInt(16)) {
                case 0 -> "(" + fixed(n, m) + " @ " + vector(m, depth - 1) + ")";
                case 1 -> "(" + matrix(n, m, depth - 1) + " @ " + fixed(m) + ")";
                case 2 -> "(" + vector(m, depth - 1) + " @ " + fixed(m, n) + ")";
                case 3 -> "sum(" + matrix(n, m, depth - 1) + ", axis=1)";
                case 4 -> "sum(" + matrix(m, n, depth - 1) + ", axis=0)";
                case 5 -> matrix(m, n, depth - 1) + "[" + random.nextInt(m) + "]";
                case 6 -> "(" + fixed(n) + " * " + vector(n, depth - 1) + ")";
                case 7 -> "(" + fixed(n) + " * " + number(depth - 1) + ")";
                case 8 -> "(" + vector(n, depth - 1) + one(" + ", " - ") + vector(n, depth - 1) + ")";
                case 9 -> "(" + number(depth - 1) + one(" + ", " - ") + vector(n, depth - 1) + ")";
                case 10 -> "solve(" + (n == 3 ? "C" : "D") + ", " + vector(n, depth - 1) + ")";
                case 11 -> "where(" + fixed(n) + " > 0.5, " + vector(n, depth - 1) + ", " + one("0", number(depth - 1), fixed(n)) + ")";
                case 12 -> "stack([" + number(depth - 1) + ", " + number(0) + (n == 3 ? ", s" : "") + "])";
                case 13 -> "concatenate([" + vector(n, depth - 1) + "[:1], " + vector(n, depth - 1) + "[1:]])";
                case 14 -> "reshape(sum(" + matrix(n, m, depth - 1) + ", axis=1, keepdims=true), shape=[" + n + "])";
                default -> one("-", "sin", "cumsum", "cos") + "(" + vector(n, depth - 1) + ")";
            };
        }

        String matrix(int n, int m, int depth) {
            if (depth <= 0) {
                return n == 3 && m == 2
                        ? one("X", "X", "B")
                        : n == 2 && m == 3 ? one("X.T", "A") : one("outer(" + vector(n, 0) + ", " + fixed(m) + ")", fixed(n, m));
            }
            int k = 2 + random.nextInt(2);
            String shape = "[" + n + ", " + m + "]";
            return switch (random.nextInt(14)) {
                case 0 -> "(" + fixed(n, k) + " @ " + matrix(k, m, depth - 1) + ")";
                case 1 -> "(" + matrix(n, k, depth - 1) + " @ " + fixed(k, m) + ")";
                case 2 -> matrix(m, n, depth - 1) + ".T";
                case 3 -> "outer(" + vector(n, depth - 1) + ", " + fixed(m) + ")";
                case 4 -> "outer(" + fixed(n) + ", " + vector(m, depth - 1) + ")";
                case 5 -> "broadcast_to(" + vector(m, depth - 1) + ", shape=" + shape + ")";
                case 6 -> "broadcast_to(" + number(depth - 1) + ", shape=" + shape + ")";
                case 7 -> "(" + fixed(n, m) + " * " + matrix(n, m, depth - 1) + ")";
                case 8 -> "(" + matrix(n, m, depth - 1) + one(" + ", " - ") + matrix(n, m, depth - 1) + ")";
                case 9 -> "(" + number(depth - 1) + one(" + ", " * ") + fixed(n, m) + ")";
                case 10 -> "solve(" + (n == 3 ? "C" : "D") + ", " + matrix(n, m, depth - 1) + ")";
                case 11 -> "where(" + fixed(n, m) + " > 0.5, " + matrix(n, m, depth - 1) + ", " + one("0", fixed(n, m)) + ")";
                case 12 -> "reshape(" + matrix(m, n, depth - 1) + ", shape=" + shape + ")";
                default -> one("-", "sin", "cos") + "(" + matrix(n, m, depth - 1) + ")";
            };
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("seeds")
    void isTheJacobianOfFunctionsDrawnAtRandom(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10; i++) {
            Writer writer = new Writer(random);
            int depth = 1 + random.nextInt(4);
            String program = switch (random.nextInt(3)) {
                case 0 -> writer.number(depth);
                case 1 -> writer.vector(2 + random.nextInt(2), depth);
                default -> writer.matrix(2 + random.nextInt(2), 2 + random.nextInt(2), depth);
            };
            verify(new Row(program, List.of(random.nextBoolean() ? "x" : "X"), Writer.INPUTS, "", "", Map.of(), Double.NaN), 1);
        }
    }

    private static void verify(Row row, int rounds) {
        Map<String, Shape> shapes = new LinkedHashMap<>(row.shapes);
        row.by.forEach(name -> shapes.putIfAbsent(name, Shape.SCALAR));
        List<String> before = row.by.subList(0, row.by.size() - 1);
        String function = before.isEmpty()
                ? row.program
                : ExpressionPrinter.print(programs(row.program, shapes, before).by(before), shapes.keySet());
        CompiledJacobian jacobian = Program.parse(function).jacobian(row.by.getLast()).compile(Shapes.of(shapes));
        DerivativePrograms programs = programs(row.program, shapes, row.by);
        Random random = new Random(7);
        for (int round = 0; round < rounds; round++) {
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
