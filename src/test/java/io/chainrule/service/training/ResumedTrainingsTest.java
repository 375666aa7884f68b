package io.chainrule.service.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.Metric;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Training;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that goes on from a state of an earlier run ends as if nothing had happened, bit for bit, with the same troubles. */
class ResumedTrainingsTest {
    private static final Map<String, Object> NONE = Map.of();

    /** Notes the states after some steps, or goes on from one. */
    private static final class Recorder implements TrainingCall.Progress {
        private final Map<Long, byte[]> states = new TreeMap<>();
        private final byte @Nullable [] earlier;
        private long stepsInAll;
        private long step;
        private long made;

        Recorder(byte @Nullable [] earlier) {
            this.earlier = earlier;
        }

        @Override
        public void begins(long all) {
            stepsInAll = all;
        }

        @Override
        public void made(TrainingCall.Step latest) {
            step = latest.stepsDone();
            made++;
        }

        @Override
        public void check() {}

        @Override
        public byte @Nullable [] earlier() {
            return earlier;
        }

        @Override
        public boolean wantsState() {
            return earlier == null && (step == 1 || step % Math.max(1, stepsInAll / 3) == 0);
        }

        @Override
        public void state(byte[] state) {
            states.put(step, state);
        }
    }

    private static TrainingCall call(Query query, String optimizer, Map<String, Object> options, String schedule) {
        return new TrainingCall(query, new TrainingCall.Part(optimizer, options), new TrainingCall.Part(schedule, NONE), 7, null, 5, 3,
                1.0, TrainingTroublesTest.validation(6), List.of(Metric.MAE), null, null, new EarlyStopping(4, 1e-9));
    }

    /** Layers whose steps depend on what the steps before left behind, or on how many they were. */
    private static Query network() {
        double[][] x = IntStream.range(0, 23).mapToObj(i -> new double[]{Math.sin(i), Math.cos(3 * i)}).toArray(double[][]::new);
        double[][] y = IntStream.range(0, 23).mapToObj(i -> new double[]{Math.sin(5 * i)}).toArray(double[][]::new);
        return new Query(
                new Source.Network(
                        Networks.network(Shape.of(2), new LossSpec("mse", "y", Map.of()), Networks.layer("dense", "h", Map.of("units", 6)),
                                Networks.layer("batch_norm", "n", Map.of("activation", "relu")),
                                Networks.layer("dropout", "d", Map.of("rate", 0.3)), Networks.layer("dense", "out", Map.of("units", 1))),
                        InitializerSpec.DEFAULT, false, 0),
                Map.of("x", Tensor.matrix(x), "y", Tensor.matrix(y)), Map.of(), 5, null, null, new Signature.NodeSelection.All(),
                Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(), Transformation.Remarks.ALL);
    }

    static Stream<Arguments> optimizers() {
        return Stream.of(Arguments.of("sgd", NONE), Arguments.of("sgd", Map.of("momentum", 0.9, "nesterov", true)),
                Arguments.of("rmsprop", Map.of("momentum", 0.5, "centered", true)), Arguments.of("adam", Map.of("amsgrad", true)),
                Arguments.of("adamw", NONE), Arguments.of("adagrad", Map.of("lr", 0.1)))
                .flatMap(row -> Stream.of("constant", "cosine").map(schedule -> Arguments.of(row.get()[0], row.get()[1], schedule)));
    }

    @Test
    void everyOptimizerIsAmongThem() {
        assertThat(optimizers().map(row -> row.get()[0])).containsAll(Optimizer.CATALOGUE.names());
    }

    private static void resumesFromEachState(TrainingCall call) {
        Recorder whole = new Recorder(null);
        Training expected = TrainingTroublesTest.service().train(call, whole).result();
        assertThat(whole.states).isNotEmpty();
        whole.states.forEach((step, state) -> {
            Recorder rest = new Recorder(state);
            assertThat(TrainingTroublesTest.service().train(call, rest).result()).as("from step %d", step).isEqualTo(expected);
            assertThat(rest.made).as("steps after step %d", step).isEqualTo(whole.made - step);
        });
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void ofEveryOptimizerWithLayersThatRemember(String optimizer, Map<String, Object> options, String schedule) {
        resumesFromEachState(call(network(), optimizer, options, schedule));
    }

    @ParameterizedTest
    @MethodSource("io.chainrule.service.training.TrainingTroublesTest#all")
    void withTheTroublesThatItHas(TrainingCall call, String expected) {
        resumesFromEachState(call);
    }

    @Test
    void aStateOfAnotherTrainingIsRefused() {
        Recorder recorder = new Recorder(null);
        TrainingTroublesTest.service().train(call(network(), "adam", NONE, "constant"), recorder);
        byte[] state = recorder.states.values().iterator().next();
        TrainingCall other = call(network(), "sgd", NONE, "constant");
        assertThatThrownBy(() -> TrainingTroublesTest.service().train(other, new Recorder(state)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("of another training");
        byte[] old = state.clone();
        old[15]++;
        assertThatThrownBy(() -> TrainingTroublesTest.service().train(other, new Recorder(old)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no state of a training of this version");
    }
}
