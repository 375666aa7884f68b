package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.ArrayOpCases;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.SpatialCases;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Jacobians need of the ops on arrays: batches, and which elements depend on which. */
class ArrayOpBatchTest {
    private static final int N = 3;

    static Stream<OpCases> cases() {
        return OpCases.of(all());
    }

    private static Stream<OpCase> all() {
        return Stream.concat(ArrayOpCases.ALL.stream(), SpatialCases.ALL.stream());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_batch_is_a_loop(OpCases cases) {
        cases.each(ArrayOpBatchTest::assertLoop);
    }

    private static void assertLoop(OpCase one) {
        for (GraphFunction function : List.of(one.function(), one.function().vjp(), one.function().jvp())) {
            int count = function.inputs().length;
            check(one, function, IntStream.range(0, count).toArray());
            for (int k = 0; k < count; k++) {
                check(one, function, k);
            }
        }
    }

    private static void check(OpCase one, GraphFunction function, int... batched) {
        BitSet results = new BitSet();
        Map<Integer, Integer> lengths = new HashMap<>();
        IntStream.concat(IntStream.of(function.inputs()), IntStream.of(function.outputs())).forEach(results::set);
        IntStream.of(batched).forEach(k -> lengths.put(function.inputs()[k], N));
        Batching batching = Batching.of(function.graph(), results, lengths, Allowance.UNBOUNDED);
        GraphFunction mapped = new GraphFunction(batching.graph(), IntStream.of(function.inputs()).map(i -> batching.image()[i]).toArray(),
                IntStream.of(function.outputs()).map(i -> batching.image()[i]).toArray());
        List<List<Tensor>> samples = IntStream.range(0, N).mapToObj(i -> sample(one, function, i)).toList();
        List<Tensor> together = new ArrayList<>(samples.getFirst());
        for (int k : batched) {
            together.set(k, stacked(samples.stream().map(sample -> sample.get(k)).toList()));
        }
        List<Tensor> actual = mapped.run(together);
        for (int i = 0; i < N; i++) {
            List<Tensor> single = new ArrayList<>(samples.getFirst());
            for (int k : batched) {
                single.set(k, samples.get(i).get(k));
            }
            List<Tensor> expected = function.run(single);
            for (int j = 0; j < expected.size(); j++) {
                int length = expected.get(j).length();
                int from = batching.lengths()[function.outputs()[j]] > 0 ? i * length : 0;
                assertThat(Arrays.copyOfRange(actual.get(j).data(), from, from + length)).as("%s, sample %d of inputs %s", one, i,
                        Arrays.toString(batched)).containsExactly(expected.get(j).data(), within(1e-12));
            }
        }
    }

    private static List<Tensor> sample(OpCase one, GraphFunction function, int seed) {
        List<Tensor> values = new ArrayList<>(one.operands(seed));
        Random random = new Random(seed);
        for (Shape shape : function.inputShapes().subList(values.size(), function.inputs().length)) {
            Tensor direction = Tensor.zeros(shape);
            Arrays.setAll(direction.data(), i -> random.nextDouble(-1, 1));
            values.add(direction);
        }
        return values;
    }

    private static Tensor stacked(List<Tensor> all) {
        double[] data = all.stream().flatMapToDouble(one -> Arrays.stream(one.data())).toArray();
        return Tensor.of(Shape.of(all.size()).concat(all.getFirst().shape()), data);
    }

    static Stream<OpCases> primitives() {
        return OpCases.of(all().filter(one -> !one.op().isComposite() && one.shape().size() > 0));
    }

    /** {@link CatalogueTest} holds what they tell against derivatives. */
    @ParameterizedTest
    @MethodSource("primitives")
    void dependences_are_told(OpCases cases) {
        cases.each(one -> assertThat(one.op().dependences(one.shapes().toArray(Shape[]::new), one.shape(), (_, _, _) -> {})).isTrue());
    }
}
