package io.chainrule.service.bulk;

import io.chainrule.core.rows.CellSink;
import java.io.Closeable;
import java.io.IOException;

/** Reads rows of a data set, mostly one after the other. Not thread-safe. */
public interface RowFeed extends Closeable {
    /** How many rows there are. */
    long rows();

    /** The bytes of the files that are read. */
    long bytes();

    /** Tells the files that are read from others; empty if the data set tells them. */
    String version();

    /** Gives the rows from {@code first}, counted from 0, to before {@code end}. */
    void read(long first, long end, CellSink to) throws IOException;

    @Override
    default void close() throws IOException {}
}
