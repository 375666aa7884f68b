package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Elementwise nodes that are computed together, a block of elements at a time. */
class BlockRunTest {
    private static final int LENGTH = 2 * BlockRun.BLOCK + 100;

    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Map<Node, Tensor> inputs = new HashMap<>();
    private final Random random = new Random(7);

    private Node input(int... dims) {
        Shape shape = Shape.of(dims);
        Tensor value = Tensor.zeros(shape);
        Arrays.setAll(value.data(), i -> random.nextDouble(-2, 2));
        Node node = builder.input("x", shape);
        inputs.put(node, value);
        return node;
    }

    private static BitSet bits(Node... nodes) {
        BitSet bits = new BitSet();
        Arrays.stream(nodes).forEach(node -> bits.set(node.index()));
        return bits;
    }

    private Executor run(Plan plan) {
        return run(plan, Parallel.NONE);
    }

    private Executor run(Plan plan, Parallel parallel) {
        Executor executor = new Executor(plan, parallel);
        inputs.forEach((node, value) -> executor.place(node.index(), value));
        executor.run();
        return executor;
    }

    private static List<String> blocks(Plan plan) {
        return Stream.of(plan.once(), plan.repeated()).flatMap(Arrays::stream).filter(Instruction.BlockCall.class::isInstance)
                .map(call -> IntStream.of(((Instruction.BlockCall) call).run().nodes()).mapToObj(node -> plan.graph().op(node).name())
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    @Test
    void nodesOfOneShapeWaitForEachOther() {
        Node x = input(LENGTH);
        Node y = input(LENGTH);
        Node left = call("exp", x);
        Node other = call("exp", call("neg", input(3, 5)));
        Node right = call("mul", left, y);
        Node total = call("sum", right);
        Node scaled = call("mul", call("sin", right), total);
        Plan plan = Plan.of(builder.build(), bits(scaled, other));
        assertThat(blocks(plan)).as("a group ends where its sum is read").containsExactly("exp mul sum sin",
                "neg exp");
    }

    @Test
    void onlyWhatIsReadElsewhereHasAnArray() {
        Node x = input(LENGTH);
        Node value = x;
        for (int i = 0; i < 40; i++) {
            value = call("sin", call("mul", value, x));
        }
        Node result = value;
        Plan plan = Plan.of(builder.build(), bits(result));
        assertThat(plan.bufferCount()).isEqualTo(1);
        assertThat(CostModel.of(plan).bytes()).isLessThan(8L * (2 * LENGTH + 2 * BlockRun.BLOCK) + 40_000);
        Plan all = Plan.of(builder.build(), bits(IntStream.range(0, builder.build().size()).mapToObj(builder::node).toArray(Node[]::new)));
        assertThat(run(plan).value(result.index())).isEqualTo(run(all).value(result.index()));
    }

    @Test
    void partsOfAnArrayAreReadWhereTheyStand() {
        Node gates = call("matmul", input(40, 20), input(20, 90));
        Node[] parts = IntStream.range(0, 3)
                .mapToObj(k -> call("index", Map.of("at", List.of("...", 30 * k + ":" + 30 * (k + 1))), gates)).toArray(Node[]::new);
        Node kept = call("mul", call("sigmoid", parts[0]), call("tanh", parts[1]));
        Node result = call("add", kept, parts[2]);
        Node product = call("matmul", parts[2], input(30, 4));
        Plan plan = Plan.of(builder.build(), bits(result));
        assertThat(blocks(plan)).containsExactly("index index index sigmoid tanh mul add");
        assertThat(run(plan).value(result.index())).isEqualTo(alone().get(result.index()));
        assertThat(blocks(Plan.of(builder.build(), bits(result, product)))).as("a part that a product reads too is an array")
                .containsExactly("index index sigmoid tanh mul add");
    }

    /** The elements that a later block reads must still be there. */
    @Test
    void anArrayThatIsReadBackwardsIsNotOverwritten() {
        Node x = call("matmul", input(60, 3), input(3, 50));
        Node reversed = call("index", Map.of("at", List.of("::-1", "::-1")), x);
        Node sum = call("add", call("neg", x), call("sin", reversed));
        assertThat(run(Plan.of(builder.build(), bits(sum))).value(sum.index())).isEqualTo(alone().get(sum.index()));
    }

    /** Whatever shares arrays, registers and threads, each element is computed as if it were alone; with long rows and with short ones. */
    @ParameterizedTest
    @CsvSource({"1, 2148", "2, 2148", "3, 2148", "4, 2148", "5, 7", "6, 7", "7, 7", "8, 7", "9, 300", "10, 300", "11, 80", "12, 80",
            "13, 80", "14, 80"})
    void bitsDoNotDependOnBlocks(long seed, int columns) {
        random.setSeed(seed);
        int rows = 6400 / columns;
        Node places = builder.input("places", Shape.of(rows, 1));
        inputs.put(places, Tensor.of(places.shape(), random.doubles(rows, 0, columns).map(Math::floor).toArray()));
        List<Node> nodes = Stream.of(input(columns), input(columns), input(rows, columns), input(rows, 1), input(1, columns), input(),
                call("take_along_axis_transpose", Map.of("length", columns), places, input(rows, 1))).collect(Collectors.toList());
        while (nodes.size() < 60) {
            Node a = nodes.get(random.nextInt(nodes.size()));
            Node b = nodes.get(Math.max(0, nodes.size() - 1 - random.nextInt(8)));
            Node full = call("mul", a, input(rows, columns));
            // In a square the sums of rows, without their axis, can be read as a row.
            boolean keepdims = rows != columns || random.nextBoolean();
            nodes.add(switch (random.nextInt(10)) {
                case 0 -> call(random.nextBoolean() ? "sin" : "cos", b);
                case 1 -> call("where", call("gt", a, b), a, b);
                case 2 -> call("sub", a, call("tanh", b));
                case 3 -> call("sum", Map.of("axis", -random.nextInt(1, 3), "keepdims", keepdims), full);
                case 4 -> call("max", Map.of("axis", -random.nextInt(1, 3), "keepdims", keepdims), full);
                case 5 -> call("softmax", Map.of("axis", -1), full);
                case 6 -> call("neg", b);
                case 7 -> call("index", Map.of("at", List.of("1:-1", columns + ":")), input(rows + 2, 2 * columns));
                case 8 -> call("index", Map.of("at", List.of("::-1", "::-1")), call("add", b, input(rows, columns)));
                default -> call("mul", a, call("sigmoid", b));
            });
        }
        Node[] some = IntStream.range(0, 4).mapToObj(_ -> nodes.get(nodes.size() - 1 - random.nextInt(30))).toArray(Node[]::new);
        Plan plan = Plan.of(builder.build(), bits(some));
        assertThat(blocks(plan)).isNotEmpty();
        Map<Integer, Tensor> alone = alone();
        for (int threads : new int[]{1, 3}) {
            try (Threads parallel = Threads.of(threads)) {
                Executor together = run(plan, parallel);
                for (Node node : some) {
                    assertThat(together.value(node.index())).isEqualTo(alone.get(node.index()));
                }
            }
        }
    }

    /** Functions of one family are computed by one loop; those of other values, of other families and of equal functions are not. */
    @ParameterizedTest
    @CsvSource({"sum(sigmoid(x)), sigmoid logistic_density", "sum(tanh(x)), tanh sech_squared", "sum(sin(x)), sin cos",
            "sum(silu(x)), sigmoid silu logistic_density", "'sum(sin(cos(x)) * tan(x))', sin cos tan | sin cos",
            "'sum(cos(2 * x) * exp(x) * sin(2 * x))', sin cos", "'sum(sigmoid(x) * tanh(x))', sigmoid logistic_density | tanh sech_squared",
            "sum(sigmoid(-x) + sigmoid(x + 1)), sigmoid logistic_density | sigmoid logistic_density", "sum(exp(x) + relu(x)), ''"})
    void functionsOfAFamilyAreComputedTogether(String program, String together) {
        Shape shape = Shape.of(LENGTH);
        GraphFunction value = GraphFunction.of(program, new LinkedHashMap<>(Map.of("x", shape)));
        GraphFunction gradient = value.vjp(0);
        BitSet results = new BitSet();
        results.set(value.outputs()[0]);
        results.set(gradient.outputs()[0]);
        Plan plan = Plan.of(gradient.graph(), results);
        assertThat(families(plan)).isEqualTo(together);

        Map<Integer, Tensor> given = new HashMap<>();
        given.put(gradient.inputs()[0], Tensor.of(shape, random.doubles(LENGTH, -2, 2).toArray()));
        given.put(gradient.inputs()[1], Tensor.scalar(1.5));
        Executor executor = new Executor(plan, Parallel.NONE);
        given.forEach(executor::place);
        executor.run();
        Map<Integer, Tensor> alone = NodeByNode.values(gradient.graph(), given);
        results.stream().forEach(node -> assertThat(executor.value(node)).isEqualTo(alone.get(node)));
    }

    /** What is computed by one loop, in the order in which it is computed. */
    private static String families(Plan plan) {
        return Arrays.stream(plan.once()).filter(Instruction.BlockCall.class::isInstance)
                .flatMap(call -> Arrays.stream(((Instruction.BlockCall) call).run().values.families)).filter(Objects::nonNull).distinct()
                .map(steps -> IntStream.of(steps.numbers()).mapToObj(k -> steps.family().functions().get(k).name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" | "));
    }

    /** Such a value is needed no more once it is repeated, which is after the loop that also writes the other value. */
    @Test
    void functionsOfAFamilyMayBeRepeatedAlongRows() {
        Node x = input(200, 7);
        Node sums = call("sum", Map.of("axis", -1, "keepdims", true), x);
        Node sin = call("mul", x, call("sin", sums));
        Node result = call("add", sin, call("mul", x, call("cos", sums)));
        Plan plan = Plan.of(builder.build(), bits(result));
        assertThat(families(plan)).isEqualTo("sin cos");
        assertThat(run(plan).value(result.index())).isEqualTo(alone().get(result.index()));
    }

    /** The value of each node, from the kernel of its op, which knows no blocks. */
    private Map<Integer, Tensor> alone() {
        return NodeByNode.values(builder.build(),
                inputs.entrySet().stream().collect(Collectors.toMap(input -> input.getKey().index(), Map.Entry::getValue)));
    }

    @Test
    void checksSeeEveryBlock() {
        Node x = input(LENGTH);
        Node exp = call("exp", call("mul", x, builder.literal(1)));
        Node low = call("minimum", exp, builder.literal(5));
        Node zero = call("mul", low, builder.literal(0));
        Plan plan = Plan.of(builder.build(), bits(low), new Checks(bits(exp, low), bits(zero, low)), Checkpoint.NONE);
        Plan whole = Plan.of(builder.build(), bits(low, zero), new Checks(bits(exp, low), bits(zero, low)), Checkpoint.NONE);
        for (int place : new int[]{0, BlockRun.BLOCK + 3, LENGTH - 1}) {
            double[] values = new double[LENGTH];
            values[place] = 1000;
            inputs.put(x, Tensor.vector(values));
            Executor executor = run(plan);
            assertThat(executor.sawNonFinite()).isTrue();
            assertThat(executor.firstNonFinite(bits(exp), bits(low))).containsExactly(exp.index(), -1);
            assertThat(run(whole).isZero(zero.index())).isTrue();
            assertThat(run(whole).isZero(low.index())).isFalse();
            executor.place(x.index(), Tensor.zeros(Shape.of(LENGTH)));
            executor.run();
            assertThat(executor.sawNonFinite()).as("of an earlier run nothing is left").isFalse();
        }
    }

    @Test
    void longRunsMeetTheirDeadline() {
        Node x = input(LENGTH);
        Node value = x;
        for (int i = 0; i < 400; i++) {
            value = call("sin", value);
        }
        int[] checks = {0};
        Executor executor = new Executor(Plan.of(builder.build(), bits(value)), Parallel.onThisThread(() -> {
            if (++checks[0] > 1) {
                throw new DeadlineExceededException(Duration.ofMillis(1));
            }
        }));
        inputs.forEach((node, given) -> executor.place(node.index(), given));
        assertThatThrownBy(executor::run).isInstanceOf(DeadlineExceededException.class);
    }
}
