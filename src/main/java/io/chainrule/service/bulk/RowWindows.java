package io.chainrule.service.bulk;

import io.chainrule.core.fit.RowOrder;
import io.chainrule.core.rows.HeldRows;
import io.chainrule.core.rows.RowInput;
import java.io.IOException;

/** Holds one window of a data set's rows. Not thread-safe. */
final class RowWindows {
    /** A number as text takes about so many bytes, with what tells where it is. */
    private static final long BYTES_OF_NUMBER = 32;
    /** A window that is held: its cells while their array grows to twice its length, and what tells where they are. */
    static final long BYTES = HeldRows.MOST_BYTES * 7L / 4;
    private static final int MOST_ROWS = 1 << 20;

    private final RowFeed feed;
    private final RowOrder order;
    private final HeldRows held;
    /** The number of the window that is held; −1 for none. */
    private long window = -1;
    private long epoch = -1;
    private int[] places = new int[0];

    /** @param columns how many columns are read */
    RowWindows(RowFeed feed, RowOrder order, int columns) {
        this.feed = feed;
        this.order = order;
        held = new HeldRows(columns);
    }

    /** How many rows a window of so many bytes has: the same on every machine, since the order of the rows follows from it. */
    static int rows(BulkWork work, long bytes) {
        long cells = work.function().program().inputs().stream().mapToLong(RowWindows::bytesOfCells).sum();
        long ofRow = Math.max(cells, work.bytes() / Math.max(1, work.count()));
        return Math.clamp(bytes / Math.max(1, ofRow), 1, MOST_ROWS);
    }

    private static long bytesOfCells(RowInput input) {
        return input instanceof RowInput.Array ? Double.BYTES * input.shape().size() : BYTES_OF_NUMBER * input.shape().size();
    }

    /** Where the window of a row begins that stands at this place of the order. */
    long first(long place) {
        return place / order.window() * order.window();
    }

    /** The rows of the window that has a place of an epoch's order. */
    HeldRows holding(long place) throws IOException {
        long wanted = place / order.window();
        if (wanted != window) {
            window = -1;
            held.clear();
            feed.read(first(place), Math.min(first(place) + order.window(), feed.rows()), held);
            window = wanted;
            epoch = -1;
        }
        return held;
    }

    /** The places in the window that is held of the rows that come first, second, and so on. */
    int[] order(long ofEpoch) {
        if (epoch != ofEpoch) {
            places = order.of(ofEpoch, window, held.rows());
            epoch = ofEpoch;
        }
        return places;
    }
}
