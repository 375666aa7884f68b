package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Lets work begin only where it fits the limits and the shared budget. */
@Component
final class Runs {
    /** What building graphs costs for each node that the client wrote, derivatives and the answer's entry included. */
    private static final long BYTES_A_WRITTEN_NODE = 400;

    private final Limits limits;
    private final Budget budget;

    Runs(Limits limits, Budget budget) {
        this.limits = limits;
        this.budget = budget;
    }

    Deadline deadline() {
        return Deadline.after(limits.time());
    }

    Limits limits() {
        return limits;
    }

    /** Room for the graphs that will be derived from this one. */
    Budget.Reservation reserveGraphs(Graph graph) {
        return budget.reserve(graph.size() * BYTES_A_WRITTEN_NODE);
    }

    /** Builds a derived graph, which may have as many nodes as the limit says. */
    static <T> T derive(Supplier<T> build) {
        try {
            return build.get();
        } catch (LimitException e) {
            throw Limits.exceeded("derived-nodes", e.asked(), e.allowed());
        }
    }

    /** Room for a run of this cost, with an answer of {@code answerBytes} beside the run's own values. */
    Budget.Reservation admit(CostModel cost, long answerBytes) {
        Limits.check("flops", cost.flops(), limits.flops());
        Limits.check("bytes", cost.bytes() + answerBytes, limits.bytes());
        return budget.reserve(cost.bytes() + answerBytes);
    }

    /** Every value of a derived graph obeys the same limit as the client's. */
    static void checkSizes(Graph graph, Limits limits) {
        for (int i = 0; i < graph.size(); i++) {
            Limits.check("tensor-elements", graph.shape(i).size(), limits.tensorElements());
        }
    }
}
