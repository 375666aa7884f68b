package io.chainrule.spark;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.rows.RowSink;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.Parallel;
import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
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
    private final Pieces pieces;
    private final @Nullable Parts parts;

    /**
     * @param digest tells the task from others
     * @param values the inputs that have other values than in the task
     * @param parts where results are written; null if they are reduced
     */
    PieceTask(String digest, Broadcast<String> task, Broadcast<String> values, Pieces pieces, @Nullable Parts parts) {
        this.digest = digest;
        this.task = task;
        this.values = values;
        this.pieces = pieces;
        this.parts = parts;
    }

    @Override
    public PieceResult apply(Iterator<InternalRow> rows) {
        try {
            return result(rows);
        } catch (ProblemException e) {
            throw DataException.of(e);
        }
    }

    private PieceResult result(Iterator<InternalRow> rows) {
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int partition = TaskContext.getPartitionId();
        int number = pieces.number(partition);
        Functions.Compiled compiled = Functions.of(digest, task::value);
        RowFunction function = compiled.function().with(RowTask.values(Json.read(values.value())));
        PieceResult result = switch (compiled.task().results()) {
            case RowTask.Results.Reduced(var order) -> {
                RowReduction reduction = new RowReduction(function.quantities(), order);
                RowTally tally = run(function, compiled.task(), partition, reduction, rows);
                yield PieceResult.reduced(number, tally, reduction);
            }
            case RowTask.Results.Written(var form) -> {
                try {
                    yield written(function, compiled.task(), form, partition, rows);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return result.took((ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / NANOS);
    }

    private PieceResult written(RowFunction function, RowTask of, RowWriter.Form form, int partition, Iterator<InternalRow> rows)
            throws IOException {
        int number = pieces.number(partition);
        Path file = Objects.requireNonNull(parts).begin();
        boolean isWhole = false;
        try {
            RowTally tally;
            try (RowWriter writer = RowWriter.of(form, function.quantities(), Files.newOutputStream(file))) {
                tally = run(function, of, partition, writer, rows);
            }
            isWhole = tally.failure() == null;
            return isWhole
                    ? PieceResult.written(number, tally, String.valueOf(file.getFileName()), Parts.force(file))
                    : PieceResult.failed(number, tally);
        } finally {
            if (!isWhole) {
                Files.deleteIfExists(file);
            }
        }
    }

    private RowTally run(RowFunction function, RowTask of, int partition, RowSink sink, Iterator<InternalRow> rows) {
        TaskContext context = TaskContext.get();
        Cells cells = pieces.cells(partition);
        // Parts are in the order of their names.
        RowRun run = function.start("%010d".formatted(pieces.number(partition)), of.policy(), sink, Parallel.onThisThread(() -> {
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
        return run.tally();
    }
}
