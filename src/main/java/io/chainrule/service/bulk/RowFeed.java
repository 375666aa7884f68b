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

    /** What the feed of a later attempt must know to read the same rows; empty if the data set tells it. */
    byte[] state();

    /** Passes on the rows from {@code first} (inclusive) to {@code end} (exclusive), counted from 0. */
    void read(long first, long end, CellSink to) throws IOException;

    @Override
    default void close() throws IOException {}
}
