package io.chainrule.service.bulk;

import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.fit.Objective;
import io.chainrule.core.fit.ParameterVector;
import io.chainrule.core.fit.RowObjective;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.run.Budget;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A minimisation of the mean loss over the rows of a data set, as far as it has come. Its state has the evaluations since the latest step,
 * and the rows that were done of the one under way, so that whoever goes on repeats little and has the same bits.
 */
public final class Fit {
    private static final int FORM = 0x43_46_04;

    private final BulkWork work;
    private final Lbfgs method;
    private final ParameterVector parameters;
    private final RowObjective rows;
    private final ResumableReduction fitted;
    private final @Nullable HeldOutRows heldOut;
    private final List<Objective.Evaluation> evaluations = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private @Nullable LbfgsState latest;
    /** Of the first evaluation, at the start. */
    private @Nullable RowTally tally;
    /** How many rows had a loss in the latest evaluation. */
    private long used;
    private @Nullable RowEngine engine;
    private @Nullable BulkProgress progress;

    private Fit(BulkWork work, Lbfgs method, double secondsARow, @Nullable BulkWork heldOut) {
        this.work = work;
        this.method = method;
        fitted = new ResumableReduction(work, secondsARow);
        this.heldOut = HeldOutRows.of(heldOut, secondsARow);
        parameters = ParameterVector.of(work.function().quantities());
        rows = new RowObjective(parameters, this::reduce);
    }

    /**
     * Throws {@link io.chainrule.core.graph.LimitException} if a fit would take more memory than a run may.
     *
     * @param heldOut the validation rows; null if there are none
     */
    public static void check(BulkWork work, Lbfgs method, @Nullable BulkWork heldOut, RowEngine engine) {
        List<RowQuantity> quantities = work.function().quantities();
        long ofMethod = method.bytes(ParameterVector.of(quantities).length());
        engine.check(work, RowReduction.mostBytes(quantities, Moments.Order.FIRST), ofMethod);
        HeldOutRows.checkMemory(heldOut, engine, ofMethod);
    }

    /**
     * Begins, or goes on from a state. The memory of the method is reserved until the job ends; throws as {@link Budget#reserve} does.
     *
     * @param work whose function has gradients by the parameters, and their values at the start
     * @param secondsARow how long a row is thought to take
     * @param heldOut the validation rows, with the same program; null if there are none
     * @throws UnreadableBytesException if the state is of another version of Chainrule
     */
    public static Fit of(BulkWork work, Lbfgs method, double secondsARow, @Nullable BulkWork heldOut, byte @Nullable [] state) {
        Fit fit = new Fit(work, method, secondsARow, heldOut);
        Budget.addToOutermost(method.bytes(fit.parameters.length()));
        if (state != null) {
            fit.read(state);
        }
        return fit;
    }

    private void read(byte[] state) {
        SerialForm.read(state, FORM, "a state of this fit", in -> {
            byte[] step = SerialForm.bytes(in);
            latest = step.length == 0 ? null : LbfgsState.of(step);
            int size = parameters.length();
            for (int left = in.readInt(); left > 0; left--) {
                double value = in.readDouble();
                evaluations.add(new Objective.Evaluation(value, numbers(size, in)));
            }
            for (double loss : numbers(in.readInt(), in)) {
                losses.add(loss);
            }
            fitted.resume(SerialForm.bytes(in));
            byte[] held = SerialForm.bytes(in);
            if (heldOut != null) {
                heldOut.resume(held);
            }
            byte[] counted = SerialForm.bytes(in);
            tally = counted.length == 0 ? null : RowTally.of(counted);
            return this;
        });
    }

    private static double[] numbers(int count, DataInputStream in) throws IOException {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = in.readDouble();
        }
        return numbers;
    }

    /** All that it takes to go on from here. */
    public byte[] state() {
        return SerialForm.written(FORM, out -> {
            SerialForm.write(latest == null ? new byte[0] : latest.toBytes(), out);
            out.writeInt(evaluations.size());
            for (Objective.Evaluation evaluation : evaluations) {
                out.writeDouble(evaluation.value());
                for (double element : evaluation.gradient()) {
                    out.writeDouble(element);
                }
            }
            out.writeInt(losses.size());
            for (double loss : losses) {
                out.writeDouble(loss);
            }
            SerialForm.write(fitted.state(), out);
            SerialForm.write(heldOut == null ? new byte[0] : heldOut.state(), out);
            RowTally counted = tally;
            SerialForm.write(counted == null ? new byte[0] : counted.toBytes(), out);
        });
    }

    /**
     * Makes steps until there are no more.
     *
     * @param follower of passes over the rows that are fitted
     * @param ofHeldOut of the first pass over those that are held out
     * @param after is called after each step
     * @throws io.chainrule.core.graph.ProblemException for a row that ends the work, also of the validation rows, and if no row is left
     */
    public LbfgsState run(RowEngine rowEngine, BulkProgress follower, BulkProgress ofHeldOut, Runnable after) {
        engine = rowEngine;
        progress = follower;
        if (latest == null) {
            Map<String, Tensor> start = parametersOf(work.function().values());
            if (heldOut != null) {
                heldOut.check(start, rowEngine, ofHeldOut);
            }
            latest = method.start(repeating(), parameters.point(start));
            stepped(after);
        }
        LbfgsState state = Objects.requireNonNull(latest);
        while (state.stop() == null) {
            state = method.next(repeating(), state);
            latest = state;
            stepped(after);
        }
        return state;
    }

    private void stepped(Runnable after) {
        evaluations.clear();
        LbfgsState state = Objects.requireNonNull(latest);
        // A line search that finds no point makes no step.
        if (losses.size() <= state.iteration()) {
            losses.add(state.value());
        }
        after.run();
    }

    private Map<String, Tensor> parametersOf(Map<String, Tensor> values) {
        Map<String, Tensor> fitted = new LinkedHashMap<>(values);
        fitted.keySet().retainAll(parameters.shapes().keySet());
        return fitted;
    }

    /** Replays the evaluations made since the latest step, then makes new ones. */
    private Objective repeating() {
        int[] next = {0};
        return point -> {
            if (next[0] == evaluations.size()) {
                evaluations.add(at(point));
            }
            return evaluations.get(next[0]++);
        };
    }

    /**
     * If a row was left out at the start and has a loss at this point, the mean is taken over other rows than before, and cannot be
     * compared with the losses of earlier points. The loss of such a point counts as infinite.
     */
    private Objective.Evaluation at(double[] point) {
        Objective.Evaluation found = rows.at(point);
        return used == Objects.requireNonNull(tally).used()
                ? found
                : new Objective.Evaluation(Double.POSITIVE_INFINITY, found.gradient());
    }

    private RowReduction reduce(Map<String, Tensor> values) {
        Reduction reduction = fitted.reduce(values, Objects.requireNonNull(engine), Objects.requireNonNull(progress));
        if (reduction.moments().count() == 0) {
            throw ParameterVector.withoutRows(reduction.tally());
        }
        used = reduction.tally().used();
        tally = tally == null ? reduction.tally() : tally;
        return reduction.moments();
    }

    /** The mean loss over the rows that are held out, by the parameters of a step; null if there are none. */
    public @Nullable Double validationLoss(LbfgsState state, RowEngine rowEngine, BulkProgress follower) {
        return heldOut == null ? null : heldOut.loss(parameters(state), rowEngine, follower);
    }

    /** The latest step; null before the first evaluation. */
    public @Nullable LbfgsState latest() {
        return latest;
    }

    /** The loss at the start, and after each step. */
    public List<Double> losses() {
        return List.copyOf(losses);
    }

    /** The parameters of a step. */
    public Map<String, Tensor> parameters(LbfgsState state) {
        return parameters.parameters(state.point());
    }

    /** What was wrong with rows at the start, and is at every point that a step has reached; null before the first evaluation. */
    public @Nullable RowTally tally() {
        return tally;
    }

    /** What was wrong with the rows that are held out the last time; null if there are none. */
    public @Nullable RowTally validationTally() {
        return heldOut == null ? null : heldOut.tally();
    }
}
