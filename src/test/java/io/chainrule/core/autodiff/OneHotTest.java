package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.jspecify.annotations.Nullable;

/**
 * A derivative mapped over one-hot seeds has the values that it has for the same seeds written out, in both modes, for every op: the same
 * numbers up to rounding, zeros and NaNs at the same places.
 */
class OneHotTest {
    private static final double[] AWKWARD = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1, 0.5, 800,
            Double.MAX_VALUE, Double.MIN_VALUE};

    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all().filter(one -> one.shapes().stream().anyMatch(shape -> shape.size() > 1)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void seeds_of_first_derivatives(OpCases cases) {
        cases.each(one -> {
            check(one, one.function().vjp(), one.operands(1));
            check(one, one.function().jvp(), one.operands(2));
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void seeds_of_second_derivatives(OpCases cases) {
        cases.each(one -> {
            check(one, one.function().vjp().jvp(), one.operands(3));
            check(one, one.function().jvp().vjp(), one.operands(4));
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operands_that_are_not_finite(OpCases cases) {
        cases.each(one -> {
            Random random = new Random(5);
            for (int round = 0; round < 5; round++) {
                List<Tensor> operands = one.operands(round);
                for (int k = 0; k < operands.size(); k++) {
                    double[] data = operands.get(k).data();
                    for (int i = 0; i < data.length && !one.isDiscrete(k); i++) {
                        data[i] = random.nextInt(3) == 0 ? AWKWARD[random.nextInt(AWKWARD.length)] : data[i];
                    }
                }
                check(one, one.function().vjp(), operands);
                check(one, one.function().jvp(), operands);
            }
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tanh(W @ x)                     | W:5,4 x:4
            tanh(x @ W)                     | W:4,5 x:4
            exp(X @ W.T) * X[0, 0]          | X:3,4 W:5,4
            reshape(W.T @ x, shape=[2, 2])  | W:5,4 x:5
            tanh(W @ X)                     | W:3,4 X:4,5
            sin(A.T @ X @ B)                | A:4,2 X:4,5 B:5,3
            W @ transpose(x, axes=[0])      | W:3,2 x:2
            tanh(W @ sin(x)) * W[0, 0] + x[0]  | W:4,4 x:4
            where(x > 0, sqrt(x), W @ x)    | W:3,3 x:3
            (A @ W.T) @ x                   | A:2,3 W:4,3 x:4
            tanh(A @ B)                     | A:2,3,4 B:2,4,5
            tanh(A @ B)                     | A:3,4 B:2,4,5
            sin(A @ x)                      | A:2,3,4 x:4
            sin(x @ A)                      | A:2,4,3 x:4
            exp(X) @ A                      | A:2,4,3 X:5,4
            tanh(W @ x)                     | W:20,20 x:20
            exp(X) + X.T                    | X:3,3
            X @ X.T                         | X:3,4
            X * transpose(X)                | X:4,4
            where(X > 0, X.T, X) @ x        | X:3,3 x:3
            """)
    void programs(String text, String shapes) {
        SequencedMap<String, Shape> inputs = new TreeMap<>(io.chainrule.core.Derivatives.shapes(shapes));
        GraphFunction function = GraphFunction.of(text, inputs);
        Random random = new Random(6);
        for (int round = 0; round < 20; round++) {
            int often = round < 4 ? Integer.MAX_VALUE : 4;
            List<Tensor> values = function.inputShapes().stream().map(Tensor::zeros).toList();
            values.forEach(value -> Arrays.setAll(value.data(),
                    _ -> random.nextInt(often) == 0 ? AWKWARD[random.nextInt(AWKWARD.length)] : random.nextGaussian()));
            check(text, function.vjp(), values);
            check(text, function.jvp(), values);
        }
    }

    /** The Jacobian of each sample is that of the program for this sample, whichever inputs carry samples. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            y = tanh(W @ x)           | W:5,4 x:4
            y = tanh(x @ W)           | W:4,5 x:4
            y = tanh(x @ W)           | W:5,4 x:5
            y = exp(X @ W.T)          | X:2,4 W:5,4
            y = tanh(W @ X)           | W:3,4 X:4,2
            y = tanh(W @ X)           | W:2,4 X:4,3
            y = sin(A.T @ X @ B)      | A:4,2 X:4,5 B:5,3
            y = tanh(A @ B)           | A:2,3,4 B:2,4,2
            y = sin(A @ x)            | A:2,3,4 x:4
            y = sin(x @ A)            | A:2,4,3 x:4
            y = tanh(W @ sin(x)) * x  | W:4,4 x:4
            """)
    void samples(String text, String shapes) {
        int n = 3;
        Map<String, Shape> ofOne = io.chainrule.core.Derivatives.shapes(shapes);
        List<String> names = List.copyOf(ofOne.keySet());
        Random random = new Random(7);
        for (int carriers = 1; carriers < 1 << names.size(); carriers++) {
            Map<String, Tensor> values = new TreeMap<>();
            List<String> over = new ArrayList<>();
            for (int k = 0; k < names.size(); k++) {
                Shape shape = Objects.requireNonNull(ofOne.get(names.get(k)));
                boolean isCarrier = (carriers >> k & 1) == 1;
                Tensor value = Tensor.zeros(isCarrier ? shape.inserted(0, n) : shape);
                Arrays.setAll(value.data(), _ -> random.nextGaussian());
                values.put(names.get(k), value);
                if (isCarrier) {
                    over.add(names.get(k));
                }
            }
            for (String wrt : names) {
                Tensor all = Program.parse(text).jacobian(wrt).over(over.toArray(String[]::new)).compile(Shapes.ofValues(values))
                        .call(values)
                        .block("y", wrt).dense();
                for (int i = 0; i < n; i++) {
                    Map<String, Tensor> one = new TreeMap<>(values);
                    for (String name : over) {
                        one.put(name, part(Objects.requireNonNull(values.get(name)), i, n));
                    }
                    Tensor expected = Program.parse(text).jacobian(wrt).compile(Shapes.ofValues(one)).call(one).block("y", wrt).dense();
                    assertThat(part(all, i, n).data()).as("%s by %s over %s, sample %d", text, wrt, over, i)
                            .usingComparatorWithPrecision(1e-12).containsExactly(expected.data());
                }
            }
        }
    }

    private static Tensor part(Tensor all, int i, int n) {
        int length = all.length() / n;
        return Tensor.of(all.shape().without(0), Arrays.copyOfRange(all.data(), i * length, (i + 1) * length));
    }

    /** A product with one column of a unit matrix is a column; the zeros are written only where an op needs them. */
    @Test
    void a_product_with_seeds_reads_columns() {
        GraphFunction tangent = GraphFunction.of("tanh(W @ x) + 0 * x", new TreeMap<>(io.chainrule.core.Derivatives.shapes("W:4,4 x:4")))
                .jvp(1);
        int seeded = tangent.inputs()[2];
        BitSet results = new BitSet();
        results.set(tangent.outputs()[0]);
        Batching dense = Batching.of(tangent.graph(), results, Map.of(seeded, 4), Allowance.UNBOUNDED);
        Batching hot = Batching.of(tangent.graph(), results, Map.of(seeded, 4), Map.of(seeded, new OneHot.Axis(4, 1)),
                Allowance.UNBOUNDED);
        assertThat(count(dense.graph(), "matmul")).isEqualTo(2);
        assertThat(count(hot.graph(), "matmul")).isEqualTo(1);
        assertThat(hot.graph().shape(hot.image()[seeded])).as("positions instead of arrays").isEqualTo(Shape.of(4));
        assertThat(hot.graph().shape(hot.image()[tangent.outputs()[0]])).isEqualTo(Shape.of(4, 4));
    }

    private static long count(Graph graph, String op) {
        return IntStream.range(0, graph.size()).filter(i -> graph.op(i).name().equals(op)).count();
    }

    /** Seeds each input of {@code derivative} after the operands in turn, along every axis, and along some together. */
    private static void check(Object what, GraphFunction derivative, List<Tensor> operands) {
        for (int seeded = operands.size(); seeded < derivative.inputs().length; seeded++) {
            Shape shape = derivative.inputShapes().get(seeded);
            for (int from = 0; from < shape.rank(); from++) {
                for (int to = from + 1; to <= shape.rank(); to++) {
                    OneHot.Axis axis = new OneHot.Axis(shape.sub(from, to).length(), shape.sub(to, shape.rank()).length());
                    if (axis.length() > 1 && shape.size() > 0) {
                        compare(what, derivative, operands, seeded, axis);
                    }
                }
            }
        }
    }

    private static void compare(Object what, GraphFunction derivative, List<Tensor> operands, int seeded, OneHot.Axis axis) {
        Shape shape = derivative.inputShapes().get(seeded);
        int length = axis.length();
        int n = length + 1;
        Tensor positions = Tensor.zeros(Shape.of(n));
        Tensor arrays = Tensor.zeros(Shape.of(n).concat(shape));
        for (int b = 0; b < n; b++) {
            int position = b == length ? -1 : (b + 1) % length;
            positions.data()[b] = position;
            for (int at = 0; at < shape.length(); at++) {
                arrays.data()[b * shape.length() + at] = at / axis.width() % length == position ? 1 : 0;
            }
        }
        List<Tensor> values = new ArrayList<>(operands);
        for (int k = operands.size(); k < derivative.inputs().length; k++) {
            Tensor other = Tensor.zeros(derivative.inputShapes().get(k));
            Arrays.setAll(other.data(), i -> Math.cos(1 + i));
            values.add(other);
        }
        values.set(seeded, arrays);
        List<Tensor> expected = run(derivative, values, seeded, n, Map.of());
        values.set(seeded, positions);
        List<Tensor> found = run(derivative, values, seeded, n, Map.of(derivative.inputs()[seeded], axis));
        if (expected == null || found == null) {
            assertThat(found).as("%s is refused", what).isEqualTo(expected);
            return;
        }
        for (int k = 0; k < expected.size(); k++) {
            assertThat(found.get(k).shape()).isEqualTo(expected.get(k).shape());
            for (int i = 0; i < expected.get(k).length(); i++) {
                double wanted = expected.get(k).data()[i];
                double got = found.get(k).data()[i];
                boolean isSame = Double.isFinite(wanted) && wanted != 0
                        ? Math.abs(got - wanted) <= 1e-13 * Math.abs(wanted)
                        : got == wanted || Double.isNaN(got) && Double.isNaN(wanted);
                assertThat(isSame).as("%s: result %d, element %d is %s, written out %s; seed %d along %s; at %s", what, k, i, got,
                        wanted, seeded, axis, operands).isTrue();
            }
        }
    }

    /** The results of all arrays of the batch; null if an op refuses the operands. */
    private static @Nullable List<Tensor> run(GraphFunction function, List<Tensor> values, int seeded, int n,
            Map<Integer, OneHot.Axis> oneHot) {
        Graph graph = function.graph();
        // Results that are inputs stay what they are: nothing is computed for them.
        int[] outputs = IntStream.of(function.outputs()).filter(output -> !graph.isLeaf(output)).toArray();
        BitSet results = new BitSet();
        IntStream.of(outputs).forEach(results::set);
        Map<Integer, Integer> lengths = new HashMap<>();
        lengths.put(function.inputs()[seeded], n);
        Batching batching = Batching.of(graph, results, lengths, oneHot, Allowance.UNBOUNDED);
        BitSet kept = new BitSet();
        IntStream.of(outputs).forEach(output -> kept.set(batching.image()[output]));
        Executor executor = new Executor(Plan.of(batching.graph(), kept), Parallel.NONE);
        for (int k = 0; k < values.size(); k++) {
            int image = batching.image()[function.inputs()[k]];
            if (image >= 0) {
                executor.place(image, values.get(k));
            }
        }
        try {
            executor.run();
        } catch (ProblemException _) {
            return null;
        }
        return IntStream.of(outputs).mapToObj(output -> executor.value(batching.image()[output])).toList();
    }
}
