package io.chainrule.service.bulk;

import io.chainrule.core.rows.CellSink;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.datasets.RowReader;
import io.chainrule.service.datasets.RowSplit;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows in this process. Rows that follow those of the last call are read on without a new start. */
final class LocalFeed implements RowFeed {
    private final BulkWork work;
    private final Checkpoint checkpoint;
    private final List<String> columns;
    private final List<RowSplit> splits;
    private @Nullable RowReader reader;
    /** The place of the split that is being read. */
    private int split;
    /** The row that the reader comes to next, from 0. */
    private long next;

    /** {@code checkpoint} is asked now and then whether to go on. */
    LocalFeed(BulkWork work, Checkpoint checkpoint) {
        this.work = work;
        this.checkpoint = checkpoint;
        splits = work.rows().splits();
        columns = work.function().columns();
    }

    @Override
    public long rows() {
        return work.count();
    }

    @Override
    public long bytes() {
        return work.bytes();
    }

    @Override
    public byte[] state() {
        return new byte[0];
    }

    @Override
    public void read(long first, long end, CellSink to) throws IOException {
        if (reader == null || next != first) {
            seek(first);
        }
        while (next < end) {
            RowReader current = reader;
            if (current != null && current.next()) {
                LocalEngine.give(current, columns.size(), to);
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
        reader = work.rows().read(splits.get(split), columns, checkpoint);
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
