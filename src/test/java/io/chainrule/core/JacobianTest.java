package io.chainrule.core;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.EntryLimits;
import io.chainrule.core.autodiff.Compression.Mode;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JacobianTest {
    private static final Samples NO_SAMPLES = Samples.none();
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node x = builder.input("x", Shape.of(2));
    private final Node s = builder.input("s", Shape.SCALAR);
    private final Node square = call("square", x);
    private final Node product = call("mul", square, s);
    private final Node sum = call("sum", product);
    private final Node nothing = call("index", Map.of("at", List.of("2:")), x);

    private Jacobian jacobian(Mode mode, List<Node> of, List<Node> wrt) {
        Graph graph = builder.build();
        Compression compression = Compression.of(graph, indices(of), indices(wrt), mode, EntryLimits.whole(1000), Checkpoint.NONE);
        return Jacobian.over(NO_SAMPLES, Map.of(), graph, indices(of), indices(wrt), List.of(), compression, BuildLimits.GENEROUS);
    }

    private record Dense(List<Tensor> values, List<List<Tensor>> jacobians) {}

    private Dense run(Mode mode, List<Node> of, List<Node> wrt) {
        Jacobian.Result result = jacobian(mode, of, wrt)
                .run(Map.of(x.index(), Tensor.vector(3, 5), s.index(), Tensor.scalar(10)), Parallel.NONE);
        return new Dense(result.values(), IntStream.range(0, of.size()).mapToObj(o -> IntStream.range(0, wrt.size())
                .mapToObj(w -> result.jacobians().get(o).get(w).dense(of.get(o).shape().concat(wrt.get(w).shape()))).toList()).toList());
    }

    private static List<Integer> indices(List<Node> nodes) {
        return nodes.stream().map(Node::index).toList();
    }

    @ParameterizedTest
    @EnumSource
    void every_result_by_every_operand(Mode mode) {
        Dense result = run(mode, List.of(product, sum), List.of(x, s));
        assertThat(result.values()).containsExactly(Tensor.vector(90, 250), Tensor.scalar(340));
        assertThat(result.jacobians()).containsExactly(
                List.of(Tensor.matrix(new double[]{60, 0}, new double[]{0, 100}), Tensor.vector(9, 25)),
                List.of(Tensor.vector(60, 100), Tensor.scalar(34)));
    }

    @ParameterizedTest
    @EnumSource
    void nodes_inside_and_nodes_apart(Mode mode) {
        assertThat(run(mode, List.of(sum), List.of(square)).jacobians()).containsExactly(List.of(Tensor.vector(10, 10)));
        assertThat(run(mode, List.of(square), List.of(s)).jacobians()).as("independent").containsExactly(List.of(Tensor.vector(0, 0)));
        assertThat(run(mode, List.of(x), List.of(x)).jacobians()).as("of itself")
                .containsExactly(List.of(Tensor.matrix(new double[]{1, 0}, new double[]{0, 1})));
        assertThat(run(mode, List.of(product), List.of(square, product)).jacobians().getFirst().getLast()).as("of itself, beside another")
                .isEqualTo(Tensor.matrix(new double[]{1, 0}, new double[]{0, 1}));
    }

    @ParameterizedTest
    @EnumSource
    void operands_whose_derivative_is_zero_beside_others(Mode mode) {
        Node rounded = call("add", square, call("floor", s));
        assertThat(run(mode, List.of(rounded), List.of(x, s)).jacobians())
                .containsExactly(List.of(Tensor.matrix(new double[]{6, 0}, new double[]{0, 10}), Tensor.vector(0, 0)));
    }

    @ParameterizedTest
    @EnumSource
    void results_without_elements(Mode mode) {
        assertThat(run(mode, List.of(nothing), List.of(x)).jacobians()).containsExactly(List.of(Tensor.zeros(Shape.of(0, 2))));
        assertThat(run(mode, List.of(sum), List.of(nothing)).jacobians()).containsExactly(List.of(Tensor.zeros(Shape.of(0))));
    }

    private Mode chosen(List<Node> of, List<Node> wrt) {
        return Compression.of(builder.build(), indices(of), indices(wrt), null, EntryLimits.whole(1000), Checkpoint.NONE).mode();
    }

    @Test
    void the_cheaper_mode_has_fewer_passes() {
        assertThat(chosen(List.of(product), List.of(s))).isEqualTo(Mode.FORWARD);
        assertThat(chosen(List.of(sum), List.of(x))).isEqualTo(Mode.REVERSE);
        assertThat(jacobian(Mode.FORWARD, List.of(sum), List.of(x, s)).passes()).isEqualTo(3);
        assertThat(jacobian(Mode.REVERSE, List.of(sum), List.of(x, s)).passes()).isEqualTo(1);
        assertThat(jacobian(Mode.FORWARD, List.of(product), List.of(x)).passes()).as("diagonal").isEqualTo(1);
    }

    @Test
    void derived_nodes_are_limited() {
        Graph graph = builder.build();
        Compression compression = Compression.of(graph, indices(List.of(sum)), indices(List.of(x)), Mode.REVERSE, EntryLimits.whole(1000),
                Checkpoint.NONE);
        BuildLimits few = new BuildLimits(7, 7, 7, 1000, 1000, 1000, 1000, _ -> {}, Checkpoint.NONE);
        assertThatThrownBy(() -> Jacobian.over(NO_SAMPLES, Map.of(), graph, indices(List.of(sum)), indices(List.of(x)),
                List.of(), compression, few))
                .isInstanceOf(LimitException.class);
    }

    /** Fifty values of 1,000 elements: in reverse all are held until the cotangents come back, forward each dies with its tangent. */
    @Test
    void the_other_mode_is_taken_where_the_cheaper_one_has_no_room() {
        GraphBuilder deep = GraphBuilder.withShapes();
        Node input = deep.input("x", Shape.of(1000));
        Node y = input;
        for (int i = 0; i < 50; i++) {
            y = call("sin", y);
        }
        List<Integer> of = List.of(y.index());
        List<Integer> wrt = List.of(input.index());
        Graph graph = deep.build();
        Tensor value = Tensor.full(Shape.of(1000), 0.5);
        Compression chosen = Compression.of(graph, of, wrt, null, EntryLimits.whole(1000), Checkpoint.NONE);
        Jacobian roomy = Jacobian.fitting(cost -> true, NO_SAMPLES, Map.of(), graph, of, wrt, List.of(), chosen, BuildLimits.GENEROUS);
        Jacobian tight = Jacobian.fitting(cost -> cost.bytes() < 200_000, NO_SAMPLES, Map.of(), graph, of, wrt, List.of(), chosen,
                BuildLimits.GENEROUS);
        assertThat(roomy.mode()).isEqualTo(Mode.REVERSE);
        assertThat(roomy.cost().bytes()).isGreaterThan(400_000);
        assertThat(tight.mode()).isEqualTo(Mode.FORWARD);
        assertThat(tight.cost().bytes()).isLessThan(200_000);
        double[] expected = diagonal(roomy, input, value);
        double[] found = diagonal(tight, input, value);
        assertThat(found).containsExactly(expected, within(1e-15));
        Compression asked = Compression.of(graph, of, wrt, Mode.REVERSE, EntryLimits.whole(1000), Checkpoint.NONE);
        assertThat(Jacobian.fitting(cost -> cost.bytes() < 200_000, NO_SAMPLES, Map.of(), graph, of, wrt, List.of(), asked,
                BuildLimits.GENEROUS).mode()).as("asked for").isEqualTo(Mode.REVERSE);
    }

    /** The entries of a Jacobian that has one in each row. */
    private static double[] diagonal(Jacobian jacobian, Node input, Tensor value) {
        SparseMatrix matrix = jacobian.run(Map.of(input.index(), value), Parallel.NONE).jacobians().getFirst().getFirst();
        assertThat(matrix.entries()).isEqualTo(value.length());
        double[] entries = new double[value.length()];
        matrix.forEach((row, column, entry) -> entries[row] = entry);
        return entries;
    }

    private static Jacobian of(String text, Mode mode, Map<String, Shape> shapes) {
        LinkedHashMap<String, Shape> inputs = new LinkedHashMap<>(shapes);
        GraphFunction function = GraphFunction.of(text, inputs);
        List<Integer> of = List.of(function.outputs()[0]);
        List<Integer> wrt = List.of(function.inputs()[List.copyOf(inputs.keySet()).indexOf("x")]);
        Compression compression = Compression.of(function.graph(), of, wrt, mode, EntryLimits.whole(1_000_000), Checkpoint.NONE);
        return Jacobian.over(NO_SAMPLES, Map.of(), function.graph(), of, wrt, List.of(), compression, BuildLimits.GENEROUS);
    }

    /** The value takes two operations an element of W; its product with an identity matrix would take hundreds. */
    @ParameterizedTest
    @EnumSource
    void seeds_that_are_an_identity_matrix_are_not_multiplied(Mode mode) {
        Map<String, Shape> shapes = Map.of("W", Shape.of(200, 200), "x", Shape.of(200));
        assertThat(of("tanh(W @ x)", mode, shapes).cost().flops()).isBetween(80_000L, 250_000L);
        assertThat(of("tanh(x @ W)", mode, shapes).cost().flops()).isBetween(80_000L, 250_000L);
        Map<String, Shape> matrices = Map.of("W", Shape.of(50, 50), "x", Shape.of(50, 50));
        assertThat(of("tanh(W @ x)", mode, matrices).cost().flops()).as("by a matrix").isBetween(250_000L, 700_000L);
        assertThat(of("tanh(x @ W)", mode, matrices).cost().flops()).as("of a matrix").isBetween(250_000L, 700_000L);
        assertThat(of("tanh(W @ tanh(W @ x))", mode, shapes).cost().flops()).as("two layers").isGreaterThan(16_000_000L);
    }

    @Test
    void passes_are_run_one_by_one_where_many_at_once_have_no_room() {
        GraphBuilder wide = GraphBuilder.withShapes();
        Node input = wide.input("x", Shape.of(100));
        Node y = call("matmul", wide.constant(Tensor.full(Shape.of(100, 100), 1)), call("sin", input));
        List<Integer> of = List.of(y.index());
        List<Integer> wrt = List.of(input.index());
        Compression compression = Compression.of(wide.build(), of, wrt, Mode.REVERSE, EntryLimits.whole(10_000), Checkpoint.NONE);
        Jacobian together = Jacobian.over(NO_SAMPLES, Map.of(), wide.build(), of, wrt, List.of(), compression, BuildLimits.GENEROUS);
        Jacobian single = Jacobian.fitting(cost -> cost.bytes() < together.cost().bytes(), NO_SAMPLES, Map.of(), wide.build(), of, wrt,
                List.of(), compression, BuildLimits.GENEROUS);
        assertThat(single.cost().bytes()).isLessThan(together.cost().bytes());
        assertThat(single.passes()).isEqualTo(100);
        Map<Integer, Tensor> inputs = Map.of(input.index(), Tensor.full(Shape.of(100), 0.5));
        assertThat(single.run(inputs, Parallel.NONE).jacobians().getFirst().getFirst().dense(Shape.of(100, 100)))
                .isEqualTo(together.run(inputs, Parallel.NONE).jacobians().getFirst().getFirst().dense(Shape.of(100, 100)));
    }

    /** Forward takes fewer passes, and 24 million operations. In reverse the matrix of 1,000 rows is multiplied only by the narrow one. */
    @Test
    void each_mode_runs_its_passes_one_by_one_before_the_dearer_mode_is_taken() {
        LinkedHashMap<String, Shape> inputs = new LinkedHashMap<>();
        inputs.put("x", Shape.of(100));
        inputs.put("A", Shape.of(10, 100));
        inputs.put("B", Shape.of(1000, 10));
        inputs.put("C", Shape.of(120, 1000));
        GraphFunction function = GraphFunction.of("C @ tanh(B @ tanh(A @ x))", inputs);
        Jacobian reverse = fitting(_ -> true, function);
        assertThat(reverse.mode()).isEqualTo(Mode.REVERSE);
        Jacobian single = fitting(cost -> !cost.equals(reverse.cost()), function);
        assertThat(single.mode()).isEqualTo(Mode.REVERSE);
        assertThat(single.cost().bytes()).isLessThan(reverse.cost().bytes());
        Jacobian forward = fitting(cost -> cost.flops() > 20_000_000, function);
        assertThat(forward.mode()).isEqualTo(Mode.FORWARD);
        Jacobian last = fitting(cost -> cost.flops() > 20_000_000 && !cost.equals(forward.cost()), function);
        assertThat(last.mode()).isEqualTo(Mode.FORWARD);
        assertThat(last.cost().bytes()).isLessThan(forward.cost().bytes());
        assertThat(fitting(_ -> false, function).cost()).as("nothing fits").isEqualTo(reverse.cost());
    }

    /** The derivatives of a function by its first input. */
    private static Jacobian fitting(Predicate<CostModel> fits, GraphFunction function) {
        List<Integer> wrt = List.of(function.inputs()[0]);
        return Jacobian.fitting(fits, NO_SAMPLES, Map.of(), function.graph(), List.of(function.outputs()[0]), wrt, List.of(),
                compression(function, wrt, null), BuildLimits.GENEROUS);
    }

    private static Compression compression(GraphFunction function, List<Integer> wrt, @Nullable Mode mode) {
        return Compression.of(function.graph(), List.of(function.outputs()[0]), wrt, mode, EntryLimits.whole(1_000_000), Checkpoint.NONE);
    }

    private static Samples samples(int count) {
        return Samples.of(new Signature.Batch(List.of("x"), Signature.Reduction.NONE), Map.of("x", Shape.of(count)), new Problems());
    }

    /** Either mode takes one pass. The operations of 200 samples do not tell whether one takes enough for a comparison. */
    @Test
    void one_sample_is_compiled_where_modes_may_have_to_be_compared_and_there_is_room() {
        GraphFunction deep = GraphFunction.of(x -> {
            Node y = x[0];
            for (int i = 0; i < 500; i++) {
                y = call("sin", y);
            }
            return y;
        }, Shape.of(100));
        List<Integer> of = List.of(deep.outputs()[0]);
        List<Integer> wrt = List.of(deep.inputs()[0]);
        Compression chosen = compression(deep, wrt, null);
        for (int count : new int[]{1, 200}) {
            Map<Integer, Integer> lengths = Map.of(deep.inputs()[0], count);
            AtomicLong taken = new AtomicLong();
            Jacobian.over(samples(count), lengths, deep.graph(), of, wrt, List.of(), chosen,
                    BuildLimits.GENEROUS.telling(taken::addAndGet, _ -> {}));
            assertThat(taken.get()).isPositive();
            assertThat(Jacobian.fitting(_ -> true, samples(count), lengths, deep.graph(), of, wrt, List.of(), chosen,
                    allowing(taken.get())).mode()).as("%s samples", count).isEqualTo(chosen.mode());
            ThrowingCallable refusing = () -> Jacobian.fitting(_ -> true, samples(count), lengths, deep.graph(), of, wrt, List.of(),
                    chosen, allowing(taken.get()).onlyRefusing());
            if (count == 1) {
                assertThatCode(refusing).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(refusing).as("bits would depend on the room").isInstanceOf(LimitException.class);
            }
        }
    }

    /** Limits that let compiling take so many bytes. */
    private static BuildLimits allowing(long bytes) {
        AtomicLong taken = new AtomicLong();
        return BuildLimits.GENEROUS.telling(more -> LimitException.check("bytes", taken.addAndGet(more), bytes), _ -> {});
    }

    static Stream<OpCases> ops() {
        return OpCases.of(OpCase.all().filter(one -> !one.shapes().isEmpty()));
    }

    /** So few operations of a block tell that one sample takes too few for a comparison. */
    @ParameterizedTest
    @MethodSource("ops")
    void a_block_of_samples_takes_at_least_half_the_operations_of_one(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            List<Integer> of = List.of(function.outputs()[0]);
            List<Integer> wrt = IntStream.of(function.inputs()).boxed().toList();
            for (Mode mode : Mode.values()) {
                Compression compression = compression(function, wrt, mode);
                long alone = Jacobian.over(NO_SAMPLES, Map.of(), function.graph(), of, wrt, List.of(), compression, BuildLimits.GENEROUS)
                        .cost().flops();
                for (int count : new int[]{1, 3}) {
                    long together = Jacobian.over(samples(count), Map.of(wrt.getLast(), count), function.graph(), of, wrt, List.of(),
                            compression, BuildLimits.GENEROUS).cost().flops();
                    assertThat(2 * together).as("%s, %s samples", mode, count).isGreaterThanOrEqualTo(alone);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void many_threads_run_one_at_once(Mode mode) {
        Jacobian shared = jacobian(mode, List.of(product, sum), List.of(x, s));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> runs = IntStream.range(0, 8)
                    .mapToObj(thread -> threads.submit(() -> IntStream.range(0, 500).allMatch(i -> {
                        double a = thread + 1;
                        Jacobian.Result result = shared.run(Map.of(x.index(), Tensor.vector(a, i), s.index(), Tensor.scalar(10)),
                                Parallel.NONE);
                        return result.values().getLast().item() == 10 * (a * a + (double) i * i)
                                && result.jacobians().getFirst().getFirst().dense(Shape.of(2, 2))
                                        .equals(Tensor.matrix(new double[]{20 * a, 0}, new double[]{0, 20.0 * i}));
                    }))).toList();
            assertThat(runs).allSatisfy(run -> assertThat(run.get()).isTrue());
        }
    }
}
