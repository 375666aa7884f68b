package io.chainrule.service.training;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Metric;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Training;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Query;
import java.time.Duration;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that goes on from a state of an earlier run ends as if nothing had happened, bit for bit, with the same troubles. */
class ResumedTrainingsTest {
    private static final Map<String, Object> NONE = Map.of();

    /** Notes the states after some steps, or goes on from one. */
    private static class Recorder implements TrainingCall.Progress {
        private final Map<Long, byte[]> states = new TreeMap<>();
        private final byte @Nullable [] earlier;
        /** How many steps lie between two states, besides the one after the first step; 0 for a third of all. */
        private final long between;
        private long stepsInAll;
        private long step;
        private long made;

        Recorder(byte @Nullable [] earlier) {
            this(earlier, 0);
        }

        Recorder(byte @Nullable [] earlier, long between) {
            this.earlier = earlier;
            this.between = between;
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

        long step() {
            return step;
        }

        @Override
        public byte @Nullable [] earlier() {
            return earlier;
        }

        @Override
        public boolean wantsState() {
            return earlier == null && (step == 1 || step % (between > 0 ? between : Math.max(1, stepsInAll / 3)) == 0);
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

    private static Training resumesFromEachState(TrainingCall call) {
        return resumesFromEachState(call, 0);
    }

    private static Training resumesFromEachState(TrainingCall call, long between) {
        Recorder whole = new Recorder(null, between);
        Training expected = TrainingTroublesTest.service().train(call, whole).result();
        assertThat(whole.states).isNotEmpty();
        whole.states.forEach((step, state) -> {
            Recorder rest = new Recorder(state);
            assertThat(TrainingTroublesTest.service().train(call, rest).result()).as("from step %d", step).isEqualTo(expected);
            assertThat(rest.made).as("steps after step %d", step).isEqualTo(whole.made - step);
        });
        return expected;
    }

    private static TrainingCall line(int batchSize, double rate) {
        Query query = batch(wrt(TestService.call("p = w * x + b\nf = (p - y)^2", "w", 0, "b", 0, "x", new double[]{1, 2, 3, 4}, "y",
                new double[]{3, 5, 7, 9}), "w", "b"), Signature.Reduction.NONE, "x", "y");
        return new TrainingCall(query, new TrainingCall.Part("sgd", Map.of("lr", rate)), new TrainingCall.Part("constant", NONE), 20_000,
                null, batchSize, 0, null, null, List.of(Metric.MAE), "p", "y", null);
    }

    /** The epoch of a step that was not made is not told of. States between epochs, and within them, lead to the same. */
    @ParameterizedTest
    @CsvSource({"4, 50", "3, 7", "2, 10"})
    void ofOneThatEndsEarlyTheLastEntryIsThatOfTheLastStep(int batchSize, long between) {
        Training training = resumesFromEachState(line(batchSize, 0.2), between);
        HistoryEntry last = training.history().getLast();
        assertThat(training.stoppedBy()).isEqualTo(Training.StoppedBy.NON_FINITE);
        assertThat(last.step()).isEqualTo(training.steps());
        assertThat(last.epoch()).isEqualTo(Math.ceilDiv(training.steps(), Math.ceilDiv(4, batchSize)));
        assertThat(last.metrics().get("mae")).isNotNull().isGreaterThan(1e100).isFinite();
    }

    static Stream<StoppedException> stops() {
        return Stream.of(new DeadlineExceededException(Duration.ZERO), new ShutdownException());
    }

    @ParameterizedTest
    @MethodSource("stops")
    void ofOneThatIsStoppedTheLastEntryIsThatOfTheLastStep(StoppedException stop) {
        Recorder recorder = new Recorder(null, Long.MAX_VALUE) {
            @Override
            public void check() {
                if (step() == 777) {
                    throw stop;
                }
            }
        };
        Training training = TrainingTroublesTest.service().train(line(4, 0.01), recorder).result();
        assertThat(training.steps()).isEqualTo(777);
        HistoryEntry last = training.history().getLast();
        assertThat(last.step()).isEqualTo(777);
        assertThat(last.epoch()).isEqualTo(777);
        assertThat(last.metrics().get("mae")).isNotNull().isFinite();
    }

    @Test
    void aTrainingIsResumedWithANameOfAnyLength() {
        String name = "가".repeat(22_000);
        Query query = wrt(TestService.call("f = (" + name + " - 1)^2", name, 3), name);
        resumesFromEachState(TrainingTroublesTest.sgd(query, 9, 0.1));
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
