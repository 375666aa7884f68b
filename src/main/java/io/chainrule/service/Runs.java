package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.kernel.Kernels;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Lets work begin only where it fits the limits and the shared budget. */
@Component
final class Runs {
    /** What takes some ten milliseconds or more is large. */
    private static final long LARGE_FLOPS = 20_000_000;
    private static final long BYTES_A_WRITTEN_NODE = 300;

    private final Limits limits;
    private final Budget budget;
    private final Semaphore turns = new Semaphore(Runtime.getRuntime().availableProcessors(), true);

    Runs(Limits limits, Budget budget) {
        this.limits = limits;
        this.budget = budget;
        // Found now, so that the log says at the start which ones run.
        Kernels.best();
    }

    Deadline deadline() {
        return Deadline.after(limits.time());
    }

    Limits limits() {
        return limits;
    }

    /** Room for a program and its entries in the answer. */
    Budget.Reservation reserveProgram(Graph graph) {
        return budget.reserve(graph.size() * BYTES_A_WRITTEN_NODE);
    }

    /** Room for the entries of further nodes that are answered as if they had been written. */
    void reserve(Graph graph, Budget.Reservation reservation) {
        reservation.add(graph.size() * BYTES_A_WRITTEN_NODE);
    }

    /** How far derived graphs may grow: within the limit, the budget and the time. */
    Allowance allowance(Budget.Reservation reservation, Deadline deadline) {
        return new Allowance(limits.derivedNodes(), bytes -> {
            deadline.check();
            reservation.add(bytes);
        });
    }

    /** Builds a derived graph, which may have as many nodes as the limit says. */
    static <T> T derive(Supplier<T> build) {
        try {
            return build.get();
        } catch (LimitException e) {
            throw Limits.exceeded(e.limit().equals("nodes") ? "derived-nodes" : e.limit(), e);
        }
    }

    /**
     * Runs work, large work only as much at a time as there are cores: more threads would only delay each other.
     * {@link OverloadedException} where the time is over before its turn comes.
     */
    <T> T run(CostModel cost, Deadline deadline, Supplier<T> work) {
        if (cost.flops() < LARGE_FLOPS) {
            return work.get();
        }
        try {
            if (!turns.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new OverloadedException(limits.time());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OverloadedException(limits.time());
        }
        try {
            return work.get();
        } finally {
            turns.release();
        }
    }

    /** Room for a run of this cost, with an answer of {@code answerBytes} beside the run's own values. */
    Budget.Reservation admit(CostModel cost, long answerBytes) {
        Limits.check("flops", cost.flops(), limits.flops());
        Limits.check("bytes", cost.bytes() + answerBytes, limits.bytes());
        return budget.reserve(cost.bytes() + answerBytes);
    }

    /** Whether such a run would be let in while nothing else is at work. */
    boolean fits(CostModel cost, long answerBytes) {
        return cost.flops() <= limits.flops() && cost.bytes() + answerBytes <= Math.min(limits.bytes(), budget.total());
    }

    /** Every value of a derived graph obeys the same limit as the client's. */
    static void checkSizes(Graph graph, Limits limits) {
        for (int i = 0; i < graph.size(); i++) {
            Limits.check("tensor-elements", graph.shape(i).size(), limits.tensorElements());
        }
    }
}
