package io.chainrule.service.training;

import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Tells of {@link TrainingTrouble} in two sentences: what happened, from which step on and why, and what helps. */
final class TrainingText {
    private static final double WHOLE = 1e6;
    private static final int DIGITS = 3;
    private static final int MOST_DIGITS = 17;
    private static final double TENTH = 0.1;
    private static final double LEAST_PLAIN = 1e-4;
    /** A gradient that is this part of the largest, or less, belongs to a flat place. */
    private static final double FLAT = 1e-2;

    private TrainingText() {}

    static Diagnostic of(TrainingTrouble trouble) {
        Map<String, Double> numbers = new TreeMap<>(trouble.numbers());
        numbers.put("step", (double) trouble.step());
        return Diagnostic.trouble(trouble.kind().id(), trouble.node(), numbers, cause(trouble), remedy(trouble));
    }

    private static boolean has(TrainingTrouble trouble, String number) {
        return trouble.numbers().containsKey(number);
    }

    private static double number(TrainingTrouble trouble, String key) {
        return trouble.numbers().getOrDefault(key, Double.NaN);
    }

    private static String cause(TrainingTrouble trouble) {
        String node = "'" + trouble.node() + "'";
        String from = "from step " + trouble.step() + " on ";
        return switch (trouble.kind()) {
            case DIVERGENCE -> from + "the loss grows, " + fromTo(trouble, "from", "to")
                    + (has(trouble, "end") && number(trouble, "end") < number(trouble, "to")
                            ? ", and ends at " + n(trouble, "end")
                            : "")
                    + divergence(trouble, node);
            case SMALL_STEPS -> smallSteps(trouble);
            case PLATEAU -> from + "the loss stays at " + n(trouble, "loss") + ", within " + 100 * number(trouble, "within") + " %, for "
                    + n(trouble, "steps") + " steps" + plateau(trouble);
            case DYING_UNITS -> from + "units of " + node + " die: " + n(trouble, "dead") + " of its " + n(trouble, "units")
                    + " are 0 for all " + n(trouble, "samples") + " samples of an epoch, after " + n(trouble, "before")
                    + " from the start; the training has pushed them to where they have no gradient";
            case DEAD_UNITS -> n(trouble, "dead") + " of the " + n(trouble, "units") + " units of " + node + " are 0 for all "
                    + n(trouble, "samples")
                    + " samples of an epoch from the first step on: they pass on no gradient to what is before them";
            case OVER_FITTING ->
                from + "the loss of the validation grows, " + fromTo(trouble, "best", "validation_loss") + ", its least being after epoch "
                        + n(trouble, "epoch") + ", while that of the training falls " + fromTo(trouble, "from", "to")
                        + ": what is learnt holds for the training's samples only";
            case STILL_METRIC -> node + " is " + n(trouble, "value") + " in all " + n(trouble, "epochs")
                    + " epochs, though the loss changes " + fromTo(trouble, "from", "to")
                    + ": the predictions change without changing what the metric counts";
        };
    }

    private static String divergence(TrainingTrouble trouble, String node) {
        String rate = "the learning rate " + n(trouble, "learning_rate");
        if (!has(trouble, "stable_rate")) {
            return ": steps with " + rate + " go too far";
        }
        String curved = ": with " + rate + " each step goes too far where the loss is most curved, which is mostly along " + node;
        return number(trouble, "stable_rate") == number(trouble, "bound")
                ? curved + "; there steps stay bounded up to a rate of about " + n(trouble, "stable_rate")
                : curved + "; there the bound is " + n(trouble, "bound") + ", but from the start the loss grew with it too, and not with "
                        + n(trouble, "stable_rate");
    }

    private static String smallSteps(TrainingTrouble trouble) {
        String first = "in the first " + n(trouble, "steps") + " steps ";
        String slow = first + "the loss went only " + fromTo(trouble, "from", "to");
        if (has(trouble, "clip_norm")) {
            return slow + ", since \"clip_norm\" cuts gradients of norm " + n(trouble, "gradient_norm") + " to " + n(trouble, "clip_norm")
                    + "; without it the loss falls much farther";
        }
        if (has(trouble, "scheduled")) {
            return slow + ", since the schedule has lowered the learning rate to " + n(trouble, "scheduled")
                    + "; without it the loss falls much farther";
        }
        if (has(trouble, "factor")) {
            return slow + "; with " + n(trouble, "factor") + " times the learning rate it fell " + n(trouble, "times")
                    + " times as far in as many steps (" + n(trouble, "tried_steps") + " were tried), so the rate is too small";
        }
        return first + "no parameter changed, since the learning rate " + n(trouble, "learning_rate")
                + (number(trouble, "learning_rate") == 0 ? " moves none" : " is so small that rounding undoes each step");
    }

    private static boolean isFlat(TrainingTrouble trouble) {
        return number(trouble, "gradient") <= FLAT;
    }

    private static boolean isLarger(TrainingTrouble trouble) {
        return number(trouble, "tried_rate") > number(trouble, "learning_rate");
    }

    private static String plateau(TrainingTrouble trouble) {
        if (isFlat(trouble)) {
            return ": the gradient is nearly 0 there, as at a minimum or another flat place";
        }
        return has(trouble, "tried_rate")
                ? ": steps with the learning rate " + n(trouble, "learning_rate")
                        + (has(trouble, "scheduled") ? ", to which the schedule has lowered it," : "") + " are too "
                        + (isLarger(trouble) ? "small" : "large")
                        + " there; with " + n(trouble, "tried_rate") + " the loss went " + fromTo(trouble, "tried_from", "tried_loss")
                        + " in " + n(trouble, "tried_steps") + " steps"
                : "; the gradient is not 0, but no other learning rate that was tried lowers the loss soon";
    }

    private static String remedy(TrainingTrouble trouble) {
        return switch (trouble.kind()) {
            case DIVERGENCE -> has(trouble, "stable_rate")
                    ? "Use a learning rate below " + n(trouble, "stable_rate") + ", or \"clip_norm\"."
                    : has(trouble, "tried_rate")
                            ? "Use a learning rate of " + n(trouble, "tried_rate") + ", with which the loss did not grow in the first "
                                    + n(trouble, "tried_steps") + " steps."
                            : "Use a much smaller learning rate, or inputs and targets of a usual size.";
            case SMALL_STEPS -> has(trouble, "clip_norm")
                    ? "Use a larger \"clip_norm\", or none."
                    : has(trouble, "scheduled")
                            ? "Let the schedule lower the learning rate later, or less."
                            : has(trouble, "factor")
                                    ? "Use a learning rate of " + g(number(trouble, "factor") * number(trouble, "learning_rate"), DIGITS)
                                            + ", or more steps."
                                    : "Use a larger learning rate.";
            case PLATEAU -> isFlat(trouble)
                    ? "If the loss is low enough, fewer steps do; if not, start elsewhere or use a larger model."
                    : !has(trouble, "tried_rate")
                            ? "If the loss is low enough, fewer steps do; if not, start elsewhere, or use another optimizer or model."
                            : isLarger(trouble)
                                    ? "From there on use a learning rate of " + n(trouble, "tried_rate") + "."
                                    : "Let a schedule lower the learning rate from there on, to " + n(trouble, "tried_rate") + ".";
            case DYING_UNITS -> "Lower the learning rate, or use leaky_relu, which keeps a slope where relu has none.";
            case DEAD_UNITS -> "Start from other weights and biases, scale the inputs, or use leaky_relu.";
            case OVER_FITTING -> "Stop there by \"early_stopping\", add \"regularization\" or dropout, or use more samples.";
            case STILL_METRIC ->
                "Look at the predictions: they may all be of one class, or the metric's target may be another than the loss's.";
        };
    }

    /** Both numbers with as many digits as it takes to tell how far they are apart. */
    private static String fromTo(TrainingTrouble trouble, String from, String to) {
        double a = number(trouble, from);
        double b = number(trouble, to);
        int digits = DIGITS;
        while (digits < MOST_DIGITS && Math.abs(rounded(a, digits) - rounded(b, digits) - (a - b)) > TENTH * Math.abs(a - b)) {
            digits++;
        }
        return "from " + g(a, digits) + " to " + g(b, digits);
    }

    private static String n(TrainingTrouble trouble, String key) {
        return g(number(trouble, key), DIGITS);
    }

    private static double rounded(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits)).doubleValue();
    }

    private static String g(double value, int digits) {
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < WHOLE) {
            return String.valueOf((long) value);
        }
        int whole = size < 1 ? 0 : (int) Math.log10(size) + 1;
        return size >= LEAST_PLAIN && size < WHOLE
                ? new BigDecimal(value).round(new MathContext(Math.max(digits, whole))).stripTrailingZeros().toPlainString()
                : String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
    }
}
