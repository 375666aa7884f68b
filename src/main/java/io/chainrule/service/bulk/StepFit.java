package io.chainrule.service.bulk;

import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.core.fit.ParameterVector;
import io.chainrule.core.fit.RowOrder;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.HeldRows;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.core.training.Training.StoppedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fit by steps over a few rows each, as far as it has come. Rows are read one window after the other; a window is held, and its rows are
 * taken in a random order. Its state can be stored after any step, and goes on with the same bits.
 */
public final class StepFit {
    /** The most epochs whose losses are kept. */
    public static final int MOST_EPOCHS = EpochHistory.MOST;

    private static final int FORM = 0x43_53_04;
    /** So many bytes of cells make a window. */
    private static final long WINDOW_BYTES = 1 << 24;
    /** A step is divided among threads only if each thread gets at least this many rows. */
    private static final int ROWS_A_THREAD = 1 << 10;

    private final BulkWork work;
    private final MinibatchFit fit;
    /** Whether several threads may take rows of a step; else they share its loops. */
    private final boolean isDivided;
    private final RowOrder order;
    private final @Nullable HeldOutRows heldOut;
    private final EpochHistory history = new EpochHistory();
    /** What an earlier attempt has counted of the epoch. */
    private RowTally earlier;
    /** What was counted of the latest epoch that has ended. */
    private RowTally latest;
    /** What is known of where the rows stand in the files; empty if the data set tells it, or nothing has been read yet. */
    private byte[] feedState = {};
    private final List<Piece> pieces = new ArrayList<>();

    /** Takes some rows of each step, on one thread at a time. */
    private final class Piece {
        private final RowRun run;
        private RowReduction reduction = nothing();

        Piece(Parallel parallel) {
            run = work.function().start("", work.policy(), results -> reduction.accept(results), parallel);
        }
    }

    private StepFit(BulkWork work, MinibatchFit fit, boolean isDivided, RowOrder order, @Nullable HeldOutRows heldOut) {
        this.work = work;
        this.fit = fit;
        this.isDivided = isDivided;
        this.order = order;
        this.heldOut = heldOut;
        earlier = new RowTally(work.policy().named());
        latest = earlier;
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param work whose function has gradients by the parameters, and their values at the start
     * @param heldOut the validation rows, with the same program; null if there are none
     * @param secondsARow how long a row that is held out is thought to take
     * @throws UnreadableBytesException if the state is of another version of Chainrule
     */
    public static StepFit of(BulkWork work, MinibatchFit.Options options, long seed, @Nullable BulkWork heldOut, double secondsARow,
            byte @Nullable [] state) {
        return of(work, options, seed, heldOut, secondsARow, WINDOW_BYTES, state);
    }

    static StepFit of(BulkWork work, MinibatchFit.Options options, long seed, @Nullable BulkWork heldOut, double secondsARow,
            long windowBytes, byte @Nullable [] state) {
        StepFit fit = new StepFit(work, new MinibatchFit(options, work.function()),
                options.batchSize() >= 2 * ROWS_A_THREAD, new RowOrder(seed, RowWindows.rows(work, windowBytes)),
                HeldOutRows.of(heldOut, secondsARow));
        if (state != null) {
            fit.read(state);
        }
        return fit;
    }

    private void read(byte[] state) {
        SerialForm.read(state, FORM, "a state of this fit", in -> {
            feedState = SerialForm.bytes(in);
            fit.resume(SerialForm.bytes(in));
            RowTally counted = RowTally.of(SerialForm.bytes(in));
            if (fit.rowsOfEpoch() == 0) {
                latest = counted;
            } else {
                earlier = counted;
            }
            byte[] held = SerialForm.bytes(in);
            if (heldOut != null) {
                heldOut.resume(held);
            }
            history.read(in);
            return this;
        });
    }

    /**
     * The part of a state that is the feed's; empty if there is no state.
     *
     * @throws UnreadableBytesException if the state is of another version of Chainrule
     */
    public static byte[] feedState(byte @Nullable [] state) {
        return state == null ? new byte[0] : SerialForm.read(state, FORM, "a state of this fit", in -> {
            byte[] ofFeed = SerialForm.bytes(in);
            in.skipNBytes(in.available());
            return ofFeed;
        });
    }

    /** All that it takes to go on from here. */
    public byte[] state() {
        return SerialForm.written(FORM, out -> {
            for (byte[] part : List.of(feedState, fit.state(), tally().toBytes(), heldOut == null ? new byte[0] : heldOut.state())) {
                SerialForm.write(part, out);
            }
            history.write(out);
        });
    }

    /**
     * Throws {@link io.chainrule.core.graph.LimitException} if a fit would take more memory than a run may.
     *
     * @param held the validation rows; null if there are none
     * @param engine makes the steps
     * @param reading reads the rows
     */
    public static void check(BulkWork work, MinibatchFit.Options options, @Nullable BulkWork held, LocalEngine engine, RowEngine reading) {
        engine.checkLent(work, bytesOfThread(work), bytesOfAll(work, options, reading));
        HeldOutRows.checkMemory(held, reading, 0);
    }

    private static long bytesOfAll(BulkWork work, MinibatchFit.Options options, RowEngine reading) {
        return RowWindows.BYTES + reading.bytesOfFeed(work) + options.bytes(ParameterVector.of(work.function().quantities()).length());
    }

    private static long bytesOfThread(BulkWork work) {
        return RowReduction.mostBytes(work.function().quantities(), Moments.Order.FIRST);
    }

    /**
     * Makes steps until there are no more, and calls {@code after} after each. Throws
     * {@link io.chainrule.core.graph.ProblemException} for a row that ends the work, and if no row of an epoch is left.
     *
     * @param engine makes the steps
     * @param reading reads the rows, and evaluates the loss of those that are held out
     */
    public void run(LocalEngine engine, RowEngine reading, BulkProgress progress, Runnable after) {
        engine.lend(work, bytesOfThread(work), bytesOfAll(work, fit.options(), reading), progress, parallel -> {
            try (RowFeed feed = reading.feed(work, feedState, progress)) {
                feedState = feed.state();
                if (heldOut != null) {
                    heldOut.check(fit.values(), reading, progress);
                }
                RowWindows windows = new RowWindows(feed, order, work.function().columns().size());
                // Steps may have ended with the epoch, whose validation was interrupted.
                while (fit.stop() == null || isEndOfEpoch()) {
                    if (!isEndOfEpoch()) {
                        step(windows, parallel);
                    }
                    if (isEndOfEpoch()) {
                        endEpoch(reading, progress);
                    }
                    after.run();
                }
                endWithinEpoch(reading, progress);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    /** An epoch whose loss has become infinite or NaN is not completed, and its loss is not recorded. */
    private boolean isEndOfEpoch() {
        return fit.rowsOfEpoch() == work.count() && fit.stop() != StoppedBy.NON_FINITE;
    }

    private void step(RowWindows windows, Parallel parallel) throws IOException {
        int rows = fit.nextRows();
        Map<String, Tensor> values = fit.values();
        RowReduction sum = nothing();
        long end = fit.rowsOfEpoch() + rows;
        for (long at = fit.rowsOfEpoch(); at < end;) {
            HeldRows held = windows.holding(at);
            int[] places = windows.order(fit.epoch());
            int from = (int) (at - windows.first(at));
            int count = (int) Math.min(end - at, held.rows() - from);
            int threads = Math.clamp(count / ROWS_A_THREAD, 1, parallel.threads());
            while (pieces.size() < threads) {
                pieces.add(new Piece(isDivided ? Parallel.onThisThread(parallel) : parallel));
            }
            parallel.run(threads, k -> {
                int first = from + (int) ((long) count * k / threads);
                take(pieces.get(k), values, held, places, first, from + (int) ((long) count * (k + 1) / threads));
            });
            pieces.subList(0, threads).forEach(piece -> sum.add(piece.reduction));
            // Rows of later windows come behind.
            ofEpoch().throwIfFailed();
            at += count;
        }
        fit.step(sum, rows);
    }

    private void take(Piece piece, Map<String, Tensor> values, HeldRows held, int[] places, int first, int end) {
        piece.reduction = nothing();
        piece.run.replace(values);
        // Behind a row that ends the fit, earlier ones are looked at: however rows are divided, the same one is the first of them.
        long least = Long.MAX_VALUE;
        for (int place = first; place < end; place++) {
            if (held.number(places[place]) < least && !held.give(places[place], piece.run)) {
                least = Objects.requireNonNull(piece.run.tally().failure()).row();
            }
        }
        piece.run.finish();
    }

    private RowReduction nothing() {
        return new RowReduction(work.function().quantities(), Moments.Order.FIRST);
    }

    private void endEpoch(RowEngine engine, BulkProgress progress) {
        if (tally().used() == 0) {
            throw ParameterVector.withoutRows(tally());
        }
        Double held = heldOut == null ? null : heldOut.loss(fit.values(), engine, progress);
        history.add(new Epoch(fit.epoch() + 1, fit.lossOfEpoch(), held));
        latest = tally();
        fit.endEpoch(held);
        earlier = new RowTally(work.policy().named());
        pieces.clear();
    }

    private void endWithinEpoch(RowEngine engine, BulkProgress progress) {
        if (fit.rowsOfEpoch() == 0) {
            return;
        }
        Double held = heldOut == null ? null : heldOut.loss(fit.values(), engine, progress);
        if (fit.stop() == StoppedBy.NON_FINITE) {
            history.end(new Epoch(fit.epoch() + 1, last().loss(), held));
        } else {
            history.add(new Epoch(fit.epoch() + 1, fit.lossOfEpoch(), held));
        }
    }

    /** What was wrong with the rows of the epoch so far; after the end of one, with its rows. */
    public RowTally tally() {
        return fit.rowsOfEpoch() == 0 ? latest : ofEpoch();
    }

    private RowTally ofEpoch() {
        RowTally all = new RowTally(work.policy().named());
        all.add(earlier);
        pieces.forEach(piece -> all.add(piece.run.tally()));
        return all;
    }

    /** What was wrong with the rows that are held out the last time; null if there are none. */
    public @Nullable RowTally validationTally() {
        return heldOut == null ? null : heldOut.tally();
    }

    /** The fit itself. */
    public MinibatchFit fit() {
        return fit;
    }

    /** The losses of at most 1,000 epochs: evenly spaced ones, and the latest. One is not among them whose loss is not finite. */
    public List<Epoch> history() {
        return history.epochs();
    }

    /**
     * The latest loss, of an epoch or, if none has one, of the latest step; and that of the validation data, after the end of the fit by
     * the parameters that were found.
     */
    public Epoch last() {
        Epoch last = history.last();
        return last == null ? new Epoch(0, fit.loss(), null) : last;
    }
}
