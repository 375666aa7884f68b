package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a training.
 *
 * @param parameters the parameters after the last step or, if something was not finite, the last ones with a finite loss
 * @param statistics the running statistics that belong to these parameters
 * @param failure what was not finite, if that stopped the training; otherwise null
 * @param troubles what went wrong, if the observer wants to know
 */
public record Training(Map<String, Tensor> parameters, Map<String, Tensor> statistics, List<HistoryEntry> history, long steps,
        StoppedBy stoppedBy, @Nullable Failure failure, List<TrainingTrouble> troubles) {

    /** Whether it made all steps that were asked for. */
    public boolean isWhole() {
        return stoppedBy == StoppedBy.EPOCHS || stoppedBy == StoppedBy.STEPS;
    }

    /** Whether it has ended, since something was not finite, with the parameters with which it began. */
    public boolean isInitial() {
        // The latest step is undone where the loss after it, or a parameter, is not finite.
        return failure != null && steps <= (failure.phase() == Phase.BACKWARD ? 0 : 1);
    }

    public Training withParameters(Map<String, Tensor> others) {
        return new Training(others, statistics, history, steps, stoppedBy, failure, troubles);
    }

    /** Why the training ended. */
    public enum StoppedBy {
        EPOCHS,
        STEPS,
        EARLY_STOPPING,
        NON_FINITE,
        DEADLINE,
        SHUTDOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The first node that was not finite. The phase says whether that was its value, its gradient, or a parameter after its update. */
    public record Failure(String node, Phase phase) {}

    /** Where a value was not finite. */
    public enum Phase {
        FORWARD,
        BACKWARD,
        UPDATE
    }

    /** Called after each step, and when something begins to go wrong. */
    @FunctionalInterface
    public interface Observer {
        void made(long steps, long stepsInAll, HistoryEntry latest);

        /** Whether the training is watched for trouble. */
        default boolean isExplained() {
            return false;
        }

        /** Whether the state of the training is to be told now. Asked after each step. */
        default boolean wantsState() {
            return false;
        }

        /** Receives the state after the latest step, from which {@link Trainer#resume} goes on. */
        default void state(byte[] state) {}

        /** Called when the trouble begins; the training may yet recover from it. */
        default void found(TrainingTrouble trouble) {}

        /** The products of the loss's Hessian by the parameters with a vector, for the samples of a step; null where there are none. */
        default @Nullable CompiledFunction curvature() {
            return null;
        }
    }
}
