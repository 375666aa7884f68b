package io.chainrule.core.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WarmupTest {
    private static final long MUCH = 1L << 40;

    private static void sleep() {
        LockSupport.parkNanos(200_000);
    }

    /** A vector form that takes twice the time of the scalar form in its first runs, as before it is compiled. */
    private static Warmup compiledAfter(AtomicInteger runs) {
        return new Warmup(WarmupTest::sleep, () -> {
            if (runs.decrementAndGet() > 0) {
                sleep();
                sleep();
            }
        });
    }

    @Test
    void nothing_is_warmed_up_for_little_work() {
        AtomicInteger runs = new AtomicInteger();
        Warmup warmup = new Warmup(runs::incrementAndGet, runs::incrementAndGet);
        assertThat(warmup.isWarm(1)).isFalse();
        assertThat(warmup.isWarm(1)).isFalse();
        assertThat(runs).hasValue(0);
    }

    @Test
    void the_vector_form_serves_once_it_is_faster() {
        AtomicInteger slow = new AtomicInteger(200);
        Warmup warmup = compiledAfter(slow);
        assertThat(warmup.isWarm(MUCH)).isFalse();
        while (!warmup.isWarm(0)) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(slow.get()).isLessThan(20);
    }

    @Test
    void the_vector_form_can_be_compiled_before_it_is_needed() {
        AtomicInteger slow = new AtomicInteger(50);
        Warmup warmup = compiledAfter(slow);
        assertThat(warmup.complete()).isTrue();
        assertThat(warmup.isWarm(0)).isTrue();
        int left = slow.get();
        assertThat(warmup.complete()).isTrue();
        assertThat(slow).hasValue(left);
    }
}
