package io.chainrule.core.rows;

/** Receives what is computed of rows. */
@FunctionalInterface
public interface RowSink {
    /** Receives some rows, in the order in which they were given. The arrays of the results are used again afterwards. */
    void accept(RowResults results);
}
