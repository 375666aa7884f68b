package io.chainrule.service.run;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.nodes;
import static io.chainrule.service.program.TestService.output;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Reachable;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.TestService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions are compiled once for equal programs and signatures, within a share of memory that requests can have back. */
@Execution(ExecutionMode.SAME_THREAD)
class FunctionCacheTest {
    private static final Transformation GRADIENT = new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE);
    private static final Query CALL = call("q = x + y; f = q * z", "x", 1, "y", 2, "z", 3);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Limits limits;
    private Budget budget;
    private FunctionCache cache;

    FunctionCacheTest() {
        limits = TestService.limits();
        budget = new Budget(limits);
        cache = new FunctionCache(limits, budget, registry);
    }

    private void open(String... changes) {
        registry.clear();
        limits = TestService.limits(changes);
        budget = new Budget(limits);
        cache = new FunctionCache(limits, budget, registry);
    }

    private Compiled get(Query query) {
        return get(query, GRADIENT);
    }

    private Compiled get(Query query, Transformation transformation) {
        return get(query, transformation, turn(PATIENCE), _ -> {});
    }

    /** A turn that takes no longer than this. */
    private static Turn turn(Duration time) {
        return new Turns(TestService.limits()).current().within(time);
    }

    private BuildLimits buildLimits(Turn turn) {
        return new Admission(limits, budget, new Turns(limits)).buildLimits(_ -> {}, turn);
    }

    private Compiled get(Query query, Transformation transformation, Turn turn, LongConsumer growth) {
        return cache.get(query.source(), query.signature(transformation), turn, buildLimits(turn).telling(growth, _ -> {}));
    }

    private double count(String result) {
        return registry.get("cache.gets").tag("cache", "functions").tag("result", result).functionCounter().count();
    }

    private long weight() {
        return (long) registry.get("cache.weight").tag("cache", "functions").gauge().value();
    }

    @Test
    void aSecondCallHitsAndMetricsTellSo() {
        Compiled first = get(CALL);
        assertThat(get(CALL)).isSameAs(first);
        assertThat(count("miss")).isEqualTo(1);
        assertThat(count("hit")).isEqualTo(1);
        assertThat(weight()).isGreaterThan(0).isEqualTo(budget.kept());
    }

    @Test
    void equalProgramsWithOtherValuesShareAFunctionThatAnswersEachItsOwn() {
        Query other = call("q = x + y; f = q * z", "x", 10, "y", 20, "z", 30);
        CompiledFunction function = (CompiledFunction) get(CALL);
        assertThat(get(other)).isSameAs(function);
        assertThat(function.call(CALL.inputs()).value().item()).isEqualTo(9);
        assertThat(function.call(other.inputs()).value().item()).isEqualTo(900);
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of("text", call("q = x + y;f = q * z", "x", 1, "y", 2, "z", 3)),
                Arguments.of("shapes", call("q = x + y; f = q * z", "x", 1, "y", 2, "z", new double[][]{{3}})),
                Arguments.of("order of inputs", call("q = x + y; f = q * z", "y", 2, "x", 1, "z", 3)),
                Arguments.of("one input more", call("q = x + y; f = q * z", "x", 1, "y", 2, "z", 3, "w", 4)),
                Arguments.of("wrt", wrt(CALL, "x")),
                Arguments.of("output", output(CALL, "q")),
                Arguments.of("listed nodes", nodes(CALL, new Signature.NodeSelection.None())),
                Arguments.of("batch", batch(call("q = x + y; f = q * z", "x", new double[]{1}, "y", 2, "z", 3), Signature.Reduction.NONE,
                        "x")));
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatIsOtherwiseAskedMisses(String what, Query other) {
        Transformation transformation = new Transformation.Value();
        Compiled first = get(CALL, transformation);
        assertThat(get(other, transformation)).as(what).isNotSameAs(first);
        assertThat(get(CALL, transformation)).isSameAs(first);
    }

    @Test
    void anotherTransformationMisses() {
        assertThat(get(CALL, new Transformation.Value())).isNotSameAs(get(CALL));
    }

    @Test
    void withoutCapacityNothingIsKept() {
        open("cache-bytes", "0");
        assertThat(get(CALL)).isNotSameAs(get(CALL));
        assertThat(cache.size()).isZero();
        assertThat(weight()).isZero();
    }

    private void fill(int functions) {
        for (int i = 0; i < functions; i++) {
            get(call("x^2 + " + i, "x", 1));
        }
    }

    @Test
    void whatIsTooHeavyLeavesAndGivesItsMemoryBack() {
        open("cache-bytes", "100000");
        fill(200);
        assertThat(cache.size()).isBetween(1L, 199L);
        assertThat(weight()).isBetween(1L, 100_000L).isEqualTo(budget.kept());
        open("cache-bytes", "100");
        fill(3);
        assertThat(cache.size()).isZero();
        assertThat(budget.kept()).isZero();
    }

    @Test
    void aNewFunctionIsKeptThoughOthersWereUsedMoreOften() {
        open("cache-bytes", "200000");
        for (int times = 0; times < 6; times++) {
            fill(40);
        }
        String chain = IntStream.range(0, 60).mapToObj(i -> "y" + (i + 1) + " = sin(y" + i + ")").collect(Collectors.joining("\n"));
        Query query = call("y0 = x\n" + chain, "x", 1);
        get(query);
        assertThat(get(query)).as("compiled for the second time").isSameAs(get(query));
        get(CALL);
        assertThat(get(CALL)).isSameAs(get(CALL));
        assertThat(weight()).isBetween(1L, 200_000L).isEqualTo(budget.kept());
    }

    @Test
    void aLargeFunctionTakesThePlaceOfManySmallOnes() {
        open("cache-bytes", "1000000");
        fill(300);
        long functions = cache.size();
        assertThat(functions).isGreaterThan(100);
        String chain = IntStream.range(0, 1_000).mapToObj(i -> "y" + (i + 1) + " = sin(y" + i + ")").collect(Collectors.joining("\n"));
        Query large = call("y0 = x\n" + chain, "x", 1);
        get(large);
        assertThat(get(large)).as("compiled for the second time").isSameAs(get(large));
        assertThat(cache.size()).isLessThan(functions - 64);
        assertThat(weight()).isBetween(500_000L, 1_000_000L).isEqualTo(budget.kept());
    }

    @Test
    void whatIsUsedOnceDrivesNothingOut() {
        open("cache-bytes", "100000");
        Compiled known = get(CALL);
        fill(400);
        assertThat(get(CALL)).isSameAs(known);
        assertThat(weight()).isBetween(50_000L, 100_000L);
    }

    @Test
    void noMoreThanAThirdOfWhatRequestsShareIsKept() {
        open("shared-bytes", "300000");
        fill(200);
        fill(200);
        assertThat(weight()).isBetween(50_000L, 100_000L);
    }

    @Test
    void aLongProgramIsBookedByItsLengthBeforeItIsWritten() {
        Turn turn = turn(PATIENCE);
        turn.take(0);
        List<WorkSize> sizes = new ArrayList<>();
        BuildLimits all = buildLimits(turn);
        BuildLimits looking = new BuildLimits(all.nodes(), all.nesting(), all.derivedNodes(), all.tensorElements(), all.jacobianEntries(),
                all.flops(), all.bytes(), _ -> {}, () -> sizes.add(turn.size));
        Query query = call("y = x\nfor i in range(100):\n  for j in range(100):\n    y = tanh(y) + i * x\ny", "x", 1);
        cache.get(query.source(), query.signature(GRADIENT), turn, looking);
        assertThat(sizes).isNotEmpty().allMatch(size -> size.compareTo(WorkSize.SHORT) >= 0);
        assertThat(sizes.stream().skip(sizes.size() / 2)).allMatch(size -> size.compareTo(WorkSize.MEDIUM) >= 0);
    }

    /** The most seconds that were booked while a chain of 2,000 nodes was compiled, which took so many more than it does. */
    private double booked(String op, Transformation transformation, long more) {
        Turn turn = turn(PATIENCE);
        turn.take(0.06);
        AtomicReference<Double> most = new AtomicReference<>(0.0);
        BuildLimits all = buildLimits(turn);
        BuildLimits looking = new BuildLimits(all.nodes(), all.nesting(), all.derivedNodes(), all.tensorElements(), all.jacobianEntries(),
                all.flops(), all.bytes(), _ -> turn.used.add(more), () -> most.accumulateAndGet(turn.left.seconds, Math::max));
        Query query = call("y0 = x\n" + IntStream.range(1, 2_000).mapToObj(i -> "y" + i + " = " + op + "(y" + (i - 1) + ")")
                .collect(Collectors.joining("\n")), "x", 1);
        cache.get(query.source(), query.signature(transformation), turn, looking);
        return most.get();
    }

    /** Where compiling takes longer than was thought, more is booked for what is compiled next, up to ten times as much. */
    @Test
    void itLearnsHowLongCompilingTakes() {
        assertThat(booked("sin", GRADIENT, 1_000_000_000L)).as("not known yet").isLessThan(0.1);
        assertThat(booked("cos", GRADIENT, 0)).isBetween(0.15, 0.6);
        assertThat(booked("cos", new Transformation.Value(), 0)).as("another kind").isLessThan(0.1);
    }

    @Test
    void whoIsInterruptedWhileAnotherCompilesIsRefused() throws InterruptedException, ExecutionException {
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(CALL, release, () -> {});
        List<Thread> threads = new ArrayList<>();
        FutureTask<Boolean> waiter = request(() -> {
            assertThatThrownBy(() -> get(CALL)).isInstanceOf(OverloadedException.class);
            return Thread.currentThread().isInterrupted();
        }, threads);
        awaitWaiting(threads);
        threads.getFirst().interrupt();
        assertThat(waiter.get()).as("still interrupted").isTrue();
        release.countDown();
        assertThat(get(CALL)).isSameAs(leader.get());
    }

    @Test
    void itMakesRoomForRequests() {
        open("shared-bytes", "10000000");
        fill(100);
        long kept = budget.kept();
        assertThat(kept).isPositive();
        try (var _ = budget.reserve(10_000_000 - kept / 2)) {
            assertThat(budget.kept()).isBetween(1L, kept / 2);
        }
        try (var _ = budget.reserve(10_000_000)) {
            assertThat(budget.kept()).isZero();
            assertThat(cache.size()).isZero();
            assertThat(get(CALL)).as("compiled, but not kept").isNotSameAs(get(CALL));
        }
        assertThat(get(CALL)).isSameAs(get(CALL));
    }

    /** A request on a thread of its own. */
    private <T> FutureTask<T> request(Callable<T> work, List<Thread> threads) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task);
        threads.add(thread);
        thread.start();
        return task;
    }

    private static void awaitWaiting(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    /** One that compiles until it is released, and then goes on as {@code end} does. */
    private FutureTask<Compiled> leader(Query query, CountDownLatch release, Runnable end) throws InterruptedException {
        CountDownLatch compiling = new CountDownLatch(1);
        FutureTask<Compiled> leader = request(() -> get(query, GRADIENT, turn(PATIENCE), _ -> {
            compiling.countDown();
            join(release);
            end.run();
        }), new ArrayList<>());
        compiling.await();
        return leader;
    }

    private static void join(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Also where it is too large to be kept; but not where nothing is to be shared. */
    @ParameterizedTest
    @CsvSource({"1000000, 1, true", "1, 0, true", "0, 0, false"})
    void ofManyThatMissAtOnceOneCompiles(String capacity, int kept, boolean isShared) throws InterruptedException, ExecutionException {
        open("cache-bytes", capacity);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(CALL, release, () -> {});
        List<Thread> threads = new ArrayList<>();
        List<FutureTask<Compiled>> waiters = IntStream.range(0, 7).mapToObj(_ -> request(() -> get(CALL), threads)).toList();
        if (isShared) {
            awaitWaiting(threads);
        }
        release.countDown();
        for (FutureTask<Compiled> waiter : waiters) {
            assertThat(waiter.get().equals(leader.get())).isEqualTo(isShared);
        }
        assertThat(cache.size()).isEqualTo(kept);
    }

    @Test
    void whoWaitsKeepsItsOwnDeadline() throws InterruptedException, ExecutionException {
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(CALL, release, () -> {});
        assertThatThrownBy(() -> get(CALL, GRADIENT, turn(Duration.ofMillis(50)), _ -> {}))
                .isInstanceOf(DeadlineExceededException.class).hasMessageContaining("50 ms");
        assertThat(leader.isDone()).isFalse();
        release.countDown();
        assertThat(get(CALL)).isSameAs(leader.get());
    }

    static Stream<RuntimeException> reasonsOfOnesOwn() {
        return Stream.of(new DeadlineExceededException(Duration.ofSeconds(1)), new CancellationException("the client has gone"),
                OverloadedException.ofMemory(0, Duration.ofSeconds(1)),
                new LimitException("shared-bytes", 2, 1));
    }

    @ParameterizedTest
    @MethodSource("reasonsOfOnesOwn")
    void whoFailsForAReasonOfItsOwnFailsAlone(RuntimeException reason) throws InterruptedException, ExecutionException {
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(CALL, release, () -> {
            throw reason;
        });
        List<Thread> threads = new ArrayList<>();
        List<FutureTask<Compiled>> waiters = IntStream.range(0, 7).mapToObj(_ -> request(() -> get(CALL), threads)).toList();
        awaitWaiting(threads);
        release.countDown();
        assertThatThrownBy(leader::get).hasCause(reason);
        for (FutureTask<Compiled> waiter : waiters) {
            assertThat(waiter.get()).isSameAs(waiters.getFirst().get());
        }
    }

    @Test
    void whatIsWrongWithAProgramIsToldToAllAndNotKept() throws InterruptedException {
        Query wrong = call("A @ A", "A", new double[][]{{1, 2}});
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(wrong, release, () -> {});
        AtomicLong grown = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        FutureTask<Compiled> waiter = request(() -> get(wrong, GRADIENT, turn(PATIENCE), grown::addAndGet), threads);
        awaitWaiting(threads);
        release.countDown();
        assertThatThrownBy(leader::get).cause().isInstanceOf(ProblemException.class).hasMessageContaining("do not fit");
        assertThatThrownBy(waiter::get).cause().isInstanceOf(ProblemException.class).hasMessageContaining("do not fit");
        assertThat(grown).hasValue(0);
        assertThat(cache.size()).isZero();
        assertThatThrownBy(() -> get(wrong)).isInstanceOf(ProblemException.class);
    }

    /** The refusal of a request that holds so much already. */
    private static LimitException refused(Functions functions, Admission admission, long held) {
        try (Budget.Reservation reservation = admission.reserve()) {
            reservation.add(held);
            Turn turn = turn(PATIENCE);
            Throwable thrown = catchThrowable(() -> functions.compiled(CALL.source(), CALL.signature(GRADIENT), turn,
                    admission.buildLimits(reservation::add, turn)));
            assertThat(thrown).isInstanceOf(LimitException.class);
            return (LimitException) thrown;
        }
    }

    @Test
    void whoWaitsIsRefusedForItsOwnShareAsIfItWereAlone() throws InterruptedException, ExecutionException {
        open("shared-bytes", "1000000");
        Admission admission = new Admission(limits, budget, new Turns(limits));
        Functions functions = new Functions(admission, cache);
        LimitException alone = refused(functions, admission, 999_000);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Compiled> leader = leader(CALL, release, () -> {});
        List<Thread> threads = new ArrayList<>();
        FutureTask<LimitException> waiter = request(() -> refused(functions, admission, 999_000), threads);
        awaitWaiting(threads);
        release.countDown();
        assertThat(leader.get()).isNotNull();
        assertThat(waiter.get()).hasMessage(alone.getMessage());
        assertThat(alone.limit()).isEqualTo("shared-bytes");
    }

    /** Links may have smaller programs: what a request in a body has compiled is not theirs. */
    @Test
    void whoMayHaveLessIsRefusedAsIfItWereAlone() {
        get(CALL, GRADIENT, turn(PATIENCE), _ -> {});
        Turn turn = turn(PATIENCE);
        BuildLimits smaller = new Admission(TestService.limits("nodes", "1"), budget, new Turns(limits)).buildLimits(_ -> {}, turn);
        assertThatExceptionOfType(LimitException.class)
                .isThrownBy(() -> cache.get(CALL.source(), CALL.signature(GRADIENT), turn, smaller))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nodes"));
    }

    @Test
    void aHitTakesAsMuchOfTheBudgetAsAMiss() {
        AtomicLong miss = new AtomicLong();
        AtomicLong hit = new AtomicLong();
        get(CALL, GRADIENT, turn(PATIENCE), miss::addAndGet);
        get(CALL, GRADIENT, turn(PATIENCE), hit::addAndGet);
        assertThat(hit.get()).isPositive().isEqualTo(miss.get());
    }

    static Stream<Transformation> transformations() {
        Shapes x = Shapes.of("x", 2);
        return Stream.of(new Transformation.Value(), new Transformation.Gradient(Shapes.NONE, Transformation.Locals.ALL),
                new Transformation.Vjp(Shapes.of("h", 2)), new Transformation.Jvp(x, null), new Transformation.Hvp(x),
                new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE), new Transformation.Hessian(true),
                new Transformation.Check(2), new Transformation.TrainingStep(List.of(), true, false, null, null));
    }

    /** Where it were otherwise, one client's data would outlive its request. */
    @ParameterizedTest
    @MethodSource("transformations")
    void itHoldsNoInputsValuesAndNothingOfARequest(Transformation transformation) {
        Tensor x = Tensor.vector(1, 2);
        Tensor w = Tensor.full(Shape.of(2, 2), 3);
        Query query = wrt(call("h = tanh(W @ x); f = sum(h^2 + [5, 6])", "W", w, "x", x), "x");
        Admission admission = new Admission(limits, budget, new Turns(limits));
        CompletableFuture<BuildLimits> given = new CompletableFuture<>();
        try (var work = new Functions(admission, cache).open(query, transformation, Compiled.class)) {
            given.complete(work.limits());
            assertThat(work.inputs()).containsValues(w, x);
        }
        Reachable reachable = Reachable.from(new Object[]{query.source(), query.signature(transformation), get(query, transformation)});
        assertThat(count("hit")).isEqualTo(1);
        Set<Object> held = reachable.objects();
        assertThat(held).hasSizeGreaterThan(50).noneMatch(object -> object instanceof Budget.Reservation || object instanceof Turn
                || object instanceof Query || object instanceof Budget);
        assertThat(Stream.of(w, x, w.data(), x.data(), given.join())).noneMatch(held::contains);
    }
}
