package io.chainrule.service.training;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Metric;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request of a training in terms of the service.
 *
 * @param query the program, its inputs, and in {@code wrt} those of them that are trained; inputs in {@code batch} carry samples
 * @param optimizer of a type and with options as in PyTorch
 * @param schedule of the learning rate
 * @param epochs null for one, or for as many as {@code steps} need
 * @param steps the most steps, or null
 * @param batchSize samples a step; null for {@link #BATCH_SIZE}
 * @param clipNorm null for none
 * @param validation values in place of those of the inputs, or null
 * @param prediction the node that metrics compare with {@code target}
 */
public record TrainingCall(Query query, Part optimizer, Part schedule, @Nullable Integer epochs,
        @Nullable Integer steps, @Nullable Integer batchSize, long shuffleSeed, @Nullable Double clipNorm,
        @Nullable Map<String, Tensor> validation, List<Metric> metrics, @Nullable String prediction, @Nullable String target,
        @Nullable EarlyStopping earlyStopping) {
    /** Keras' and many others' default. */
    static final int BATCH_SIZE = 32;

    /** An optimizer or a schedule by type and options; options that are missing have their defaults. */
    public record Part(String type, Map<String, Object> options) {}

    /** Receives the progress of a training. {@link #check} is called between and within steps and may throw to stop it. */
    public interface Progress extends Checkpoint {
        Progress NONE = new Progress() {
            @Override
            public void begins(long stepsInAll) {}

            @Override
            public void made(Step step) {}

            @Override
            public void check() {}
        };

        /** Called once everything is checked and compiled, before the first step. Later failures depend on the values alone. */
        void begins(long stepsInAll);

        void made(Step step);
    }

    /** {@code secondsLeft} is an estimate from the steps so far. */
    public record Step(long stepsDone, long stepsInAll, double secondsLeft, HistoryEntry latest) {}
}
