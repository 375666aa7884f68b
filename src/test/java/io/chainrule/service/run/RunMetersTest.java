package io.chainrule.service.run;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.service.program.TestService;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The meters of one permit for large work. */
@Timeout(120)
class RunMetersTest {
    private static final double HUGE = 2.5;

    private final Limits limits = TestService.limits("threads", "1", "shared-bytes", "1000");
    private final Turns turns = new Turns(limits);
    private final Budget budget = new Budget(limits);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @BeforeEach
    void bind() {
        new RunMeters(turns, budget).bindTo(registry);
    }

    private double gauge(String meter, String... tags) {
        return registry.get(meter).tags(tags).gauge().value();
    }

    private double seconds(String size) {
        return registry.get("chainrule.compute").tag("size", size).functionCounter().count();
    }

    @Test
    void tellWhoWaitsAndForHowLong() throws InterruptedException {
        AtomicReference<RequestTime> second = new AtomicReference<>();
        Thread waiting;
        try (Turn first = turns.begin("a", () -> false)) {
            first.take(HUGE);
            waiting = Thread.ofVirtual().start(() -> {
                try (Turn turn = turns.begin("b", () -> false)) {
                    turn.take(HUGE);
                    second.set(turn.time());
                }
            });
            await().until(() -> gauge("chainrule.queue.waiting", "size", "huge") == 1);
            assertThat(gauge("chainrule.queue.running", "size", "huge")).isEqualTo(1);
            assertThat(gauge("chainrule.permits.held", "lane", "large")).isEqualTo(1);
            assertThat(gauge("chainrule.permits.held", "lane", "tiny")).isZero();
            assertThat(first.time().waited()).isLessThan(HUGE);
        }
        waiting.join();
        assertThat(gauge("chainrule.queue.waiting", "size", "huge")).isZero();
        assertThat(gauge("chainrule.permits.held", "lane", "large")).isZero();
        Timer waits = registry.get("chainrule.queue.wait").tag("size", "huge").timer();
        assertThat(waits.count()).isEqualTo(2);
        assertThat(waits.max(TimeUnit.SECONDS)).isEqualTo(second.get().waited()).isPositive();
        assertThat(seconds("huge")).isPositive();
        assertThat(seconds("short")).isZero();
    }

    @Test
    void tellTheMemory() {
        try (var _ = budget.reserve(300)) {
            assertThat(budget.keep(200)).isTrue();
            assertThat(gauge("chainrule.memory.used")).isEqualTo(300);
            assertThat(gauge("chainrule.memory.kept")).isEqualTo(200);
            assertThat(gauge("chainrule.memory.total")).isEqualTo(1000);
        }
        assertThat(gauge("chainrule.memory.used")).isZero();
    }

    @Test
    void tellWhichLoopsThisMachineHas() {
        assertThat(gauge("chainrule.kernels", "set", Kernels.best().name())).isEqualTo(1);
    }
}
