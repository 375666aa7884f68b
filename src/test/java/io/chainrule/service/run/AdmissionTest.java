package io.chainrule.service.run;

import static io.chainrule.service.program.TestService.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Runner;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.service.program.TestService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a run is thought to cost, takes while it runs, and leaves behind. */
@Execution(ExecutionMode.SAME_THREAD)
class AdmissionTest {
    /** 1 ms on a machine for which costs are right. */
    private static final CostModel COST = new CostModel(1_000, 10_000, 1_000_000);

    private final Limits limits = TestService.limits("threads", "1", "shared-bytes", "100000", "flops", "1000", "bytes", "10000");
    private final Budget budget = new Budget(limits);
    private final Turns turns = new Turns(limits);
    private final Admission admission = new Admission(limits, budget, turns);

    @AfterEach
    void nothingIsHeld() {
        admission.close();
        assertThat(budget.used()).isZero();
        assertThat(turns.isIdle()).isTrue();
    }

    /** The seconds that work of this cost is thought to take. */
    private double thought(CostModel cost) {
        try (Turn turn = turns.begin("asking", () -> false)) {
            admission.runner(turn).run(cost, 0, () -> true);
            return turn.time().expected();
        }
    }

    @Test
    void aRunHoldsItsMemoryAndAPermitWhileItRuns() {
        try (Turn turn = turns.begin("a", () -> false)) {
            String answer = admission.runner(turn).run(new CostModel(1_000, 4_000, 1_000_000), 5_000, () -> {
                assertThat(budget.used()).isEqualTo(9_000);
                assertThat(turn.isGranted).isTrue();
                assertThat(turns.isIdle()).isFalse();
                return "answer";
            });
            assertThat(answer).isEqualTo("answer");
            assertThat(turn.isGranted).as("given back").isFalse();
            assertThat(turn.time().expected()).isBetween(0.0005, 0.002);
            assertThat(budget.used()).isZero();
        }
    }

    @Test
    void aPermitThatWasHeldBeforeIsKept() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            admission.runner(turn).run(COST, 0, () -> true);
            assertThat(turn.isGranted).isTrue();
        }
    }

    @Test
    void manyRunsAreAdmittedAsOne() {
        List<Long> held = new ArrayList<>();
        CostModel each = new CostModel(100, 2_000, 1_000_000);
        try (Turn turn = turns.begin("a", () -> false)) {
            Runner runner = admission.runner(turn);
            runner.repeat(each, 10, () -> held.add(budget.used()));
            assertThat(turn.time().expected()).isEqualTo(0.01);
            assertThat(held).hasSize(10).containsOnly(each.times(10).bytes());
            assertThat(budget.used()).as("given back before the answer is written").isZero();
            assertThat(catchThrowableOfType(LimitException.class, () -> runner.repeat(each, 11, () -> held.add(0L))).limit())
                    .isEqualTo("flops");
            assertThat(held).hasSize(10);
        }
    }

    @Test
    void manyRunsEndWithTheClient() {
        List<Integer> done = new ArrayList<>();
        try (Turn turn = turns.begin("a", () -> !done.isEmpty())) {
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> admission.runner(turn).repeat(new CostModel(0, 0, 1), Integer.MAX_VALUE, () -> done.add(1)));
        }
        assertThat(done).isNotEmpty();
    }

    /** A limit that is just kept is kept. */
    @Test
    void whatCostsMoreThanTheLimitsAllowIsRefused() {
        assertThatCode(() -> admission.check(COST, 0)).doesNotThrowAnyException();
        assertThat(catchThrowableOfType(LimitException.class, () -> admission.check(new CostModel(1_001, 0, 0), 0)).limit())
                .isEqualTo("flops");
        LimitException refusal = catchThrowableOfType(LimitException.class, () -> admission.check(COST, 1));
        assertThat(refusal.limit()).isEqualTo("bytes");
        assertThat(refusal.asked()).isEqualTo(10_001);
        assertThat(refusal.allowed()).isEqualTo(10_000);
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> admission.admit(COST, 1));
        try (Budget.Reservation _ = admission.admit(new CostModel(1, 4_000, 1), 5_000)) {
            assertThat(budget.used()).isEqualTo(9_000);
        }
    }

    /** What a request uses of what is kept is in memory beside its runs. */
    @Test
    void whatARequestUsesIsNotThereForItsRuns() {
        Admission large = admission.within(TestService.limits("bytes", "100000"));
        KeptMemory<String, String> kept = new KeptMemory<>(budget, 50_000);
        try (Turn _ = turns.begin("a", () -> false)) {
            kept.get("model", () -> new KeptMemory.Loading<>(40_000, () -> "model"));
            assertThat(large.bytesLeft()).isEqualTo(60_000);
            assertThatCode(() -> large.check(new CostModel(1, 50_000, 1), 10_000)).doesNotThrowAnyException();
            LimitException refusal = catchThrowableOfType(LimitException.class, () -> large.check(new CostModel(1, 50_000, 1), 10_001));
            assertThat(refusal.limit()).isEqualTo("shared-bytes");
            assertThat(refusal.asked()).isEqualTo(100_001);
        }
        assertThat(large.bytesLeft()).isEqualTo(100_000);
        assertThatCode(() -> large.check(new CostModel(1, 50_000, 1), 10_001)).doesNotThrowAnyException();
    }

    /** The log says of a refused request how long it would have taken. */
    @Test
    void theTimeOfWorkThatIsTooLargeIsTold() {
        try (Turn turn = turns.begin("a", () -> false)) {
            admission.check(COST, 0);
            assertThat(turn.time().expected()).isZero();
            assertThatExceptionOfType(LimitException.class).isThrownBy(() -> admission.check(new CostModel(1_001, 0, 3_000_000_000L), 0));
            assertThat(turn.time().expected()).isEqualTo(3);
        }
    }

    @Test
    void workIsThoughtToTakeAsLongAsItTook() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            admission.runner(turn).run(COST, 0, () -> {
                turn.used.add(4_000_000_000L);
                return true;
            });
        }
        assertThat(thought(COST)).isGreaterThanOrEqualTo(4);
    }

    @Test
    void workThatWasGivenUpIsThoughtToTakeLonger() {
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> admission.runner(turn).run(COST, 0, () -> {
                turn.used.add(2_000_000_000L);
                throw new DeadlineExceededException(Duration.ofSeconds(2));
            }));
        }
        assertThat(thought(COST)).isGreaterThanOrEqualTo(2.2);
    }

    /** A training that stopped early says only that all of it takes longer than that. */
    @Test
    void aTrainingThatIsNotWholeIsThoughtToTakeLonger() {
        for (boolean isWhole : new boolean[]{false, true}) {
            CostModel cost = new CostModel(1, isWhole ? 1 : 2, 1_000_000);
            try (Turn turn = turns.begin("a", () -> false)) {
                assertThat(admission.<String>train(turn, cost, () -> {
                    assertThat(turn.isGranted).isTrue();
                    turn.used.add(1_000_000_000L);
                    return "trained";
                }, answer -> isWhole && answer.equals("trained"))).isEqualTo("trained");
                assertThat(turn.time().expected()).isBetween(0.0005, 0.002);
            }
            double thought = thought(cost);
            assertThat(thought >= 1.1).as("%s s", thought).isEqualTo(!isWhole);
            assertThat(thought).isGreaterThanOrEqualTo(1);
        }
    }

    /** The seconds that writing about so many nodes is thought to take, and the size that it has meanwhile. */
    private void assertThought(Class<?> kind, long nodes, double seconds) {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            WorkSize size = admission.write(kind, nodes, () -> turn.size);
            assertThat(turn.time().expected()).isCloseTo(seconds, within(0.01 * seconds));
            assertThat(size).isEqualTo(WorkSize.of(seconds));
        }
    }

    /** Some tenths of a second for drawing a thousand nodes, in place of some hundredths, make the next picture larger work. */
    @Test
    void whatIsWrittenIsThoughtToTakeAsLongForEachNodeAsItDid() {
        assertThought(String.class, 1_000, 0.05);
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            for (int i = 0; i < 100; i++) {
                admission.write(Integer.class, 1_000, () -> {
                    turn.used.add(500_000_000L);
                    return true;
                });
            }
        }
        assertThought(Integer.class, 3_000, 1.5);
        assertThought(String.class, 19, 0);
        assertThat(admission.write(String.class, 4_000, () -> "outside of requests")).isEqualTo("outside of requests");
    }

    /** So that the next is refused at once where there is no time for it. */
    @Test
    void whatIsGivenUpWhileItIsWrittenIsThoughtToTakeLonger() {
        try (Turn turn = turns.begin("a", () -> false)) {
            turn.take(0);
            assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> admission.write(Long.class, 1_000, () -> {
                turn.used.add(1_500_000_000L);
                throw new DeadlineExceededException(Duration.ofSeconds(2));
            }));
        }
        assertThought(Long.class, 1_000, 1.5);
    }

    @Test
    void aStreamAwaitsItsTurnBeforeItBegins() {
        admission.awaitTurn(COST);
        assertThat(turns.isIdle()).as("outside of requests").isTrue();
        try (Turn turn = turns.begin("a", () -> false)) {
            admission.awaitTurn(new CostModel(1, 1, 1_000_000_000));
            assertThat(turn.isGranted).isTrue();
            assertThat(turn.size).isEqualTo(WorkSize.LONG);
        }
    }

    @Test
    void eachEndpointHasItsTime() {
        try (Turn turn = turns.begin("a", () -> false)) {
            assertThat(admission.turn()).isSameAs(turn);
            assertThat(turn.time.secondsLeft()).isBetween(5.0, 10.0);
            assertThat(admission.turnOfTraining()).isSameAs(turn);
            assertThat(turn.time.secondsLeft()).isBetween(50.0, 60.0);
            turn.left.book(WorkSize.HUGE, 1_000, 0);
            assertThat(turn.left.booking.seconds()).as("a training ends with what it has").isBetween(10.0, 15.0);
        }
        assertThat(admission.turn()).isNotSameAs(admission.turn());
    }

    @Test
    void otherLimitsHaveTheSameMemoryAndCores() {
        Admission ofLinks = admission.within(TestService.limits("flops", "10", "bytes", "10000"));
        assertThat(ofLinks.limits().flops()).isEqualTo(10);
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> ofLinks.check(COST, 0));
        try (var _ = ofLinks.reserve()) {
            Budget.addToLatest(70_000);
            assertThat(budget.used()).isEqualTo(70_000);
        }
    }

    /** A program takes memory as it is compiled, and no more than there is in all. */
    @Test
    void compilingIsWithinTheLimits() {
        List<Long> taken = new ArrayList<>();
        try (Turn turn = turns.begin("a", () -> false)) {
            BuildLimits build = admission.buildLimits(taken::add, turn);
            build.growth().accept(7);
            assertThat(taken).containsExactly(7L);
            assertThat(build.bytes()).isEqualTo(10_000);
            turn.within(Duration.ZERO);
            assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> build.growth().accept(8));
            assertThat(taken).hasSize(1);
        }
        Limits more = TestService.limits("bytes", "200000", "shared-bytes", "100000");
        assertThat(new Admission(more, budget, turns).buildLimits(taken::add, new Turns(more).current()).bytes()).isEqualTo(100_000);
    }

    @Test
    void workThatCannotBeOpenedHoldsNothing() {
        Functions functions = new Functions(admission, new FunctionCache(limits, budget, new SimpleMeterRegistry()));
        Turn turn = turns.current();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> functions.opened(turn, (reservation, _, _) -> {
            reservation.add(5_000);
            throw new IllegalStateException("not opened");
        }));
        assertThat(budget.used()).isZero();
        assertThat(functions.<Long>opened(turn, (reservation, _, _) -> {
            reservation.add(5_000);
            long held = budget.used();
            reservation.close();
            return held;
        })).isEqualTo(5_000);
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> functions.open(call("x" + " + x".repeat(100_000), "x", 1),
                new Transformation.Value(), CompiledFunction.class));
    }

    /** What a job makes is read at its end, when it has long taken more time than the reading may. */
    @Test
    void filesAreReadForSoLongFromWhenItBegins() {
        try (Turn turn = turns.begin("a", () -> false)) {
            Duration most = Duration.ofMillis(200);
            spend(most.multipliedBy(2));
            String read = admission.scan(10, most, checkpoint -> {
                checkpoint.check();
                return "read";
            });
            assertThat(read).isEqualTo("read");
            assertThat(turn.used()).isLessThan(0.2);
            assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> admission.<String>scan(10, most, checkpoint -> {
                spend(most.multipliedBy(2));
                checkpoint.check();
                return "read";
            }));
        }
    }

    private static void spend(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
