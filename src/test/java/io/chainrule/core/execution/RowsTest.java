package io.chainrule.core.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Threads;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Elementwise nodes and reductions of their rows, which are computed together, a few rows at a time. In the programs x and t have rows
 * along the last axis, w is as long as a row, and y has a class for each row.
 */
class RowsTest {
    private static final int PASSES = 3;
    private static final double[] SPECIAL = {0.5, Double.NaN, Double.POSITIVE_INFINITY};

    private static final List<String> PROGRAMS = List.of(
            "sum(softmax(x * 2) * t)",
            "sum(log_softmax(x * w) * t)",
            "sum(layer_norm(x, w, w) * t)",
            "sum(x * rsqrt(mean(x^2, axis=-1, keepdims=true) + 0.1) * w * t)",
            "sum(logsumexp(x * w, axis=-1)^2)",
            "cross_entropy(x * w, y, axis=-1)",
            "sum((x - mean(x, axis=-1, keepdims=true)) / std(x * 2, axis=-1, correction=0, keepdims=true) * t)",
            "sum(max(round(x), axis=-1) * min(x * t, axis=-1))",
            "sum(normalize(x * t, axis=[-1]) * w)",
            "sum(softmax(layer_norm(softmax(x), w, w)) * t)",
            "sum(argmax(x * w, axis=-1) * sum(x, axis=-1))",
            "sum((x - mean(x, axis=0, keepdims=true)) * softmax(x)) * sum(t)",
            """
                    r = sum(x * t, axis=-1, keepdims=true)
                    f = sum(tanh(r) * x * r + r / w) + sum(r^2)
                    """);

    private static List<Shape> shapes() {
        return List.of(Shape.of(40, 1), Shape.of(41, 7), Shape.of(33, 8), Shape.of(8, 8), Shape.of(5, 513), Shape.of(2, 100_000),
                Shape.of(3, 11, 60), Shape.of(70, 300), Shape.of(1, 9));
    }

    static Stream<String> programs() {
        return PROGRAMS.stream();
    }

    /** The inputs that a program names. */
    private static SequencedMap<String, Tensor> inputs(String program, Shape shape, double special) {
        Random random = new Random(5);
        SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
        for (String name : List.of("x", "t", "w")) {
            Tensor value = Tensor.zeros(name.equals("w") ? Shape.of(shape.last()) : shape);
            Arrays.setAll(value.data(), _ -> random.nextDouble(-2, 2));
            if (name.equals("x")) {
                value.data()[value.length() / 2] = special;
            }
            inputs.put(name, value);
        }
        Tensor classes = Tensor.zeros(shape.without(shape.rank() - 1));
        Arrays.setAll(classes.data(), _ -> random.nextInt(shape.last()));
        inputs.put("y", classes);
        inputs.keySet().removeIf(name -> !Pattern.compile("\\b" + name + "\\b").matcher(program).find());
        return inputs;
    }

    private static GraphFunction function(String program, SequencedMap<String, Tensor> inputs) {
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, value) -> shapes.put(name, value.shape()));
        return GraphFunction.of(program, shapes);
    }

    private static BitSet bits(int... nodes) {
        BitSet bits = new BitSet();
        IntStream.of(nodes).forEach(bits::set);
        return bits;
    }

    /** Values, gradients, and passes of a Jacobian; with a number that is not finite, and on several threads. */
    @ParameterizedTest
    @MethodSource("programs")
    void bitsAreThoseOfNodesThatAreComputedAlone(String program) {
        for (Shape shape : shapes()) {
            for (double special : shape.length() < 10_000 ? SPECIAL : new double[]{0.5}) {
                SequencedMap<String, Tensor> inputs = inputs(program, shape, special);
                List<String> names = List.copyOf(inputs.keySet());
                List<Tensor> given = List.copyOf(inputs.values());
                GraphFunction function = function(program, inputs);
                GraphFunction gradient = function.vjp(IntStream.range(0, given.size()).filter(k -> !names.get(k).equals("y")).toArray());
                Map<Integer, Tensor> values = new HashMap<>();
                IntStream.range(0, given.size()).forEach(k -> values.put(gradient.inputs()[k], given.get(k)));
                values.put(gradient.inputs()[given.size()], Tensor.scalar(1.5));
                BitSet results = bits(gradient.outputs());
                results.or(bits(function.outputs()));
                check(program + " " + shape, gradient.graph(), results, values);
                if (shape.length() < 10_000) {
                    checkPasses(program + " " + shape, function.jvp(0), given);
                }
            }
        }
    }

    private static void checkPasses(String name, GraphFunction tangent, List<Tensor> given) {
        int seed = tangent.inputs()[given.size()];
        Batching batching = Batching.of(tangent.graph(), bits(tangent.outputs()), Map.of(seed, PASSES), Allowance.UNBOUNDED);
        Map<Integer, Tensor> values = new HashMap<>();
        IntStream.range(0, given.size()).filter(k -> batching.image()[tangent.inputs()[k]] >= 0)
                .forEach(k -> values.put(batching.image()[tangent.inputs()[k]], given.get(k)));
        Tensor seeds = Tensor.zeros(Shape.of(PASSES).concat(given.getFirst().shape()));
        Random random = new Random(8);
        Arrays.setAll(seeds.data(), _ -> random.nextDouble(-1, 1));
        values.put(batching.image()[seed], seeds);
        check("passes of " + name, batching.graph(), bits(batching.image()[tangent.outputs()[0]]), values);
    }

    private static void check(String name, Graph graph, BitSet results, Map<Integer, Tensor> inputs) {
        Map<Integer, Tensor> alone = NodeByNode.values(graph, inputs);
        BitSet all = new BitSet();
        all.set(0, graph.size());
        Plan plan = Plan.of(graph, results, Checks.finite(all), Checkpoint.NONE);
        for (int threads : new int[]{1, 3}) {
            try (Threads parallel = Threads.of(threads)) {
                Executor executor = run(plan, inputs, parallel);
                results.stream().forEach(node -> assertThat(executor.value(node)).as(name + ", node " + node).isEqualTo(alone.get(node)));
                int first = plan.computed().stream().filter(node -> !Objects.requireNonNull(alone.get(node)).isFinite()).findFirst()
                        .orElse(-1);
                assertThat(executor.firstNonFinite(all)).as(name + ": the first value that is not finite").containsExactly(first);
            }
        }
    }

    private static Executor run(Plan plan, Map<Integer, Tensor> inputs, Parallel parallel) {
        Executor executor = new Executor(plan, parallel);
        inputs.forEach(executor::place);
        executor.run();
        return executor;
    }

    private static Plan plan(String program, Shape shape, boolean withGradient) {
        GraphFunction function = function(program, inputs(program, shape, 0));
        GraphFunction derived = withGradient ? function.vjp(0) : function;
        return Plan.of(derived.graph(), bits(derived.outputs()));
    }

    private static List<String> instructions(Plan plan) {
        return Arrays.stream(plan.once()).map(instruction -> switch (instruction) {
            case Instruction.BlockCall _ -> "blocks";
            case Instruction.ScalarBlock _ -> "scalars";
            case Instruction.KernelCall call -> plan.graph().op(call.node()).name();
            case Instruction.FactoringCall _ -> "factoring";
            case Instruction.PreparationCall call -> call.name();
        }).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sum(layer_norm(x, w, w) * t)|blocks",
            "sum(softmax(x * 2) * t)|blocks",
            "sum(x * rsqrt(mean(x^2, axis=-1, keepdims=true) + 0.1) * w * t)|blocks",
            "sum(max(x * w, axis=-1)^2)|blocks",
            "sum(logsumexp(x * w, axis=-1)^2)|blocks"})
    void valueAndGradientOfRowsAreOnePass(String program, String expected) {
        for (Shape shape : List.of(Shape.of(30, 10), Shape.of(30, 300), Shape.of(3, 10, 300))) {
            GraphFunction function = function(program, inputs(program, shape, 0));
            GraphFunction gradient = function.vjp(0);
            BitSet results = bits(gradient.outputs());
            results.or(bits(function.outputs()));
            assertThat(instructions(Plan.of(gradient.graph(), results))).as(shape.toString()).filteredOn(name -> !name.equals("scalars"))
                    .containsExactly(expected);
        }
    }

    @Test
    void rowsThatAreTooLongAreNotJoined() {
        assertThat(instructions(plan("sum(softmax(x * 2) * t)", Shape.of(2, 100_000), false))).containsExactly("mul", "softmax", "blocks");
    }

    @Test
    void onlyResultsAreHeldWhole() {
        Shape shape = Shape.of(1000, 500);
        Plan plan = plan("sum(layer_norm(x, w, w) * t)", shape, true);
        assertThat(IntStream.range(0, plan.bufferCount()).map(plan::bufferLength)).containsExactly(shape.length());
        long inputsAndResult = 8L * (3 * shape.length() + shape.last() + 1000);
        assertThat(CostModel.of(plan).bytes()).isBetween(inputsAndResult, inputsAndResult + 16 * 8 * BlockRun.BLOCK + 20_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 500, 3000})
    void longRunsMeetTheirDeadline(int length) {
        Shape shape = Shape.of(3_000_000 / length, length);
        String program = "sum(layer_norm(x, w, w) * t)";
        SequencedMap<String, Tensor> given = inputs(program, shape, 0);
        GraphFunction function = function(program, given);
        Map<Integer, Tensor> inputs = new HashMap<>();
        Iterator<Tensor> values = given.values().iterator();
        IntStream.of(function.inputs()).forEach(node -> inputs.put(node, values.next()));
        Plan plan = Plan.of(function.graph(), bits(function.outputs()));
        int[] checks = {0};
        Parallel parallel = Parallel.onThisThread(() -> {
            if (++checks[0] > 3) {
                throw new DeadlineExceededException(Duration.ofMillis(1));
            }
        });
        assertThatThrownBy(() -> run(plan, inputs, parallel)).isInstanceOf(DeadlineExceededException.class);
    }
}
