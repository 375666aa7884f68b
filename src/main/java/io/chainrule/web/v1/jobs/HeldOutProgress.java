package io.chainrule.web.v1.jobs;

import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.run.Pace;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Follows the passes of a fit over rows that are held out, and how long they will take: the one that is under way, and the last one. */
final class HeldOutProgress implements BulkProgress {
    private final JobStates states;
    private final @Nullable BulkWork rows;
    private final BooleanSupplier isLast;
    private final Runnable tell;
    private double secondsAPass;
    private double secondsLeft;
    private @Nullable Pace pace;

    /**
     * @param states of the fit, which are stored meanwhile, too
     * @param rows those that are held out; null if there are none
     * @param secondsAPass how long a pass is thought to take before there was any; less than 0 if nothing is known
     * @param passes how many of the first and the last pass are to come: 2, or 1 if an earlier attempt has made the first
     * @param isLast whether the pass that is under way is the last one
     * @param tell is called after each part of a pass
     */
    HeldOutProgress(JobStates states, @Nullable BulkWork rows, double secondsAPass, int passes, BooleanSupplier isLast, Runnable tell) {
        this.states = states;
        this.rows = rows;
        this.secondsAPass = secondsAPass;
        this.isLast = isLast;
        this.tell = tell;
        secondsLeft = secondsAPass * passes;
    }

    /** Another pass begins. */
    HeldOutProgress begin() {
        pace = null;
        return this;
    }

    /** Less than 0 if nothing is known. */
    double secondsLeft() {
        return secondsLeft;
    }

    @Override
    public void done(long done) {
        double made = part(Objects.requireNonNull(rows), done);
        if (pace == null) {
            pace = new Pace(made, secondsAPass);
        }
        secondsLeft = pace.secondsLeft(made, isLast.getAsBoolean() ? 1 : 2);
        secondsAPass = pace.secondsLeft(made, made + 1);
        tell.run();
        states.store();
    }

    /** The part of a pass that so many rows are; 0 if nobody has counted the rows. */
    static double part(BulkWork of, long rows) {
        return of.count() > 0 ? Math.min(1, (double) rows / of.count()) : 0;
    }

    @Override
    public void check() {
        states.check();
    }
}
