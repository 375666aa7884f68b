package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.execution.ComputePool;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Parallel;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Admits work that fits the limits and the shared budget, and limits how much large work runs at the same time. */
@Component
public final class Admission {
    /** A pause is so many looks in which no request computed. */
    private static final int LOOKS = 4;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    /** What is written of a node, such as a formula or a part of a picture, takes about so long until it is known better. */
    private static final double SECONDS_A_NODE = 50e-6;
    private static final double MOST_SECONDS_A_NODE = 5e-3;
    private static final Duration FOREVER = Duration.ofDays(365);
    /** Files are read at this pace. */
    private static final double SECONDS_A_BYTE = 5e-9;
    /** Smaller programs are written at once. */
    private static final int LEAST_NODES = 20;

    private final Limits limits;
    private final Budget budget;
    private final Turns turns;
    private final Paces paces;
    private final NodePaces writing;
    private final ComputePool pool;

    @Autowired
    public Admission(Limits limits, Budget budget, Turns turns) {
        this(limits, budget, turns, new Paces(),
                new NodePaces(SECONDS_A_NODE, MOST_SECONDS_A_NODE, LEAST_NODES), new ComputePool(turns.permits(), turns.large()));
        // Looked up here so that the log names the kernels when the service starts.
        Kernels.best();
    }

    private Admission(Limits limits, Budget budget, Turns turns, Paces paces, NodePaces writing, ComputePool pool) {
        this.limits = limits;
        this.budget = budget;
        this.turns = turns;
        this.paces = paces;
        this.writing = writing;
        this.pool = pool;
    }

    /** Admission within other limits to the same budget and the same cores. */
    public Admission within(Limits others) {
        return new Admission(others, budget, turns, paces, writing, pool);
    }

    /** The turn of this thread's request, which may take as long as the limits say. */
    public Turn turn() {
        return turns.current().within(limits.time());
    }

    /** The turn of a training. */
    public Turn turnOfTraining() {
        return turns.current().endingEarly().within(limits.trainingTime());
    }

    public Limits limits() {
        return limits;
    }

    /** An empty reservation of the budget, to which one request's work adds. */
    public Budget.Reservation reserve() {
        return budget.reserve(0);
    }

    /** Returns the limits for parsing and compiling. The work also ends when the budget or the request's time is used up. */
    public BuildLimits buildLimits(LongConsumer taken, Turn turn) {
        return new BuildLimits(limits.nodes(), limits.nesting(), limits.derivedNodes(), limits.tensorElements(), limits.jacobianEntries(),
                limits.flops(), Math.min(limits.bytes(), budget.total()), bytes -> {
                    turn.check();
                    taken.accept(bytes);
                }, turn);
    }

    /** Returns a runner for one request. */
    public Runner runner(Turn turn) {
        return new Runner() {
            @Override
            public Parallel parallel() {
                return Admission.this.parallel(turn, turn);
            }

            @Override
            public <T> T run(CostModel cost, long answerBytes, Supplier<T> work) {
                check(cost, answerBytes);
                return compute(turn, cost, () -> {
                    try (var _ = budget.reserve(cost.bytes() + answerBytes)) {
                        return Spans.within("run", work);
                    }
                });
            }

            @Override
            public void repeat(CostModel cost, int times, Runnable each) {
                CostModel all = cost.times(times);
                check(all, 0);
                compute(turn, all, () -> {
                    try (Budget.Reservation reservation = budget.reserve(all.bytes())) {
                        Spans.within("run", () -> {
                            for (int i = 0; i < times; i++) {
                                turn.check();
                                each.run();
                            }
                            return true;
                        });
                        reservation.release();
                    }
                    return true;
                });
            }
        };
    }

    /**
     * Waits until this thread's request may do work of this cost. To be called before an answer is streamed: a request cannot be refused
     * once its answer has begun.
     */
    public void awaitTurn(CostModel cost) {
        Turn turn = Turn.bound();
        if (turn != null) {
            turn.take(paces.seconds(cost));
        }
    }

    /** Notes seconds for which cores of other machines have worked in a turn, and which quotas count. */
    public void spent(Turn turn, double seconds) {
        turn.used.inAll += seconds;
        turn.used.elsewhere += seconds;
    }

    /** The seconds for which cores of this machine have worked in a turn. */
    private static double usedHere(Turn turn) {
        return turn.used() - turn.used.elsewhere;
    }

    /** For how many seconds work of this cost is thought to need one core. */
    public double seconds(CostModel cost) {
        return paces.seconds(cost);
    }

    /** For how many seconds one core is thought to read files of so many bytes. */
    public double secondsToRead(long bytes) {
        return SECONDS_A_BYTE * bytes;
    }

    /** The work reserves its memory itself, so that it holds none while it waits for its turn. */
    private <T> T compute(Turn turn, CostModel cost, Supplier<T> work) {
        double seconds = paces.seconds(cost);
        turn.time.expect(seconds);
        double before = usedHere(turn);
        try {
            T result = turn.compute(seconds, work);
            paces.took(cost, usedHere(turn) - before);
            return result;
        } catch (DeadlineExceededException | CancellationException e) {
            paces.tookMoreThan(cost, usedHere(turn) - before);
            throw e;
        }
    }

    /**
     * Writes something about a program of so many nodes when it is the turn of this thread's request. Writings of one kind are thought to
     * take as long for each node as they did before.
     */
    <T> T write(Class<?> kind, long nodes, Supplier<T> text) {
        double seconds = writing.seconds(kind, nodes);
        Turn turn = Turn.bound();
        if (turn == null || !turn.isGranted || seconds == 0) {
            return text.get();
        }
        turn.time.expect(seconds);
        turn.prepare(seconds);
        double before = turn.used();
        try {
            T result = text.get();
            writing.took(kind, nodes, turn.used() - before);
            return result;
        } catch (DeadlineExceededException e) {
            writing.tookMoreThan(kind, nodes, turn.used() - before);
            throw e;
        }
    }

    /** Runs a training when it is its turn. {@code isWhole} tells whether all its steps were made here. */
    public <T> T train(Turn turn, CostModel cost, Supplier<T> training, Predicate<T> isWhole) {
        double seconds = paces.seconds(cost);
        turn.time.expect(seconds);
        double before = usedHere(turn);
        T result = turn.compute(seconds, () -> Spans.within("run", training));
        if (isWhole.test(result)) {
            paces.took(cost, usedHere(turn) - before);
        } else {
            paces.tookMoreThan(cost, usedHere(turn) - before);
        }
        return result;
    }

    /**
     * Reads files of so many bytes together when it is the turn of this thread's request. That may take longer than requests usually may.
     *
     * @param reading gets what it asks now and then whether to go on
     */
    public <T> T scan(long bytes, Duration most, Function<Checkpoint, T> reading) {
        Turn turn = turns.current();
        // The turn of a job has begun long before.
        turn.within(Duration.ofNanos(turn.time.takenNanos()).plus(most));
        double seconds = secondsToRead(bytes);
        turn.time.expect(seconds);
        return turn.compute(seconds, () -> Spans.within("scan", () -> reading.apply(turn)));
    }

    /** The memory that a run of this thread's request may take, in bytes, if no other request holds any. */
    public long bytesLeft() {
        return Math.min(limits.bytes(), budget.left());
    }

    /** Does what waits for a client, without a permit and without a deadline, and then waits for a permit again. */
    public void aside(Runnable work) {
        turns.current().within(FOREVER);
        Turn.whileClientIsWaitedFor(work);
    }

    /** The threads that large loops of a turn may be shared with. Their time is the turn's. */
    public Parallel parallel(Turn turn, Checkpoint checkpoint) {
        return pool.with(checkpoint, turn.used::add);
    }

    /** Sees how fast this machine is, so that the first estimates of time fit it. */
    public void calibrate() {
        paces.calibrate();
    }

    /** Has the JVM compile the loops over arrays before a request waits for it, in the pauses between requests. Returns when it is done. */
    public void warmUp() {
        Kernels.best().warmUp(this::awaitPause);
    }

    /** Returns once no request has computed for a while. */
    private void awaitPause() {
        int looks = 0;
        while (looks < LOOKS) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            looks = turns.isIdle() ? looks + 1 : 0;
        }
    }

    /** Ends the threads that help with large loops. */
    @PreDestroy
    void close() {
        pool.close();
    }

    /** Checks the limits for a run of this cost, and reserves its memory and {@code answerBytes} for its results. */
    public Budget.Reservation admit(CostModel cost, long answerBytes) {
        check(cost, answerBytes);
        return budget.reserve(cost.bytes() + answerBytes);
    }

    /** Throws {@link io.chainrule.core.graph.LimitException} if a run costs more than the limits allow. */
    public void check(CostModel cost, long answerBytes) {
        Turn turn = Turn.bound();
        if (cost.flops() > limits.flops() && turn != null) {
            turn.time.expect(paces.seconds(cost));
        }
        LimitException.check("flops", cost.flops(), limits.flops());
        LimitException.check("bytes", cost.bytes() + answerBytes, limits.bytes());
        budget.checkFits(cost.bytes() + answerBytes);
    }
}
