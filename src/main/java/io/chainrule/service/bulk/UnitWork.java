package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work that an engine does unit by unit, as far as it is done: which units are, and what was wrong with their rows. */
public abstract sealed class UnitWork permits Reduction, Mapping {
    private static final int FORM = 0x43_57_01;

    private final BulkWork work;
    private final double secondsARow;
    private @Nullable WorkUnits units;
    private final BitSet done;
    final RowTally tally;
    private final long earlier;

    /** What was stored of work: its units, those that are done, what was wrong with rows, and what they came to. */
    record Earlier(WorkUnits units, BitSet done, RowTally tally, byte[] results) {}

    /**
     * Begins, or goes on from what was stored.
     *
     * @param secondsARow how long a row is thought to take
     */
    UnitWork(BulkWork work, double secondsARow, @Nullable Earlier earlier) {
        this.work = work;
        this.secondsARow = secondsARow;
        if (earlier == null) {
            done = new BitSet();
            tally = new RowTally(work.policy().named());
            this.earlier = 0;
        } else {
            units = earlier.units();
            done = earlier.done();
            tally = earlier.tally();
            this.earlier = earlier.units().rows(done);
        }
    }

    /**
     * Reads a state.
     *
     * @throws UnreadableBytesException if it is of other work
     */
    static @Nullable Earlier read(BulkWork work, byte @Nullable [] state) {
        if (state == null) {
            return null;
        }
        return SerialForm.read(state, FORM, "a state of this work",
                in -> new Earlier(WorkUnits.of(SerialForm.bytes(in), work), BitSet.valueOf(SerialForm.bytes(in)),
                        RowTally.of(SerialForm.bytes(in)), SerialForm.bytes(in)));
    }

    /** The state after the units that are done. Called while work is under way. */
    public final byte[] state() {
        return SerialForm.written(FORM, out -> {
            for (byte[] part : List.of(known().toBytes(), done.toByteArray(), tally.toBytes(), results())) {
                SerialForm.write(part, out);
            }
        });
    }

    /** What the units that are done came to, unless it is kept elsewhere. */
    abstract byte[] results();

    /** How many rows were done before it went on. */
    public final long earlier() {
        return earlier;
    }

    /** What is done with the rows. */
    public final BulkWork work() {
        return work;
    }

    /** How long a row is thought to take. */
    public final double secondsARow() {
        return secondsARow;
    }

    /**
     * How many rows there are. Where nobody has counted them, it is an estimate by the units that are done; less than 0 as long as these
     * have no row.
     */
    public final long rowsInAll() {
        WorkUnits begun = units;
        if (work.count() >= 0 || begun == null) {
            return work.count();
        }
        long rows = begun.rows(done);
        return rows > 0 || isDone() ? Math.round((double) rows / done.cardinality() * begun.size()) : work.count();
    }

    /**
     * The units of the work, which {@code begun} makes if it begins.
     *
     * @throws UnreadableBytesException if another engine stored the earlier state
     */
    final <U extends WorkUnits> U units(Class<U> type, Supplier<U> begun) {
        if (units == null) {
            units = begun.get();
        }
        if (!type.isInstance(units)) {
            throw new UnreadableBytesException("the state is of another engine");
        }
        return type.cast(units);
    }

    /** The units of work that has begun. */
    final WorkUnits known() {
        WorkUnits begun = units;
        if (begun == null) {
            throw new IllegalStateException("the work has not begun");
        }
        return begun;
    }

    /** The units that are done. */
    final BitSet done() {
        return done;
    }

    /** Whether all units are done. */
    public final boolean isDone() {
        return units != null && units.size() > 0 && !hasLeft();
    }

    /** Whether units are known that are not done. */
    public final boolean hasLeft() {
        return units != null && done.cardinality() < units.size();
    }

    /** Whether a row has been found that ends the work. */
    public final boolean hasFailed() {
        return tally.failure() != null;
    }

    /** What was wrong with rows. */
    public final RowTally tally() {
        return units == null ? tally : units.numbered(tally);
    }
}
