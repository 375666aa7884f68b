package io.chainrule.core.training;

import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Watches what is measured at the ends of epochs: the loss of the validation data, and metrics. */
final class EpochWatch {
    private static final double WORSE = 0.1;
    private static final int LEAST_EPOCHS = 5;

    private final long stepsAnEpoch;
    private final Map<String, double[]> metrics = new LinkedHashMap<>();
    private long epochs;
    private double best = Double.POSITIVE_INFINITY;
    private double bestTraining;
    private long bestEpoch;
    private double lastValidation = Double.NaN;
    private double validationBefore = Double.NaN;
    private double lastTraining;

    EpochWatch(long stepsAnEpoch) {
        this.stepsAnEpoch = stepsAnEpoch;
    }

    /** Takes an epoch's numbers. Returns over-fitting if the validation shows it at this step; else null. */
    @Nullable
    TrainingTrouble epoch(long step, double loss, @Nullable Double validationLoss, Map<String, Double> measured) {
        epochs++;
        lastTraining = loss;
        measured.forEach((name, value) -> {
            double[] range = metrics.computeIfAbsent(name, _ -> new double[]{value, value});
            range[0] = Math.min(range[0], value);
            range[1] = Math.max(range[1], value);
        });
        if (validationLoss == null) {
            return null;
        }
        validationBefore = lastValidation;
        lastValidation = validationLoss;
        if (validationLoss < best) {
            best = validationLoss;
            bestEpoch = epochs;
            bestTraining = loss;
            return null;
        }
        return overFitting(step);
    }

    /** Over-fitting as of the latest epoch; null if there is none. */
    @Nullable
    TrainingTrouble overFitting(long step) {
        double limit = best + WORSE * Math.abs(best);
        boolean isThere = epochs - bestEpoch >= LEAST_EPOCHS && lastValidation > limit && validationBefore > limit
                && lastTraining < bestTraining;
        return isThere
                ? new TrainingTrouble(Kind.OVER_FITTING, bestEpoch * stepsAnEpoch, null, Map.of("best", best, "validation_loss",
                        lastValidation, "epoch", (double) bestEpoch, "from", bestTraining, "to", lastTraining, "now", (double) step))
                : null;
    }

    /** Metrics that have stayed the same over enough epochs, while the loss went from one number to another. */
    List<TrainingTrouble> stillMetrics(double from, double to) {
        List<TrainingTrouble> found = new ArrayList<>();
        if (epochs < LEAST_EPOCHS) {
            return found;
        }
        metrics.forEach((name, range) -> {
            boolean isStill = range[1] - range[0] <= 1e-9 * Math.abs(range[1]);
            if (isStill && !Metric.isPerfect(name, range[1])) {
                found.add(new TrainingTrouble(Kind.STILL_METRIC, 1, name,
                        Map.of("value", range[1], "epochs", (double) epochs, "from", from, "to", to)));
            }
        });
        return found;
    }

    void pass(TrainingState state) {
        epochs = state.whole(epochs);
        best = state.number(best);
        bestTraining = state.number(bestTraining);
        bestEpoch = state.whole(bestEpoch);
        lastValidation = state.number(lastValidation);
        validationBefore = state.number(validationBefore);
        lastTraining = state.number(lastTraining);
        List<String> names = new ArrayList<>(metrics.keySet());
        state.list(names, name -> state.text(name == null ? "" : name));
        names.forEach(name -> state.numbers(metrics.computeIfAbsent(name, _ -> new double[2])));
    }
}
