package io.chainrule.spark;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.HeldRows;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Reads the rows of a piece that somebody wants, on an executor; or else counts all rows of the piece. */
final class FeedTask extends AbstractFunction1<Iterator<InternalRow>, FeedTask.Found> implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;
    private static final double NANOS = 1e9;
    /** So many rows are read before somebody is asked whether the task was killed. */
    private static final int BETWEEN_LOOKS = 1 << 12;

    /** So many bytes of cells are passed on together, so that the service, which gets them as text, holds little of that. */
    private static final int TOGETHER = 1 << 20;

    private final Pieces pieces;
    private final HashMap<Integer, Wanted> wanted;

    /**
     * What is wanted of a piece.
     *
     * @param from the first row, counted from 0 in the piece
     * @param count how many rows
     * @param before how many rows the pieces before have
     */
    record Wanted(long from, long count, long before) implements Serializable {}

    /**
     * What was found in a piece.
     *
     * @param rows how many have been read
     * @param cells of the rows that are wanted, in runs of rows that are not long
     * @param seconds for which a core worked on it
     */
    record Found(int piece, long rows, ArrayList<byte[]> cells, double seconds) implements Serializable {}

    /** @param wanted what is wanted of each piece; others are counted */
    FeedTask(Pieces pieces, HashMap<Integer, Wanted> wanted) {
        this.pieces = pieces;
        this.wanted = wanted;
    }

    @Override
    public Found apply(Iterator<InternalRow> rows) {
        TaskContext context = TaskContext.get();
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int number = pieces.number(context.partitionId());
        Cells cells = pieces.cells(context.partitionId());
        Wanted ofPiece = wanted.getOrDefault(number, new Wanted(Long.MAX_VALUE, 0, 0));
        long end = ofPiece.count() == 0 ? Long.MAX_VALUE : ofPiece.from() + ofPiece.count();
        HeldRows held = new HeldRows(cells.columns());
        ArrayList<byte[]> found = new ArrayList<>();
        long read = 0;
        try {
            for (; read < end && rows.hasNext(); read++) {
                if (read % BETWEEN_LOOKS == 0 && context.isInterrupted()) {
                    throw new TaskKilledException("the task was killed");
                }
                InternalRow row = rows.next();
                if (read >= ofPiece.from()) {
                    held.begin(ofPiece.before() + read + 1);
                    cells.give(held, row);
                    held.end();
                    if (held.bytes() >= TOGETHER) {
                        found.add(held.toBytes());
                        held.clear();
                    }
                }
            }
        } catch (ProblemException e) {
            throw DataException.of(e);
        }
        found.add(held.toBytes());
        return new Found(number, read, found, (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / NANOS);
    }
}
