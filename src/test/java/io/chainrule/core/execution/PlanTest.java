package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans and their runs. */
class PlanTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();

    private static BitSet bits(Node... nodes) {
        BitSet bits = new BitSet();
        Arrays.stream(nodes).forEach(node -> bits.set(node.index()));
        return bits;
    }

    private Plan plan(Node... results) {
        return Plan.of(builder.build(), bits(results));
    }

    private static Executor run(Plan plan, Map<Node, Tensor> inputs) {
        Executor executor = new Executor(plan, Parallel.NONE);
        inputs.forEach((node, value) -> executor.place(node.index(), value));
        executor.run();
        return executor;
    }

    @Test
    void a_chain_of_elementwise_ops_lives_in_one_buffer_and_any_other_in_two() {
        Node x = builder.input("x", Shape.of(3));
        Node sin = x;
        Node turned = x;
        for (int i = 0; i < 100; i++) {
            sin = call("sin", sin);
            turned = call("transpose", turned);
        }
        assertThat(plan(sin).bufferCount()).isEqualTo(1);
        assertThat(plan(turned).bufferCount()).isEqualTo(2);
        assertThat(run(plan(turned), Map.of(x, Tensor.vector(1, 2, 3))).value(turned.index())).isEqualTo(Tensor.vector(1, 2, 3));
    }

    @Test
    void scalars_need_no_buffer() {
        Node x = builder.input("x", Shape.SCALAR);
        Node y = call("mul", call("exp", x), x);
        assertThat(plan(y).bufferCount()).isZero();
        assertThat(run(plan(y), Map.of(x, Tensor.scalar(1))).value(y.index()).item()).isEqualTo(Math.E);
    }

    @Test
    void an_operand_is_not_overwritten_while_it_is_needed() {
        Node x = builder.input("x", Shape.of(2));
        Node a = call("add", x, builder.literal(1));
        Node b = call("mul", a, a);
        Node c = call("sub", b, a);
        Plan plan = plan(c);
        assertThat(run(plan, Map.of(x, Tensor.vector(1, 2))).value(c.index())).isEqualTo(Tensor.vector(2, 6));
        assertThat(plan.bufferCount()).isEqualTo(1);
    }

    @Test
    void inputs_and_constants_are_not_overwritten() {
        Node x = builder.input("x", Shape.of(2));
        Node c = builder.constant(Tensor.vector(10, 20));
        Node y = call("neg", call("add", x, c));
        Tensor given = Tensor.vector(1, 2);
        Executor executor = run(plan(y), Map.of(x, given));
        assertThat(executor.value(y.index())).isEqualTo(Tensor.vector(-11, -22));
        assertThat(given).isEqualTo(Tensor.vector(1, 2));
        executor.run();
        assertThat(executor.value(y.index())).as("run again").isEqualTo(Tensor.vector(-11, -22));
        assertThat(executor.value(c.index())).isEqualTo(Tensor.vector(10, 20));
    }

    private static long factorings(Plan plan) {
        return Arrays.stream(plan.once()).filter(Instruction.FactoringCall.class::isInstance).count();
    }

    /** As the nodes that each of them computes. */
    private static List<String> instructions(Plan plan, Instruction... instructions) {
        return Arrays.stream(instructions).map(instruction -> switch (instruction) {
            case Instruction.ScalarBlock(ScalarCode code, int from, int to) -> "scalars "
                    + names(plan, IntStream.range(from, to).map(code::node));
            case Instruction.BlockCall(BlockRun run) -> "blocks " + names(plan, IntStream.of(run.nodes()));
            case Instruction.KernelCall call -> "kernel " + names(plan, IntStream.of(call.node()));
            case Instruction.FactoringCall call -> "factoring " + names(plan, IntStream.of(call.nodes()));
            case Instruction.PreparationCall call -> "preparation " + call.name();
        }).toList();
    }

    private static String names(Plan plan, IntStream nodes) {
        return nodes.mapToObj(node -> plan.graph().op(node).name()).collect(Collectors.joining(" "));
    }

    @Test
    void scalars_are_computed_in_blocks_between_kernels() {
        Node x = builder.input("x", Shape.SCALAR);
        Node v = builder.input("v", Shape.of(3));
        Node twice = call("mul", builder.literal(2), x);
        Node sin = call("sin", twice);
        Node scaled = call("mul", v, sin);
        Node sum = call("sum", scaled);
        call("exp", x);
        Node half = call("div", sum, builder.literal(2));
        Node root = call("sqrt", half);
        Plan plan = plan(root);
        assertThat(instructions(plan, plan.once())).containsExactly("scalars mul sin", "blocks mul sum", "scalars div sqrt");
        assertThat(plan.repeated()).isEmpty();
        assertThat(run(plan, Map.of(x, Tensor.scalar(0.5), v, Tensor.vector(1, 2, 3))).scalar(root.index()))
                .isEqualTo(Math.sqrt((Math.sin(1.0) * 1 + Math.sin(1.0) * 2 + Math.sin(1.0) * 3) / 2));
    }

    @Test
    void results_of_one_factoring_are_one_instruction() {
        Node x = builder.input("x", Shape.of(3, 3));
        Node values = call("eigvalsh", x);
        Node before = call("exp", values);
        Node vectors = call("eigh_vectors", x);
        Plan plan = plan(call("matmul", vectors, before), call("eigvalsh", x));
        assertThat(instructions(plan, plan.once())).containsExactly("factoring eigvalsh eigh_vectors", "kernel exp",
                "kernel matmul");
    }

    @Test
    void what_has_no_elements_is_not_computed() {
        Node x = builder.input("x", Shape.of(0, 3));
        Node y = call("exp", x);
        Node sum = call("sum", Map.of("axis", 0), y);
        Plan plan = plan(y, sum);
        assertThat(instructions(plan, plan.once())).containsExactly("kernel sum");
        Executor executor = run(plan, Map.of(x, Tensor.zeros(Shape.of(0, 3))));
        assertThat(executor.value(sum.index())).isEqualTo(Tensor.vector(0, 0, 0));
        assertThat(executor.value(y.index())).isEqualTo(Tensor.zeros(Shape.of(0, 3)));
    }

    @Test
    void a_block_of_scalars_ends_where_the_repeated_part_begins() {
        Node x = builder.input("x", Shape.SCALAR);
        Node sin = call("sin", x);
        Node seed = builder.input("seed", Shape.SCALAR);
        Node product = call("mul", sin, seed);
        Plan plan = Plan.repeating(builder.build(), bits(product), seed.index(), Checks.NONE, Checkpoint.NONE);
        assertThat(instructions(plan, plan.once())).containsExactly("scalars sin");
        assertThat(instructions(plan, plan.repeated())).containsExactly("scalars mul");
    }

    @Test
    void an_elementwise_result_takes_the_place_of_an_operand_of_its_size_that_nothing_else_reads() {
        Node x = builder.input("x", Shape.of(3, 2));
        Node row = call("exp", builder.input("row", Shape.of(3)));
        Node a = call("transpose", x);
        Node sum = call("add", a, row);
        Node turned = call("transpose", sum);
        Plan plan = plan(turned, row);
        assertThat(plan.slot(sum.index())).isEqualTo(plan.slot(a.index())).isNotEqualTo(plan.slot(row.index()));
        assertThat(plan.slot(turned.index())).as("a transpose does not write over what it reads").isNotEqualTo(plan.slot(sum.index()));
        assertThat(plan.bufferCount()).isEqualTo(3);
    }

    @Test
    void both_factors_of_a_matrix_come_from_one_factoring() {
        Node x = builder.input("x", Shape.of(2, 2));
        Node r = call("qr_r", x);
        Node rows = call("index", Map.of("at", List.of(0)), r);
        Node q = call("qr_q", x);
        Node again = call("qr_r", x);
        Node other = call("qr_r", q);
        Plan plan = plan(rows, q, again, other);
        assertThat(factorings(plan)).isEqualTo(2);
        assertThat(CostModel.of(plan).flops()).isEqualTo(CostModel.of(plan(rows, other)).flops());
        Executor executor = run(plan, Map.of(x, Tensor.matrix(new double[]{3, 1}, new double[]{4, 2})));
        assertThat(executor.value(rows.index()).data()[0]).isEqualTo(-5);
        assertThat(executor.value(again.index()).data()[0]).isEqualTo(-5);
        assertThat(executor.value(q.index()).data()[0]).isCloseTo(-0.6, org.assertj.core.api.Assertions.within(1e-15));
    }

    @Test
    void derivatives_of_factors_do_not_factor_again() {
        GraphFunction cubes = GraphFunction.of(x -> call("sum", call("pow", call("eigvalsh", x), x[0].graph().literal(3))), Shape.of(3, 3));
        GraphFunction hessian = cubes.vjp().vjp(0);
        BitSet results = new BitSet();
        results.set(hessian.outputs()[0]);
        assertThat(factorings(Plan.of(hessian.graph(), results))).isEqualTo(1);
    }

    @Test
    void a_factor_that_only_the_repeated_part_needs_outlives_its_repetitions() {
        Node x = builder.input("x", Shape.of(2, 2));
        Node r = call("qr_r", x);
        Node seed = builder.input("seed", Shape.of(2, 2));
        Node product = call("matmul", seed, call("qr_q", x));
        Node result = call("matmul", product, product);
        Plan plan = Plan.repeating(builder.build(), bits(r, result), seed.index(), Checks.NONE, Checkpoint.NONE);
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(x.index(), Tensor.matrix(new double[]{3, 1}, new double[]{4, 2}));
        executor.runOnce();
        executor.place(seed.index(), Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}));
        executor.repeat();
        double[] first = executor.value(result.index()).data().clone();
        executor.repeat();
        assertThat(executor.value(result.index()).data()).isEqualTo(first).doesNotContain(0);
    }

    @Test
    void what_no_result_needs_is_neither_run_nor_placed() {
        Node x = builder.input("x", Shape.of(2));
        Node missing = builder.input("missing", Shape.of(2));
        Node aside = call("exp", missing);
        Node y = call("neg", x);
        Plan plan = plan(y);
        assertThat(plan.needed().get(aside.index())).isFalse();
        assertThat(plan.isKept(y.index())).isTrue();
        assertThat(run(plan, Map.of(x, Tensor.vector(1, 2))).value(y.index())).isEqualTo(Tensor.vector(-1, -2));
    }

    /** Whatever is kept, and whatever buffers are shared, the results are the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void buffers_are_shared_without_harm(long seed) {
        Random random = new Random(seed);
        Map<Node, Tensor> inputs = new java.util.HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Shape shape : List.of(Shape.of(3, 3), Shape.of(3), Shape.of(1, 3), Shape.of(3, 1), Shape.SCALAR, Shape.of(9))) {
            Tensor value = Tensor.zeros(shape);
            Arrays.setAll(value.data(), i -> random.nextDouble(-1, 1));
            nodes.add(builder.input("x", shape));
            inputs.put(nodes.getLast(), value);
        }
        while (nodes.size() < 300) {
            try {
                nodes.add(randomNode(random, nodes));
            } catch (ShapeException e) {
                assertThat(e).as("try other operands").hasNoCause();
            }
        }
        Node[] some = IntStream.range(0, 5).mapToObj(i -> nodes.get(random.nextInt(nodes.size()))).toArray(Node[]::new);
        Plan thrifty = plan(some);
        Plan wasteful = plan(nodes.toArray(Node[]::new));
        assertThat(thrifty.bufferCount()).isLessThan(wasteful.bufferCount() / 3);
        Executor one = run(thrifty, inputs);
        Executor other = run(wasteful, inputs);
        for (Node node : some) {
            assertThat(one.value(node.index())).isEqualTo(other.value(node.index()));
        }
    }

    private static Node randomNode(Random random, List<Node> nodes) {
        Node a = nodes.get(Math.max(0, nodes.size() - 1 - random.nextInt(12)));
        Node b = nodes.get(Math.max(0, nodes.size() - 1 - random.nextInt(12)));
        return switch (random.nextInt(8)) {
            case 0 -> call("sin", a);
            case 1 -> call("transpose", a);
            case 2 -> call("softmax", Map.of("axis", 0), a);
            case 3 -> call("where", call("gt", a, b), b, a);
            case 4 -> call("sum", Map.of("axis", 0), call("tanh", a));
            case 5 -> call("matmul", call("tanh", a), call("tanh", b));
            case 6 -> call("reshape", Map.of("shape", List.of(3, 3)), a);
            default -> call("add", call("mul", a, b), b);
        };
    }

    @Test
    void a_part_runs_again_upon_what_was_there_before() {
        Node x = builder.input("x", Shape.of(2));
        Node before = call("exp", call("neg", x));
        Node seed = builder.input("seed", Shape.of(2));
        Node after = call("neg", call("mul", call("sin", before), seed));
        Graph graph = builder.build();
        Plan plan = Plan.repeating(graph, bits(after), seed.index(), Checks.NONE, Checkpoint.NONE);
        assertThat(plan.isKept(before.index())).isTrue();
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(x.index(), Tensor.vector(0, 1));
        executor.runOnce();
        double[] sin = {Math.sin(1), Math.sin(Math.exp(-1))};
        for (double s : new double[]{1, -2, 4}) {
            executor.place(seed.index(), Tensor.vector(s, 8 * s));
            executor.repeat();
            assertThat(executor.value(after.index())).isEqualTo(Tensor.vector(-sin[0] * s, -sin[1] * 8 * s));
        }
    }

    @Test
    void values_must_fit_and_be_there() {
        Node x = builder.input("x", Shape.of(2));
        Node y = call("neg", x);
        Executor executor = new Executor(plan(y), Parallel.NONE);
        assertThatThrownBy(() -> executor.place(x.index(), Tensor.vector(1, 2, 3))).isInstanceOf(ShapeException.class)
                .hasMessageContaining("has shape [2], its value [3]");
        assertThatThrownBy(executor::run).hasMessageContaining("input node 0 has no value");
    }

    @Test
    void costs_are_known_before_anything_runs() {
        Node a = builder.input("a", Shape.of(10, 20));
        Node b = builder.input("b", Shape.of(20, 30));
        Node product = call("matmul", a, b);
        Node sum = call("sum", call("exp", call("neg", product)));
        Plan plan = plan(sum);
        assertThat(CostModel.of(plan).flops()).isEqualTo(2 * 10 * 20 * 30 + 3 * 300);
        assertThat(CostModel.of(plan, node -> node == product.index() ? 5 : 1).flops()).isEqualTo(5 * 2 * 10 * 20 * 30 + 3 * 300);
        assertThat(CostModel.of(plan).bytes())
                .as("the inputs, one buffer for the product and what follows, a register, and a block of the sum")
                .isBetween(8L * (200 + 600 + 300 + 300), 8L * (200 + 600 + 300 + 300 + 256) + 2000);
        assertThat(CostModel.of(plan, node -> 1, 1000).flops()).as("where fused multiply-adds take long")
                .isEqualTo(1000 * (2 * 10 * 20 * 30 + 300) + 2 * 300);
        assertThat(CostModel.operations(plan, node -> 1)).as("on every machine").isEqualTo(2 * 10 * 20 * 30 + 3 * 300);
        assertThat(CostModel.of(plan, node -> Long.MAX_VALUE).flops()).isEqualTo(Long.MAX_VALUE);
    }

    /** An operation of a product takes a tenth of the time of one of a loop over an array. Steps of few operations take time too. */
    @Test
    void times_are_about_right_before_anything_runs() {
        Node a = builder.input("a", Shape.of(300, 300));
        Node product = call("matmul", a, a);
        Node sum = call("add", product, a);
        CostModel ofProduct = CostModel.of(plan(product));
        CostModel ofBoth = CostModel.of(plan(sum));
        assertThat((double) ofProduct.nanos() / ofProduct.flops()).isBetween(0.04, 0.06);
        assertThat((double) (ofBoth.nanos() - ofProduct.nanos()) / (ofBoth.flops() - ofProduct.flops())).isBetween(0.4, 0.6);
        assertThat(CostModel.of(plan(call("neg", builder.input("x", Shape.SCALAR)))).nanos()).isGreaterThan(100);
        assertThat(ofProduct.times(7).nanos()).isEqualTo(7 * ofProduct.nanos());
        assertThat(ofProduct.times(7).bytes()).as("one run after the other").isEqualTo(ofProduct.bytes());
        assertThat(ofProduct.times(Long.MAX_VALUE).flops()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void costs_of_what_nobody_could_pay_saturate() {
        Node column = builder.input("a", Shape.of(2_000_000_000, 1));
        Node row = builder.input("b", Shape.of(1, 2_000_000_000));
        Node product = call("matmul", column, row);
        assertThat(product.op().flops(new Shape[]{column.shape(), row.shape()}, product.shape())).isGreaterThan(Integer.MAX_VALUE);
        assertThatThrownBy(() -> plan(product)).isInstanceOf(ShapeException.class)
                .hasMessageContaining("more elements than an array can hold");
    }
}
