package io.chainrule.service.bulk;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.CellSink;
import io.chainrule.core.rows.HeldRows;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Turn;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Has a cluster read rows: an executor finds those of a piece that are wanted, and sends their cells as it has read them. Which rows a
 * piece has is known once all pieces were counted.
 */
final class SparkFeed implements RowFeed {
    /** Pieces are shorter than a window of rows, so that several executors read a window at once and skip few rows. */
    private static final long PIECE_BYTES = 4L << 20;

    private final SparkSession session;
    private final BulkWork work;
    private final Admission admission;
    private final Checkpoint checkpoint;
    private final SparkUnits units;
    /** For each piece the number of rows before it, and at the end the number of all rows. */
    private final long[] before;

    /** @param earlier the state of an earlier feed, which has the number of rows of each piece; empty if there was none */
    SparkFeed(SparkSession session, BulkWork work, byte[] earlier, Admission admission, Checkpoint checkpoint) {
        this.session = session;
        this.work = work;
        this.admission = admission;
        this.checkpoint = checkpoint;
        units = session.counted(work.rows(), () -> earlier.length == 0 ? new SparkUnits(PIECE_BYTES) : SparkUnits.of(earlier));
        if (units.size() == 0) {
            ask(Map.of(), piece -> units.count(piece.path("piece").asInt(), piece.path("rows").asLong()), _ -> {});
        }
        before = units.before();
        SparkUnits.check(rows(), work.rows());
    }

    @Override
    public long rows() {
        return before.length == 0 ? 0 : before[before.length - 1] + units.rowsOf(before.length - 1);
    }

    @Override
    public long bytes() {
        return units.bytes();
    }

    @Override
    public byte[] state() {
        return units.toBytes();
    }

    @Override
    public void read(long first, long end, CellSink to) {
        List<List<Long>> wanted = new ArrayList<>();
        for (int piece = 0; piece < before.length; piece++) {
            long from = Math.max(first, before[piece]);
            long until = Math.min(end, before[piece] + units.rowsOf(piece));
            if (from < until) {
                wanted.add(List.of((long) piece, from - before[piece], until - from, before[piece]));
            }
        }
        long[] given = {0};
        // Pieces come in the order of their rows.
        ask(Map.of("wanted", wanted), _ -> {}, cells -> {
            HeldRows rows = HeldRows.of(Base64.getDecoder().decode(cells.asString()));
            for (int row = 0; row < rows.rows(); row++) {
                rows.give(row, to);
            }
            given[0] += rows.rows();
        });
        SparkEngine.check(work);
        if (given[0] != end - first) {
            throw new IllegalStateException("Spark has found " + given[0] + " of " + (end - first) + " rows");
        }
    }

    /**
     * Has the driver read rows, or count them.
     *
     * @param pieces receives what the driver says of each piece
     * @param cells receives the encoded cells of some successive rows, one part after the other
     */
    private void ask(Map<String, Object> wanted, Consumer<JsonNode> pieces, Consumer<JsonNode> cells) {
        Turn turn = admission.turn();
        SparkSession.Opening opening = new SparkSession.Opening(work, new RowTask.Results.Reduced(Moments.Order.FIRST), units.pieceBytes(),
                Map.of());
        try {
            session.run(opening, "rows", wanted, units, turn, checkpoint, found -> {
                if (found.has("piece")) {
                    pieces.accept(found.path("piece"));
                    admission.spent(turn, found.path("piece").path("seconds").asDouble());
                } else if (found.has("cells")) {
                    cells.accept(found.path("cells"));
                }
            });
        } catch (ProblemException e) {
            SparkEngine.check(work);
            throw e;
        }
    }
}
