package io.chainrule.core.fit;

import io.chainrule.core.fit.Objective.Evaluation;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.EpochMean;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.core.training.Training.StoppedBy;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fits parameters by steps over a few rows each, as {@link io.chainrule.core.training.Trainer} does over samples that are held. An engine
 * reads the rows, in the order of a {@link RowOrder}, and reduces their losses and gradients; each step takes the exact mean of them. Its
 * state can be kept after any step, and goes on with the same bits. Not thread-safe.
 */
public final class MinibatchFit {
    private static final int FORM = 0x43_4D_46_02;
    /** PyTorch adds this to the norm of a gradient before it divides by it. */
    private static final double CLIP_EPS = 1e-6;

    /** Vectors beside those of the optimizer: the point, also as parameters, the one before, and the gradient, also by parameters. */
    private static final int OTHER_VECTORS = 5;

    private final Options options;
    private final ParameterVector parameters;
    /** Parameters that no step changes, as in a training. Weight decay alone would change them, though their gradient is always zero. */
    private final Set<String> constant;
    private final double[] point;
    /** The point before the latest step. */
    private final double[] before;
    private final Optimizer.Update update;
    private long step;
    private long epoch;
    private long rowsOfEpoch;
    private double loss = Double.NaN;
    private double gradientNorm = Double.NaN;
    private final EpochMean lossOfEpoch = new EpochMean();
    private double best = Double.POSITIVE_INFINITY;
    private long epochsSinceBest;
    private @Nullable StoppedBy stop;

    /**
     * How parameters are fitted.
     *
     * @param rows how many rows an epoch has
     * @param batchSize how many of them make a step; the last step of an epoch has those that are left
     * @param epochs the largest number of passes over all rows
     * @param steps the largest number of steps
     * @param clipNorm the largest norm of the gradient, which is scaled down to it; infinite for no clipping
     */
    public record Options(Optimizer optimizer, Schedule schedule, long rows, int batchSize, long epochs, long steps, double clipNorm,
            @Nullable EarlyStopping earlyStopping) {
        public Options {
            if (rows < 1 || batchSize < 1 || epochs < 1 || steps < 1) {
                throw new IllegalArgumentException("rows, rows of a step, epochs and steps are 1 at least, not " + rows + ", " + batchSize
                        + ", " + epochs + " and " + steps);
            }
        }

        long stepsAnEpoch() {
            return Math.ceilDiv(rows, batchSize);
        }

        /** How many steps there are if nothing stops the fit and no step is left out. */
        public long stepsInAll() {
            return epochs <= steps / stepsAnEpoch() ? epochs * stepsAnEpoch() : steps;
        }

        /** The memory in bytes of what a fit of so many elements keeps, and of the gradient of a step. */
        public long bytes(long elements) {
            return Double.BYTES * elements * (optimizer.stateSize() + OTHER_VECTORS);
        }

        double rate(long stepsDone, long epochsDone) {
            double rate = optimizer.learningRate();
            return schedule.bySteps()
                    ? schedule.curve().at(rate, stepsDone, stepsInAll())
                    : schedule.curve().at(rate, epochsDone, Math.ceilDiv(stepsInAll(), stepsAnEpoch()));
        }
    }

    /** Begins with the values of the function, which has gradients by the parameters and is not changed. */
    public MinibatchFit(Options options, RowFunction function) {
        this.options = options;
        parameters = ParameterVector.of(function.quantities());
        constant = function.constantBy();
        point = parameters.point(function.values());
        before = point.clone();
        update = options.optimizer().update(point.length);
    }

    /** How the parameters are fitted. */
    public Options options() {
        return options;
    }

    /** The current values of the parameters; after a step without a finite loss, the last ones that had one. */
    public Map<String, Tensor> values() {
        return parameters.parameters(point);
    }

    /** How many steps were made. */
    public long step() {
        return step;
    }

    /** How many epochs are over. */
    public long epoch() {
        return epoch;
    }

    /** Whether the epoch under way, of which rows have been read, is the last one. */
    public boolean isInLastEpoch() {
        return rowsOfEpoch > 0 && epoch + 1 >= options.epochs();
    }

    /** How many rows of the epoch were read, in its order. */
    public long rowsOfEpoch() {
        return rowsOfEpoch;
    }

    /** The mean loss over the rows of the latest step, before it was made. */
    public double loss() {
        return loss;
    }

    /** The norm of the gradient in the latest step, before it was clipped. */
    public double gradientNorm() {
        return gradientNorm;
    }

    /** The mean of the losses of the epoch's rows so far, each by the parameters of its step. */
    public double lossOfEpoch() {
        return lossOfEpoch.mean();
    }

    /** Why the fit has ended; null if it has not. */
    public @Nullable StoppedBy stop() {
        return stop;
    }

    /** How many rows the next step reads. */
    public int nextRows() {
        return (int) Math.min(options.batchSize(), options.rows() - rowsOfEpoch);
    }

    /**
     * Makes a step; if all of its rows were left out, the parameters stay as they are.
     *
     * @param reduction of the losses and gradients of the next rows, by {@link #values()}
     * @param rows how many rows were read, with those that were left out
     */
    public void step(RowReduction reduction, long rows) {
        if (stop != null) {
            throw new IllegalStateException("the fit has ended: " + stop);
        }
        rowsOfEpoch += rows;
        if (reduction.count() == 0) {
            return;
        }
        Evaluation evaluation = parameters.evaluation(reduction);
        double norm = Vectors.norm(evaluation.gradient());
        if (!Double.isFinite(evaluation.value()) || !Double.isFinite(norm)) {
            stop = StoppedBy.NON_FINITE;
            if (!Double.isFinite(evaluation.value())) {
                System.arraycopy(before, 0, point, 0, point.length);
            }
            return;
        }
        loss = evaluation.value();
        gradientNorm = norm;
        lossOfEpoch.add(loss, reduction.count());
        double rate = options.rate(step, epoch);
        step++;
        System.arraycopy(point, 0, before, 0, point.length);
        update.apply(point, evaluation.gradient(), Math.min(1, options.clipNorm() / (norm + CLIP_EPS)), rate, step);
        parameters.copy(constant, before, point);
        if (!Double.isFinite(Vectors.largest(point))) {
            System.arraycopy(before, 0, point, 0, point.length);
            stop = StoppedBy.NON_FINITE;
        } else if (step >= options.steps()) {
            stop = StoppedBy.STEPS;
        }
    }

    /**
     * Ends an epoch.
     *
     * @param validationLoss the mean loss over rows that are not fitted, by {@link #values()}; null if there are none, so that early
     *        stopping judges by the losses of the epoch
     */
    public void endEpoch(@Nullable Double validationLoss) {
        epoch++;
        double judged = validationLoss == null ? lossOfEpoch() : validationLoss;
        EarlyStopping stopping = options.earlyStopping();
        if (stopping != null && judged < best - stopping.minDelta()) {
            best = judged;
            epochsSinceBest = 0;
        } else if (stopping != null && ++epochsSinceBest >= stopping.patience() && stop == null) {
            // If none of the losses was finite, they have told nothing.
            stop = best == Double.POSITIVE_INFINITY ? StoppedBy.NON_FINITE : StoppedBy.EARLY_STOPPING;
        }
        if (epoch >= options.epochs() && (stop == null || stop == StoppedBy.STEPS)) {
            stop = StoppedBy.EPOCHS;
        }
        rowsOfEpoch = 0;
        lossOfEpoch.clear();
    }

    /** All that the following steps depend on, beside the options. */
    public byte[] state() {
        return SerialForm.written(FORM, out -> {
            for (long count : new long[]{step, epoch, rowsOfEpoch, epochsSinceBest}) {
                out.writeLong(count);
            }
            for (double number : new double[]{loss, gradientNorm, best}) {
                out.writeDouble(number);
            }
            Vectors.write(lossOfEpoch.state(), out);
            out.writeUTF(stop == null ? "" : stop.name());
            for (double[] numbers : arrays()) {
                Vectors.write(numbers, out);
            }
        });
    }

    private List<double[]> arrays() {
        List<double[]> all = new ArrayList<>(List.of(point, before));
        all.addAll(update.state());
        return all;
    }

    /**
     * Goes on from the state of a fit with the same options and parameters.
     *
     * @throws UnreadableBytesException if the bytes are no such state that this version of the program writes
     */
    public void resume(byte[] state) {
        SerialForm.read(state, FORM, "a state of this fit", in -> {
            step = in.readLong();
            epoch = in.readLong();
            rowsOfEpoch = in.readLong();
            epochsSinceBest = in.readLong();
            loss = in.readDouble();
            gradientNorm = in.readDouble();
            best = in.readDouble();
            Vectors.read(lossOfEpoch.state(), in);
            String reason = in.readUTF();
            stop = reason.isEmpty() ? null : StoppedBy.valueOf(reason);
            long numbers = arrays().stream().mapToLong(array -> array.length).sum();
            if (in.available() != Double.BYTES * numbers) {
                throw new IOException("they have " + in.available() / Double.BYTES + " numbers, not " + numbers);
            }
            for (double[] array : arrays()) {
                Vectors.read(array, in);
            }
            return this;
        });
    }
}
