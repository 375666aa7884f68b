package io.chainrule.core.training;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state of one training, and the loop over its epochs and steps. */
final class TrainingLoop {
    /** PyTorch adds this to the norm before it divides by it. */
    static final double CLIP_EPS = 1e-6;

    private final TrainingOptions options;
    private final StepRun whole;
    private final @Nullable StepRun rest;
    private final @Nullable StepRun validation;
    private final Weights weights;
    private final Map<String, Tensor> data;
    private final Map<String, Tensor> validationData;
    private final Training.Observer observer;
    private final Checkpoint checkpoint;
    private final @Nullable Autopsy autopsy;
    private final long stepsInAll;
    private final History history;
    private final Shuffle shuffle;

    private long step;
    private long epoch;
    /** The index in the epoch's order of the first sample of the next step. At the end of the order, the next step begins an epoch. */
    private int next;
    private double loss;
    private double gradientNorm;
    private double learningRate;
    private final EpochMean lossOfEpoch = new EpochMean();
    private final List<EpochMean> metricsOfEpoch;
    private double best = Double.POSITIVE_INFINITY;
    private int epochsSinceBest;
    private Training.@Nullable Failure failure;

    TrainingLoop(TrainingOptions options, StepRun whole, @Nullable StepRun rest, @Nullable StepRun validation, Weights weights,
            Map<String, Tensor> data, Map<String, Tensor> validationData, @Nullable Autopsy autopsy, Training.Observer observer,
            Checkpoint checkpoint) {
        this.options = options;
        this.whole = whole;
        this.rest = rest;
        this.validation = validation;
        this.weights = weights;
        this.data = data;
        this.validationData = validationData;
        this.autopsy = autopsy;
        this.observer = observer;
        this.checkpoint = checkpoint;
        stepsInAll = options.stepsInAll();
        history = new History(stepsInAll, options.epochsInAll());
        metricsOfEpoch = options.metrics().stream().map(_ -> new EpochMean()).toList();
        shuffle = new Shuffle(options.samples(), options.shuffleSeed());
        next = options.samples();
    }

    /** @param earlier the state to go on from; null for a beginning */
    Training run(byte @Nullable [] earlier) {
        Training.StoppedBy stoppedBy;
        try {
            if (earlier != null) {
                pass(TrainingState.of(earlier));
            } else if (autopsy != null) {
                autopsy.begin();
            }
            stoppedBy = epochs();
        } catch (StoppedException e) {
            stoppedBy = switch (e) {
                case DeadlineExceededException _ -> Training.StoppedBy.DEADLINE;
                case ShutdownException _ -> Training.StoppedBy.SHUTDOWN;
            };
        }
        String lost = weights.firstNonFinite();
        if (!lost.isEmpty()) {
            weights.undo();
            stoppedBy = Training.StoppedBy.NON_FINITE;
            failure = failure == null ? new Training.Failure(lost, Training.Phase.UPDATE) : failure;
        }
        if (step > history.lastStep()) {
            history.add(entry(null, metricsOfEpoch()));
        }
        List<TrainingTrouble> troubles = autopsy == null ? List.of() : autopsy.end(failure != null);
        return new Training(weights.parameters(), weights.statistics(), history.entries(), step, stoppedBy, failure, troubles);
    }

    private Training.StoppedBy epochs() {
        int[] order = shuffle.order();
        while (step < stepsInAll) {
            if (next >= order.length) {
                shuffle.next();
                next = 0;
            }
            boolean isWhole = order.length - next >= options.batchSize();
            if (!step(isWhole ? whole : Objects.requireNonNull(rest), order, next)) {
                return Training.StoppedBy.NON_FINITE;
            }
            next += options.batchSize();
            boolean endsEpoch = next >= order.length;
            boolean stopsEarly = (endsEpoch || step == stepsInAll) && endEpoch(endsEpoch);
            observer.made(step, stepsInAll, history.latest());
            if (stopsEarly) {
                return Training.StoppedBy.EARLY_STOPPING;
            }
            if (observer.wantsState()) {
                observer.state(state());
            }
        }
        return options.endsByEpochs() ? Training.StoppedBy.EPOCHS : Training.StoppedBy.STEPS;
    }

    private byte[] state() {
        TrainingState state = TrainingState.toWrite();
        pass(state);
        return state.bytes();
    }

    private void pass(TrainingState state) {
        step = state.whole(step);
        epoch = state.whole(epoch);
        next = (int) state.whole(next);
        loss = state.number(loss);
        gradientNorm = state.number(gradientNorm);
        learningRate = state.number(learningRate);
        state.numbers(lossOfEpoch.state());
        metricsOfEpoch.forEach(mean -> state.numbers(mean.state()));
        best = state.number(best);
        epochsSinceBest = (int) state.whole(epochsSinceBest);
        shuffle.pass(state);
        history.pass(state);
        weights.pass(state);
        if (state.flag(autopsy != null) != (autopsy != null)) {
            throw new UnreadableBytesException("the state is of a training that was watched otherwise");
        }
        if (autopsy != null) {
            autopsy.pass(state);
        }
    }

    /**
     * Makes one step. Returns false if the loss or the gradient was not finite; the parameters are then the last ones with a finite
     * loss.
     */
    private boolean step(StepRun plan, int[] order, int from) {
        checkpoint.check();
        plan.placeSamples(data, order, from);
        plan.placeParameters(weights.parameters(), weights.statistics());
        plan.placeStep(step);
        plan.run();
        double found = plan.loss();
        if (!Double.isFinite(found)) {
            failure = plan.firstValue();
            weights.undo();
            return false;
        }
        double norm = weights.gradientNorm(plan);
        if (!Double.isFinite(norm)) {
            failure = plan.firstGradient();
            return false;
        }
        loss = found;
        gradientNorm = norm;
        learningRate = options.rate(step);
        step++;
        // An epoch begins once its first step is made. If that step fails, the training ends in the epoch before.
        if (from == 0) {
            epoch++;
            lossOfEpoch.clear();
            metricsOfEpoch.forEach(EpochMean::clear);
        }
        int count = Math.min(options.batchSize(), order.length - from);
        lossOfEpoch.add(loss, count);
        for (int i = 0; i < metricsOfEpoch.size(); i++) {
            metricsOfEpoch.get(i).add(plan.metric(options.metrics().get(i)), count);
        }
        boolean isTold = history.tellsOfStep(step);
        if (isTold) {
            history.add(entry(null, metricsOfEpoch()));
        }
        if (autopsy != null) {
            autopsy.step(plan, step, loss, norm, learningRate);
        }
        weights.update(plan, Math.min(1, options.clipNorm() / (norm + CLIP_EPS)), learningRate, step);
        if (autopsy != null) {
            autopsy.updated(step);
        }
        return true;
    }

    /**
     * Ends an epoch, and returns whether early stopping ends the training. Early stopping does not judge an epoch that the last step
     * cut short.
     */
    private boolean endEpoch(boolean isWholeEpoch) {
        boolean isTold = history.tellsOfEpoch(epoch) || step == stepsInAll;
        if (validation == null && options.earlyStopping() == null && !isTold && autopsy == null) {
            return false;
        }
        Map<String, Double> metrics = new LinkedHashMap<>(metricsOfEpoch());
        Double validationLoss = null;
        if (validation != null) {
            validation.placeAllSamples(validationData);
            validation.placeParameters(weights.parameters(), weights.statistics());
            validation.run();
            validationLoss = validation.loss();
            for (Metric metric : options.metrics()) {
                metrics.put("validation_" + metric.id(), validation.metric(metric));
            }
        }
        if (autopsy != null && isWholeEpoch) {
            autopsy.epoch(step, lossOfEpoch.mean(), validationLoss, metrics);
        }
        boolean stops = isWholeEpoch && isOver(validationLoss == null ? lossOfEpoch.mean() : validationLoss);
        if (isTold || stops) {
            history.replaceOrAdd(entry(validationLoss, metrics));
        }
        return stops;
    }

    private boolean isOver(double judged) {
        EarlyStopping stopping = options.earlyStopping();
        if (stopping == null) {
            return false;
        }
        if (judged < best - stopping.minDelta()) {
            best = judged;
            epochsSinceBest = 0;
            return false;
        }
        return ++epochsSinceBest >= stopping.patience();
    }

    /** The means of the metrics over the epoch's samples so far. */
    private Map<String, Double> metricsOfEpoch() {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < metricsOfEpoch.size(); i++) {
            values.put(options.metrics().get(i).id(), metricsOfEpoch.get(i).mean());
        }
        return values;
    }

    private HistoryEntry entry(@Nullable Double validationLoss, Map<String, Double> metrics) {
        return new HistoryEntry(step, epoch, loss, validationLoss, metrics, gradientNorm, learningRate);
    }
}
