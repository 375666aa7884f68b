package io.chainrule.core.training;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured at one step.
 *
 * @param step the number of the step, from 1
 * @param epoch the number of its epoch, from 1
 * @param loss the loss of the step's samples, before the step's update
 * @param validationLoss the loss of the validation data after the step's update; null unless there are such data and the step ends an
 *        epoch or the training
 * @param metrics means over the epoch's samples so far, each measured before the update of its step; those whose names begin with
 *        {@code validation_} are measured on the validation data, after the update
 * @param gradientNorm the norm of the gradient before clipping
 */
public record HistoryEntry(long step, long epoch, double loss, @Nullable Double validationLoss, Map<String, Double> metrics,
        double gradientNorm, double learningRate) {

    static HistoryEntry pass(TrainingState state, @Nullable HistoryEntry entry) {
        HistoryEntry known = entry == null ? new HistoryEntry(0, 0, 0, null, Map.of(), 0, 0) : entry;
        return new HistoryEntry(state.whole(known.step), state.whole(known.epoch), state.number(known.loss),
                state.optional(known.validationLoss, loss -> state.number(loss == null ? 0 : loss)), state.named(known.metrics),
                state.number(known.gradientNorm), state.number(known.learningRate));
    }
}
