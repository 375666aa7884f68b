package io.chainrule.service.bulk;

import io.chainrule.core.fit.RowOrder;
import io.chainrule.service.datasets.RowReader;
import io.chainrule.service.datasets.RowSplit;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the windows of a data set one after the other, and holds one of them. Not thread-safe. */
final class RowWindows implements Closeable {
    private final BulkWork work;
    private final RowOrder order;
    private final List<RowSplit> splits;
    private final HeldRows held;
    private @Nullable RowReader reader;
    /** The place of the split that is being read. */
    private int split;
    /** The row that the reader comes to next, from 0. */
    private long next;
    /** The number of the window that is held; −1 for none. */
    private long window = -1;
    private long epoch = -1;
    private int[] places = new int[0];

    RowWindows(BulkWork work, RowOrder order) {
        this.work = work;
        this.order = order;
        splits = work.rows().splits();
        held = new HeldRows(work.function().columns().size());
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
            read(wanted * order.window());
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

    private void read(long first) throws IOException {
        held.clear();
        if (reader == null || next != first) {
            seek(first);
        }
        long end = Math.min(first + order.window(), work.count());
        while (next < end) {
            RowReader current = reader;
            if (current != null && current.next()) {
                held.add(current);
                next++;
            } else if (++split < splits.size()) {
                open();
            } else {
                throw new EOFException("the data set has fewer rows than were counted");
            }
        }
    }

    private void seek(long row) throws IOException {
        split = 0;
        while (splits.get(split).firstRow() - 1 + splits.get(split).rows() <= row) {
            split++;
        }
        open();
        RowReader current = reader;
        for (next = splits.get(split).firstRow() - 1; next < row && current != null; next++) {
            current.next();
        }
    }

    private void open() throws IOException {
        close();
        reader = work.rows().read(splits.get(split), work.function().columns());
    }

    @Override
    public void close() throws IOException {
        RowReader current = reader;
        reader = null;
        if (current != null) {
            current.close();
        }
    }
}
