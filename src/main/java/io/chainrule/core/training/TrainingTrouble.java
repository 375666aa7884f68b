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
        /**
         * The loss grows, or ends far above its start: {@code from}, {@code to}, {@code learning_rate}. {@code stable_rate} is a rate that
         * bounds steps and did not let the loss grow in {@code tried_steps} steps from the start, {@code tried_rate} one that did not so.
         */
        DIVERGENCE,
        /**
         * Steps are too small: with {@code factor} times the steps the loss would fall {@code times} as far. {@code clip_norm} or
         * {@code scheduled} says what made them small; without a factor no parameter changed.
         */
        SMALL_STEPS,
        /**
         * The loss stays the same: {@code loss}, {@code steps} without a change, {@code gradient} as a part of the largest. With
         * {@code tried_rate} it fell to {@code tried_loss} from there.
         */
        PLATEAU,
        /** Units that are 0 for all samples get more: {@code before}, {@code dead} of {@code units} over {@code samples}. */
        DYING_UNITS,
        /** Nearly all units of a layer were 0 for all samples from the start: {@code dead} of {@code units} over {@code samples}. */
        DEAD_UNITS,
        /** The loss of the validation grows while that of the training falls: {@code best}, {@code validation_loss}, {@code epoch}. */
        OVER_FITTING,
        /** A metric keeps its {@code value} over all {@code epochs} while the loss changes. */
        STILL_METRIC;

        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static TrainingTrouble pass(TrainingState state, @Nullable TrainingTrouble trouble) {
        TrainingTrouble known = trouble == null ? new TrainingTrouble(Kind.PLATEAU, 0, null, Map.of()) : trouble;
        return new TrainingTrouble(Kind.valueOf(state.text(known.kind.name())), state.whole(known.step),
                state.optional(known.node, node -> state.text(node == null ? "" : node)), state.named(known.numbers));
    }
}
