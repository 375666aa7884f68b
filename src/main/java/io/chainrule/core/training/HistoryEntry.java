package io.chainrule.core.training;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured at one step.
 *
 * @param step from 1
 * @param epoch from 1
 * @param loss of the step's samples, before its update
 * @param validationLoss after its update, where it ends an epoch or the training and there are validation data
 * @param metrics means over the epoch's samples so far, each before the update of its step, and called {@code validation_…} those of
 *        the validation data after it
 * @param gradientNorm before clipping
 */
public record HistoryEntry(long step, long epoch, double loss, @Nullable Double validationLoss, Map<String, Double> metrics,
        double gradientNorm, double learningRate) {}
