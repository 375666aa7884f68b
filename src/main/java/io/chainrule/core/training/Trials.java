package io.chainrule.core.training;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;

/** Runs of a training's steps beside it: losses at other parameters, and short trainings. Their number is bounded. */
final class Trials {
    /** The work beside a training is at most this part of the steps made, or, where that is little, this many steps or operations. */
    private static final double PART = 0.5;
    private static final double FEW_STEPS = 400;
    private static final double FEW_OPERATIONS = 2.2e9;
    /** All trials together take one core about so long at most, since a training stores no state while they run. */
    private static final double MOST_NANOS = 5e9;
    /** One mean loss over batches may take this part of {@link #MOST_NANOS}. */
    private static final double MEAN = 0.05;
    private static final long STEPS_A_BATCH = 20;
    private static final int MOST_BATCHES = 20;
    private static final long LEAST_STEPS = 4;
    private static final long LONG = 500;
    private static final int LONG_IN_EPOCHS = 3;
    /** A loss that is so much larger than those at the start will not come back. */
    private static final double LOST = 1e2;
    /** After this part of a short training its loss is measured too. */
    private static final double MIDDLE = 0.6;

    private final TrainingOptions options;
    private final Trainable program;
    private final StepRun whole;
    private final Map<String, Tensor> initial;
    private final Map<String, Tensor> statistics;
    private final Map<String, Tensor> data;
    private final Checkpoint checkpoint;
    private final int wholeBatches;
    private final int batches;
    private final double few;
    private final double most;
    private long made;
    private double spent;
    private double largest;
    private double start = Double.NaN;

    /** The mean losses in the middle and at the end of a short training; infinite if it was lost. */
    record Result(double middle, double end, long steps) {}

    /**
     * @param whole is run here, so that nothing may be read from it afterwards
     * @param initial the parameters, and
     * @param statistics the running statistics, before the first step
     */
    Trials(TrainingOptions options, Trainable program, StepRun whole, Map<String, Tensor> initial, Map<String, Tensor> statistics,
            Map<String, Tensor> data, Checkpoint checkpoint) {
        this.options = options;
        this.program = program;
        this.whole = whole;
        this.initial = initial;
        this.statistics = statistics;
        this.data = data;
        this.checkpoint = checkpoint;
        wholeBatches = options.samples() / options.batchSize();
        most = MOST_NANOS / Math.max(1, program.function().cost().nanos());
        int affordable = Math.clamp((long) (MEAN * most), 1, Math.min(MOST_BATCHES, wholeBatches));
        batches = Math.clamp(options.stepsInAll() / STEPS_A_BATCH, 1, affordable);
        few = Math.min(FEW_STEPS, FEW_OPERATIONS / Math.max(1, program.function().cost().flops()));
    }

    /** Takes how many steps the training has made. */
    void made(long steps) {
        made = steps;
    }

    private double left() {
        return Math.min(Math.max(PART * made, few), most) - spent;
    }

    /** The mean loss of some batches, always the same, before the first step. */
    double start() {
        if (Double.isNaN(start)) {
            start = mean(initial);
        }
        return start;
    }

    /** The same at other parameters. */
    double mean(Map<String, Tensor> parameters) {
        return mean(parameters, () -> {});
    }

    /** The same; {@code afterEach} may read the values that were computed for a batch. */
    double mean(Map<String, Tensor> parameters, Runnable afterEach) {
        spent += batches;
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < batches; k++) {
            run(parameters, batch(k, batches), 0, 0);
            afterEach.run();
            sum += whole.loss();
            most = Math.max(most, whole.loss());
        }
        largest = most;
        return sum / batches;
    }

    /** The largest loss of a batch in the latest mean. */
    double largest() {
        return largest;
    }

    /** How many of the batches may be looked at one by one. */
    int batches() {
        return Math.min(MOST_BATCHES, wholeBatches);
    }

    /** The samples of one of some batches, which are spread over all of them. */
    int[] batch(int k, int count) {
        int from = (int) ((long) k * wholeBatches / count) * options.batchSize();
        return IntStream.range(from, from + options.batchSize()).toArray();
    }

    Map<String, Tensor> statistics() {
        return statistics;
    }

    Map<String, Tensor> data() {
        return data;
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** How many runs of so many operations may be made, of which {@code part} of what is left is taken. */
    int runs(double flops, double part, int most) {
        double each = Math.max(1, flops / Math.max(1, program.function().cost().flops()));
        int runs = (int) Math.min(most, part * left() / each);
        return Math.max(0, runs);
    }

    /** Takes the cost of so many runs. */
    void spend(int runs, double flops) {
        spent += runs * Math.max(1, flops / Math.max(1, program.function().cost().flops()));
    }

    /** How many steps each of so many short trainings may have; 0 where that is too few to see anything. */
    long steps(int trainings) {
        long longest = Math.min(options.stepsInAll(), Math.max(LONG, LONG_IN_EPOCHS * options.stepsAnEpoch()));
        long steps = (long) Math.min((double) longest, left() / trainings - 2 * batches);
        return steps < Math.min(LEAST_STEPS, options.stepsInAll()) ? 0 : steps;
    }

    /** Trains by these rates for the next steps, from given parameters, in the order of the training's own batches. */
    Result train(Map<String, Tensor> from, LongToDoubleFunction rates, double clipNorm, long steps) {
        Weights weights = new Weights(from, statistics, whole, options.optimizer());
        Shuffle shuffle = new Shuffle(options.samples(), options.shuffleSeed());
        long middle = (long) Math.ceil(MIDDLE * steps);
        double inTheMiddle = Double.NaN;
        double first = Double.NaN;
        int[] order = shuffle.next();
        int next = 0;
        for (long step = 0; step < steps; step++) {
            if (next + options.batchSize() > order.length) {
                order = shuffle.next();
                next = 0;
            }
            spent++;
            run(weights.parameters(), order, next, step);
            next += options.batchSize();
            double loss = whole.loss();
            double norm = weights.gradientNorm(whole);
            first = step == 0 ? loss : first;
            if (!Double.isFinite(loss) || !Double.isFinite(norm)
                    || loss > LOST * Math.max(Math.abs(first), Math.max(Math.abs(start()), Math.abs(largest)))) {
                return new Result(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, steps);
            }
            weights.update(whole, Math.min(1, clipNorm / (norm + TrainingLoop.CLIP_EPS)), rates.applyAsDouble(step), step + 1);
            if (step == middle) {
                inTheMiddle = mean(weights.parameters());
            }
        }
        double end = weights.firstNonFinite().isEmpty() ? mean(weights.parameters()) : Double.POSITIVE_INFINITY;
        return new Result(inTheMiddle, Double.isFinite(end) ? end : Double.POSITIVE_INFINITY, steps);
    }

    private void run(Map<String, Tensor> parameters, int[] order, int from, long step) {
        checkpoint.check();
        whole.placeSamples(data, order, from);
        whole.placeParameters(parameters, statistics);
        whole.placeStep(step);
        whole.run();
    }

    void pass(TrainingState state) {
        made = state.whole(made);
        spent = state.number(spent);
        largest = state.number(largest);
        start = state.number(start);
    }
}
