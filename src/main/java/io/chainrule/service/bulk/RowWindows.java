package io.chainrule.service.bulk;

import io.chainrule.core.fit.RowOrder;
import io.chainrule.core.rows.HeldRows;
import java.io.IOException;

/** Holds one window of a data set's rows. Not thread-safe. */
final class RowWindows {
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
