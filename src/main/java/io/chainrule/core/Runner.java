package io.chainrule.core;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Checkpoint;
import java.util.function.Supplier;

/** Executes runs. An implementation may refuse a run that costs too much, or delay it. */
public interface Runner {
    /** Runs immediately, on the calling thread, without limits. */
    Runner DIRECT = new Runner() {
        @Override
        public Checkpoint checkpoint() {
            return Checkpoint.NONE;
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

    /** Called during runs; may throw to stop them. */
    Checkpoint checkpoint();

    /** Executes one run. {@code answerBytes} is the memory of its results, which is needed in addition to that in {@code cost}. */
    <T> T run(CostModel cost, long answerBytes, Supplier<T> work);

    /** Executes several runs whose results are not kept; {@code cost} is that of one of them. */
    void repeat(CostModel cost, int times, Runnable each);
}
