package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.service.program.TestService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory that does not fit now is waited for, as long as that has a prospect. */
@Timeout(120)
class BudgetTest {
    private static final long TOTAL = 1_000_000;
    private static final double LARGE = 2;

    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private static Budget budget(String wait) {
        return new Budget(TestService.limits("shared-bytes", String.valueOf(TOTAL), "memory-wait", wait));
    }

    /** Does work on another thread; the test fails if it throws. */
    private Thread start(Runnable work) {
        Thread thread = Thread.ofVirtual().uncaughtExceptionHandler((_, thrown) -> failures.add(thrown)).start(work);
        threads.add(thread);
        return thread;
    }

    private static void awaitWaiting(Budget budget, int count) throws InterruptedException {
        while (budget.waiting() != count) {
            Thread.sleep(1);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void whatDoesNotFitIsServedWhenOthersReleaseIt() throws InterruptedException {
        Budget budget = budget("30s");
        AtomicBoolean isServed = new AtomicBoolean();
        Thread second;
        try (var _ = budget.reserve(700_000)) {
            second = start(() -> {
                try (var _ = budget.reserve(600_000)) {
                    isServed.set(true);
                }
            });
            awaitWaiting(budget, 1);
            assertThat(isServed).isFalse();
        }
        second.join();
        assertThat(isServed).isTrue();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whoeverCameFirstIsServedFirstThoughLessWouldFit() throws InterruptedException {
        Budget budget = budget("30s");
        ConcurrentLinkedQueue<String> served = new ConcurrentLinkedQueue<>();
        try (Budget.Reservation held = budget.reserve(900_000)) {
            start(() -> take(budget, 800_000, "large", served));
            awaitWaiting(budget, 1);
            start(() -> take(budget, 300_000, "small", served));
            awaitWaiting(budget, 2);
            held.giveBack(600_000);
            assertThat(budget.waiting()).as("there would be room for the second").isEqualTo(2);
        }
        end();
        assertThat(served).containsExactly("large", "small");
    }

    private static void take(Budget budget, long bytes, String name, ConcurrentLinkedQueue<String> served) {
        try (var _ = budget.reserve(bytes)) {
            served.add(name);
        }
    }

    /** Those who hold little have a part of their own, so that others cannot keep them waiting. */
    @Test
    void littleIsNotKeptWaiting() throws InterruptedException {
        Budget budget = budget("30s");
        CountDownLatch served = new CountDownLatch(62);
        CountDownLatch end = new CountDownLatch(1);
        try (var _ = budget.reserve(TOTAL)) {
            start(() -> take(budget, 800_000, "large", new ConcurrentLinkedQueue<>()));
            awaitWaiting(budget, 1);
            for (int i = 0; i < 62; i++) {
                start(() -> {
                    try (var _ = budget.reserve(1_000)) {
                        served.countDown();
                        end.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
            assertThat(served.await(20, TimeUnit.SECONDS)).isTrue();
            start(() -> take(budget, 1_000, "one too many", new ConcurrentLinkedQueue<>()));
            awaitWaiting(budget, 2);
        } finally {
            end.countDown();
        }
    }

    @Test
    void whetherSoMuchIsFreeCanBeAsked() throws InterruptedException {
        Budget budget = budget("30s");
        budget.check(TOTAL);
        try (var _ = budget.reserve(700_000)) {
            budget.check(300_000);
            assertThat(catchThrowable(() -> budget.check(300_001))).isInstanceOf(OverloadedException.class)
                    .hasMessage("the requests at work leave no memory for this one, and 0 requests wait for some; try again in 1 s");
            start(() -> take(budget, 400_000, "waiting", new ConcurrentLinkedQueue<>()));
            awaitWaiting(budget, 1);
            assertThat(catchThrowable(() -> budget.check(10_000))).as("others wait").isInstanceOf(OverloadedException.class)
                    .hasMessageContaining("1 request waits for some");
            budget.check(1_000);
        }
    }

    @ParameterizedTest
    @CsvSource({"1024, 518", "4096, 2361", "200, 50", "160, 40"})
    void ofTheHeapSixTenthsAreSharedWithoutWhatTheServiceItselfNeeds(long heap, long shared) {
        assertThat(Budget.ofHeap(heap << 20) >> 20).isEqualTo(shared);
    }

    @Test
    void whatIsReservedCanGrowAndBeGivenBackInPieces() {
        Budget budget = budget("0s");
        Budget.addToLatest(5);
        try (Budget.Reservation outer = budget.reserve(10)) {
            Budget.addToLatest(5);
            assertThat(budget.used()).isEqualTo(15);
            try (Budget.Reservation inner = budget.reserve(100)) {
                Budget.addToLatest(1);
                Budget.addToLatest(-7);
                inner.giveBack(50);
                assertThat(budget.used()).isEqualTo(66);
            }
            assertThat(budget.used()).as("kept until the answer has been written").isEqualTo(66);
            assertThat(catchThrowableOfType(LimitException.class, () -> outer.add(TOTAL - 65)).asked()).isEqualTo(TOTAL + 1);
            assertThat(catchThrowableOfType(LimitException.class, () -> budget.reserve(TOTAL - 65)).asked()).isEqualTo(TOTAL + 1);
            outer.add(TOTAL - 66);
            assertThat(budget.used()).isEqualTo(TOTAL);
            outer.release();
            assertThat(budget.used()).isZero();
        }
        assertThat(budget.used()).isZero();
        assertThat(budget.total()).isEqualTo(TOTAL);
    }

    /** A job makes a million passes over its rows, each of which reserves the memory of a run. */
    @Test
    void longWorkHoldsOnlyWhatItKeeps() {
        Budget budget = budget("0s");
        try (Budget.Reservation job = budget.reserveForLong(100)) {
            for (int pass = 0; pass < 3; pass++) {
                try (var _ = budget.reserve(10)) {
                    try (var _ = budget.reserve(200)) {
                        assertThat(budget.used()).isEqualTo(310);
                    }
                    assertThat(budget.used()).as("within a pass it is as in a request").isEqualTo(310);
                }
                assertThat(budget.used()).as("after a pass").isEqualTo(100);
            }
            try (Budget.Reservation reading = budget.reserve(1_000)) {
                Budget.addToOutermost(7);
                reading.keep(30);
                reading.passOn();
            }
            assertThat(budget.used()).as("with what was read, and what was loaded meanwhile").isEqualTo(137);
            assertThat(budget.left()).isEqualTo(TOTAL - 137);
            try (Budget.Reservation inner = budget.reserve(10)) {
                assertThat(catchThrowableOfType(LimitException.class, () -> Budget.addToOutermost(TOTAL - 146)).asked())
                        .isEqualTo(TOTAL + 1);
                inner.add(1);
            }
            job.keep(50);
            assertThat(budget.used()).isEqualTo(50);
        }
        assertThat(budget.used()).isZero();
        Budget.addToOutermost(5);
        assertThat(budget.used()).as("of no request").isZero();
    }

    @Test
    void whatIsKeptBetweenRequestsLeavesWhereTheyNeedIt() {
        Budget budget = budget("0s");
        assertThat(budget.keep(TOTAL + 1)).isFalse();
        assertThat(budget.kept()).isZero();
        assertThat(budget.keep(TOTAL)).isTrue();
        List<Long> asked = new ArrayList<>();
        budget.reclaimFrom(bytes -> {
            asked.add(bytes);
            if (budget.kept() < bytes) {
                return 0;
            }
            budget.giveBack(bytes);
            return bytes;
        });
        try (var _ = budget.reserve(300_000)) {
            assertThat(asked).containsExactly(300_000L);
            assertThat(budget.kept()).isEqualTo(700_000);
            assertThat(budget.keep(1)).isFalse();
            assertThat(catchThrowable(() -> budget.reserve(700_001))).isInstanceOf(LimitException.class);
        }
    }

    @Test
    void whereNobodyMayWaitARefusalComesAtOnce() throws InterruptedException {
        Budget budget = budget("0s");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (var _ = budget.reserve(900_000)) {
            start(() -> thrown.set(catchThrowable(() -> budget.reserve(200_000)))).join();
        }
        assertThat(thrown.get()).isInstanceOf(OverloadedException.class);
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void noMoreThanSixtyFourWait() throws InterruptedException {
        Budget budget = budget("30s");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (var _ = budget.reserve(TOTAL)) {
            for (int i = 0; i < 64; i++) {
                start(() -> take(budget, 2_000, "waiting", new ConcurrentLinkedQueue<>()));
            }
            awaitWaiting(budget, 64);
            start(() -> thrown.set(catchThrowable(() -> budget.reserve(2_000)))).join();
            assertThat(thrown.get()).isInstanceOf(OverloadedException.class);
        }
    }

    @Test
    void whoIsInterruptedWaitsOnAndStaysInterrupted() throws InterruptedException {
        Budget budget = budget("30s");
        AtomicBoolean isInterrupted = new AtomicBoolean();
        Thread waiting;
        try (var _ = budget.reserve(900_000)) {
            waiting = start(() -> {
                try (var _ = budget.reserve(200_000)) {
                    isInterrupted.set(Thread.currentThread().isInterrupted());
                }
            });
            awaitWaiting(budget, 1);
            waiting.interrupt();
        }
        waiting.join();
        assertThat(isInterrupted).isTrue();
    }

    /** Two may wait together if what both hold and what either wants fits at once. */
    @ParameterizedTest
    @CsvSource({"250000, true", "250001, false"})
    void whoWaitsCouldBeServedByThoseWhoDoNot(long more, boolean isServed) throws InterruptedException {
        Budget budget = budget("30s");
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        CountDownLatch both = new CountDownLatch(1);
        try (Budget.Reservation held = budget.reserve(250_000)) {
            start(() -> {
                try (Budget.Reservation first = budget.reserve(250_000)) {
                    both.await();
                    first.add(250_000);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            while (budget.used() < 500_000) {
                Thread.sleep(1);
            }
            Thread second = start(() -> {
                try (Budget.Reservation own = budget.reserve(500_000)) {
                    both.countDown();
                    while (budget.waiting() == 0) {
                        Thread.onSpinWait();
                    }
                    own.add(more);
                } catch (OverloadedException e) {
                    thrown.set(e);
                }
            });
            if (isServed) {
                awaitWaiting(budget, 2);
            } else {
                second.join();
            }
            held.release();
        }
        end();
        assertThat(thrown.get() == null).isEqualTo(isServed);
    }

    @Test
    void whatIsNotReleasedInTimeIsRefused() {
        Budget budget = budget("50ms");
        try (var _ = budget.reserve(900_000)) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            start(() -> {
                try (var _ = budget.reserve(200_000)) {
                    thrown.set(new AssertionError("there was no room"));
                } catch (OverloadedException e) {
                    thrown.set(e);
                }
            });
            while (thrown.get() == null) {
                Thread.onSpinWait();
            }
            assertThat(thrown.get()).isInstanceOf(OverloadedException.class);
            assertThat(budget.used()).isEqualTo(900_000);
        }
    }

    /** Two that hold half each, and both want more, could only wait for each other. */
    @Test
    void nobodyWaitsForThoseWhoWait() throws InterruptedException {
        Budget budget = budget("30s");
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger served = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            start(() -> {
                try (Budget.Reservation half = budget.reserve(500_000)) {
                    both.countDown();
                    both.await();
                    half.add(300_000);
                    served.incrementAndGet();
                } catch (OverloadedException _) {
                    refused.incrementAndGet();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        long start = System.nanoTime();
        end();
        assertThat(System.nanoTime() - start).as("nanoseconds until both are done").isLessThan(10_000_000_000L);
        assertThat(refused).hasValue(1);
        assertThat(served).hasValue(1);
        assertThat(budget.used()).isZero();
    }

    @Test
    void whoeverWaitsForMemoryHoldsNoPermit() throws InterruptedException {
        Budget budget = budget("30s");
        Turns turns = new Turns(TestService.limits("threads", "1"));
        try (Budget.Reservation held = budget.reserve(900_000)) {
            AtomicBoolean hasPermit = new AtomicBoolean();
            Thread waiting = start(() -> {
                try (Turn turn = turns.begin("a", () -> false)) {
                    turn.take(LARGE);
                    try (var _ = budget.reserve(500_000)) {
                        hasPermit.set(turn.isGranted);
                    }
                }
            });
            awaitWaiting(budget, 1);
            try (Turn turn = turns.begin("b", () -> false)) {
                turn.take(LARGE);
                assertThat(turn.isGranted).isTrue();
            }
            held.release();
            waiting.join();
            assertThat(hasPermit).as("it goes on with a permit").isTrue();
        }
    }

    @Test
    void theWaitEndsWithTheTimeOrTheClient() throws InterruptedException {
        Budget budget = budget("30s");
        Turns turns = new Turns(TestService.limits("threads", "1"));
        List<Throwable> thrown = new ArrayList<>();
        try (var _ = budget.reserve(900_000)) {
            start(() -> {
                try (Turn turn = turns.begin("a", () -> false).within(Duration.ofMillis(100))) {
                    turn.take(LARGE);
                    thrown.add(catchThrowable(() -> budget.reserve(500_000)));
                }
                try (Turn turn = turns.begin("b", () -> true)) {
                    turn.take(0);
                    thrown.add(catchThrowable(() -> budget.reserve(500_000)));
                }
            }).join();
            assertThat(budget.used()).isEqualTo(900_000);
        }
        assertThat(thrown).hasExactlyElementsOfTypes(DeadlineExceededException.class, CancellationException.class);
        assertThat(budget.waiting()).isZero();
    }

    /** Whatever many requests take, in pieces or at once, no byte is lost or taken twice. */
    @Test
    void nothingIsLost() throws InterruptedException {
        Budget budget = budget("20ms");
        AtomicInteger served = new AtomicInteger();
        AtomicBoolean isExceeded = new AtomicBoolean();
        for (int i = 0; i < 16; i++) {
            start(() -> {
                for (int k = 0; k < 300; k++) {
                    try (Budget.Reservation reservation = budget.reserve(ThreadLocalRandom.current().nextLong(TOTAL / 3))) {
                        reservation.add(ThreadLocalRandom.current().nextLong(TOTAL / 3));
                        // Those who hold little may take a sixteenth more.
                        isExceeded.compareAndSet(false, budget.used() > TOTAL + TOTAL / 16);
                        served.incrementAndGet();
                        LockSupport.parkNanos(1_000);
                    } catch (OverloadedException _) {
                        LockSupport.parkNanos(1_000);
                    }
                }
            });
        }
        end();
        assertThat(budget.used()).isZero();
        assertThat(budget.waiting()).isZero();
        assertThat(isExceeded).isFalse();
        assertThat(served).as("of 4,800").hasValueGreaterThan(16);
    }

    private static KeptMemory.Loading<String> loading(String value) {
        return new KeptMemory.Loading<>(400_000, () -> value);
    }

    /** The second is kept beside the first, though both together take more than what nobody uses may. */
    @Test
    void whatARequestUsesCountsUntilItEnds() throws InterruptedException {
        Budget budget = budget("30s");
        Turns turns = new Turns(TestService.limits("threads", "1"));
        KeptMemory<String, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        AtomicBoolean isServed = new AtomicBoolean();
        AtomicLong ofBoth = new AtomicLong();
        Thread waiting;
        try (Turn _ = turns.begin("ann", () -> false)) {
            assertThat(kept.get("a", () -> loading("a"))).isEqualTo("a");
            Thread other = start(() -> {
                try (Turn _ = turns.begin("bob", () -> false)) {
                    kept.get("b", () -> loading("b"));
                    ofBoth.set(budget.kept());
                }
            });
            other.join();
            assertThat(ofBoth).hasValue(800_000);
            waiting = start(() -> {
                try (var _ = budget.reserve(700_000)) {
                    isServed.set(true);
                }
            });
            awaitWaiting(budget, 1);
            assertThat(isServed).as("what is used is not dropped for those who wait").isFalse();
        }
        waiting.join();
        assertThat(isServed).isTrue();
        assertThat(budget.kept()).isLessThanOrEqualTo(TOTAL / 2);
        try (var _ = budget.reserve(TOTAL)) {
            assertThat(budget.kept()).as("nobody uses what is left").isZero();
        }
    }

    /** However many are in use, those that nobody uses make room, and stay beside them as far as there is room. */
    @Test
    void whatIsInUseKeepsNothingElseOut() throws InterruptedException {
        Budget budget = budget("30s");
        Turns turns = new Turns(TestService.limits("threads", "2"));
        KeptMemory<String, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        AtomicInteger loads = new AtomicInteger();
        try (Turn _ = turns.begin("ann", () -> false)) {
            for (int i = 0; i < 100; i++) {
                String name = "used" + i;
                kept.get(name, () -> new KeptMemory.Loading<>(4_900, () -> name));
            }
            Thread other = start(() -> {
                for (String idle : List.of("a", "b", "a", "b")) {
                    try (Turn _ = turns.begin("bob", () -> false)) {
                        kept.get(idle, () -> new KeptMemory.Loading<>(200_000, () -> {
                            loads.incrementAndGet();
                            return idle;
                        }));
                    }
                }
                try (var _ = budget.reserve(300_000)) {
                    assertThat(budget.kept()).isEqualTo(490_000 + 200_000);
                }
            });
            other.join();
        }
        assertThat(loads).as("each is loaded once").hasValue(2);
        assertThat(budget.kept()).as("as much as may be kept that nobody uses").isBetween(TOTAL / 2 - 4_899, TOTAL / 2);
    }

    @ParameterizedTest
    @CsvSource({"600000, true", "600001, false"})
    void nobodyWaitsForWhatNeverFitsBesideWhatItUses(long more, boolean fits) {
        Budget budget = budget("0s");
        Turns turns = new Turns(TestService.limits("threads", "1"));
        KeptMemory<String, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        try (Turn _ = turns.begin("ann", () -> false)) {
            kept.get("a", () -> loading("a"));
            kept.get("a", () -> loading("a"));
            assertThat(budget.left()).isEqualTo(600_000);
            Throwable thrown = catchThrowable(() -> budget.reserve(more).close());
            if (fits) {
                assertThat(thrown).isNull();
            } else {
                assertThat(thrown).isInstanceOf(LimitException.class).hasMessage("shared-bytes: 1000001 asked for, 1000000 allowed");
            }
        }
        assertThat(budget.left()).as("it is not in use any more").isEqualTo(TOTAL);
        budget.reserve(more).close();
    }

    /** Both could be served one after the other if they use the same, but not if each keeps 400,000 bytes from the other. */
    @ParameterizedTest
    @CsvSource({"a, 2", "b, 1"})
    void nobodyWaitsForWhatThoseWhoWaitUse(String other, int served) throws InterruptedException {
        Budget budget = budget("30s");
        Turns turns = new Turns(TestService.limits("threads", "2"));
        KeptMemory<String, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        AtomicInteger done = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(2);
        try (Budget.Reservation held = budget.reserve(200_000)) {
            for (String name : List.of("a", other)) {
                start(() -> {
                    try (Turn _ = turns.begin(name, () -> false)) {
                        kept.get(name, () -> loading(name));
                        both.countDown();
                        both.await();
                        budget.reserve(500_000).close();
                        done.incrementAndGet();
                    } catch (OverloadedException _) {
                        refused.incrementAndGet();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
            while (budget.waiting() + refused.get() < 2) {
                Thread.sleep(1);
            }
            assertThat(refused).hasValue(2 - served);
            held.release();
        }
        end();
        assertThat(done).hasValue(served);
        assertThat(budget.used()).isZero();
    }

    /** A key that has something done once, while a method looks it up. */
    private static final class Key {
        private final String name;
        private String method = "";
        private Runnable work = () -> {};

        Key(String name) {
            this.name = name;
        }

        /** @param caller the method that calls {@link #hashCode}, or one that has called it */
        void within(String caller, Runnable then) {
            method = caller;
            work = then;
        }

        boolean hasDoneIt() {
            return method.isEmpty();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && name.equals(key.name);
        }

        @Override
        public int hashCode() {
            if (StackWalker.getInstance().walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals(method)))) {
                method = "";
                work.run();
            }
            return name.hashCode();
        }
    }

    /** Loads 200,000 bytes, and counts how often. */
    private static Supplier<KeptMemory.Loading<String>> counted(AtomicInteger loads) {
        return () -> new KeptMemory.Loading<>(200_000, () -> "value " + loads.incrementAndGet());
    }

    /** Another request has loaded it between the looks at what is kept and at what is being loaded. */
    @Test
    void whatHasAppearedMeanwhileIsNotLoadedAgain() {
        Budget budget = budget("0s");
        KeptMemory<Key, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        AtomicInteger loads = new AtomicInteger();
        Key key = new Key("a");
        key.within("putIfAbsent", () -> kept.get(new Key("a"), counted(loads)));
        assertThat(kept.get(key, counted(loads))).isEqualTo("value 1");
        assertThat(key.hasDoneIt()).isTrue();
        assertThat(loads).hasValue(1);
        assertThat(budget.kept()).isEqualTo(200_000);
    }

    /** Both are to be dropped, and somebody begins to use the second when the first has been. */
    @Test
    void whatComesIntoUseIsNotDropped() {
        Budget budget = budget("0s");
        Turns turns = new Turns(TestService.limits("threads", "1"));
        KeptMemory<Key, String> kept = new KeptMemory<>(budget, TOTAL / 2);
        AtomicInteger loads = new AtomicInteger();
        Key first = new Key("first");
        kept.get(first, counted(loads));
        kept.get(new Key("second"), counted(loads));
        try (Turn _ = turns.begin("ann", () -> false)) {
            first.within("drop", () -> kept.get(new Key("second"), counted(loads)));
            assertThat(catchThrowable(() -> budget.reserve(900_000).close())).isInstanceOf(OverloadedException.class);
            assertThat(first.hasDoneIt()).isTrue();
            assertThat(budget.kept()).isEqualTo(200_000);
            assertThat(kept.get(new Key("second"), counted(loads))).isEqualTo("value 2");
        }
        budget.reserve(900_000).close();
        assertThat(loads).hasValue(2);
        assertThat(budget.kept()).isZero();
    }
}
