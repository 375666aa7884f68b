package io.chainrule.service.training;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.training.Training;
import io.chainrule.core.Signature;
import io.chainrule.core.graph.LimitException;
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
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.support.GenericApplicationContext;

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
}
