package io.chainrule.core;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Checkpoint;
import java.util.function.Supplier;

/** Where runs happen. Whoever calls a function may refuse a run that costs too much, or let it wait for its turn. */
public interface Runner {
    /** Runs at once, whatever it costs. */
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

    /** Asked within runs whether to go on. */
    Checkpoint checkpoint();

    /** Does the work of one run; {@code answerBytes} are what is held of it beside the run's own values. */
    <T> T run(CostModel cost, long answerBytes, Supplier<T> work);

    /** Does the work of several runs, of which nothing is held afterwards; {@code cost} is that of one. */
    void repeat(CostModel cost, int times, Runnable each);
}
