package io.chainrule.spark;

import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Parallel;
import java.io.Serial;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Runs the function for all rows of a piece, on an executor. */
final class PieceTask extends AbstractFunction1<Iterator<InternalRow>, PieceResult> implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;
    private static final double NANOS = 1e9;

    private final String digest;
    private final Broadcast<String> task;
    private final Broadcast<String> values;
    private final Cells cells;
    private final int[] pieces;

    /**
     * @param digest tells the task from others
     * @param values the inputs that have other values than in the task
     * @param pieces the number of the piece of each partition
     */
    PieceTask(String digest, Broadcast<String> task, Broadcast<String> values, Cells cells, int[] pieces) {
        this.digest = digest;
        this.task = task;
        this.values = values;
        this.cells = cells;
        this.pieces = pieces;
    }

    @Override
    public PieceResult apply(Iterator<InternalRow> rows) {
        TaskContext context = TaskContext.get();
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int piece = pieces[context.partitionId()];
        Functions.Compiled compiled = Functions.of(digest, task::value);
        RowFunction function = compiled.function().with(RowTask.values(Json.read(values.value())));
        RowReduction reduction = new RowReduction(function.quantities(), compiled.task().order());
        // Parts are in the order of their names.
        RowRun run = function.start("%010d".formatted(piece), compiled.task().policy(), reduction, Parallel.onThisThread(() -> {
            if (context.isInterrupted()) {
                throw new TaskKilledException("the task was killed");
            }
        }));
        boolean isWanted = true;
        for (long row = 1; isWanted && rows.hasNext(); row++) {
            run.begin(row);
            cells.give(run, rows.next());
            isWanted = run.end();
        }
        run.finish();
        double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / NANOS;
        return new PieceResult(piece, run.tally().rows(), reduction.toBytes(), run.tally().toBytes(), seconds);
    }
}
