package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.tensor.Checkpoint;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An op mapped over a batch answers what a loop answers. */
class BatchingTest {
    private static final int N = 2;

    static Stream<OpCase> cases() {
        return OpCase.all().filter(one -> !one.isElementwise());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_batch_is_a_loop(OpCase one) {
        int operands = one.shapes().size();
        List<List<Tensor>> samples = IntStream.range(0, N).mapToObj(i -> one.operands(20 + i)).toList();
        for (int mask = 1; mask < 1 << operands; mask++) {
            check(one, one.function(), samples, mask);
        }
        List<List<Tensor>> withCotangents = new ArrayList<>();
        for (int i = 0; i < N; i++) {
            List<Tensor> all = new ArrayList<>(samples.get(i));
            Tensor cotangent = Tensor.zeros(one.shape());
            int shift = i;
            Arrays.setAll(cotangent.data(), k -> Math.sin(k + 2 * shift));
            all.add(cotangent);
            withCotangents.add(all);
        }
        check(one, one.function().vjp(), withCotangents, 1 << operands);
        check(one, one.function().vjp(), withCotangents, (2 << operands) - 1);
    }

    private static void check(OpCase one, GraphFunction function, List<List<Tensor>> samples, int mask) {
        BitSet results = new BitSet();
        IntStream.of(function.outputs()).forEach(results::set);
        Map<Integer, Integer> lengths = new HashMap<>();
        for (int k = 0; k < function.inputs().length; k++) {
            if ((mask >> k & 1) == 1) {
                lengths.put(function.inputs()[k], N);
            }
        }
        Batching batching = Batching.of(function.graph(), results, lengths, Allowance.UNBOUNDED);
        BitSet images = new BitSet();
        IntStream.of(function.outputs()).forEach(output -> images.set(batching.image()[output]));
        Executor executor = new Executor(Plan.of(batching.graph(), images), Checkpoint.NONE);
        List<List<Tensor>> mixed = IntStream.range(0, N).<List<Tensor>>mapToObj(i -> new ArrayList<>(samples.getFirst())).toList();
        for (int k = 0; k < function.inputs().length; k++) {
            int position = k;
            boolean batched = (mask >> k & 1) == 1;
            IntStream.range(0, N).filter(i -> batched).forEach(i -> mixed.get(i).set(position, samples.get(i).get(position)));
            int image = batching.image()[function.inputs()[k]];
            if (image >= 0) {
                executor.place(image, batched ? stacked(samples, k) : samples.getFirst().get(k));
            }
        }
        executor.run();
        for (int i = 0; i < N; i++) {
            List<Tensor> expected = function.run(mixed.get(i));
            for (int o = 0; o < function.outputs().length; o++) {
                int output = function.outputs()[o];
                Tensor whole = executor.value(batching.image()[output]);
                int size = expected.get(o).length();
                boolean batched = batching.lengths()[output] > 0;
                assertThat(whole.length()).as("%s, operands %s", one, mask).isEqualTo(batched ? N * size : size);
                double[] part = batched ? Arrays.copyOfRange(whole.data(), i * size, (i + 1) * size) : whole.data();
                for (int k = 0; k < size; k++) {
                    double wanted = expected.get(o).data()[k];
                    assertThat(part[k]).as("%s, operands %s", one, mask).isCloseTo(wanted, within(1e-12 * (1 + Math.abs(wanted))));
                }
            }
        }
    }

    private static Tensor stacked(List<List<Tensor>> samples, int operand) {
        Shape shape = Shape.of(N).concat(samples.getFirst().get(operand).shape());
        double[] all = samples.stream().flatMapToDouble(sample -> Arrays.stream(sample.get(operand).data())).toArray();
        return Tensor.of(shape, all);
    }
}
