package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.chainrule.core.tensor.ShutdownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.support.StaticApplicationContext;

/** What a service that ends tells, and when long work has to end. */
class DrainingTest {
    private final StaticApplicationContext context = new StaticApplicationContext();
    private final List<Object> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        context.addApplicationListener(event -> {
            if (event instanceof AvailabilityChangeEvent<?> change) {
                told.add(change.getState());
            }
        });
        context.refresh();
    }

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void longWorkEndsOnceTheServiceDoes() {
        Draining draining = new Draining(context, Duration.ZERO);
        assertThat(draining.isRunning()).isFalse();
        draining.start();
        assertThat(draining.isRunning()).isTrue();
        assertThat(told).as("the application itself says that it is ready").isEmpty();
        assertThatCode(draining::check).doesNotThrowAnyException();
        draining.stop();
        assertThat(draining.isRunning()).isFalse();
        assertThat(told).containsExactly(ReadinessState.REFUSING_TRAFFIC);
        assertThatExceptionOfType(ShutdownException.class).isThrownBy(draining::check);
    }

    @Test
    void noDelayIsNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Draining(context, Duration.ofSeconds(-1)))
                .withMessage("chainrule.drain-delay is PT-1S, but must be 0 or longer");
    }

    @Test
    void aServiceThatIsStartedAgainSaysThatItIsReady() {
        Draining draining = new Draining(context, Duration.ZERO);
        draining.start();
        draining.stop();
        draining.start();
        assertThat(told).containsExactly(ReadinessState.REFUSING_TRAFFIC, ReadinessState.ACCEPTING_TRAFFIC);
        assertThatCode(draining::check).doesNotThrowAnyException();
    }

    @Test
    void requestsAreTakenForAWhileAfterReadinessHasGone() {
        Draining draining = new Draining(context, Duration.ofMillis(20));
        draining.start();
        long start = System.nanoTime();
        draining.stop();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000L);
    }

    @Test
    void whoIsInterruptedEndsAtOnce() {
        Draining draining = new Draining(context, Duration.ofDays(1));
        draining.start();
        Thread.currentThread().interrupt();
        draining.stop();
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThatExceptionOfType(ShutdownException.class).isThrownBy(draining::check);
    }

    @Test
    void itEndsBeforeTheServerDoes() {
        assertThat(new Draining(context, Duration.ZERO).getPhase()).isEqualTo(Integer.MAX_VALUE);
    }
}
