package io.chainrule.core.training;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a program is trained.
 *
 * @param epochs the number of passes over all samples
 * @param steps the largest number of steps
 * @param samples the number of samples; 1 if the program has none
 * @param batchSize the number of samples in a step; the last step of an epoch has those that are left
 * @param shuffleSeed the seed of the order of the samples in each epoch
 * @param clipNorm the largest norm of the whole gradient, which is scaled down to it as in {@code torch.nn.utils.clip_grad_norm_};
 *        infinite for no clipping
 */
public record TrainingOptions(Optimizer optimizer, Schedule schedule, long epochs, long steps, int samples, int batchSize,
        long shuffleSeed, double clipNorm, @Nullable EarlyStopping earlyStopping, List<Metric> metrics) {

    public TrainingOptions {
        batchSize = Math.min(batchSize, samples);
        metrics = List.copyOf(metrics);
    }

    /**
     * Options for a training whose epochs are one step over all samples each, at the optimizer's learning rate. {@code samples} is 1 if
     * the program has none.
     */
    public static TrainingOptions of(Optimizer optimizer, long epochs, int samples) {
        return new TrainingOptions(optimizer, Schedule.CONSTANT, epochs, epochs, samples, samples, 0, Double.POSITIVE_INFINITY, null,
                List.of());
    }

    /** The number of samples in the last step of an epoch, if it has fewer than the others, and is made; else 0. */
    public int rest() {
        return stepsInAll() < stepsAnEpoch() ? 0 : samples % batchSize;
    }

    public long stepsAnEpoch() {
        return (samples + batchSize - 1L) / batchSize;
    }

    /** Whether the training ends after the number of epochs, not after the number of steps. */
    public boolean endsByEpochs() {
        return epochs <= steps / stepsAnEpoch();
    }

    /** How many steps there are if nothing stops the training. */
    public long stepsInAll() {
        return endsByEpochs() ? epochs * stepsAnEpoch() : steps;
    }

    /** The learning rate of the step after so many. */
    double rate(long stepsDone) {
        return schedule.bySteps()
                ? schedule.curve().at(optimizer.learningRate(), stepsDone, stepsInAll())
                : schedule.curve().at(optimizer.learningRate(), stepsDone / stepsAnEpoch(), epochsInAll());
    }

    /** How many epochs are begun, perhaps not completed, if nothing stops the training. */
    public long epochsInAll() {
        return (stepsInAll() - 1) / stepsAnEpoch() + 1;
    }

    /** The largest number of entries that the history may have. */
    public long historyEntries() {
        return Math.min(stepsInAll(), 2L * History.MOST + 1);
    }
}
