package io.chainrule.service.training;

import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Tells of {@link TrainingTrouble} in two sentences: what happened, from which step on and why, and what helps. */
final class TrainingText {
    private static final double WHOLE = 1e6;
    /** A gradient that is this part of the largest, or less, belongs to a flat place. */
    private static final double FLAT = 1e-2;

    private TrainingText() {}

    static Diagnostic of(TrainingTrouble trouble) {
        Map<String, Double> numbers = new TreeMap<>(trouble.numbers());
        numbers.put("step", (double) trouble.step());
        return Diagnostic.trouble(trouble.kind().id(), trouble.node(), numbers, cause(trouble), remedy(trouble));
    }

    private static boolean hasBound(TrainingTrouble trouble) {
        return trouble.numbers().containsKey("stable_rate");
    }

    private static boolean isFlat(TrainingTrouble trouble) {
        return trouble.numbers().getOrDefault("gradient", 1.0) <= FLAT;
    }

    private static String cause(TrainingTrouble trouble) {
        String node = "'" + trouble.node() + "'";
        String from = "from step " + trouble.step() + " on ";
        return switch (trouble.kind()) {
            case DIVERGENCE -> from + "the loss grows, from " + n(trouble, "from") + " to " + n(trouble, "to")
                    + (hasBound(trouble)
                            ? ": with the learning rate " + n(trouble, "learning_rate") + " each step goes too far where the loss is most"
                                    + " curved, which is mostly along " + node + "; there steps stay bounded up to a rate of about "
                                    + n(trouble, "stable_rate")
                            : ": steps with the learning rate " + n(trouble, "learning_rate") + " go too far");
            case SMALL_STEPS ->
                "the loss fell only from " + n(trouble, "from") + " to " + n(trouble, "to") + "; going " + n(trouble, "factor")
                        + " times as far in the same direction it falls " + n(trouble, "times")
                        + " times as much, so the learning rate is too small for so few steps";
            case PLATEAU -> from + "the loss stays at " + n(trouble, "loss") + ", within "
                    + 100 * trouble.numbers().getOrDefault("within", 0.0) + " %, for " + n(trouble, "steps") + " steps: "
                    + (isFlat(trouble)
                            ? "the gradient is nearly 0 there, as at a minimum or another flat place"
                            : "the gradient is not small, so steps go back and forth or its parts cancel between batches");
            case DYING_UNITS -> n(trouble, "dead") + " of the " + n(trouble, "units") + " units of " + node + " are 0 for all "
                    + n(trouble, "samples") + " samples that were looked at, after " + n(trouble, "before")
                    + " before the first step: the training has pushed them to where they have no gradient";
            case OVER_FITTING ->
                from + "the loss of the validation grows, from " + n(trouble, "best") + " after epoch " + n(trouble, "epoch")
                        + " to " + n(trouble, "validation_loss") + ", while that of the training falls from " + n(trouble, "from") + " to "
                        + n(trouble, "to") + ": what is learnt holds for the training's samples only";
            case STILL_METRIC -> node + " is " + n(trouble, "value") + " in all " + n(trouble, "epochs")
                    + " epochs, though the loss changes from " + n(trouble, "from") + " to " + n(trouble, "to")
                    + ": the predictions change without changing what the metric counts";
        };
    }

    private static String remedy(TrainingTrouble trouble) {
        return switch (trouble.kind()) {
            case DIVERGENCE -> hasBound(trouble)
                    ? "Use a learning rate below " + n(trouble, "stable_rate") + ", or \"clip_norm\"."
                    : "Use a learning rate a tenth as large, a schedule of type \"warmup\", or \"clip_norm\".";
            case SMALL_STEPS -> "Use a learning rate up to " + n(trouble, "factor") + " times as large, or more steps.";
            case PLATEAU -> isFlat(trouble)
                    ? "If the loss is low enough, fewer steps do; if not, start elsewhere or use a larger model."
                    : "Lower the learning rate, or let a schedule lower it.";
            case DYING_UNITS -> "Lower the learning rate, or use leaky_relu, which keeps a slope where relu has none.";
            case OVER_FITTING -> "Stop there by \"early_stopping\", add \"regularization\" or dropout, or use more samples.";
            case STILL_METRIC ->
                "Look at the predictions: they may all be of one class, or the metric's target may be another than the loss's.";
        };
    }

    private static String n(TrainingTrouble trouble, String key) {
        double value = trouble.numbers().getOrDefault(key, Double.NaN);
        if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return String.valueOf((long) value);
        }
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
