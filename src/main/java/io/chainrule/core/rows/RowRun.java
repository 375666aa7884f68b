package io.chainrule.core.rows;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.CellText.Kind;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes rows cell by cell, computes them a block at a time, and passes the results on:
 *
 * <pre>{@code
 * for each row: run.begin(number); for each column: run.cell(column, ...); if (!run.end()) break;
 * run.finish();
 * }</pre>
 *
 * <p>Columns are counted from 0 as {@link RowFunction#columns()} lists them. A column without a cell is missing. What was wrong with rows
 * is in {@link #tally()}. Where such a row ends the work, {@link #end()} answers false and nothing is thrown, so that partitions can be
 * compared: {@link RowTally#failure()} is the first such row of a partition. Not thread-safe.
 */
public final class RowRun implements CellSink {
    private final RowFunction function;
    private final RowCells cells;
    private Map<String, Tensor> fixed;
    private final String part;
    private final RowPolicy policy;
    private final RowSink sink;
    private final Parallel parallel;
    private final RowTally tally;
    private final BlockFunction.Run run;
    private final RowsAtStart atStart;
    private final long[] numbers;
    /** Whether the values that all rows share may differ from those with which the function was made. */
    private boolean isChanged;
    /** The complete rows that are not computed yet. */
    private int rows;
    private long number;
    private boolean isSkipped;
    private boolean hasFailed;

    RowRun(RowFunction function, Map<String, Tensor> fixed, String part, RowPolicy policy, RowSink sink, Parallel parallel) {
        this.function = function;
        this.fixed = fixed;
        this.part = part;
        this.policy = policy;
        this.sink = sink;
        this.parallel = parallel;
        cells = new RowCells(function.program(), function.block());
        numbers = new long[function.block()];
        tally = new RowTally(policy.named());
        run = function.function().start(with(cells.values()), parallel);
        atStart = new RowsAtStart(function, run, parallel);
        isChanged = function.first() != function;
    }

    private Map<String, Tensor> with(Map<String, Tensor> inputs) {
        Map<String, Tensor> all = new LinkedHashMap<>(fixed);
        all.putAll(inputs);
        return all;
    }

    /**
     * Goes on with other values of inputs that are the same for all rows, as after a step of parameters that are being fitted. The rows
     * before have to be computed: {@link #finish()}.
     *
     * @throws IllegalArgumentException if there is no such input, or it has another shape
     */
    public void replace(Map<String, Tensor> values) {
        if (rows > 0) {
            throw new IllegalStateException("rows are not computed yet that were given before");
        }
        function.checked(values);
        fixed = new LinkedHashMap<>(fixed);
        fixed.putAll(values);
        values.forEach(run::place);
        isChanged = true;
    }

    @Override
    public void begin(long row) {
        number = row;
        isSkipped = false;
        cells.begin(rows);
        tally.countRow();
    }

    @Override
    public void cell(int column, byte[] text, int from, int end) {
        Kind kind = cells.text(column, text, from, end);
        if (kind != Kind.NUMBER) {
            fault(column, kind, new String(text, from, end - from, StandardCharsets.UTF_8).strip());
        }
    }

    /** Gives a cell that is text. */
    public void cell(int column, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        cell(column, bytes, 0, bytes.length);
    }

    @Override
    public void cell(int column, double value) {
        Kind kind = cells.number(column, value);
        if (kind != Kind.NUMBER) {
            fault(column, kind, Double.toString(value));
        }
    }

    @Override
    public void cell(int column, double[] values, int from, int count) {
        Kind kind = cells.numbers(column, values, from, count);
        if (kind != Kind.NUMBER) {
            fault(column, kind, "an array of " + count + " numbers");
        }
    }

    @Override
    public void other(int column) {
        cells.missing(column);
        fault(column, Kind.MALFORMED, "");
    }

    @Override
    public void missing(int column) {
        cells.missing(column);
        fault(column, Kind.MISSING, "");
    }

    private void fault(int column, Kind kind, String text) {
        RowFault.Kind found = kind == Kind.MISSING ? RowFault.Kind.MISSING_CELL : RowFault.Kind.MALFORMED_CELL;
        tally.countCell(cells.column(column), found);
        isSkipped |= policy.cells() != RowPolicy.OnCell.NAN;
        if (policy.cells() == RowPolicy.OnCell.FAIL || tally.keeps(part, number)) {
            RowFault fault = new RowFault(part, number, found, cells.column(column), kind == Kind.MISSING ? "" : text,
                    cells.expected(column));
            tally.add(fault);
            if (policy.cells() == RowPolicy.OnCell.FAIL) {
                tally.fail(fault);
            }
        }
    }

    @Override
    public boolean end() {
        for (int column = cells.notGiven(0); column >= 0; column = cells.notGiven(column + 1)) {
            missing(column);
        }
        if (!isSkipped) {
            numbers[rows] = number;
            rows++;
        }
        // Rows before the first failure may have failed, too. If the caller goes on behind it, whole blocks are computed again.
        if (rows == numbers.length || (tally.failure() != null && !hasFailed)) {
            compute();
        }
        hasFailed = tally.failure() != null;
        return !hasFailed;
    }

    /** Computes the rows that have not filled a block. */
    public void finish() {
        compute();
    }

    /** What was wrong with the rows so far; those of the block that is being filled are not looked at yet. */
    public RowTally tally() {
        return tally;
    }

    private void compute() {
        if (rows == 0) {
            return;
        }
        int count = rows;
        rows = 0;
        cells.fill(count, count - 1);
        BitSet refused = new BitSet();
        BitSet finiteAtStart = new BitSet();
        List<double[]> results = results(count, refused, finiteAtStart);
        BitSet notFinite = run.notFinite(results, count);
        notFinite.andNot(refused);
        if (isChanged && policy.notFinite() != RowPolicy.OnResult.KEEP && !notFinite.isEmpty()) {
            results = results.stream().map(double[]::clone).toList();
            finiteAtStart.or(atStart.finite(notFinite, count, cells, fixed));
        }
        notFinite.stream().forEach(row -> countNotFinite(row, finiteAtStart.get(row)));
        BitSet omitted = new BitSet();
        if (policy.refused() != RowPolicy.OnResult.KEEP) {
            omitted.or(refused);
        }
        if (policy.notFinite() != RowPolicy.OnResult.KEEP) {
            omitted.or(notFinite);
        }
        omitted.andNot(finiteAtStart);
        if (tally.failure() == null) {
            tally.countUsed(count - omitted.cardinality());
            sink.accept(new RowResults(function.quantities(), results, part, numbers, count, omitted));
        }
    }

    /** The results of the rows of the block; NaN of rows that the program refuses, which are noted. */
    private List<double[]> results(int count, BitSet refused, BitSet finiteAtStart) {
        List<double[]> results = null;
        while (results == null && refused.cardinality() < count) {
            try {
                results = run.run();
            } catch (ProblemException e) {
                int before = refused.cardinality();
                lookForRefused(count, refused, finiteAtStart);
                if (refused.cardinality() == before) {
                    throw e;
                }
                replace(refused, count);
            }
        }
        if (refused.isEmpty() && results != null) {
            return results;
        }
        List<double[]> withNaN = new ArrayList<>();
        for (int k = 0; k < function.quantities().size(); k++) {
            int size = function.quantities().get(k).shape().length();
            double[] values = results == null ? new double[numbers.length * size] : results.get(k).clone();
            refused.stream().forEach(row -> Arrays.fill(values, row * size, (row + 1) * size, Double.NaN));
            withNaN.add(values);
        }
        return withNaN;
    }

    /** Looks at each row alone. */
    private void lookForRefused(int count, BitSet refused, BitSet finiteAtStart) {
        for (int row = refused.nextClearBit(0); row < count; row = refused.nextClearBit(row + 1)) {
            ProblemException refusal = function.probe().refusal(with(cells.valuesOf(row)), parallel);
            if (refusal != null) {
                refused.set(row);
                finiteAtStart.set(row,
                        isChanged && policy.refused() != RowPolicy.OnResult.KEEP && atStart.isFinite(cells.valuesOf(row)));
                countRefused(row, refusal, finiteAtStart.get(row));
            }
        }
    }

    /** Computes another row of the block in the place of each that is refused. */
    private void replace(BitSet refused, int count) {
        int used = refused.nextClearBit(0);
        if (used < count) {
            refused.stream().forEach(row -> cells.copy(used, row));
            cells.fill(count, used);
        }
    }

    private void countNotFinite(int row, boolean isFiniteAtStart) {
        tally.countNotFinite();
        RowPolicy.OnResult becomes = isFiniteAtStart ? RowPolicy.OnResult.KEEP : policy.notFinite();
        if (isNamed(row, becomes)) {
            RowProbe.Origin origin = function.probe().origin(with(cells.valuesOf(row)), parallel);
            note(new RowFault(part, numbers[row], origin.kind(), origin.name(), "", null), becomes);
        }
    }

    private void countRefused(int row, ProblemException refusal, boolean isFiniteAtStart) {
        tally.countRefused();
        RowPolicy.OnResult becomes = isFiniteAtStart ? RowPolicy.OnResult.KEEP : policy.refused();
        if (isNamed(row, becomes)) {
            String node = refusal.problems().getFirst().node();
            note(new RowFault(part, numbers[row], RowFault.Kind.REFUSED_ROW, node, refusal.getMessage(), null), becomes);
        }
    }

    private boolean isNamed(int row, RowPolicy.OnResult becomes) {
        return becomes == RowPolicy.OnResult.FAIL || tally.keeps(part, numbers[row]);
    }

    private void note(RowFault fault, RowPolicy.OnResult becomes) {
        tally.add(fault);
        if (becomes == RowPolicy.OnResult.FAIL) {
            tally.fail(fault);
        }
    }
}
