package io.chainrule.service.bulk;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Turn;
import java.util.Base64;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Has a cluster of Apache Spark work on rows, by a process for each job. Units are pieces of the files of the data set. */
public final class SparkEngine implements RowEngine {
    /** Larger pieces need fewer tasks, smaller ones less to be repeated. */
    private static final long MOST_BYTES = 32L << 20;
    private static final long LEAST_BYTES = 1L << 20;
    private static final double SECONDS_A_PIECE = 5;
    private static final ScopedValue<SparkSession> HELD = ScopedValue.newInstance();

    private final Admission admission;
    private final SparkProperties properties;

    public SparkEngine(Admission admission, SparkProperties properties) {
        this.admission = admission;
        this.properties = properties;
    }

    @Override
    public Kind kind() {
        return Kind.SPARK;
    }

    /** An executor's core holds a block and a unit's results; those of all units are here, in memory that requests share. */
    @Override
    public void check(BulkWork work, long bytesOfResults, long more) {
        long here = 2 * bytesOfResults + more;
        LimitException.check("bytes", work.function().runBytes() + here, admission.limits().bytes());
        admission.check(new CostModel(0, here, 0), 0);
    }

    @Override
    public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
        try (SparkSession session = new SparkSession(properties, times)) {
            return ScopedValue.where(HELD, session).call(evaluations::get);
        }
    }

    @Override
    public void reduce(Reduction reduction, BulkProgress progress) {
        run(reduction, progress, 2 * reduction.bytes());
    }

    /** Results go from the executors to the disk, and not through this process. */
    @Override
    public void map(Mapping mapping, BulkProgress progress) {
        run(mapping, progress, 0);
    }

    @Override
    public RowFeed feed(BulkWork work, byte[] earlier, Checkpoint checkpoint) {
        check(work);
        return new SparkFeed(HELD.get(), work, earlier, admission, checkpoint);
    }

    /** Some runs of cells wait as text of 1.4 MB each, and one is being read. Only a single row may be longer. */
    @Override
    public long bytesOfFeed(BulkWork work) {
        return 1 << 24;
    }

    /** Throws {@link ProblemException} if files have changed since their rows were counted. */
    static void check(BulkWork work) {
        if (work.rows().isCounted()) {
            work.rows().check(work.function().columns());
            work.rows().checkUnchanged();
        }
    }

    private void run(UnitWork work, BulkProgress progress, long memory) {
        check(work.work());
        try (Budget.Reservation reservation = admission.admit(new CostModel(0, 0, 0), memory)) {
            if (HELD.isBound()) {
                run(work, progress, HELD.get());
            } else {
                try (SparkSession session = new SparkSession(properties, 1)) {
                    run(work, progress, session);
                }
            }
            reservation.release();
        }
    }

    private void run(UnitWork work, BulkProgress progress, SparkSession session) {
        RowSource rows = work.work().rows();
        SparkUnits units = work.units(SparkUnits.class, () -> new SparkUnits(pieceBytes(work)));
        Turn turn = admission.turn();
        SparkSession.Opening opening = new SparkSession.Opening(work.work(), results(work), units.pieceBytes(),
                work instanceof Mapping mapping ? Map.of("folder", mapping.folder().toString(), "suffix", DatasetDraft.BEGUN) : Map.of());
        Map<String, Object> content = Map.of("values", RowTask.plain(SparkSession.changed(work.work())), "done",
                Base64.getEncoder().encodeToString(work.done().toByteArray()));
        Checkpoint checkpoint = () -> {
            progress.check();
            progress.done(units.rows(work.done()));
        };
        try {
            session.run(opening, "run", content, units, turn, checkpoint, found -> {
                if (found.has("results")) {
                    add(found.path("results"), units, work);
                    checkCost(work, session.times());
                    session.send("taken", true);
                    admission.spent(turn, found.path("results").path("seconds").asDouble());
                }
            });
        } catch (ProblemException e) {
            // If a file has changed or is gone, that is what is wrong, and not what Spark has found in its place.
            check(work.work());
            throw e;
        }
        // Rows that were read after files had changed would be mixed with those before.
        check(work.work());
        if (!work.hasFailed()) {
            SparkUnits.check(units.rows(work.done()), rows);
        }
    }

    /** The cost of rows that nobody has counted before is known as they come. */
    private void checkCost(UnitWork work, long times) {
        BulkWork of = work.work();
        if (of.count() < 0) {
            long blocks = Math.ceilDiv(work.known().rows(work.done()), (long) of.function().block());
            LimitException.check("flops", of.function().cost().times(blocks).times(times).flops(), admission.limits().flops());
        }
    }

    /** The size of a piece that takes about {@link #SECONDS_A_PIECE}. */
    private static long pieceBytes(UnitWork work) {
        double bytesARow = work.work().bytes() / (double) Math.max(1, work.work().count());
        double bytes = SECONDS_A_PIECE * bytesARow / Math.max(Double.MIN_NORMAL, work.secondsARow());
        return bytesARow == 0 ? MOST_BYTES : Math.clamp((long) bytes, LEAST_BYTES, MOST_BYTES);
    }

    private static RowTask.Results results(UnitWork work) {
        return switch (work) {
            case Reduction reduction -> new RowTask.Results.Reduced(reduction.order());
            case Mapping mapping -> new RowTask.Results.Written(mapping.form());
        };
    }

    private static void add(JsonNode results, SparkUnits units, UnitWork work) {
        JsonNode pieces = results.path("pieces");
        RowTally tally = RowTally.of(bytes(results, "tally"));
        pieces.forEach(piece -> units.count(piece.path("piece").asInt(), piece.path("rows").asLong()));
        switch (work) {
            case Reduction reduction ->
                reduction.add(RowReduction.of(work.work().function().quantities(), bytes(results, "moments")), tally);
            case Mapping mapping -> {
                // A piece has no file if one of its rows ends the work.
                pieces.valueStream().filter(piece -> piece.has("file")).forEach(piece -> mapping.receive(piece.path("piece").asInt(),
                        piece.path("file").asString(), piece.path("bytes").asLong()));
                mapping.add(tally);
            }
        }
        pieces.forEach(piece -> work.done().set(piece.path("piece").asInt()));
    }

    private static byte[] bytes(JsonNode results, String name) {
        return Base64.getDecoder().decode(results.path(name).asString());
    }
}
