package io.chainrule.core.training;

import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Watches the numbers of a training: losses, gradients, validation and metrics. Of each kind of trouble it tells once. */
final class Watch {
    /** A loss that has grown by this factor and still grows is one of a training that diverges. */
    private static final double GROWN = 10;
    private static final int LEAST_RISES = 5;
    private static final double WORSE = 0.1;
    private static final int LEAST_EPOCHS = 5;
    private static final double STILL = 1e-3;
    /** Losses of batches differ even if nothing is learnt. */
    private static final double STILL_OF_BATCHES = 2e-2;
    private static final int LEAST_STEPS = 20;
    /** A loss that has fallen this far is as good as 0. */
    private static final double NOTHING = 1e-8;

    private final long stepsAnEpoch;
    private final LossCurve curve = new LossCurve();
    private final Map<String, double[]> metrics = new LinkedHashMap<>();

    private double sum;
    private long inSum;
    private double before = Double.NaN;
    private long rises;
    private long risesFrom;
    private double risesFromLoss;
    private double firstLoss;
    private double firstGradient;
    private double largestGradient;
    private double lastGradient;
    private double lastLoss = Double.NaN;
    private double lastRate;
    private long lastStep;
    private long epochs;
    private double best = Double.POSITIVE_INFINITY;
    private double bestTraining;
    private long bestEpoch;
    private double lastValidation = Double.NaN;
    private double validationBefore = Double.NaN;
    private double lastTraining;
    private @Nullable TrainingTrouble divergence;
    private @Nullable TrainingTrouble overFitting;

    Watch(long stepsAnEpoch) {
        this.stepsAnEpoch = stepsAnEpoch;
    }

    /** Takes a step's numbers. Returns a divergence when it begins to be one; else null. */
    @Nullable
    TrainingTrouble step(long step, double loss, double gradient, double rate) {
        firstGradient = step == 1 ? gradient : firstGradient;
        firstLoss = step == 1 ? loss : firstLoss;
        largestGradient = Math.max(largestGradient, gradient);
        lastGradient = gradient;
        lastLoss = loss;
        lastRate = rate;
        lastStep = step;
        sum += loss;
        inSum++;
        // Losses of different samples differ; only those of a whole epoch can be compared.
        if (inSum < stepsAnEpoch && !(loss > GROWN * GROWN * size())) {
            return null;
        }
        double mean = inSum < stepsAnEpoch ? loss : sum / inSum;
        sum = 0;
        inSum = 0;
        curve.add(step, mean);
        if (mean > before) {
            rises++;
        } else {
            rises = 0;
            risesFrom = step;
            risesFromLoss = mean;
        }
        before = mean;
        boolean diverges = divergence == null && rises >= LEAST_RISES && mean > GROWN * size();
        if (diverges) {
            divergence = divergence(mean);
            return divergence;
        }
        return null;
    }

    /** The size of the loss at the start. */
    private double size() {
        return Math.max(Math.abs(curve.size() == 0 ? firstLoss : curve.first()), Double.MIN_NORMAL);
    }

    private TrainingTrouble divergence(double to) {
        return new TrainingTrouble(Kind.DIVERGENCE, Math.max(1, risesFrom), null,
                Map.of("from", risesFromLoss, "to", to, "learning_rate", lastRate));
    }

    /** Whether the loss has just begun to grow. */
    boolean beginsToRise() {
        return rises == 1;
    }

    /** Takes an epoch's numbers. Returns over-fitting when it begins to be one; else null. */
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
        if (overFitting == null && isOverFitting()) {
            overFitting = overFitting(step);
            return overFitting;
        }
        return null;
    }

    private boolean isOverFitting() {
        double limit = best + WORSE * Math.abs(best);
        return epochs - bestEpoch >= LEAST_EPOCHS && lastValidation > limit && validationBefore > limit && lastTraining < bestTraining;
    }

    private TrainingTrouble overFitting(long step) {
        return new TrainingTrouble(Kind.OVER_FITTING, bestEpoch * stepsAnEpoch, null,
                Map.of("best", best, "validation_loss", lastValidation,
                        "epoch", (double) bestEpoch, "from", bestTraining, "to", lastTraining, "now", (double) step));
    }

    /** All that is certain once the training is over. */
    List<TrainingTrouble> atTheEnd(boolean isNonFinite, boolean areStepsSmall) {
        List<TrainingTrouble> found = new ArrayList<>();
        boolean grewBefore = isNonFinite && curve.size() > 1 && rises > 0 && lastLoss > GROWN * size();
        if (divergence == null && grewBefore) {
            divergence = divergence(lastLoss);
        }
        // A loss that came down again did not diverge.
        if (divergence != null && (isNonFinite || curve.last() > size())) {
            found.add(divergence);
            return found;
        }
        if (overFitting != null && isOverFitting()) {
            found.add(overFitting(lastStep));
        }
        TrainingTrouble plateau = areStepsSmall || isNonFinite ? null : plateau();
        if (plateau != null) {
            found.add(plateau);
        }
        stillMetrics(found);
        return found;
    }

    private @Nullable TrainingTrouble plateau() {
        int n = curve.size();
        if (n < LEAST_STEPS) {
            return null;
        }
        double last = curve.last();
        if (Math.abs(last) <= NOTHING * Math.abs(curve.first()) && curve.first() != 0) {
            return null;
        }
        int from = n - 1;
        double within = stepsAnEpoch > 1 ? STILL_OF_BATCHES : STILL;
        while (from > 0 && Math.abs(curve.loss(from - 1) - last) <= within * Math.abs(last)) {
            from--;
        }
        if (n - from < Math.max(LEAST_STEPS / 2, n / 2)) {
            return null;
        }
        double gradient = largestGradient == 0 ? 0 : lastGradient / largestGradient;
        return new TrainingTrouble(Kind.PLATEAU, curve.step(from), null, Map.of("loss", last, "steps",
                (double) (lastStep - curve.step(from)), "gradient", gradient, "gradient_norm", lastGradient, "within", within));
    }

    private void stillMetrics(List<TrainingTrouble> found) {
        double change = Math.abs(curve.size() == 0 ? 0 : curve.first() - curve.last());
        if (epochs < LEAST_EPOCHS || change < WORSE * size()) {
            return;
        }
        metrics.forEach((name, range) -> {
            boolean isStill = range[1] - range[0] <= 1e-9 * Math.abs(range[1]);
            if (isStill && !Metric.isPerfect(name, range[1])) {
                found.add(new TrainingTrouble(Kind.STILL_METRIC, 1, name,
                        Map.of("value", range[1], "epochs", (double) epochs, "from", curve.first(), "to", curve.last())));
            }
        });
    }

    /** Whether the loss has hardly fallen while the gradient is as large as before, so that larger steps are worth a try. */
    boolean mayHaveSmallSteps() {
        int n = curve.size();
        double fall = n == 0 ? 0 : curve.first() - curve.last();
        return divergence == null && lastStep >= LEAST_STEPS && fall > 0 && fall < WORSE * Math.abs(curve.first())
                && lastGradient > 0.5 * firstGradient;
    }
}
