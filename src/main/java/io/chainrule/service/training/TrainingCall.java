package io.chainrule.service.training;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Metric;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request of a training in terms of the service.
 *
 * @param query the program and its inputs; {@code wrt} names the inputs that are trained, {@code batch} those that carry samples
 * @param optimizer the optimizer, with types and options as in PyTorch
 * @param schedule how the learning rate changes over time
 * @param epochs the number of epochs; null for one, or for as many as {@code steps} need
 * @param steps the most steps, or null
 * @param batchSize samples in each step; null for {@link #BATCH_SIZE}
 * @param clipNorm the largest norm of the gradient before it is clipped; null for no clipping
 * @param validation validation values that replace those of inputs, or null
 * @param prediction the node that metrics compare with {@code target}
 */
public record TrainingCall(Query query, Part optimizer, Part schedule, @Nullable Integer epochs,
        @Nullable Integer steps, @Nullable Integer batchSize, long shuffleSeed, @Nullable Double clipNorm,
        @Nullable Map<String, Tensor> validation, List<Metric> metrics, @Nullable String prediction, @Nullable String target,
        @Nullable EarlyStopping earlyStopping) {
    /** The default of Keras and of many other libraries. */
    public static final int BATCH_SIZE = 32;

    /** An optimizer or a schedule by type and options; options that are missing have their defaults. */
    public record Part(String type, Map<String, Object> options) {}

    /** Receives the progress of a training, and its state. {@link #check} is called between and within steps and may throw to stop it. */
    public interface Progress extends Checkpoint {
        Progress NONE = new Progress() {
            @Override
            public void begins(long stepsInAll) {}

            @Override
            public void made(Step step) {}

            @Override
            public void check() {}
        };

        /** Called once everything has been checked and compiled, before the first step. Failures after that depend on the values alone. */
        void begins(long stepsInAll);

        void made(Step step);

        /** The state to go on from, as {@link #state} was told; null to begin. */
        default byte @Nullable [] earlier() {
            return null;
        }

        /** Whether the state is to be told after this step. */
        default boolean wantsState() {
            return false;
        }

        /** Receives the state after the latest step. */
        default void state(byte[] state) {}

        /** Called when something begins to go wrong. The training may yet recover, and then the answer does not tell of it. */
        default void found(Diagnostic diagnostic) {}
    }

    /** {@code secondsLeft} is an estimate from the steps since it began, or went on. */
    public record Step(long stepsDone, long stepsInAll, double secondsLeft, HistoryEntry latest) {}
}
