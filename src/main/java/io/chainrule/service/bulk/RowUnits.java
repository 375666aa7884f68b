package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.service.datasets.RowSplit;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * The units in which the rows of a data set are worked on: its splits, each cut into {@code cuts} runs of rows, so that a unit does not
 * take long. Units are the same for whoever goes on with the work.
 */
record RowUnits(List<RowSplit> splits, int cuts) implements WorkUnits {
    private static final int FORM = 0x43_55_01;
    private static final int MOST_CUTS = 10_000;

    /** Some consecutive rows of a split. */
    record Unit(RowSplit split, long skipped, long rows) {}

    /** Cuts splits so that a unit takes about a second, if a row takes {@code secondsARow}. */
    static RowUnits of(List<RowSplit> splits, double secondsARow) {
        long longest = splits.stream().mapToLong(RowSplit::rows).max().orElse(0);
        return new RowUnits(splits, Math.clamp((long) Math.ceil(longest * secondsARow), 1, MOST_CUTS));
    }

    @Override
    public int size() {
        return Math.multiplyExact(splits.size(), cuts);
    }

    /** Rows are counted through while they are read. */
    @Override
    public long[] before() {
        return new long[size()];
    }

    Unit get(int unit) {
        RowSplit split = splits.get(unit / cuts);
        long from = split.rows() * (unit % cuts) / cuts;
        return new Unit(split, from, split.rows() * (unit % cuts + 1) / cuts - from);
    }

    /** Reads what {@link #toBytes} has written. */
    static RowUnits of(byte[] bytes, List<RowSplit> splits) {
        return SerialForm.read(bytes, FORM, "units of these rows", in -> {
            int found = in.readInt();
            if (found != splits.size()) {
                throw new IOException("they have " + found + " splits, not " + splits.size());
            }
            return new RowUnits(splits, in.readInt());
        });
    }

    @Override
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeInt(splits.size());
            out.writeInt(cuts);
        });
    }

    @Override
    public RowTally numbered(RowTally tally) {
        return tally;
    }

    @Override
    public long rows(BitSet done) {
        return done.stream().mapToLong(unit -> get(unit).rows()).sum();
    }
}
