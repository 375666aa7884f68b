package io.chainrule.service.bulk;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.UnreadableBytesException;
import org.jspecify.annotations.Nullable;

/**
 * Sums, means and variances over the rows of a data set, as far as they have come. They are exact until they are read, so that neither the
 * order of the units nor who worked on them changes a bit.
 */
public final class Reduction extends UnitWork implements LocalEngine.Results<RowReduction> {
    private final Moments.Order order;
    private final RowReduction moments;

    private Reduction(BulkWork work, Moments.Order order, double secondsARow, @Nullable Earlier earlier) {
        super(work, secondsARow, earlier);
        this.order = order;
        moments = earlier == null ? part() : RowReduction.of(work.function().quantities(), earlier.results());
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param secondsARow how long a row is thought to take
     * @throws UnreadableBytesException if the state is of other work
     */
    public static Reduction of(BulkWork work, Moments.Order order, double secondsARow, byte @Nullable [] state) {
        return new Reduction(work, order, secondsARow, read(work, state));
    }

    /** Returns a state as it is, or null if it is empty. Throws {@link UnreadableBytesException} if {@link #of} would. */
    static byte @Nullable [] checked(BulkWork work, byte[] state) {
        if (state.length == 0) {
            return null;
        }
        of(work, Moments.Order.FIRST, 0, state);
        return state;
    }

    @Override
    byte[] results() {
        return moments.toBytes();
    }

    /** Works on the rows that are left. Throws {@link io.chainrule.core.graph.ProblemException} for a row that ends the work. */
    public void run(RowEngine engine, BulkProgress progress) {
        engine.reduce(this, progress);
        tally().throwIfFailed();
    }

    Moments.Order order() {
        return order;
    }

    /** What receives the results of some units. */
    RowReduction part() {
        return new RowReduction(work().function().quantities(), order);
    }

    @Override
    public void add(int unit, RowReduction sink, RowTally ofUnit) {
        add(sink, ofUnit);
    }

    /** Adds the results of some units. */
    void add(RowReduction ofUnits, RowTally tallyOfUnits) {
        moments.add(ofUnits);
        tally.add(tallyOfUnits);
    }

    @Override
    public long bytes() {
        return RowReduction.mostBytes(work().function().quantities(), order);
    }

    public RowReduction moments() {
        return moments;
    }
}
