package io.chainrule.core.training;

import io.chainrule.core.elementary.Power;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds out by trials why a loss hardly falls: whether steps are too small, and what makes them so, or too large. */
final class Pace {
    private static final int MOST_TENS = 12;
    private static final double TEN = 10;
    /** A change of the loss by this part of it may be due to rounding, or is too small to matter. */
    private static final double ROUNDING = 1e-9;
    private static final double VISIBLE = 1e-6;
    /** Ten times the steps count as better if the loss falls by this much more. */
    private static final double MORE = 3;
    private static final double[] RATES = {0.1, 10, 100, 1000};
    /** A gradient that is this part of the largest, or less, is that of a flat place. */
    private static final double FLAT = 1e-2;
    private static final int TRIALS = 2;

    private final TrainingOptions options;
    private final Map<String, Tensor> initial;
    private final Trials trials;
    private final Watch watch;

    Pace(TrainingOptions options, Map<String, Tensor> initial, Trials trials, Watch watch) {
        this.options = options;
        this.initial = initial;
        this.trials = trials;
        this.watch = watch;
    }

    /** Small steps, if so many of them have hardly lowered the loss and larger ones would; else null. */
    @Nullable
    TrainingTrouble smallSteps(Map<String, Tensor> parameters, long done) {
        if (trials.steps(TRIALS) == 0) {
            return null;
        }
        double start = trials.start();
        double now = trials.mean(parameters);
        double fall = start - now;
        double base = options.optimizer().learningRate();
        Map<String, Double> numbers = new LinkedHashMap<>(
                Map.of("from", start, "to", now, "steps", (double) done, "learning_rate", base, "gradient_norm", watch.gradient()));
        TrainingTrouble found = new TrainingTrouble(Kind.SMALL_STEPS, 1, null, numbers);
        boolean hasMoved = initial.entrySet().stream().anyMatch(
                entry -> !Arrays.equals(entry.getValue().data(), Objects.requireNonNull(parameters.get(entry.getKey())).data()));
        double factor = hasMoved ? factor(parameters, fall) : 1;
        long steps = Math.min(done, trials.steps(TRIALS));
        if (steps == 0 || hasMoved && factor < TEN || fall < -VISIBLE * Math.abs(start)) {
            return null;
        }
        // A loss that has changed by rounding only has not risen.
        double share = MORE * Math.max(0, fall) * steps / done;
        if (watch.gradient() > TEN * options.clipNorm() && falls(1, true, Double.POSITIVE_INFINITY, steps) > share) {
            numbers.put("clip_norm", options.clipNorm());
            return found;
        }
        if (watch.rate() <= base / TEN && base > 0 && falls(1, false, options.clipNorm(), steps) > share) {
            numbers.put("scheduled", watch.rate());
            return found;
        }
        for (; factor >= TEN; factor /= TEN) {
            double falls = falls(factor, true, options.clipNorm(), steps);
            if (falls > share && falls > 0) {
                numbers.put("factor", factor);
                numbers.put("times", share > 0 ? MORE * falls / share : factor);
                numbers.put("tried_steps", (double) steps);
                return found;
            }
        }
        return hasMoved ? null : found;
    }

    /**
     * The power of ten by which the loss falls most, if the steps went so much farther in their common direction; 1 where none does much
     * better.
     */
    private double factor(Map<String, Tensor> parameters, double fall) {
        double size = Math.abs(trials.start());
        int best = 0;
        int tooFar = MOST_TENS + 1;
        while (tooFar - best > 1) {
            int between = (best + tooFar) / 2;
            // As long as rounding hides the fall, it is not too far.
            if (fallAt(parameters, between) > -ROUNDING * size) {
                best = between;
            } else {
                tooFar = between;
            }
        }
        double most = fallAt(parameters, best);
        for (int k = best - 1; k > 0; k--) {
            double found = fallAt(parameters, k);
            if (found <= most) {
                break;
            }
            most = found;
            best = k;
        }
        return most > Math.max(MORE * fall, VISIBLE * size) ? Power.pow(10, best) : 1;
    }

    private double fallAt(Map<String, Tensor> parameters, int tens) {
        return trials.start() - trials.mean(moved(parameters, Power.pow(10, tens)));
    }

    private Map<String, Tensor> moved(Map<String, Tensor> parameters, double factor) {
        Map<String, Tensor> moved = new LinkedHashMap<>();
        parameters.forEach((name, value) -> {
            double[] from = Objects.requireNonNull(initial.get(name), name).data();
            Tensor there = value.copy();
            for (int i = 0; i < from.length; i++) {
                there.data()[i] = from[i] + factor * (value.data()[i] - from[i]);
            }
            moved.put(name, there);
        });
        return moved;
    }

    /** How far the loss falls from the start in some steps at another rate. */
    private double falls(double factor, boolean isScheduled, double clipNorm, long steps) {
        double base = options.optimizer().learningRate();
        return trials.steps(1) < steps
                ? Double.NEGATIVE_INFINITY
                : trials.start() - trials.train(initial, step -> factor * (isScheduled ? options.rate(step) : base), clipNorm, steps).end();
    }

    /** Adds to a plateau at which the gradient is not small the rate that lowers the loss from there, if one is found. */
    TrainingTrouble explained(TrainingTrouble plateau, Map<String, Tensor> parameters) {
        if (plateau.numbers().getOrDefault("gradient", 1.0) <= FLAT) {
            return plateau;
        }
        Map<String, Double> numbers = new LinkedHashMap<>(plateau.numbers());
        numbers.put("learning_rate", watch.rate());
        double here = trials.mean(parameters);
        double base = options.optimizer().learningRate();
        boolean isScheduled = watch.rate() <= base / TEN;
        double best = here - 2 * watch.within() * Math.abs(here);
        for (double factor : RATES) {
            double rate = isScheduled && factor == RATES[1] ? base : factor * watch.rate();
            long steps = trials.steps(TRIALS);
            if (steps == 0 || !(rate > 0)) {
                continue;
            }
            double found = trials.train(parameters, _ -> rate, options.clipNorm(), steps).end();
            if (found < best && (factor < 1 || isScheduled || isStable(rate, steps))) {
                best = found;
                numbers.put("tried_rate", rate);
                numbers.put("tried_loss", found);
                numbers.put("tried_steps", (double) steps);
                numbers.put("tried_from", here);
                if (isScheduled) {
                    numbers.put("scheduled", watch.rate());
                }
            }
            if (isScheduled && factor == RATES[1]) {
                break;
            }
        }
        return new TrainingTrouble(plateau.kind(), plateau.step(), plateau.node(), numbers);
    }

    /** Whether a training from the start does not grow at this rate. */
    private boolean isStable(double rate, long steps) {
        long affordable = Math.min(steps, trials.steps(1));
        return affordable > 0
                && trials.train(initial, _ -> rate, options.clipNorm(), affordable).end() <= trials.start();
    }
}
