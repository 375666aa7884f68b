package io.chainrule.core;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Parallel;
import java.util.function.Supplier;

/** Executes runs. An implementation may refuse a run that costs too much, or delay it. */
public interface Runner {
    /** Runs immediately, on the calling thread alone, without limits. */
    Runner DIRECT = on(Parallel.NONE);

    /**
     * Runs immediately, without limits, on threads that share large loops, as of a {@link io.chainrule.core.execution.ComputePool}. The
     * number of threads changes no bit of a result.
     */
    static Runner on(Parallel parallel) {
        return new Runner() {
            @Override
            public Parallel parallel() {
                return parallel;
            }

            @Override
            public <T> T run(CostModel cost, long answerBytes, Supplier<T> work) {
                return work.get();
            }

            @Override
            public void repeat(CostModel cost, int times, Runnable each) {
                for (int i = 0; i < times; i++) {
                    each.run();
                }
            }
        };
    }

    /** The threads that runs may share large loops with. It is also called during runs as a checkpoint, and may throw to stop them. */
    Parallel parallel();

    /** Executes one run. {@code answerBytes} is the memory of its results, which is needed in addition to that in {@code cost}. */
    <T> T run(CostModel cost, long answerBytes, Supplier<T> work);

    /** Executes several runs whose results are not kept; {@code cost} is that of one of them. */
    void repeat(CostModel cost, int times, Runnable each);
}
