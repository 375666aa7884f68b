package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A batch equals its samples, one by one, for every op, for its derivatives, and for any of its operands batched. */
class BatchingTest {
    private static final int N = 3;

    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all().flatMap(one -> Stream.concat(Stream.of(one), one.fromOtherEnd().stream())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_batch_equals_its_samples(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            check(function, one.shapes().size(), one);
            if (!one.shapes().isEmpty()) {
                check(function.vjp(), one.shapes().size(), one);
                check(function.jvp(), one.shapes().size(), one);
            }
        });
    }

    /** The first {@code operands} inputs are batched in every combination; cotangents and tangents, which come after them, always. */
    private static void check(GraphFunction function, int operands, OpCase one) {
        int combinations = 1 << Math.min(operands, 3);
        for (int mask = 1; mask < combinations; mask++) {
            int chosen = mask;
            boolean[] batched = new boolean[function.inputs().length];
            IntStream.range(0, batched.length).forEach(k -> batched[k] = k >= operands || (chosen >> Math.min(k, 2) & 1) == 1);
            List<List<Tensor>> samples = IntStream.range(0, N).mapToObj(i -> values(function, batched, one, i)).toList();
            List<Tensor> together = run(function, batched, samples);
            for (int k = 0; k < together.size(); k++) {
                List<Double> expected = new ArrayList<>();
                for (List<Tensor> sample : samples) {
                    for (double value : function.run(sample).get(k).data()) {
                        expected.add(value);
                    }
                }
                double[] found = together.get(k).data();
                assertThat(found).hasSize(expected.size());
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).isCloseTo(expected.get(i), within(1e-12 * Math.max(1, Math.abs(expected.get(i)))));
                }
            }
        }
    }

    private static List<Tensor> values(GraphFunction function, boolean[] batched, OpCase one, int sample) {
        List<Tensor> same = one.operands(7);
        List<Tensor> own = one.operands(100 + sample);
        List<Tensor> values = new ArrayList<>();
        for (int k = 0; k < batched.length; k++) {
            values.add(k >= same.size() ? direction(function.inputShapes().get(k), sample) : batched[k] ? own.get(k) : same.get(k));
        }
        return values;
    }

    private static Tensor direction(Shape shape, int sample) {
        Tensor direction = Tensor.zeros(shape);
        for (int i = 0; i < direction.length(); i++) {
            direction.data()[i] = Math.sin(1 + i + 10 * sample);
        }
        return direction;
    }

    private static List<Tensor> run(GraphFunction function, boolean[] batched, List<List<Tensor>> samples) {
        Graph graph = function.graph();
        BitSet results = new BitSet();
        IntStream.of(function.outputs()).forEach(results::set);
        Batching batching = Batching.of(graph, results, lengths(function, batched, N), Allowance.UNBOUNDED);
        Graph many = Batching.of(graph, results, lengths(function, batched, 50 * N), Allowance.UNBOUNDED).graph();
        assertThat(many.size()).as("nodes that run for any number of samples").isEqualTo(batching.graph().size());
        BitSet kept = new BitSet();
        IntStream.of(function.outputs()).forEach(output -> kept.set(batching.image()[output]));
        Executor executor = new Executor(Plan.of(batching.graph(), kept), Parallel.NONE);
        for (int k = 0; k < batched.length; k++) {
            int image = batching.image()[function.inputs()[k]];
            if (image >= 0) {
                executor.place(image, batched[k] ? stacked(samples, k) : samples.getFirst().get(k));
            }
        }
        executor.run();
        return IntStream.of(function.outputs()).mapToObj(output -> {
            Tensor value = executor.value(batching.image()[output]);
            return batching.isBatched(output) ? value : repeated(value);
        }).toList();
    }

    private static Map<Integer, Integer> lengths(GraphFunction function, boolean[] batched, int n) {
        Map<Integer, Integer> lengths = new HashMap<>();
        IntStream.range(0, batched.length).filter(k -> batched[k]).forEach(k -> lengths.put(function.inputs()[k], n));
        return lengths;
    }

    private static Tensor stacked(List<List<Tensor>> samples, int k) {
        double[] data = samples.stream().flatMapToDouble(sample -> Arrays.stream(sample.get(k).data())).toArray();
        return Tensor.of(Shape.of(N).concat(samples.getFirst().get(k).shape()), data);
    }

    private static Tensor repeated(Tensor value) {
        return stacked(List.of(List.of(value), List.of(value), List.of(value)), 0);
    }

    @Test
    void every_node_of_a_batch_belongs_to_one_of_the_program() {
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call("add", GraphFunction.call("softmax", x[0]), x[1]), Shape.of(3),
                Shape.of(3));
        Graph graph = function.graph();
        BitSet results = new BitSet();
        results.set(function.outputs()[0]);
        Batching batching = Batching.of(graph, results, lengths(function, new boolean[]{true, false}, N), Allowance.UNBOUNDED);
        int before = -1;
        for (int i = 0; i < graph.size(); i++) {
            int image = batching.image()[i];
            for (int node = before + 1; node <= image; node++) {
                assertThat(batching.original(node)).isEqualTo(i);
            }
            before = image;
        }
        assertThat(before).isEqualTo(batching.graph().size() - 1);
        assertThat(batching.original(before + 1)).isEqualTo(-1);
        assertThat(Batching.original(new int[]{-1, 5, 2}, 3)).as("the least image at or after the node").isEqualTo(1);
        assertThat(Batching.original(new int[]{-1, 5, 2}, 0)).isEqualTo(2);
    }
}
