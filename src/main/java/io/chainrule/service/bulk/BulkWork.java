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
 */
public record BulkWork(RowSource rows, RowFunction function, RowPolicy policy) {
    /** How many rows there are. */
    public long count() {
        return rows.dataset().rows();
    }

    /** How many bytes the rows are read from. */
    public long bytes() {
        return rows.dataset().bytes();
    }

    /** What the function costs for all rows, without the reading of the rows. */
    public CostModel cost() {
        return function.cost().times(Math.ceilDiv(Math.max(0, count()), (long) function.block()));
    }
}
