package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What runs tell beside values, runs one after the other and at the same time. */
class ExecutorTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node x = builder.input("x", Shape.SCALAR);
    private final Node v = builder.input("v", Shape.of(3));

    private static BitSet bits(Node... nodes) {
        BitSet bits = new BitSet();
        Arrays.stream(nodes).forEach(node -> bits.set(node.index()));
        return bits;
    }

    private Executor executor(Checks checks, Node... results) {
        return new Executor(Plan.of(builder.build(), bits(results), checks, Checkpoint.NONE), Parallel.NONE);
    }

    private Executor run(Executor executor, double atX, double... atV) {
        executor.placeScalar(x.index(), atX);
        executor.place(v.index(), Tensor.vector(atV));
        executor.run();
        return executor;
    }

    @Test
    void scalars_are_placed_and_read_without_arrays() {
        Node y = call("add", call("sin", x), call("sum", v));
        Executor executor = run(executor(Checks.NONE, y), 1, 1, 2, 3);
        assertThat(executor.scalar(y.index())).isEqualTo(Math.sin(1) + 6).isEqualTo(executor.value(y.index()).item());
        assertThatThrownBy(() -> executor.placeScalar(v.index(), 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> executor.scalar(v.index())).isInstanceOf(ShapeException.class);
    }

    @Test
    void runs_one_after_the_other_depend_on_what_is_placed_alone() {
        Node y = call("mul", call("exp", v), call("tanh", x));
        Node total = call("sum", call("softmax", y));
        Executor again = executor(Checks.NONE, y, total);
        for (double value : new double[]{0.5, -2, Double.NaN, 0.5}) {
            Tensor first = run(executor(Checks.NONE, y, total), value, value, 1, 2).value(y.index());
            assertThat(run(again, value, value, 1, 2).value(y.index())).isEqualTo(first);
        }
    }

    @Test
    void infinite_values_on_the_way_are_seen_though_the_result_is_finite() {
        Node exp = call("exp", x);
        Node result = call("reciprocal", exp);
        Node exps = call("exp", v);
        Node results = call("reciprocal", exps);
        Checks all = Checks.finite(bits(exp, result, exps, results));
        assertThat(run(executor(all, result, results), 1, 1, 2, 3).sawNonFinite()).isFalse();
        assertThat(run(executor(all, result, results), 1000, 1, 2, 3).sawNonFinite()).isTrue();
        assertThat(run(executor(all, result, results), 1, 1, 1000, 3).sawNonFinite()).isTrue();
        assertThat(run(executor(Checks.finite(bits(result, results)), result, results), 1000, 1, 1000, 3).sawNonFinite())
                .as("of unchecked values nothing is said").isFalse();
        Executor executor = executor(all, result, results);
        assertThat(run(executor, 1000, 1, 1000, 3).sawNonFinite()).isTrue();
        assertThat(run(executor, 1, 1, 2, 3).sawNonFinite()).as("the latest run counts").isFalse();
    }

    /** Scalars, arrays, factors and results of kernels that are scalars: each may be the first. */
    @Test
    void the_first_value_that_is_not_finite_is_told_in_the_order_of_the_run() {
        Node log = call("log", x);
        Node logs = call("log", v);
        Node sum = call("sum", logs);
        Node matrix = call("reshape", Map.of("shape", List.of(3, 1)), logs);
        Node r = call("qr_r", matrix);
        Node number = call("exp", call("sum", r));
        Node last = call("add", call("mul", sum, log), number);
        BitSet all = new BitSet();
        all.set(0, last.index() + 1);
        for (boolean checked : new boolean[]{true, false}) {
            Executor executor = executor(checked ? Checks.finite(all) : Checks.NONE, last);
            assertThat(run(executor, 1, 1, 2, 3).firstNonFinite(all, bits(sum))).containsExactly(-1, -1);
            assertThat(run(executor, 0, 1, 0, 3).firstNonFinite(all, bits(sum, last), bits(logs, last), bits(last), bits(r), bits()))
                    .containsExactly(log.index(), sum.index(), logs.index(), last.index(), r.index(), -1);
            assertThat(run(executor, 1, 1, -1, 3).firstNonFinite(all, bits(x, v, log))).containsExactly(logs.index(), -1);
            assertThat(run(executor, 1, 1, 2, Double.POSITIVE_INFINITY).firstNonFinite(bits(v), bits(v, sum)))
                    .as("an input is no computed value").containsExactly(-1, sum.index());
            assertThat(executor.sawNonFinite()).isEqualTo(checked);
        }
    }

    /** Buffers and registers are used again: what was there at the end does not tell what was there on the way. */
    @Test
    void a_value_whose_buffer_is_used_again_is_seen_in_time() {
        Node a = call("exp", v);
        Node b = call("sub", builder.literal(1), call("tanh", a));
        Plan plan = Plan.of(builder.build(), bits(b), Checks.finite(bits(a, b)), Checkpoint.NONE);
        assertThat(plan.slot(a.index())).as("it lives in a register").isEqualTo(Buffers.NONE);
        Executor executor = run(new Executor(plan, Parallel.NONE), 0, 1, 1000, 1);
        assertThat(executor.value(b.index()).isFinite()).isTrue();
        assertThat(executor.firstNonFinite(bits(a, b))).containsExactly(a.index());
    }

    @Test
    void zeros_are_noted_on_the_way() {
        Node relu = call("relu", v);
        Node less = call("sub", relu, builder.literal(1));
        Node scalar = call("mul", x, builder.literal(0));
        Node sum = call("sum", relu);
        Node none = call("exp", builder.input("none", Shape.of(0)));
        BitSet all = bits(relu, less, scalar, sum, none);
        Executor executor = executor(new Checks(new BitSet(), all), less, scalar, sum, none);
        executor.place(none.operand(0).index(), Tensor.vector());
        run(executor, 1, -1, -2, -0.0);
        assertThat(List.of(relu, less, scalar, sum, none)).extracting(node -> executor.isZero(node.index()))
                .containsExactly(true, false, true, true, true);
        run(executor, Double.NaN, -1, 2, -3);
        assertThat(List.of(relu, less, scalar, sum, none)).extracting(node -> executor.isZero(node.index()))
                .containsExactly(false, false, false, false, true);
        assertThat(executor.isZero(v.index())).as("a leaf").isFalse();
    }

    @Test
    void a_problem_names_the_node_that_met_it() {
        Node good = call("inv", call("reshape", Map.of("shape", List.of(1, 1)), call("sum", v)));
        Node bad = call("inv", call("mul", good, x));
        assertThatThrownBy(() -> run(executor(Checks.NONE, bad), 0, 1, 2, 3)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.graphNode()).isEqualTo(bad.index()));
    }

    @Test
    void many_threads_run_one_plan_with_the_same_bits() throws Exception {
        Node y = x;
        Node w = v;
        for (int i = 0; i < 50; i++) {
            y = call("tanh", call("add", call("sum", w), y));
            w = call("softmax", call("mul", call("sub", v, y), builder.constant(Tensor.vector(1, i, 0.5))));
        }
        Node last = call("qr_q", call("reshape", Map.of("shape", List.of(3, 1)), w));
        Plan plan = Plan.of(builder.build(), bits(y, last), Checks.finite(bits(y, w)), Checkpoint.NONE);
        List<Callable<List<Tensor>>> tasks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            double value = i % 4;
            tasks.add(() -> {
                Executor executor = new Executor(plan, Parallel.NONE);
                for (int k = 0; k < 20; k++) {
                    run(executor, value, value, -value, 1);
                }
                return List.of(executor.value(plan.graph().size() - 1), executor.value(last.index()));
            });
        }
        List<List<Tensor>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<List<Tensor>> result : threads.invokeAll(tasks)) {
                results.add(result.get());
            }
        }
        List<List<Tensor>> alone = IntStream.range(0, 4).mapToObj(i -> {
            try {
                return tasks.get(i).call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }).toList();
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i)).isEqualTo(alone.get(i % 4));
        }
    }
}
