package io.chainrule.core.rows;

import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows that went through a function: what came of each, by number, and the tally. */
record Rows(Map<Long, List<Tensor>> results, RowTally tally) {

    /** Runs rows of text, numbered from 1; a cell that is null is said to be missing. */
    static Rows of(RowFunction function, RowPolicy policy, List<String[]> rows) {
        Map<Long, List<Tensor>> results = new LinkedHashMap<>();
        RowRun run = function.start("", policy, found -> collect(found, results), Parallel.NONE);
        boolean isWanted = true;
        for (int row = 0; row < rows.size() && isWanted; row++) {
            run.begin(row + 1);
            for (int column = 0; column < rows.get(row).length; column++) {
                String text = rows.get(row)[column];
                if (text == null) {
                    run.missing(column);
                } else {
                    run.cell(column, text);
                }
            }
            isWanted = run.end();
        }
        run.finish();
        return new Rows(results, run.tally());
    }

    static void collect(RowResults found, Map<Long, List<Tensor>> results) {
        for (int row = 0; row < found.rows(); row++) {
            if (!found.isOmitted(row)) {
                List<Tensor> ofRow = new ArrayList<>();
                for (int k = 0; k < found.quantities().size(); k++) {
                    RowQuantity quantity = found.quantities().get(k);
                    int size = quantity.shape().length();
                    ofRow.add(Tensor.of(quantity.shape(), Arrays.copyOfRange(found.values(k), row * size, (row + 1) * size)));
                }
                results.put(found.number(row), ofRow);
            }
        }
    }
}
