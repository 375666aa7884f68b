package io.chainrule.service.training;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.Answer;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a training is given.
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
        @Nullable Map<String, Tensor> validation, List<TrainingMetric> metrics, @Nullable String prediction, @Nullable String target,
        @Nullable Stopping earlyStopping) {
    /** Keras' and many others' default. */
    static final int BATCH_SIZE = 32;

    /** A part of a training with its options; those that are not there have their defaults. */
    public record Part(String type, Map<String, Object> options) {}

    /** After how many epochs without an improvement of more than {@code minDelta} to stop. */
    public record Stopping(int patience, double minDelta) {}

    /** What is told beside the loss. */
    public enum TrainingMetric {
        ACCURACY,
        MAE
    }

    /** Told of a training as it goes; {@link #check} may stop it, between and within steps, by an exception. */
    public interface Progress extends Checkpoint {
        Progress NONE = new Progress() {
            @Override
            public void begins(long stepsInAll) {}

            @Override
            public void made(Step step) {}

            @Override
            public void check() {}
        };

        /** All is checked and planned; from here on only what the values bring can go wrong. */
        void begins(long stepsInAll);

        void made(Step step);
    }

    /** {@code secondsLeft} is an estimate from the steps so far. */
    public record Step(long stepsDone, long stepsInAll, double secondsLeft, Answer.HistoryEntry latest) {}
}
