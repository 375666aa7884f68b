package io.chainrule.service.run;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.service.program.TestService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who computes, and when. Work here looks at its turn all the time, as kernels do. */
@Timeout(120)
@Execution(ExecutionMode.SAME_THREAD)
class TurnsTest {
    private static final double LARGE = 2.5;
    private static final double MEDIUM = 0.1;
    private static final double SHORT = 0.02;

    private final Turns turns = new Turns(TestService.limits("threads", "1"));
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> unexpected = new AtomicReference<>();

    private interface Work {
        void run(Turn turn) throws InterruptedException;
    }

    /** Work of a client on a thread of its own. */
    private Thread request(String client, double seconds, Work work) {
        Thread thread = Thread.ofVirtual().start(() -> {
            try (Turn turn = turns.begin(client, () -> false)) {
                turn.take(seconds);
                work.run(turn);
            } catch (InterruptedException | RuntimeException | AssertionError e) {
                unexpected.compareAndSet(null, e);
            }
        });
        threads.add(thread);
        return thread;
    }

    private void spin(Turn turn) {
        while (!isOver.get()) {
            turn.check();
        }
    }

    private static void spin(Turn turn, double seconds) {
        double end = turn.used() + seconds;
        while (turn.used() < end) {
            turn.check();
        }
    }

    private void awaitRunning() throws InterruptedException {
        while (turns.large().held() == 0) {
            Thread.sleep(1);
        }
    }

    /** Has a client hold the permit to the end of the test, without a look at its turn. */
    private void occupy(String client, double seconds) throws InterruptedException {
        request(client, seconds, _ -> {
            while (!isOver.get()) {
                Thread.onSpinWait();
            }
        });
        awaitRunning();
    }

    private void awaitWaiting(int count) throws InterruptedException {
        while (turns.large().waiting() < count) {
            Thread.sleep(1);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        isOver.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(unexpected.get()).isNull();
        assertThat(turns.large().waiting()).isZero();
        assertThat(turns.large().tryTake()).as("the permit has been given back").isTrue();
    }

    @Test
    void tinyWorkDoesNotWaitForLargeWork() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        request("a", LARGE, turn -> {
            begun.countDown();
            spin(turn);
        });
        begun.await();
        AtomicInteger done = new AtomicInteger();
        request("b", 0, _ -> done.incrementAndGet()).join();
        assertThat(done).hasValue(1);
    }

    /** Some tiny work takes ten times as long as other: the shorter goes first, even if the other has already begun. */
    @Test
    void ofTinyWorkTheShorterGoesFirst() throws InterruptedException {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean isReleased = new AtomicBoolean();
        request("first", 0, turn -> {
            begun.countDown();
            while (!isReleased.get()) {
                Thread.onSpinWait();
            }
            turn.prepare(0.0049);
            spin(turn, 0.003);
            order.add("first");
        });
        begun.await();
        request("long", 0.0045, _ -> order.add("long"));
        awaitTiny(1);
        request("short", 0.0001, _ -> order.add("short"));
        awaitTiny(2);
        isReleased.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(order).containsExactly("short", "long", "first");
    }

    private void awaitTiny(int count) throws InterruptedException {
        while (turns.lane(WorkSize.TINY).waiting() < count) {
            Thread.sleep(1);
        }
    }

    @Test
    void noMoreComputeThanThereArePermits() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(request("client " + i, SHORT, turn -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                turn.used();
                running.decrementAndGet();
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(most).hasValue(1);
    }

    /** Large work that runs lets short work pass within its quantum, and goes on when that is done. */
    @Test
    void shortWorkPassesLargeWork() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        request("a", LARGE, turn -> {
            begun.countDown();
            spin(turn);
        });
        begun.await();
        long[] nanos = new long[11];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            request("b", SHORT, turn -> spin(turn, 0.001)).join();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        assertThat(nanos[nanos.length / 2]).as("median").isLessThan(100_000_000L);
    }

    /** Work that takes much longer than was thought is shared by all that is there, whoever sent it. */
    @Test
    void workThatTakesLongerThanThoughtTakesTurns() throws InterruptedException {
        Map<String, Double> used = new ConcurrentHashMap<>();
        for (String client : List.of("greedy", "greedy", "greedy", "greedy", "modest")) {
            request(client, SHORT, turn -> {
                while (!isOver.get()) {
                    turn.check();
                    used.merge(client + Thread.currentThread().threadId(), turn.used(), Math::max);
                }
            });
        }
        awaitWaiting(4);
        Thread.sleep(3_000);
        isOver.set(true);
        double modest = used.entrySet().stream().filter(e -> e.getKey().startsWith("modest")).mapToDouble(Map.Entry::getValue).sum();
        double all = used.values().stream().mapToDouble(Double::doubleValue).sum();
        assertThat(modest / all).as("of 5 requests, 4 of them of one client").isGreaterThan(0.15);
    }

    /** Shorter work is refused while larger work has to go first. */
    private void takeUntilTaken(Turn turn) throws InterruptedException {
        boolean isTaken = false;
        while (!isTaken && !isOver.get()) {
            try {
                turn.take(SHORT);
                isTaken = true;
            } catch (OverloadedException _) {
                Thread.sleep(10);
            }
        }
    }

    /** Work that was accepted is done in time, though shorter work has more of the cores. */
    @Test
    void workThatWasAcceptedIsNotInVain() throws InterruptedException {
        AtomicBoolean isDone = new AtomicBoolean();
        Thread large = Thread.ofVirtual().start(() -> {
            try (Turn turn = turns.begin("large", () -> false).within(Duration.ofSeconds(5))) {
                turn.take(LARGE);
                spin(turn, LARGE);
                isDone.set(true);
            } catch (DeadlineExceededException _) {
                isDone.set(false);
            }
        });
        for (int i = 0; i < 3; i++) {
            request("short " + i, SHORT, turn -> {
                while (!isOver.get()) {
                    spin(turn, 0.01);
                    turn.release();
                    takeUntilTaken(turn);
                }
            });
        }
        large.join();
        assertThat(isDone).isTrue();
    }

    /** What could not be done in time is refused at once, and told after how long there is room for it. */
    @Test
    void whatCouldNotBeDoneInTimeIsRefusedAtOnce() throws InterruptedException {
        request("client 0", LARGE, this::spin);
        request("client 1", LARGE, this::spin);
        awaitWaiting(1);
        try (Turn turn = turns.begin("late", () -> false)) {
            long start = System.nanoTime();
            OverloadedException refusal = catchThrowableOfType(OverloadedException.class, () -> turn.take(LARGE));
            assertThat(refusal).hasMessageContaining("1 request waits");
            assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
            assertThat(System.nanoTime() - start).isLessThan(1_000_000_000L);
            assertThatExceptionOfType(OverloadedException.class).as("asked before").isThrownBy(() -> turns.check("late", LARGE))
                    .withMessageContaining("1 request waits");
            assertThatCode(() -> turns.check("late", SHORT)).as("shorter work would be done soon").doesNotThrowAnyException();
        }
    }

    /** Work that has much time may be accepted while work that has little would not be. */
    @Test
    void aShorterDeadlineLeavesLessRoom() throws InterruptedException {
        request("running", LARGE, this::spin);
        awaitRunning();
        try (Turn turn = turns.begin("hasty", () -> false).within(Duration.ofSeconds(1))) {
            assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turn.take(1));
        }
        assertThatCode(() -> turns.check("patient", 1)).doesNotThrowAnyException();
    }

    /** One client cannot have all the room that there is: some is left for others. */
    @Test
    void aClientThatHasAskedForMuchIsRefusedBeforeOthersAre() throws InterruptedException {
        occupy("greedy", MEDIUM);
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try (Turn turn = turns.begin("greedy", () -> false)) {
                    turn.take(MEDIUM);
                } catch (OverloadedException _) {
                    refused.incrementAndGet();
                }
            }));
        }
        await().untilAsserted(() -> assertThat(refused.get() + turns.large().waiting()).isEqualTo(40));
        assertThat(refused).hasValueBetween(20, 35);
        assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turns.check("greedy", MEDIUM));
        assertThatCode(() -> turns.check("modest", MEDIUM)).doesNotThrowAnyException();
    }

    @Test
    void toAskTakesNoPlace() throws InterruptedException {
        turns.check("a", LARGE);
        assertThat(turns.isIdle()).isTrue();
        request("a", LARGE, _ -> {}).join();
    }

    /** If all work of a size took turns, all of it would be late, and all would hold memory meanwhile. */
    @Test
    void workThatHasBegunIsDoneBeforeOtherWorkOfItsSizeBegins() throws InterruptedException {
        Queue<String> done = new ConcurrentLinkedQueue<>();
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger mostBegun = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (String client : List.of("a", "b", "c")) {
            all.add(request(client, 0.2, turn -> {
                mostBegun.accumulateAndGet(begun.incrementAndGet(), Math::max);
                spin(turn, 0.2);
                begun.decrementAndGet();
                done.add(client);
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(done).hasSize(3);
        assertThat(mostBegun).hasValue(1);
    }

    /** Work of a size has had so many seconds. */
    private void use(WorkSize size, double seconds) {
        turns.large().of(size, line -> {
            line.use(seconds);
            return 0;
        });
    }

    /** Room is kept for work that has just been refused, unless its size has had more than that of what comes. */
    @Test
    void roomIsKeptForWorkThatHasHadLess() throws InterruptedException {
        request("running", 1, this::spin);
        awaitRunning();
        request("waiting", 1, turn -> spin(turn, 0));
        awaitWaiting(1);
        assertThatCode(() -> turns.check("medium", MEDIUM)).as("there is room").doesNotThrowAnyException();
        assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turns.check("large", 2 * LARGE));
        use(WorkSize.MEDIUM, 10);
        assertThatExceptionOfType(OverloadedException.class).as("large work has had less").isThrownBy(() -> turns.check("medium", MEDIUM));
        use(WorkSize.HUGE, 100);
        assertThatCode(() -> turns.check("medium", MEDIUM)).as("large work has had more").doesNotThrowAnyException();
    }

    /** What cannot be done in time even alone keeps nobody away. */
    @Test
    void noRoomIsKeptForTheImpossible() throws InterruptedException {
        request("running", 1, this::spin);
        awaitRunning();
        use(WorkSize.MEDIUM, 10);
        assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turns.check("large", 9));
        assertThatCode(() -> turns.check("medium", MEDIUM)).doesNotThrowAnyException();
    }

    /** What comes while larger work has to go on to be done in time is refused, so that neither is in vain. */
    @Test
    void whatWouldMakeOthersLateIsRefused() throws InterruptedException {
        request("large", 6, this::spin);
        awaitRunning();
        turns.check("medium", MEDIUM);
        assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turns.check("long", 1.5));
    }

    /** A client's second request comes after the first of another client that came later. */
    @Test
    void clientsTakeTurns() throws InterruptedException {
        Queue<String> done = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(1);
        request("running", SHORT, turn -> {
            begun.countDown();
            spin(turn, 0.2);
        });
        begun.await();
        List<Thread> all = new ArrayList<>();
        for (String client : List.of("greedy", "greedy", "greedy", "modest")) {
            int before = turns.large().waiting();
            all.add(request(client, 0.3, turn -> done.add(client)));
            awaitWaiting(before + 1);
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(done).containsExactly("greedy", "modest", "greedy", "greedy");
    }

    /** What was not said to take long, as compiling, may be refused once it does, but not once the work itself was accepted. */
    @Test
    void preparationsThatTakeLongerThanThoughtAreRefusedLikeOtherWork() throws InterruptedException {
        request("running", LARGE, this::spin);
        awaitRunning();
        request("waiting", LARGE, this::spin);
        awaitWaiting(1);
        try (Turn turn = turns.begin("preparing", () -> false).within(Duration.ofMillis(300))) {
            turn.prepare(0);
            assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> turn.prepare(LARGE));
            assertThat(turn.isGranted).as("it can tell so").isTrue();
            assertThat(turn.size).isEqualTo(WorkSize.TINY);
        }
        try (Turn turn = turns.begin("accepted", () -> false)) {
            turn.take(0);
            spinWhile(turn, WorkSize.TINY);
        }
    }

    /** Computes until the work is booked as larger than this. */
    private static void spinWhile(Turn turn, WorkSize size) {
        double most = size.mostTaken(0);
        while (turn.size == size) {
            turn.check();
        }
        assertThat(turn.size).isEqualTo(size.next());
        assertThat(turn.used()).isGreaterThan(most);
    }

    /** Clients whose programs each take long to compile do not make late what was accepted. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void workThatWasAcceptedIsNotMadeLateByPreparations(int cores) throws InterruptedException {
        Turns several = new Turns(TestService.limits("threads", String.valueOf(cores)));
        AtomicInteger late = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            String client = "client " + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try (Turn turn = several.begin(client, () -> false).within(Duration.ofSeconds(9))) {
                    turn.prepare(0);
                    spin(turn, 0.5);
                    done.incrementAndGet();
                } catch (OverloadedException _) {
                    refused.incrementAndGet();
                } catch (DeadlineExceededException _) {
                    late.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(done.get()).as("done, of 40; %s refused", refused).isGreaterThan(2 * cores);
        assertThat(late.get()).as("late, of 40; %s refused and %s done", refused, done).isLessThanOrEqualTo(2 * cores);
    }

    /** What was in line in vain waited too. */
    @Test
    void aWaitInVainCounts() throws InterruptedException {
        occupy("running", SHORT);
        List<Long> told = new ArrayList<>();
        turns.large().tellWaits(WorkSize.SHORT, told::add);
        try (Turn turn = turns.begin("waiting", () -> false).within(Duration.ofMillis(300))) {
            assertThatThrownBy(() -> turn.take(SHORT)).isInstanceOf(DeadlineExceededException.class);
            assertThat(turn.time().waited()).isBetween(0.2, 5.0);
        }
        assertThat(told).singleElement().satisfies(nanos -> assertThat(nanos).isGreaterThan(200_000_000L));
    }

    /** Two cores do two pieces of work in the time of one, but not one piece in half its time. */
    @Test
    void workHasOneCoreOfSeveral() throws InterruptedException {
        Turns two = new Turns(TestService.limits("threads", "2"));
        CountDownLatch begun = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            String client = "running " + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try (Turn turn = two.begin(client, () -> false)) {
                    turn.take(4);
                    begun.countDown();
                    spin(turn);
                }
            }));
        }
        begun.await();
        assertThatCode(() -> two.check("another", LARGE)).doesNotThrowAnyException();
        assertThatExceptionOfType(OverloadedException.class).as("it would begin in 4 s").isThrownBy(() -> two.check("another", 4));
    }

    /** A request has the time of its helpers, and these stop when others wait. */
    @Test
    void helpersAreChargedAndHandOn() throws InterruptedException {
        Turns two = new Turns(TestService.limits("threads", "2"));
        try (Turn turn = two.begin("a", () -> false)) {
            turn.take(LARGE);
            assertThat(two.large().tryTake()).as("a helper takes the other permit").isTrue();
            assertThat(two.large().isWanted()).isFalse();
            double before = turn.used();
            turn.used.add(3_000_000_000L);
            assertThat(turn.used() - before).isBetween(3.0, 4.0);
            AtomicBoolean isDone = new AtomicBoolean();
            Thread other = Thread.ofVirtual().start(() -> {
                try (Turn waiting = two.begin("b", () -> false)) {
                    waiting.take(SHORT);
                    isDone.set(true);
                }
            });
            while (two.large().waiting() == 0) {
                Thread.sleep(1);
            }
            assertThat(two.large().isWanted()).isTrue();
            two.large().giveBack();
            other.join();
            assertThat(isDone).isTrue();
        }
    }

    @Test
    void aTurnThatIsOverTimeEndsWhileItWaits() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        request("a", LARGE, turn -> {
            begun.countDown();
            while (!isOver.get()) {
                Thread.onSpinWait();
            }
        });
        begun.await();
        try (Turn turn = turns.begin("b", () -> false).within(Duration.ofMillis(300))) {
            assertThatThrownBy(() -> turn.take(SHORT)).isInstanceOf(DeadlineExceededException.class);
        }
        try (Turn turn = turns.begin("c", () -> false).within(Duration.ofMillis(300))) {
            assertThatThrownBy(() -> turn.take(LARGE)).as("it would wait longer than it may take").isInstanceOf(OverloadedException.class);
        }
    }

    @Test
    void anAnswerThatStandsMayBeWrittenLate() throws InterruptedException {
        AtomicBoolean hasBegun = new AtomicBoolean();
        try (Turn turn = turns.begin("a", () -> false).within(Duration.ofMillis(400))) {
            turn.take(LARGE);
            request("b", SHORT, _ -> {
                hasBegun.set(true);
                Thread.sleep(500);
            });
            awaitWaiting(1);
            while (!hasBegun.get()) {
                turn.pause();
            }
            assertThat(turn.time().left(System.nanoTime())).as("its time was over while it waited").isNegative();
            assertThat(turn.isGranted).isTrue();
            assertThatThrownBy(() -> spin(turn)).isInstanceOf(DeadlineExceededException.class);
        }
    }

    /** Where the machine has other work too, the best of some tries counts. */
    @Test
    void workOfAClientThatHasGoneEnds() throws InterruptedException {
        long soonest = Long.MAX_VALUE;
        for (int i = 0; i < 5 && soonest > 500_000_000L; i++) {
            AtomicBoolean isGone = new AtomicBoolean();
            try (Turn turn = turns.begin("a", isGone::get)) {
                turn.take(LARGE);
                turn.check();
                isGone.set(true);
                long start = System.nanoTime();
                assertThatThrownBy(() -> spin(turn)).isInstanceOf(CancellationException.class);
                soonest = System.nanoTime() - start;
            }
        }
        assertThat(soonest).isLessThan(500_000_000L);
    }

    @Test
    void aWishShortensTheTimeAndNeverLengthensIt() {
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(turn.shorten(Duration.ofMillis(200))).isTrue();
            assertThat(turn.within(Duration.ofSeconds(60)).time.secondsLeft()).isLessThanOrEqualTo(0.2);
        }
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(turn.shorten(Duration.ofDays(1))).isFalse();
            assertThat(turn.within(Duration.ofSeconds(60)).time.secondsLeft()).isLessThanOrEqualTo(60);
        }
    }

    /** Work that was thought to be tiny waits as larger work once it has taken longer than tiny work may. */
    @Test
    void workThatTakesLongerThanThoughtIsBookedAsLargerWork() throws InterruptedException {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            spinWhile(turn, WorkSize.TINY);
            spinWhile(turn, WorkSize.SHORT);
            request("b", 0, _ -> {}).join();
        }
    }

    /** Whoever waits for its client holds no permit. */
    @Test
    void othersComputeWhileAClientIsWaitedFor() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(LARGE);
            assertThat(turn.aside(() -> {
                try {
                    request("b", LARGE, other -> spin(other, 0.01)).join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return "done";
            })).isEqualTo("done");
            assertThat(turns.large().tryTake()).as("it has its permit again").isFalse();
        }
    }

    @Test
    void outsideOfARequestNothingIsGivenUpForAClient() {
        AtomicInteger done = new AtomicInteger();
        Turn.whileClientIsWaitedFor(done::incrementAndGet);
        assertThat(done).hasValue(1);
    }

    @Test
    void whileAClientIsWaitedForNoPermitIsHeld() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(LARGE);
            AtomicInteger held = new AtomicInteger(-1);
            Turn.whileClientIsWaitedFor(() -> held.set(turns.large().held()));
            assertThat(held).hasValue(0);
            assertThat(turn.isGranted).isTrue();
            assertThat(turns.large().held()).isEqualTo(1);
        }
    }

    /** Whoever has no permit, or is only a helper, has none to give up. */
    @Test
    void onlyTheThreadOfARequestGivesItsPermitUp() throws InterruptedException {
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(turn.<Boolean>aside(() -> turn.isGranted)).isFalse();
            assertThat(turn.isGranted).as("afterwards").isFalse();
            turn.take(LARGE);
            AtomicBoolean isHeld = new AtomicBoolean();
            Thread.ofPlatform().start(() -> isHeld.set(turn.aside(() -> turn.isGranted))).join();
            assertThat(isHeld).isTrue();
        }
    }

    /** What could not be had is told with a permit; other failures end the request. */
    @Test
    void whatCouldNotBeHadIsToldWithAPermit() {
        for (RuntimeException failure : List.of(OverloadedException.ofMemory(0, Duration.ofSeconds(1)), new LimitException("bytes", 2, 1),
                new IllegalStateException("its own"))) {
            try (Turn turn = turns.begin("a", () -> false)) {
                turn.take(LARGE);
                assertThatThrownBy(() -> turn.aside(() -> {
                    throw failure;
                })).isSameAs(failure);
                assertThat(turn.isGranted).isEqualTo(!(failure instanceof IllegalStateException));
                assertThat(turns.large().held()).isZero();
            }
        }
    }

    /** The result stands, and is still written when the time is over, unless the client has gone. */
    @Test
    void aPauseEndsWorkOnlyIfItsClientHasGone() {
        AtomicBoolean isGone = new AtomicBoolean();
        try (Turn turn = turns.begin("a", isGone::get).within(Duration.ZERO)) {
            assertThatThrownBy(turn::check).isInstanceOf(DeadlineExceededException.class);
            turn.pause();
            isGone.set(true);
            assertThatThrownBy(() -> {
                while (true) {
                    turn.pause();
                }
            }).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void aHelperEndsWithTheTimeOfTheRequest() throws InterruptedException {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        try (Turn turn = turns.begin("a", () -> true).within(Duration.ofMillis(1))) {
            Thread.ofPlatform().start(() -> thrown.set(catchThrowable(() -> spin(turn)))).join();
        }
        assertThat(thrown.get()).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void aPermitThatOneResultNeedsIsGivenBack() {
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(turn.<Integer>compute(LARGE, () -> turns.large().held())).isEqualTo(1);
            assertThat(turns.isIdle()).isTrue();
            assertThatThrownBy(() -> turn.compute(LARGE, () -> {
                throw new IllegalStateException("its own");
            })).hasMessage("its own");
            assertThat(turns.isIdle()).isTrue();
            turn.take(LARGE);
            assertThat(turns.isIdle()).isFalse();
            turn.compute(SHORT, () -> true);
            assertThat(turn.isGranted).as("held before").isTrue();
        }
        assertThat(turns.isIdle()).isTrue();
    }

    @Test
    void aThreadHasTheTurnOfItsRequest() {
        assertThat(Turn.bound()).isNull();
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(Turn.bound()).isSameAs(turn);
            assertThat(turns.current()).isSameAs(turn);
            assertThat(turn.client).isEqualTo("a");
            try (Turn other = turns.begin("b", () -> false)) {
                assertThat(other.number).isGreaterThan(turn.number);
            }
            assertThat(Turn.bound()).isNull();
        }
        assertThat(turns.current()).isNotSameAs(turns.current());
        assertThat(turns.permits()).isEqualTo(1);
        assertThat(new Turns(TestService.limits()).permits()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void tinyWorkAlsoMakesTheServiceBusy() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            assertThat(turns.isIdle()).isFalse();
            assertThat(turns.large().isIdle()).isTrue();
        }
        assertThat(turns.isIdle()).isTrue();
    }
}
