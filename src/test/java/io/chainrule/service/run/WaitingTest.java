package io.chainrule.service.run;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.service.program.TestService;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for what another thread computes holds no permit, and keeps its time and its client in view. */
@Timeout(120)
class WaitingTest {
    private final Turns turns = new Turns(TestService.limits("threads", "1"));
    private final CompletableFuture<String> result = new CompletableFuture<>();
    private final AtomicBoolean isGone = new AtomicBoolean();

    /** A request that has a permit, and then waits. */
    private FutureTask<String> request(Duration time) {
        FutureTask<String> request = new FutureTask<>(() -> {
            try (Turn turn = turns.begin("a", isGone::get).within(time)) {
                turn.take(0);
                String answer = Waiting.aside(result);
                assertThat(turn.isGranted).as("has its permit again").isTrue();
                return answer;
            }
        });
        Thread thread = Thread.ofPlatform().start(request);
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING && turns.isIdle());
        return request;
    }

    @Test
    void othersComputeMeanwhile() throws Exception {
        FutureTask<String> one = request(Duration.ofMinutes(1));
        FutureTask<String> two = request(Duration.ofMinutes(1));
        try (Turn turn = turns.begin("b", () -> false)) {
            turn.take(0);
            assertThat(turn.isGranted).isTrue();
        }
        result.complete("there");
        assertThat(one.get()).isEqualTo("there");
        assertThat(two.get()).isEqualTo("there");
    }

    @Test
    void noRequestWaitsLongerThanItsTime() {
        FutureTask<String> request = request(Duration.ofMillis(500));
        assertThatExceptionOfType(Exception.class).isThrownBy(request::get).withCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void noRequestWaitsForAClientThatHasGone() {
        FutureTask<String> request = request(Duration.ofMinutes(1));
        isGone.set(true);
        assertThatExceptionOfType(Exception.class).isThrownBy(request::get).withCauseInstanceOf(CancellationException.class);
    }

    @Test
    void aFailureIsTheFailureOfAllWhoWait() {
        FutureTask<String> request = request(Duration.ofMinutes(1));
        result.completeExceptionally(new IllegalStateException("broken"));
        assertThatExceptionOfType(Exception.class).isThrownBy(request::get).withCauseInstanceOf(CompletionException.class)
                .withStackTraceContaining("broken");
    }

    @Test
    void whatIsThereIsTakenAtOnceAlsoOutsideOfRequests() {
        result.complete("there");
        assertThat(Waiting.aside(result)).isEqualTo("there");
    }
}
