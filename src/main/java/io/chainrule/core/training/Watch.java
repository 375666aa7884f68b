package io.chainrule.core.training;

import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Watches the numbers of a training: losses and gradients of its steps. */
final class Watch {
    /** A loss that has grown by this factor and still grows is one of a training that diverges. */
    private static final double GROWN = 10;
    private static final int LEAST_RISES = 5;
    private static final double FAR = 5;
    /** So far no loss rises for a while only. */
    private static final double LOST = 1e4;
    private static final double WORSE = 0.1;
    private static final double STILL = 1e-3;
    /** Losses of batches differ even if nothing is learnt. */
    private static final double STILL_OF_BATCHES = 2e-2;
    private static final int LEAST_STEPS = 20;
    /** A loss that has fallen this far is as good as 0. */
    private static final double NOTHING = 1e-8;

    private final long stepsAnEpoch;
    private final long stepsInAll;
    private final LossCurve curve = new LossCurve();
    private final EpochWatch epochs;

    private double sum;
    private double gradients;
    private double largestInSum = Double.NEGATIVE_INFINITY;
    private long inSum;
    private double before = Double.NaN;
    private long rises;
    private long risesFrom = 1;
    private double size = Double.NaN;
    private double lowest;
    private double ceiling;
    /** The first step whose loss is above the ceiling, if the loss has not come down since; else 0. */
    private long above;
    private long began;
    private double beganAt;
    /** The step before the first of the losses that are far above the start, even if the loss came down for a moment; else 0. */
    private long firstBegan;
    private long calm;
    private double firstGradient = Double.NaN;
    private double meanGradient;
    private double largestGradient;
    private double lastLoss = Double.NaN;
    private double lastRate;
    private double largestRate;
    private long lastStep;

    Watch(long stepsAnEpoch, long stepsInAll) {
        this.stepsAnEpoch = stepsAnEpoch;
        this.stepsInAll = stepsInAll;
        epochs = new EpochWatch(stepsAnEpoch);
    }

    /** Takes the mean and the largest loss of some batches before the first step. */
    void begin(double mean, double largest) {
        size = Math.max(Math.abs(mean), Double.MIN_NORMAL);
        lowest = mean;
        beganAt = mean;
        ceiling = largest + Math.abs(largest);
    }

    /** Takes a step's numbers. Returns a divergence if the loss has grown so far and still grows; else null. */
    @Nullable
    TrainingTrouble step(long step, double loss, double gradient, double rate) {
        if (Double.isNaN(size)) {
            begin(loss, loss);
        }
        largestGradient = Math.max(largestGradient, gradient);
        lastLoss = loss;
        lastRate = rate;
        largestRate = Math.max(largestRate, rate);
        lastStep = step;
        sum += loss;
        gradients += gradient;
        largestInSum = Math.max(largestInSum, loss);
        inSum++;
        // Losses of different samples differ; only those of a whole epoch can be compared.
        boolean isPoint = inSum >= stepsAnEpoch || loss > GROWN * GROWN * size;
        double mean = isPoint ? inSum < stepsAnEpoch ? loss : sum / inSum : Double.NaN;
        if (isPoint) {
            point(step, mean);
        }
        if (loss > ceiling && above == 0) {
            above = step;
            began = Math.max(1, stepsAnEpoch == 1 ? Math.min(risesFrom, step - 1) : step - 1);
            beganAt = lowest;
        }
        if (above > 0 && firstBegan == 0 && loss > FAR * size) {
            firstBegan = began;
        }
        if (isPoint) {
            boolean isCalm = mean <= lowest + Math.abs(lowest);
            above = isCalm ? 0 : above;
            calm = isCalm ? calm + 1 : 0;
            firstBegan = calm >= LEAST_RISES ? 0 : firstBegan;
        }
        return isPoint && above > 0 && mean > GROWN * size && (rises >= LEAST_RISES || rises > 0 && mean > LOST * size)
                ? divergence(mean)
                : null;
    }

    private void point(long step, double mean) {
        curve.add(step, mean);
        meanGradient = gradients / inSum;
        firstGradient = Double.isNaN(firstGradient) ? meanGradient : firstGradient;
        if (mean > before || Double.isNaN(before) && mean > size) {
            rises++;
        } else {
            rises = 0;
            risesFrom = step;
        }
        before = mean;
        if (mean < lowest) {
            lowest = mean;
            ceiling = largestInSum + Math.abs(largestInSum);
        }
        sum = 0;
        gradients = 0;
        inSum = 0;
        largestInSum = Double.NEGATIVE_INFINITY;
    }

    private TrainingTrouble divergence(double to) {
        return new TrainingTrouble(Kind.DIVERGENCE, beginning(), null, Map.of("from", beganAt, "to", to, "learning_rate", largestRate));
    }

    private long beginning() {
        return firstBegan > 0 ? firstBegan : Math.max(1, began);
    }

    /** Whether the latest step's loss is the first that is higher than any that was usual before. */
    boolean beginsToRise() {
        return above == lastStep;
    }

    /** A divergence that ends the training, if its loss was growing when something was no longer finite; else null. */
    @Nullable
    TrainingTrouble growth() {
        return above > 0 && lastLoss > GROWN * size ? divergence(lastLoss) : null;
    }

    /** A divergence from where the loss was at the start to where it is at the end, perhaps with higher ones between. */
    TrainingTrouble risen(double from, double to) {
        double peak = Math.max(to, curve.size() == 0 ? to : curve.most());
        return new TrainingTrouble(Kind.DIVERGENCE, beginning(), null,
                Map.of("from", from, "to", peak, "end", to, "learning_rate", largestRate));
    }

    /** Whether the loss may have ended far above its start. */
    boolean mayHaveRisen() {
        return curve.size() > 0 && Math.max(curve.last(), lastLoss) > 2 * size;
    }

    /** What is measured at the ends of epochs. */
    EpochWatch epochs() {
        return epochs;
    }

    /** Over-fitting as of the latest epoch; null if there is none. */
    @Nullable
    TrainingTrouble overFitting() {
        return epochs.overFitting(lastStep);
    }

    /** A loss that has been the same for at least half of the steps, and for this many; null if there is none. */
    @Nullable
    TrainingTrouble plateau(long leastSteps) {
        int n = curve.size();
        if (n < LEAST_STEPS) {
            return null;
        }
        double last = curve.last();
        if (Math.abs(last) <= NOTHING * Math.abs(curve.first()) && curve.first() != 0) {
            return null;
        }
        int from = n - 1;
        double within = within();
        while (from > 0 && Math.abs(curve.loss(from - 1) - last) <= within * Math.abs(last)) {
            from--;
        }
        if (n - from < Math.max(LEAST_STEPS / 2, n / 2) || lastStep - curve.step(from) < leastSteps) {
            return null;
        }
        double gradient = largestGradient == 0 ? 0 : meanGradient / largestGradient;
        return new TrainingTrouble(Kind.PLATEAU, curve.step(from), null, Map.of("loss", last, "steps",
                (double) (lastStep - curve.step(from)), "gradient", gradient, "gradient_norm", meanGradient, "within", within));
    }

    /** The part of a loss within which it counts as the same. */
    double within() {
        return stepsAnEpoch > 1 ? STILL_OF_BATCHES : STILL;
    }

    /** Metrics that have stayed the same, for at least half of the training or until it was over. */
    List<TrainingTrouble> stillMetrics(boolean isOver) {
        if (curve.size() == 0) {
            return List.of();
        }
        double change = Math.abs(curve.first() - curve.last());
        return !isOver && 2 * lastStep < stepsInAll || change < WORSE * size
                ? List.of()
                : epochs.stillMetrics(curve.first(), curve.last());
    }

    /** Whether the loss has hardly fallen while the gradient is as large as before, so that larger steps are worth a try. */
    boolean mayHaveSmallSteps() {
        int n = curve.size();
        double change = n == 0 ? Double.NaN : curve.first() - curve.last();
        return lastStep >= LEAST_STEPS && Math.abs(change) < WORSE * Math.abs(curve.first()) && meanGradient > firstGradient / 2
                && meanGradient > 0;
    }

    double gradient() {
        return meanGradient;
    }

    double rate() {
        return lastRate;
    }

    void pass(TrainingState state) {
        curve.pass(state);
        epochs.pass(state);
        sum = state.number(sum);
        gradients = state.number(gradients);
        largestInSum = state.number(largestInSum);
        inSum = state.whole(inSum);
        before = state.number(before);
        rises = state.whole(rises);
        risesFrom = state.whole(risesFrom);
        size = state.number(size);
        lowest = state.number(lowest);
        ceiling = state.number(ceiling);
        above = state.whole(above);
        began = state.whole(began);
        beganAt = state.number(beganAt);
        firstBegan = state.whole(firstBegan);
        calm = state.whole(calm);
        firstGradient = state.number(firstGradient);
        meanGradient = state.number(meanGradient);
        largestGradient = state.number(largestGradient);
        lastLoss = state.number(lastLoss);
        lastRate = state.number(lastRate);
        largestRate = state.number(largestRate);
        lastStep = state.whole(lastStep);
    }
}
