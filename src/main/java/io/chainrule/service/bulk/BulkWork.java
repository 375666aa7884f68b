package io.chainrule.service.bulk;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.service.datasets.RowSource;

/**
 * What is done with the rows of a data set.
 *
 * @param rows of the data set
 * @param function is run for each row
 * @param policy what becomes of rows that something is wrong with
 * @param count how many rows there are; less than 0 if it is not known
 * @param bytes the size in bytes of the files the rows are read from; 0 if it is not known
 */
public record BulkWork(RowSource rows, RowFunction function, RowPolicy policy, long count, long bytes) {
    /** The rows are those that were counted when the data set was stored. */
    public BulkWork(RowSource rows, RowFunction function, RowPolicy policy) {
        this(rows, function, policy, rows.dataset().rows(), rows.dataset().bytes());
    }

    /** The same rows with another function. */
    BulkWork with(RowFunction other) {
        return new BulkWork(rows, other, policy, count, bytes);
    }

    /** The memory that a reader of the rows takes at most, in bytes. */
    public long bytesOfReader() {
        return rows.isCounted() ? rows.bytesOfReader(function.columns()) : 0;
    }

    /** What the function costs for all rows, without the reading of the rows. */
    public CostModel cost() {
        return function.cost().times(Math.ceilDiv(Math.max(0, count()), (long) function.block()));
    }
}
