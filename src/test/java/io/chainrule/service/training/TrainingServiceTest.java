package io.chainrule.service.training;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.withRemarks;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.training.Training;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Draining;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Query;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Transformation;
import io.chainrule.core.language.Language;
import io.chainrule.core.training.Metric;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.StaticApplicationContext;

/** The limits of trainings, and what holds whoever calls. */
class TrainingServiceTest {
    private static final TrainingCall.Part ADAM = new TrainingCall.Part("adam", Map.of());

    private static TrainingCall train(Query call, int epochs) {
        return new TrainingCall(call, ADAM, new TrainingCall.Part("constant", Map.of()), epochs, null, null, 0,
                null, null, List.of(), null, null, null);
    }

    private static TrainingCall square(int epochs) {
        return train(wrt(call("f = sum(W @ W)", "W", Tensor.full(Shape.of(10, 10), 0.5)), "W"), epochs);
    }

    private static TrainingService with(Budget budget, Limits limits) {
        return new TrainingService(TestService.functions(limits, budget), new Admission(limits, budget, new Turns(limits)),
                new Draining(new GenericApplicationContext(), Duration.ZERO));
    }

    private static TrainingService with(String... changes) {
        Limits limits = TestService.limits(changes);
        return with(new Budget(limits), limits);
    }

    @ParameterizedTest
    @CsvSource({"training-steps, 9, 10", "training-flops, 30000, 40000", "flops, 3000, 4000", "bytes, 2000, 4000",
            "shared-bytes, 4000, 5000",
            "tensor-elements, 99, 100", "derived-nodes, 3, 4"})
    void aTrainingBeyondALimitIsRefusedAndNamesIt(String limit, String allowed, long atLeastAsked) {
        Limits limits = TestService.limits(limit, allowed);
        Budget budget = new Budget(limits);
        assertThatThrownBy(() -> with(budget, limits).train(square(10), TrainingCall.Progress.NONE))
                .isInstanceOfSatisfying(LimitException.class, e -> {
                    assertThat(e.limit()).isEqualTo(limit);
                    assertThat(e.asked()).isGreaterThanOrEqualTo(atLeastAsked);
                });
        assertThat(budget.used()).isZero();
        assertThat(with().train(square(10), TrainingCall.Progress.NONE).result().steps()).isEqualTo(10);
    }

    @Test
    void whenTheTimeIsOverTheAnswerIsWhatThereIs() {
        Training training = with("training-time", "300ms", "training-steps", "2000000000", "training-flops", "1000000000000000")
                .train(square(2_000_000_000), TrainingCall.Progress.NONE).result();
        assertThat(training.stoppedBy()).isEqualTo(Training.StoppedBy.DEADLINE);
        assertThat(training.steps()).isPositive();
        assertThat(training.history().getLast().step()).isEqualTo(training.steps());
        assertThat(at(training.parameters(), "W").data()[0]).isLessThan(0.5);
    }

    @Test
    void aTrainingThatIsCalledOffGivesEverythingBack() {
        Limits limits = TestService.limits("trainings", "1");
        Budget budget = new Budget(limits);
        TrainingService service = with(budget, limits);
        assertThatThrownBy(() -> service.train(square(10), new TrainingCall.Progress() {
            private boolean isOver;

            @Override
            public void begins(long stepsInAll) {
                assertThat(stepsInAll).isEqualTo(10);
                assertThat(budget.used()).isPositive();
                assertThatThrownBy(() -> service.train(square(1), NONE)).isInstanceOfSatisfying(OverloadedException.class,
                        e -> assertThat(e.retryAfter()).isPositive());
            }

            @Override
            public void made(TrainingCall.Step step) {
                assertThat(step.stepsDone()).isLessThanOrEqualTo(3);
                isOver = step.stepsDone() == 3;
            }

            @Override
            public void check() {
                if (isOver) {
                    throw new CancellationException();
                }
            }
        })).isInstanceOf(CancellationException.class);
        assertThat(budget.used()).isZero();
        assertThat(service.train(square(1), TrainingCall.Progress.NONE).result().steps()).isEqualTo(1);
    }

    @Test
    void theSameCallGivesTheSameBitsWhateverElseRuns() throws ExecutionException, InterruptedException {
        double[] samples = new double[500 * 20];
        Arrays.setAll(samples, i -> Math.sin(i * i));
        Query network = TestService
                .batch(wrt(call("h = tanh(x @ W)\nf = sum((h @ V - x)^2)", "x", Tensor.of(Shape.of(500, 20), samples), "W",
                        Tensor.of(Shape.of(20, 10), Arrays.copyOf(samples, 200)), "V",
                        Tensor.of(Shape.of(10, 20), Arrays.copyOfRange(samples, 300, 500))), "W", "V"), Signature.Reduction.NONE, "x");
        TrainingService service = with("trainings", "4");
        Training alone = service.train(train(network, 3), TrainingCall.Progress.NONE).result();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Answer<Training>>> together = IntStream.range(0, 4)
                    .mapToObj(i -> threads.submit(() -> service.train(train(network, 3), TrainingCall.Progress.NONE))).toList();
            for (Future<Answer<Training>> each : together) {
                assertThat(each.get().result()).isEqualTo(alone);
            }
        }
        assertThat(alone.steps()).isEqualTo(3 * 16);
        assertThat(alone.history().getLast().loss()).isLessThan(alone.history().getFirst().loss());
    }

    private static double meter(SimpleMeterRegistry registry, String name, String... tags) {
        return registry.get("chainrule.trainings." + name).tags(tags).meter().measure().iterator().next().getValue();
    }

    @Test
    void metersTellWhatIsAtWorkAndWhatEndedTrainings() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        TrainingService service = with("training-steps", "20");
        service.bindTo(registry);
        assertThat(meter(registry, "oldest")).isZero();
        service.train(square(10), new Told() {
            @Override
            public void begins(long stepsInAll) {
                assertThat(meter(registry, "active")).isEqualTo(1);
                assertThat(meter(registry, "oldest")).isBetween(1e-9, 60.0);
            }
        });
        assertThat(meter(registry, "active")).isZero();
        assertThatThrownBy(() -> service.train(square(21), TrainingCall.Progress.NONE)).isInstanceOf(LimitException.class);
        assertThatThrownBy(() -> service.train(square(10), new Told() {
            @Override
            public void check() {
                throw new CancellationException("the client has gone");
            }
        })).isInstanceOf(CancellationException.class);
        assertThat(List.of(meter(registry, "ended", "by", "epochs"), meter(registry, "ended", "by", "failed"),
                meter(registry, "ended", "by", "client_gone"), meter(registry, "ended", "by", "deadline")))
                .containsExactly(1.0, 1.0, 1.0, 0.0);
    }

    /** What a training tells while it runs. */
    private static class Told implements TrainingCall.Progress {
        final List<TrainingCall.Step> steps = new ArrayList<>();

        @Override
        public void begins(long stepsInAll) {}

        @Override
        public void made(TrainingCall.Step step) {
            steps.add(step);
        }

        @Override
        public void check() {}
    }

    @Test
    void theTimeThatIsLeftIsToldAfterEachStep() {
        Told told = new Told();
        long start = System.nanoTime();
        with().train(square(10), told);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat(told.steps).extracting(TrainingCall.Step::stepsDone).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(told.steps).allMatch(step -> step.stepsInAll() == 10 && step.latest().step() == step.stepsDone());
        assertThat(told.steps.subList(0, 9))
                .allMatch(step -> step.secondsLeft() > 0 && step.secondsLeft() <= seconds * (10 - step.stepsDone()) / step.stepsDone());
        assertThat(told.steps.getLast().secondsLeft()).isZero();
    }

    @Test
    void aServiceThatEndsAnswersWithWhatThereIs() {
        Limits limits = TestService.limits("training-steps", "2000000000", "training-flops", "1000000000000000");
        Budget budget = new Budget(limits);
        try (StaticApplicationContext context = new StaticApplicationContext()) {
            context.refresh();
            Draining draining = new Draining(context, Duration.ZERO);
            TrainingService service = new TrainingService(TestService.functions(limits, budget),
                    new Admission(limits, budget, new Turns(limits)), draining);
            Training training = service.train(square(2_000_000_000), new Told() {
                @Override
                public void made(TrainingCall.Step step) {
                    if (step.stepsDone() >= 3 && steps.isEmpty()) {
                        steps.add(step);
                        draining.stop();
                    }
                }
            }).result();
            assertThat(training.stoppedBy()).isEqualTo(Training.StoppedBy.SHUTDOWN);
            assertThat(training.steps()).isGreaterThanOrEqualTo(3);
        }
    }

    /** A program of w, its start, the learning rate and the epochs, where it is not finite, and what is said. */
    static Stream<Arguments> notFinite() {
        String back = "at step 1, on the way back from the loss, 'w' is the first node whose gradient is not finite; the parameters are "
                + "those before that step";
        return Stream.of(
                Arguments.of("f = log(w)", -1, 1, 20, "f", "forward",
                        "at step 1 'f' is the first node whose value is not finite; the parameters are "
                                + "the initial ones"),
                Arguments.of("f = log(w)", 1, 2, 20, "f", "forward",
                        "at step 2 'f' is the first node whose value is not finite; the parameters are "
                                + "the last with a finite loss"),
                Arguments.of("f = sqrt(w)", 0, 1, 20, "w", "backward", back),
                Arguments.of("f = w * 1e300", 1, 1e300, 1, "w", null,
                        "the update of step 1 made 'w' infinite; the parameters are those before it"));
    }

    @ParameterizedTest
    @MethodSource("notFinite")
    void whereATrainingIsNotFiniteIsTold(String program, double start, double rate, int epochs, String node, @Nullable String phase,
            String sentence) {
        TrainingCall call = TrainingTroublesTest.sgd(wrt(call(program, "w", start), "w"), epochs, rate);
        assertThat(with().train(call, TrainingCall.Progress.NONE).diagnostics()).filteredOn(d -> d.kind().equals("non-finite"))
                .singleElement().satisfies(d -> {
                    assertThat(d.node()).isEqualTo(node);
                    assertThat(d.phase()).isEqualTo(phase);
                    assertThat(d.message(Language.EN)).isEqualTo(sentence);
                });
        assertThat(with().train(TrainingTroublesTest.sgd(withRemarks(Transformation.Remarks.NONE, call.query()), epochs, rate),
                TrainingCall.Progress.NONE).diagnostics()).isEmpty();
    }

    @Test
    void aParameterWithoutADerivativeStaysAndIsToldOf() {
        Answer<Training> answer = with().train(
                TrainingTroublesTest.sgd(wrt(call("f = w^2 + floor(v)", "w", 1, "v", 1.5, "u", 7), "w", "v", "u"), 1, 0.1),
                TrainingCall.Progress.NONE);
        assertThat(answer.diagnostics()).extracting(d -> d.message(Language.EN)).contains(
                "the derivative of the loss by 'v' is zero everywhere; it stays as it was",
                "the program never mentions input 'u'; its gradient is zero");
        assertThat(answer.result().parameters()).containsOnlyKeys("w", "v", "u").containsEntry("v", Tensor.scalar(1.5))
                .containsEntry("u", Tensor.scalar(7)).containsEntry("w", Tensor.scalar(0.8));
    }

    /** The classes of the loss are along its axis, counted from the start or the end. */
    @ParameterizedTest
    @CsvSource({"0, 0.75", "-2, 0.75"})
    void theAccuracyIsOfTheClassesOfTheLoss(int axis, double accuracy) {
        Tensor scores = Tensor.of(Shape.of(2, 3, 2), new double[]{5, 0, 0, 5, 0, 0, 5, 0, 0, 0, 0, 5});
        Query query = TestService.batch(wrt(call("s = x * w\nf = cross_entropy(s, y, axis=" + axis + ")", "w", 1, "x", scores, "y",
                new double[][]{{0, 1}, {0, 0}}), "w"), Signature.Reduction.NONE, "x", "y");
        TrainingCall call = new TrainingCall(query, new TrainingCall.Part("sgd", Map.of("lr", 1e-9)),
                new TrainingCall.Part("constant", Map.of()), 1, null, null, 0, null, null, List.of(Metric.ACCURACY), "s", "y", null);
        assertThat(with().train(call, TrainingCall.Progress.NONE).result().history().getLast().metrics().values())
                .containsExactly(accuracy);
    }

    /** Of logits more than 0 means yes, of probabilities, as of a layer that the request names, more than one half. */
    @ParameterizedTest
    @CsvSource(value = {"null, 1", "p, 0.5"}, nullValues = "null")
    void theBoundaryOfYesIsThatOfTheLoss(@Nullable String prediction, double accuracy) {
        NetworkSpec network = Networks.network(Shape.of(1), new LossSpec("binary_cross_entropy_with_logits", "y", Map.of()),
                Networks.layer("dense", "p", Map.of("units", 1)));
        Query query = new Query(new Source.Network(network, InitializerSpec.DEFAULT, true, 0),
                TestService.inputs("x", new double[][]{{0.3}, {-0.3}}, "y", new double[][]{{1}, {0}}),
                TestService.inputs("p.weight", new double[][]{{1}}, "p.bias", new double[]{0}), 0, null, null,
                new Signature.NodeSelection.None(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
        TrainingCall call = new TrainingCall(query, new TrainingCall.Part("sgd", Map.of("lr", 1e-9)),
                new TrainingCall.Part("constant", Map.of()), 1, null, null, 0, null, null, List.of(Metric.ACCURACY), prediction, null,
                null);
        assertThat(with().train(call, TrainingCall.Progress.NONE).result().history().getLast().metrics().values())
                .containsExactly(accuracy);
    }

    @Test
    void aMetricThatCannotCompareIsRefused() {
        Query query = TestService.batch(wrt(call("f = sum((x * w - y)^2)", "w", 1, "x", new double[][]{{1, 2}, {3, 4}}, "y", vector(0, 1)),
                "w"), Signature.Reduction.NONE, "x", "y");
        TrainingCall call = new TrainingCall(query, ADAM, new TrainingCall.Part("constant", Map.of()), 1, null, null, 0, null, null,
                List.of(Metric.ACCURACY, Metric.MAE), "x", "y", null);
        assertThatThrownBy(() -> with().train(call, TrainingCall.Progress.NONE)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                    assertThat(problem.place()).isEqualTo(Place.setting("metrics").item(1));
                    assertThat(problem.message()).isEqualTo("mae cannot compare a prediction of shape [2, 2] with a target of shape [2]");
                }));
    }
}
