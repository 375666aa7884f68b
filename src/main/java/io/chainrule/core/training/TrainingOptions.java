package io.chainrule.core.training;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a program is trained.
 *
 * @param epochs how often all samples are gone through
 * @param steps how many steps are made at most
 * @param samples how many samples there are; 1 where the program has none
 * @param batchSize how many of them make a step; the last step of an epoch has those that are left
 * @param shuffleSeed tells the order of the samples in each epoch
 * @param clipNorm the largest norm of the whole gradient, by which it is scaled down as in {@code torch.nn.utils.clip_grad_norm_};
 *        infinite for none
 */
public record TrainingOptions(Optimizer optimizer, Schedule schedule, long epochs, long steps, int samples, int batchSize,
        long shuffleSeed, double clipNorm, @Nullable EarlyStopping earlyStopping, List<Metric> metrics) {

    public TrainingOptions {
        batchSize = Math.min(batchSize, samples);
        metrics = List.copyOf(metrics);
    }

    /** So many epochs, each one step over all samples, at the optimizer's rate; 1 sample where the program has none. */
    public static TrainingOptions of(Optimizer optimizer, long epochs, int samples) {
        return new TrainingOptions(optimizer, Schedule.CONSTANT, epochs, epochs, samples, samples, 0, Double.POSITIVE_INFINITY, null,
                List.of());
    }

    /** The number of samples in the last step of an epoch, if it has fewer than the others; else 0. */
    public int rest() {
        return samples % batchSize;
    }

    public long stepsAnEpoch() {
        return (samples + batchSize - 1L) / batchSize;
    }

    /** Whether the number of epochs ends the training, not the number of steps. */
    public boolean endsByEpochs() {
        return epochs <= steps / stepsAnEpoch();
    }

    /** How many steps there are if nothing stops the training. */
    public long stepsInAll() {
        return endsByEpochs() ? epochs * stepsAnEpoch() : steps;
    }

    /** How many epochs are begun if nothing stops the training. */
    public long epochsInAll() {
        return (stepsInAll() - 1) / stepsAnEpoch() + 1;
    }
}
