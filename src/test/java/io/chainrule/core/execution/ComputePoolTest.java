package io.chainrule.core.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Parallel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ComputePoolTest {
    private final ComputePool pool = new ComputePool(3);

    @AfterEach
    void close() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 100, 10_000})
    void eachPartRunsOnce(int parts) {
        AtomicIntegerArray runs = new AtomicIntegerArray(parts);
        pool.with(Checkpoint.NONE).run(parts, runs::incrementAndGet);
        for (int i = 0; i < parts; i++) {
            assertThat(runs.get(i)).isEqualTo(1);
        }
    }

    @Test
    void asManyPartsRunAtTheSameTimeAsThereAreThreads() {
        CountDownLatch all = new CountDownLatch(3);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        pool.with(Checkpoint.NONE).run(3, _ -> {
            threads.add(Thread.currentThread());
            all.countDown();
            await(all);
        });
        assertThat(threads).hasSize(3).contains(Thread.currentThread());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void fewerThreadsRunEachPartOnce(int parts) {
        AtomicIntegerArray runs = new AtomicIntegerArray(parts);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Parallel two = pool.with(Checkpoint.NONE).atMost(2);
        assertThat(two.threads()).isEqualTo(2);
        two.run(parts, part -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            runs.incrementAndGet(part);
            Thread.onSpinWait();
            now.decrementAndGet();
        });
        for (int i = 0; i < parts; i++) {
            assertThat(runs.get(i)).isEqualTo(1);
        }
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(pool.with(Checkpoint.NONE).atMost(5).threads()).isEqualTo(3);
    }

    @Test
    void ofFewerThreadsOneThatFailsEndsAll() {
        AtomicInteger begun = new AtomicInteger();
        Parallel two = pool.with(Checkpoint.NONE).atMost(2);
        assertThatThrownBy(() -> two.run(1_000_000, _ -> {
            begun.incrementAndGet();
            throw new IllegalStateException("the first part");
        })).hasMessage("the first part");
        assertThat(begun.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void nobodyHelpsWithoutAPermit() {
        try (ComputePool alone = new ComputePool(3, ComputePool.Permits.of(0))) {
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            alone.with(Checkpoint.NONE).run(1000, _ -> threads.add(Thread.currentThread()));
            assertThat(threads).containsExactly(Thread.currentThread());
        }
    }

    @Test
    void helpersGiveTheirPermitsBack() throws InterruptedException {
        ComputePool.Permits permits = ComputePool.Permits.of(2);
        try (ComputePool shared = new ComputePool(3, permits)) {
            for (int i = 0; i < 1000; i++) {
                shared.with(Checkpoint.NONE).run(10, _ -> {});
            }
            for (int i = 0; i < 2; i++) {
                while (!permits.tryTake()) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
            }
            assertThat(permits.tryTake()).as("there are no more than before").isFalse();
        }
    }

    /** What a helper did is known when the caller goes on. */
    @Test
    void theTimeOfHelpersIsTold() {
        AtomicLong told = new AtomicLong();
        AtomicLong helped = new AtomicLong();
        Thread caller = Thread.currentThread();
        CountDownLatch all = new CountDownLatch(3);
        pool.with(Checkpoint.NONE, told::addAndGet).run(3, _ -> {
            all.countDown();
            await(all);
            long start = System.nanoTime();
            sleep();
            if (Thread.currentThread() != caller) {
                helped.addAndGet(System.nanoTime() - start);
            }
        });
        assertThat(helped.get()).isPositive();
        assertThat(told.get()).isGreaterThanOrEqualTo(helped.get());
    }

    /** A helper whose permit others want ends after its part, and its caller runs the other parts. */
    @Test
    void helpersStopWhenTheirPermitsAreWanted() throws InterruptedException {
        AtomicBoolean isWanted = new AtomicBoolean();
        ComputePool.Permits free = ComputePool.Permits.of(1);
        ComputePool.Permits permits = new ComputePool.Permits() {
            @Override
            public boolean tryTake() {
                return free.tryTake();
            }

            @Override
            public boolean isWanted() {
                return isWanted.get();
            }

            @Override
            public void giveBack() {
                free.giveBack();
            }
        };
        AtomicInteger ofHelper = new AtomicInteger();
        AtomicInteger inAll = new AtomicInteger();
        Thread caller = Thread.currentThread();
        CountDownLatch both = new CountDownLatch(2);
        try (ComputePool shared = new ComputePool(2, permits)) {
            shared.with(Checkpoint.NONE).run(100, _ -> {
                both.countDown();
                await(both);
                isWanted.set(true);
                inAll.incrementAndGet();
                ofHelper.addAndGet(Thread.currentThread() == caller ? 0 : 1);
            });
            assertThat(inAll).hasValue(100);
            assertThat(ofHelper).hasValue(1);
            while (!free.tryTake()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    @Test
    void whatAPartThrowsIsThrownWhenNoPartRunsAnyMore() {
        AtomicInteger running = new AtomicInteger();
        Parallel parallel = pool.with(Checkpoint.NONE);
        for (int repetition = 0; repetition < 100; repetition++) {
            assertThatThrownBy(() -> parallel.run(50, i -> {
                running.incrementAndGet();
                try {
                    if (i == 7) {
                        throw new DeadlineExceededException(Duration.ofSeconds(3));
                    }
                } finally {
                    running.decrementAndGet();
                }
            })).isInstanceOf(DeadlineExceededException.class);
            assertThat(running).hasValue(0);
        }
    }

    /** Which part fails first in time depends on the threads. */
    @Test
    void theFirstPartThatFailsIsTheOneThatIsTold() {
        for (int repetition = 0; repetition < 200; repetition++) {
            assertThatThrownBy(() -> pool.with(Checkpoint.NONE).run(60, i -> {
                if (i >= 5) {
                    throw new IllegalArgumentException("part " + i);
                }
                Thread.onSpinWait();
            })).hasMessage("part 5");
        }
    }

    @Test
    void aPoolThatIsClosedHelpsNobody() {
        pool.close();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        pool.with(Checkpoint.NONE).run(100, _ -> threads.add(Thread.currentThread()));
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void aPoolHasAThread() {
        assertThatThrownBy(() -> new ComputePool(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    }

    @Test
    void anInterruptDoesNotEndTheWaitForOtherParts() {
        CountDownLatch started = new CountDownLatch(2);
        AtomicInteger ended = new AtomicInteger();
        Thread caller = Thread.currentThread();
        pool.with(Checkpoint.NONE).run(2, _ -> {
            started.countDown();
            await(started);
            if (Thread.currentThread() == caller) {
                caller.interrupt();
            } else {
                sleep();
            }
            ended.incrementAndGet();
        });
        assertThat(ended).hasValue(2);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void manyCallersShareThePool() throws InterruptedException {
        AtomicInteger sum = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> callers = new ArrayList<>();
        for (int caller = 0; caller < 8; caller++) {
            callers.add(Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(() -> {
                for (int i = 0; i < 200; i++) {
                    pool.with(Checkpoint.NONE).run(5, sum::addAndGet);
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failure).hasValue(null);
        assertThat(sum).hasValue(8 * 200 * (1 + 2 + 3 + 4));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
