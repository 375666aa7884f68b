package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Factors of a matrix that are computed once for all ops that read the matrix. */
class PreparationsTest {
    private static final int N = 5;

    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node a = builder.input("a", Shape.of(N, N));
    private final Node b = builder.input("b", Shape.of(N));

    private static Tensor random(int seed, int... dims) {
        Random random = new Random(seed);
        Tensor x = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(x.data(), _ -> random.nextGaussian());
        return x;
    }

    private static BitSet bits(List<Node> nodes) {
        BitSet bits = new BitSet();
        nodes.forEach(node -> bits.set(node.index()));
        return bits;
    }

    private Plan plan(Node... results) {
        return Plan.of(builder.build(), bits(List.of(results)));
    }

    private Executor started(Plan plan) {
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(a.index(), random(1, N, N));
        executor.place(b.index(), random(2, N));
        return executor;
    }

    private List<Tensor> values(Plan plan, Node... nodes) {
        Executor executor = started(plan);
        executor.run();
        return Stream.of(nodes).map(node -> executor.value(node.index())).toList();
    }

    private static Node transpose(Node x) {
        return call("transpose", Map.of("axes", List.of(1, 0)), x);
    }

    static Stream<Arguments> programs() {
        return Stream.of(
                of("a solution", 1, (a, b) -> List.of(call("solve", a, b))),
                of("a matrix and its transpose", 1, (a, b) -> List.of(call("solve", a, b), call("solve", transpose(a), b))),
                of("a transpose alone", 1, (a, b) -> List.of(call("solve", transpose(a), b))),
                of("a transpose of a transpose", 1,
                        (a, b) -> List.of(call("solve", transpose(transpose(a)), b), call("solve", transpose(transpose(transpose(a))), b))),
                of("all that has factors", 1,
                        (a, b) -> Stream.of("inv", "det", "cofactor", "slogdet", "logdet").map(op -> call(op, a)).toList()),
                of("the same matrix with one axis more", 1, (a, b) -> List.of(call("det", a),
                        call("inv", call("reshape", Map.of("shape", List.of(1, N, N)), a)))),
                of("two matrices", 2, (a, b) -> List.of(call("solve", a, b), call("solve", call("exp", a), b))),
                of("a solution without columns", 0, (a, b) -> List.of(
                        call("solve", a,
                                call("index", Map.of("at", List.of(":", "0:0")), call("reshape", Map.of("shape", List.of(N, 1)), b))))));
    }

    private static Arguments of(String name, int factored, BiFunction<Node, Node, List<Node>> program) {
        return Arguments.of(name, factored, program);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    void aMatrixIsFactoredOnceAndEachValueIsThatOfItsOwnPlan(String name, int factored, BiFunction<Node, Node, List<Node>> program) {
        Node[] results = program.apply(a, b).toArray(Node[]::new);
        Plan plan = plan(results);
        assertThat(plan.toString()).contains(factored == 0 ? " instructions" : "lu=" + factored);
        List<Tensor> alone = new ArrayList<>();
        for (Node result : results) {
            alone.addAll(values(plan(result), result));
        }
        assertThat(values(plan, results)).isEqualTo(alone);
    }

    /** What is kept must change no bit: a transpose of a transpose that is a result has an array of its own. */
    @Test
    void keptTransposesAreReadThrough() {
        Node twice = transpose(transpose(a));
        Node solved = call("solve", twice, b);
        Plan plan = plan(twice, solved, call("det", a));
        assertThat(plan.toString()).contains("lu=1");
        assertThat(values(plan, solved)).isEqualTo(values(plan(solved), solved));
    }

    private static Node sums(Node x) {
        return call("cumsum", Map.of("axis", 0), x);
    }

    @Test
    void factorsAreHeldUntilTheirLastUseAndTheirArrayIsUsedAgain() {
        Node stack = builder.input("stack", Shape.of(N + 1, N));
        Node first = call("solve", a, b);
        Node once = sums(stack);
        Node second = call("solve", a, first);
        Node twice = sums(once);
        Plan plan = plan(second, twice);
        Executor executor = started(plan);
        executor.place(stack.index(), Tensor.full(Shape.of(N + 1, N), 1));
        executor.run();
        assertThat(executor.value(second.index())).isEqualTo(values(plan(second), second).getFirst());
        assertThat(executor.value(twice.index()).data()).startsWith(1, 1, 1, 1, 1, 3, 3).endsWith(21);
        assertThat(IntStream.range(0, plan.bufferCount()).filter(i -> plan.bufferLength(i) == N * (N + 1)).count()).isEqualTo(2);
    }

    @Test
    void repetitionsReadFactorsThatWereComputedBeforeThem() {
        Node first = call("solve", a, b);
        Node right = builder.input("right", Shape.of(N));
        Node stack = builder.input("stack", Shape.of(N + 1, N));
        Node second = call("solve", transpose(a), right);
        Node twice = sums(sums(stack));
        Plan plan = Plan.repeating(builder.build(), bits(List.of(first, second, twice)), right.index(), Checks.NONE, Checkpoint.NONE);
        assertThat(plan.toString()).contains("lu=1");
        Executor executor = started(plan);
        executor.place(stack.index(), random(3, N + 1, N));
        executor.place(right.index(), random(4, N));
        executor.runOnce();
        double[] matrix = random(1, N, N).data();
        for (int seed = 4; seed < 7; seed++) {
            executor.place(right.index(), random(seed, N));
            executor.repeat();
            double[] x = executor.value(second.index()).data();
            for (int j = 0; j < N; j++) {
                int column = j;
                double sum = IntStream.range(0, N).mapToDouble(i -> matrix[i * N + column] * x[i]).sum();
                assertThat(sum).isCloseTo(random(seed, N).data()[j], within(1e-13));
            }
        }
    }

    @Test
    void factorsAreCountedOnce() {
        Node first = call("solve", a, b);
        long one = CostModel.of(plan(first)).flops();
        Node second = call("solve", transpose(a), first);
        assertThat(CostModel.of(plan(second)).flops()).isBetween(one + 2L * N * N, one + 2L * N * N + 1);
        assertThat(one).isGreaterThan(2L * N * N * N / 3);
    }
}
