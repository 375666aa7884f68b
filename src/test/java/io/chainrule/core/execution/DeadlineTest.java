package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.HashMap;
import java.util.Arrays;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Family;
import io.chainrule.core.autodiff.Batching;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Work that takes too long is given up, inside of long kernels too. */
class DeadlineTest {
    private static final long MANY = 1 << 20;

    private static void run(Graph graph, int result, Map<Integer, Tensor> inputs, Checkpoint checkpoint) {
        BitSet results = new BitSet();
        results.set(result);
        Executor executor = new Executor(Plan.of(graph, results), Parallel.onThisThread(checkpoint));
        inputs.forEach(executor::place);
        executor.run();
    }

    /** 54 Gflop: a few seconds at the very least. Where the machine has other work too, the best of some tries counts. */
    @Test
    void a_long_matrix_product_is_stopped_inside() {
        int n = 3000;
        GraphBuilder builder = GraphBuilder.withShapes();
        Node x = builder.input("x", Shape.of(n, n));
        Node product = call("matmul", x, x);
        Tensor ones = Tensor.full(Shape.of(n, n), 1);
        Duration soonest = Duration.ofDays(1);
        for (int i = 0; i < 5 && soonest.compareTo(Duration.ofSeconds(1)) >= 0; i++) {
            long begin = System.nanoTime();
            assertThatThrownBy(() -> run(builder.build(), product.index(), Map.of(x.index(), ones), Deadline.after(Duration.ofMillis(50))))
                    .isInstanceOfSatisfying(DeadlineExceededException.class, e -> {
                        assertThat(e.allowed()).isEqualTo(Duration.ofMillis(50));
                        assertThat(e).hasMessage("not done within 50 ms");
                    });
            soonest = Duration.ofNanos(System.nanoTime() - begin);
        }
        assertThat(soonest).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void many_small_nodes_are_stopped_between() {
        GraphBuilder builder = GraphBuilder.withShapes();
        Node x = builder.input("x", Shape.SCALAR);
        Node y = x;
        for (int i = 0; i < 10_000; i++) {
            y = call("sin", y);
        }
        int result = y.index();
        int[] asked = {0};
        run(builder.build(), result, Map.of(0, Tensor.scalar(1)), () -> asked[0]++);
        assertThat(asked[0]).isBetween(5, 100);
        Deadline over = Deadline.after(Duration.ZERO);
        assertThatThrownBy(() -> run(builder.build(), result, Map.of(0, Tensor.scalar(1)), over))
                .isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void a_deadline_far_away_stops_nothing() {
        Deadline.after(Duration.ofDays(100)).check();
        Deadline.after(Duration.ofSeconds(Long.MAX_VALUE)).check();
        assertThat(Deadline.after(Duration.ofSeconds(3)).allowed()).isEqualTo(Duration.ofSeconds(3));
    }

    /** They only make, move or choose elements, or read each once: as many as one value may have take some ten milliseconds. */
    private static final Set<String> QUICK = Set.of("zeros", "ones", "full", "eye", "arange", "linspace", "reshape", "concatenate", "stack",
            "tril", "triu", "index", "index_transpose", "class_index", "random_mask", "triangular_solve");

    /** Each op that runs by itself; composite ones are circuits of these. */
    static Stream<OpDefinition> ops() {
        return OpCatalogue.all().stream()
                .filter(op -> !QUICK.contains(op.name()) && OpCase.of(op).noneMatch(one -> one.op().isComposite()));
    }

    /** So that a new op is held to the deadline too. */
    @ParameterizedTest
    @MethodSource("ops")
    void every_op_asks_now_and_then(OpDefinition op) {
        List<OpCase> longer = LongCases.of(op);
        assertThat(longer).as("add a case of %s to OpCase that takes long when all its axes are long", op.name()).isNotEmpty();
        for (OpCase one : longer) {
            assertThat(asked(one)).as(one + ": times asked, the one before the op among them")
                    .isGreaterThan(1);
        }
    }

    private static int asked(OpCase one) {
        try {
            return asked(one.op(), one.shapes(), LongCases.operands(one, false));
        } catch (ProblemException _) {
            return asked(one.op(), one.shapes(), LongCases.operands(one, true));
        }
    }

    private static int asked(Op op, List<Shape> shapes, List<Tensor> operands) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] nodes = IntStream.range(0, shapes.size()).map(k -> builder.input("x" + k, shapes.get(k)).index()).toArray();
        int result = builder.add(op, nodes);
        Map<Integer, Tensor> inputs = new HashMap<>();
        for (int k = 0; k < nodes.length; k++) {
            inputs.put(nodes[k], operands.get(k));
        }
        int[] asked = {0};
        run(builder.build(), result, inputs, () -> asked[0]++);
        return asked[0];
    }

    /** Loops that are long in other ways. */
    static Stream<Arguments> longLoops() {
        int n = 1 << 21;
        return Stream.of(
                Arguments.of("exp", Map.of(), List.of(Shape.of(n))), Arguments.of("add", Map.of(), List.of(Shape.of(2, n), Shape.of(n))),
                Arguments.of("mul", Map.of(), List.of(Shape.of(n / 2, 2), Shape.of(n / 2, 1))),
                Arguments.of("where", Map.of(), List.of(Shape.of(n), Shape.SCALAR, Shape.SCALAR)),
                Arguments.of("sum", Map.of(), List.of(Shape.of(n))),
                Arguments.of("sum", Map.of("axis", 0), List.of(Shape.of(n / 2, 2))),
                Arguments.of("max", Map.of("axis", 1), List.of(Shape.of(n / 2, 2))),
                Arguments.of("logsumexp", Map.of("axis", 1), List.of(Shape.of(n / 4, 4))),
                Arguments.of("softmax", Map.of(), List.of(Shape.of(n / 4, 4))),
                Arguments.of("softmax", Map.of("axis", 0), List.of(Shape.of(4, n / 4))),
                Arguments.of("transpose", Map.of(), List.of(Shape.of(n / 2, 2))),
                Arguments.of("broadcast_to", Map.of("shape", List.of(n / 2, 2)), List.of(Shape.of(n / 2, 1))),
                Arguments.of("index", Map.of("at", List.of(":", "::-1")), List.of(Shape.of(n / 2, 2))),
                Arguments.of("index_transpose", Map.of("shape", List.of(n / 2, 4), "at", List.of(List.of(":", "::2"))),
                        List.of(Shape.of(n / 2, 2))),
                Arguments.of("max_pool2d", Map.of("kernel_size", List.of(1, 2048), "stride", 1), List.of(Shape.of(1, 1, 1, 4096))),
                Arguments.of("max_pool2d", Map.of("kernel_size", List.of(n / 1024, 1024)), List.of(Shape.of(1, 1, n / 1024, 1024))),
                Arguments.of("max_pool2d_indices", Map.of("kernel_size", List.of(n / 2, 2)), List.of(Shape.of(1, 1, n / 2, 2))),
                Arguments.of("matmul", Map.of(), List.of(Shape.of(2000, 1000), Shape.of(1000))),
                Arguments.of("matmul", Map.of(), List.of(Shape.of(128, 128), Shape.of(128, 128))),
                Arguments.of("matmul", Map.of(), List.of(Shape.of(n / 8, 2, 2), Shape.of(n / 8, 2, 2))));
    }

    @ParameterizedTest
    @MethodSource("longLoops")
    void every_long_loop_asks_now_and_then(String op, Map<String, ?> attributes, List<Shape> shapes) {
        assertThat(asked(GraphFunction.op(op, attributes, shapes.size()), shapes, shapes.stream().map(Tensor::zeros).toList()))
                .as("times asked, the one before the op among them").isGreaterThan(2);
    }

    static Stream<OpCase> casesForBatches() {
        return OpCatalogue.all().stream().filter(op -> op.family() != Family.MOVEMENT && !op.name().equals("class_index"))
                .flatMap(op -> OpCase.of(op).filter(one -> !one.shapes().isEmpty() && one.shape().size() > 0).limit(1));
    }

    /** By construction, in a batch of a million operations. Ops that only move elements, or look at them, are as fast as the memory. */
    @ParameterizedTest
    @MethodSource("casesForBatches")
    void every_op_asks_now_and_then_in_a_long_batch(OpCase one) {
        GraphFunction function = one.function();
        Graph graph = function.graph();
        long operations = IntStream.range(0, graph.size()).filter(i -> !graph.isLeaf(i))
                .mapToLong(i -> graph.op(i).flops(graph.operandShapes(i), graph.shape(i))).max().orElse(0);
        long elements = Stream.concat(one.shapes().stream(), Stream.of(one.shape())).mapToLong(Shape::size).max().orElseThrow();
        int n = (int) (MANY / Math.max(operations, elements));
        Map<Integer, Integer> lengths = new HashMap<>();
        IntStream.of(function.inputs()).forEach(input -> lengths.put(input, n));
        BitSet results = new BitSet();
        results.set(function.outputs()[0]);
        Batching batching = Batching.of(graph, results, lengths, Allowance.UNBOUNDED);
        Map<Integer, Tensor> inputs = new HashMap<>();
        List<Tensor> operands = one.operands(1);
        for (int k = 0; k < operands.size(); k++) {
            double[] sample = operands.get(k).data();
            Tensor batch = Tensor.zeros(Shape.of(n).concat(operands.get(k).shape()));
            Arrays.setAll(batch.data(), i -> sample[i % sample.length]);
            inputs.put(batching.image()[function.inputs()[k]], batch);
        }
        int[] asked = {0};
        run(batching.graph(), batching.image()[function.outputs()[0]], inputs, () -> asked[0]++);
        assertThat(asked[0]).as("times asked in %s of %s operations, n %s", one, operations * n, n).isGreaterThan(1);
    }
}
