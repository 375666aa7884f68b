package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.execution.ComputePool;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Admits work that fits the limits and the shared budget, and limits how much large work runs at the same time. */
@Component
public final class Admission {
    /** Work above this number of operations takes about ten milliseconds or more, and waits for its turn. */
    private static final long LARGE_FLOPS = 20_000_000;

    /** A pause is so many looks at the budget in which no request was at work. */
    private static final int LOOKS = 4;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final Limits limits;
    private final Budget budget;
    private final ComputePool pool;

    @Autowired
    public Admission(Limits limits, Budget budget) {
        this(limits, budget, new ComputePool(limits.threads() == 0 ? Runtime.getRuntime().availableProcessors() : limits.threads()));
        // Looked up here so that the log names the kernels when the service starts.
        Kernels.best();
    }

    private Admission(Limits limits, Budget budget, ComputePool pool) {
        this.limits = limits;
        this.budget = budget;
        this.pool = pool;
    }

    /** Admission within other limits to the same budget and the same cores. */
    public Admission within(Limits others) {
        return new Admission(others, budget, pool);
    }

    public Limits limits() {
        return limits;
    }

    /** An empty reservation of the budget, to which one request's work adds. */
    public Budget.Reservation reserve() {
        return budget.reserve(0);
    }

    /** The limits for parsing and compiling: those of the service, the budget, and the deadline. */
    public BuildLimits buildLimits(LongConsumer taken, Deadline deadline) {
        return new BuildLimits(limits.nodes(), limits.nesting(), limits.derivedNodes(), limits.tensorElements(), limits.jacobianEntries(),
                limits.flops(), Math.min(limits.bytes(), budget.total()), bytes -> {
                    deadline.check();
                    taken.accept(bytes);
                }, deadline);
    }

    /** Executes the runs of one request. */
    public Runner runner(Deadline deadline) {
        return new Runner() {
            @Override
            public Parallel parallel() {
                return Admission.this.parallel(deadline);
            }

            @Override
            public <T> T run(CostModel cost, long answerBytes, Supplier<T> work) {
                try (var _ = admit(cost, answerBytes)) {
                    return inTurn(cost, deadline, work);
                }
            }

            @Override
            public void repeat(CostModel cost, int times, Runnable each) {
                LimitException.check("flops", (long) Math.min(Long.MAX_VALUE, (double) times * cost.flops()), limits.flops());
                try (Budget.Reservation reservation = admit(cost, 0)) {
                    for (int i = 0; i < times; i++) {
                        inTurn(cost, deadline, () -> {
                            each.run();
                            return true;
                        });
                    }
                    reservation.release();
                }
            }
        };
    }

    /** The threads that large loops may be shared with. */
    public Parallel parallel(Checkpoint checkpoint) {
        return pool.with(checkpoint);
    }

    /** Has the JVM compile the loops over arrays before a request waits for it, in the pauses between requests. Returns when it is done. */
    public void warmUp() {
        Kernels.best().warmUp(this::awaitPause);
    }

    /** Returns once no request has held memory for a while. */
    private void awaitPause() {
        int looks = 0;
        while (looks < LOOKS) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            looks = budget.used() == 0 ? looks + 1 : 0;
        }
    }

    /** Ends the threads that help with large loops. */
    @PreDestroy
    void close() {
        pool.close();
    }

    /**
     * Executes work. At most as many large pieces run at the same time as there are cores, since more threads would only delay each other.
     * Throws {@link OverloadedException} if the deadline passes before it is this work's turn.
     */
    private <T> T inTurn(CostModel cost, Deadline deadline, Supplier<T> work) {
        if (cost.flops() < LARGE_FLOPS) {
            return work.get();
        }
        try {
            if (!pool.enter(deadline.left().toNanos())) {
                throw new OverloadedException(limits.time());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OverloadedException(limits.time());
        }
        try {
            return work.get();
        } finally {
            pool.leave();
        }
    }

    /** Checks the limits for a run of this cost, and reserves its memory and {@code answerBytes} for its results. */
    public Budget.Reservation admit(CostModel cost, long answerBytes) {
        check(cost, answerBytes);
        return budget.reserve(cost.bytes() + answerBytes);
    }

    /** Throws {@link io.chainrule.core.graph.LimitException} if a run costs more than the limits allow. */
    public void check(CostModel cost, long answerBytes) {
        LimitException.check("flops", cost.flops(), limits.flops());
        LimitException.check("bytes", cost.bytes() + answerBytes, limits.bytes());
    }
}
