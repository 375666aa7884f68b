package io.chainrule.service.training;

import io.chainrule.core.language.Phrase;
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

    private static Phrase cause(TrainingTrouble trouble) {
        String key = "training." + trouble.kind().id();
        long step = trouble.step();
        String node = String.valueOf(trouble.node());
        return switch (trouble.kind()) {
            case DIVERGENCE -> Phrase.of(has(trouble, "end") && number(trouble, "end") < number(trouble, "to") ? key + ".end" : key, step,
                    fromTo(trouble, "from", "to"), n(trouble, "end"), divergence(trouble, node));
            case SMALL_STEPS -> smallSteps(trouble);
            case PLATEAU ->
                Phrase.of(key, step, n(trouble, "loss"), 100 * number(trouble, "within"), n(trouble, "steps"), plateau(trouble));
            case DYING_UNITS -> Phrase.of(key, step, node, n(trouble, "dead"), n(trouble, "units"), n(trouble, "samples"),
                    n(trouble, "before"));
            case DEAD_UNITS -> Phrase.of(key, node, n(trouble, "dead"), n(trouble, "units"), n(trouble, "samples"));
            case OVER_FITTING -> Phrase.of(key, step, fromTo(trouble, "best", "validation_loss"), n(trouble, "epoch"),
                    fromTo(trouble, "from", "to"));
            case STILL_METRIC -> Phrase.of(key, node, n(trouble, "value"), n(trouble, "epochs"), fromTo(trouble, "from", "to"));
        };
    }

    private static Phrase divergence(TrainingTrouble trouble, String node) {
        String rate = n(trouble, "learning_rate");
        if (!has(trouble, "stable_rate")) {
            return Phrase.of("training.too-far", rate);
        }
        boolean isTheBound = number(trouble, "stable_rate") == number(trouble, "bound");
        return Phrase.of(isTheBound ? "training.curved" : "training.curved.tried", rate, node, n(trouble, "stable_rate"),
                n(trouble, "bound"));
    }

    private static Phrase smallSteps(TrainingTrouble trouble) {
        String steps = n(trouble, "steps");
        if (has(trouble, "clip_norm")) {
            return Phrase.of("training.small-steps.clipped", steps, fromTo(trouble, "from", "to"), n(trouble, "gradient_norm"),
                    n(trouble, "clip_norm"));
        }
        if (has(trouble, "scheduled")) {
            return Phrase.of("training.small-steps.scheduled", steps, fromTo(trouble, "from", "to"), n(trouble, "scheduled"));
        }
        if (has(trouble, "factor")) {
            return Phrase.of("training.small-steps", steps, fromTo(trouble, "from", "to"), n(trouble, "factor"), n(trouble, "times"),
                    n(trouble, "tried_steps"));
        }
        return Phrase.of(number(trouble, "learning_rate") == 0 ? "training.small-steps.zero" : "training.small-steps.rounded", steps,
                n(trouble, "learning_rate"));
    }

    private static boolean isFlat(TrainingTrouble trouble) {
        return number(trouble, "gradient") <= FLAT;
    }

    private static boolean isLarger(TrainingTrouble trouble) {
        return number(trouble, "tried_rate") > number(trouble, "learning_rate");
    }

    private static Phrase plateau(TrainingTrouble trouble) {
        if (isFlat(trouble)) {
            return Phrase.of("training.plateau.flat");
        }
        return has(trouble, "tried_rate")
                ? Phrase.of(isLarger(trouble) ? "training.plateau.small" : "training.plateau.large", n(trouble, "learning_rate"),
                        has(trouble, "scheduled") ? Phrase.of("training.plateau.scheduled") : "", n(trouble, "tried_rate"),
                        fromTo(trouble, "tried_from", "tried_loss"), n(trouble, "tried_steps"))
                : Phrase.of("training.plateau.stuck");
    }

    private static Phrase remedy(TrainingTrouble trouble) {
        String key = "remedy.training." + trouble.kind().id();
        return switch (trouble.kind()) {
            case DIVERGENCE -> has(trouble, "stable_rate")
                    ? Phrase.of(key + ".stable", n(trouble, "stable_rate"))
                    : has(trouble, "tried_rate")
                            ? Phrase.of(key + ".tried", n(trouble, "tried_rate"), n(trouble, "tried_steps"))
                            : Phrase.of(key);
            case SMALL_STEPS -> has(trouble, "clip_norm")
                    ? Phrase.of(key + ".clipped")
                    : has(trouble, "scheduled")
                            ? Phrase.of(key + ".scheduled")
                            : has(trouble, "factor")
                                    ? Phrase.of(key + ".tried", g(number(trouble, "factor") * number(trouble, "learning_rate"), DIGITS))
                                    : Phrase.of(key);
            case PLATEAU -> isFlat(trouble)
                    ? Phrase.of(key + ".flat")
                    : !has(trouble, "tried_rate")
                            ? Phrase.of(key)
                            : Phrase.of(isLarger(trouble) ? key + ".larger" : key + ".schedule", n(trouble, "tried_rate"));
            case DYING_UNITS, DEAD_UNITS, OVER_FITTING, STILL_METRIC -> Phrase.of(key);
        };
    }

    /** Both numbers with as many digits as it takes to tell how far they are apart. */
    private static Phrase fromTo(TrainingTrouble trouble, String from, String to) {
        double a = number(trouble, from);
        double b = number(trouble, to);
        int digits = DIGITS;
        while (digits < MOST_DIGITS && Math.abs(rounded(a, digits) - rounded(b, digits) - (a - b)) > TENTH * Math.abs(a - b)) {
            digits++;
        }
        return Phrase.of("training.from-to", g(a, digits), g(b, digits));
    }

    private static String n(TrainingTrouble trouble, String key) {
        return g(number(trouble, key), DIGITS);
    }

    private static double rounded(double value, int digits) {
        return Double.isFinite(value) ? new BigDecimal(value).round(new MathContext(digits)).doubleValue() : value;
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
