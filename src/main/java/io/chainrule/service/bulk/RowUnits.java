package io.chainrule.service.bulk;

import io.chainrule.service.datasets.RowSplit;
import java.util.BitSet;
import java.util.List;

/**
 * The units in which the rows of a data set are worked on: its splits, each cut into {@code cuts} runs of rows, so that a unit does not
 * take long. Units are the same for whoever goes on with the work.
 */
record RowUnits(List<RowSplit> splits, int cuts) {
    private static final int MOST_CUTS = 1_000;

    /** Some consecutive rows of a split. */
    record Unit(RowSplit split, long skipped, long rows) {}

    /** Cuts splits so that a unit takes about a second if a row takes so many. */
    static RowUnits of(List<RowSplit> splits, double secondsARow) {
        long longest = splits.stream().mapToLong(RowSplit::rows).max().orElse(0);
        return new RowUnits(splits, Math.clamp((long) Math.ceil(longest * secondsARow), 1, MOST_CUTS));
    }

    int size() {
        return Math.multiplyExact(splits.size(), cuts);
    }

    Unit get(int unit) {
        RowSplit split = splits.get(unit / cuts);
        long from = split.rows() * (unit % cuts) / cuts;
        return new Unit(split, from, split.rows() * (unit % cuts + 1) / cuts - from);
    }

    /** The rows in these units. */
    long rows(BitSet units) {
        return units.stream().mapToLong(unit -> get(unit).rows()).sum();
    }
}
