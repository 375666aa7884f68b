package io.chainrule.core.rows;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells which rows have finite results by the values with which a function was made. Where such a row has none by other values, as after a
 * step of a fit that went too far, those values are wrong, and not the row. Not thread-safe.
 */
final class RowsAtStart {
    private final RowFunction function;
    private final BlockFunction.Run run;
    private final Parallel parallel;
    private final Map<String, Tensor> start;

    RowsAtStart(RowFunction function, BlockFunction.Run run, Parallel parallel) {
        this.function = function;
        this.run = run;
        this.parallel = parallel;
        start = function.first().values();
    }

    /** Whether one row has finite results, which is given by the values of its inputs. */
    boolean isFinite(Map<String, Tensor> row) {
        Map<String, Tensor> all = new LinkedHashMap<>(start);
        all.putAll(row);
        return function.probe().isFinite(all, parallel);
    }

    /**
     * Those of some rows of a block that have finite results. The results of the latest run are overwritten.
     *
     * @param count how many rows the block has
     * @param now the values that the next run is to have
     */
    BitSet finite(BitSet rows, int count, RowCells cells, Map<String, Tensor> now) {
        BitSet finite = (BitSet) rows.clone();
        start.forEach(run::place);
        try {
            finite.andNot(run.notFinite(run.run(), count));
        } catch (ProblemException _) {
            // The program refuses a row of the block, so each is looked at alone.
            rows.stream().filter(row -> !isFinite(cells.valuesOf(row))).forEach(finite::clear);
        } finally {
            now.forEach(run::place);
        }
        return finite;
    }
}
