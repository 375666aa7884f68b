package io.chainrule.core.training;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong in a training.
 *
 * @param step the step from which on
 * @param node the layer, the parameter or the metric concerned; null for the training as a whole
 */
public record TrainingTrouble(Kind kind, long step, @Nullable String node, Map<String, Double> numbers) {

    /** What is wrong, and the numbers that show it. */
    public enum Kind {
        /** The loss grows: {@code from}, {@code to}, {@code learning_rate}, and where it is known {@code stable_rate}. */
        DIVERGENCE,
        /** Steps are too small: the loss would fall {@code times} as far with {@code factor} times the steps. */
        SMALL_STEPS,
        /** The loss stays the same: {@code loss}, {@code steps} without a change, {@code gradient} as a part of the largest. */
        PLATEAU,
        /** Units that are 0 for all samples get more: {@code before}, {@code dead} of {@code units} over {@code samples}. */
        DYING_UNITS,
        /** The loss of the validation grows while that of the training falls: {@code best}, {@code validation_loss}, {@code epoch}. */
        OVER_FITTING,
        /** A metric keeps its {@code value} over all {@code epochs} while the loss changes. */
        STILL_METRIC;

        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
