package io.chainrule.service.training;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.wrt;
import static io.chainrule.service.training.TrainingTroublesTest.clipped;
import static io.chainrule.service.training.TrainingTroublesTest.network;
import static io.chainrule.service.training.TrainingTroublesTest.number;
import static io.chainrule.service.training.TrainingTroublesTest.service;
import static io.chainrule.service.training.TrainingTroublesTest.sgd;
import static io.chainrule.service.training.TrainingTroublesTest.told;
import static io.chainrule.service.training.TrainingTroublesTest.train;
import static io.chainrule.service.training.TrainingTroublesTest.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.diagnostics.KoreanText;
import io.chainrule.core.language.Language;
import io.chainrule.core.Signature;
import io.chainrule.core.training.Training;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.run.Query;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a training is true of it, and the remedy works if it is applied. */
class TrainingRemediesTest {

    private static Query samples(String text, double start, double[] x, double[] y, String... parameters) {
        Object[] values = Stream.concat(Stream.of("x", x, "y", y), Arrays.stream(parameters).flatMap(name -> Stream.of(name, start)))
                .toArray();
        return batch(wrt(call(text, values), parameters), Signature.Reduction.NONE, "x", "y");
    }

    private static Query cubic() {
        double[] x = {1, -1, 2, -2};
        return samples("f = (a*b*c*x - y)^2", 1.5, x, x, "a", "b", "c");
    }

    private static Query product() {
        return samples("f = (u*v*x - y)^2", 1, new double[]{1, 2, 3, 4}, new double[]{2, 4, 6, 8}, "u", "v");
    }

    private static Query regression() {
        Random random = new Random(8);
        double[][] x = new double[16][4];
        double[] y = new double[16];
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 4; j++) {
                x[i][j] = (j + 1) * random.nextGaussian();
                y[i] += x[i][j];
            }
        }
        return batch(wrt(call("f = (x @ w - y)^2", "x", x, "y", y, "w", new double[4]), "w"), Signature.Reduction.NONE, "x", "y");
    }

    private static Query slope() {
        return samples("f = (w*x + b - y)^2", 0, new double[]{0, 1, 2, 3}, new double[]{1, 3, 5, 7}, "w", "b");
    }

    private static Query square(double offset) {
        return wrt(call("f = w^2 + c", "w", 3, "c", offset), "w");
    }

    private static TrainingCall scheduled(TrainingCall call, String type, Map<String, Object> options) {
        return new TrainingCall(call.query(), call.optimizer(), new TrainingCall.Part(type, options), call.epochs(), call.steps(),
                call.batchSize(), call.shuffleSeed(), call.clipNorm(), call.validation(), call.metrics(), call.prediction(), call.target(),
                call.earlyStopping());
    }

    static Stream<Arguments> diverging() {
        return Stream.of(Arguments.of(with(sgd(cubic(), 20, 0.3), 2, null), "stable_rate"),
                Arguments.of(with(sgd(product(), 20, 0.3), 1, null), "stable_rate"),
                Arguments.of(with(sgd(regression(), 60, 0.07), 1, null), "stable_rate"),
                Arguments.of(with(train(regression(), 60, "sgd", Map.of("lr", 0.07, "momentum", 0.9)), 1, null), "stable_rate"),
                Arguments.of(train(network(64, 16, "leaky_relu", 0.1, 0), 60, "sgd", Map.of("lr", 3, "momentum", 0.9, "nesterov", true)),
                        "stable_rate"),
                Arguments.of(with(train(slope(), 40, "adam", Map.of("lr", 100)), 4, null), "tried_rate"),
                Arguments.of(with(train(network(64, 16, "leaky_relu", 0.1, 0), 40, "rmsprop", Map.of("lr", 30)), 16, null), "tried_rate"),
                Arguments.of(with(train(network(64, 16, "relu", 0.1, 0), 40, "adagrad", Map.of("lr", 50)), 16, null), "tried_rate"));
    }

    @ParameterizedTest
    @MethodSource("diverging")
    void theRateThatIsToldOfDoesNotDiverge(TrainingCall call, String number) {
        Training before = service().train(call, TrainingCall.Progress.NONE).result();
        Diagnostic told = told(call).stream().filter(d -> d.kind().equals("divergence")).findFirst().orElseThrow();
        double first = Math.max(before.history().getFirst().loss(), number(told, "from"));
        assertThat(before.history().stream().filter(entry -> entry.step() < number(told, "step")))
                .as("the loss had not grown before").allMatch(entry -> entry.loss() < 5 * first);
        double rate = number(told, number);
        assertThat(rate).isLessThan(number(told, "learning_rate"));
        TrainingCall remedied = rate(call, number.equals("stable_rate") ? 0.95 * rate : rate);
        assertThat(told(remedied)).extracting(Diagnostic::kind).doesNotContain("divergence");
        assertThat(service().train(remedied, TrainingCall.Progress.NONE).result().history().getLast().loss()).isLessThan(2 * first);
    }

    private static TrainingCall rate(TrainingCall call, double rate) {
        Map<String, Object> options = new HashMap<>(call.optimizer().options());
        options.put("lr", rate);
        return new TrainingCall(call.query(), new TrainingCall.Part(call.optimizer().type(), options), call.schedule(), call.epochs(),
                call.steps(), call.batchSize(), call.shuffleSeed(), call.clipNorm(), call.validation(), call.metrics(), call.prediction(),
                call.target(), call.earlyStopping());
    }

    static Stream<Arguments> slow() {
        return Stream.of(Arguments.of(sgd(square(1000), 60, 1e-3), "small-steps", "factor"),
                Arguments.of(sgd(square(0), 60, 1e-12), "small-steps", "factor"),
                Arguments.of(train(square(0), 60, "adam", Map.of("lr", 1e-9)), "small-steps", "factor"),
                Arguments.of(with(sgd(slope(), 20, 1e-7), 2, null), "small-steps", "factor"),
                Arguments.of(sgd(square(0), 60, 0), "small-steps", "learning rate 0 moves none"),
                Arguments.of(clipped(sgd(square(0), 60, 0.1), 1e-6), "small-steps", "clip_norm"),
                Arguments.of(scheduled(sgd(square(0), 60, 1e-3), "step", Map.of("step_size", 5, "gamma", 0.01)), "small-steps",
                        "scheduled"),
                Arguments.of(scheduled(sgd(square(1000), 60, 0.02), "step", Map.of("step_size", 5, "gamma", 0.01)), "plateau",
                        "to which the schedule has lowered it"),
                Arguments.of(sgd(wrt(call("f = abs(w)", "w", 3.05), "w"), 200, 0.1), "plateau", "too large"),
                Arguments.of(sgd(square(1000), 60, 0.1), "plateau", "nearly 0"));
    }

    @ParameterizedTest
    @MethodSource("slow")
    void theCauseIsTheOneThatWasSeen(TrainingCall call, String kind, String cause) {
        KoreanText.check(told(call));
        assertThat(told(call)).singleElement().satisfies(d -> {
            assertThat(d.kind()).isEqualTo(kind);
            assertThat(d.message(Language.EN).contains(cause) || d.numbers().containsKey(cause)).as(d.message(Language.EN)).isTrue();
            assertThat(d.message(Language.EN)).doesNotContainPattern("from (\\S+) to \\1[;, ]");
        });
    }

    @Test
    void aLayerThatWasDeadFromTheStartIsNamed() {
        assertThat(told(with(sgd(network(64, 16, "relu", 0.1, -50), 60, 0.01), 16, null))).singleElement()
                .satisfies(d -> assertThat(d.kind() + " " + d.node() + " " + d.numbers().get("dead")).isEqualTo("dead-units h 16.0"));
    }

    @Test
    void dyingUnitsAreToldOfFromTheStepAtWhichTheyDie() {
        assertThat(told(train(network(64, 16, "relu", 0.1, 0), 60, "adam", Map.of("lr", 3))).stream()
                .filter(d -> d.kind().equals("dying-units"))).singleElement()
                .satisfies(d -> assertThat(number(d, "step")).isGreaterThan(1));
    }

    @Test
    void allTroublesAreToldOnceWhileTheTrainingRuns() {
        Stream.of(sgd(square(1000), 60, 1e-3), sgd(square(1000), 60, 0.1), with(sgd(network(64, 16, "relu", 0.1, -50), 60, 0.01), 16, null),
                train(network(64, 16, "relu", 0.1, 0), 60, "adam", Map.of("lr", 3))).forEach(call -> {
                    LiveTroubles live = new LiveTroubles();
                    List<Diagnostic> end = service().train(call, live).diagnostics();
                    List<String> kinds = live.found.stream().map(d -> d.kind() + d.node()).toList();
                    assertThat(kinds).doesNotHaveDuplicates().containsAll(end.stream().map(d -> d.kind() + d.node()).toList());
                    assertThat(live.steps).allMatch(step -> step < 60);
                });
    }
}
