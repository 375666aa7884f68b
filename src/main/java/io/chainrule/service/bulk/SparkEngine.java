package io.chainrule.service.bulk;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Turn;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Has a cluster of Apache Spark work on rows, by a process for each job. Units are pieces of the files of the data set. */
public final class SparkEngine implements RowEngine {
    /** Larger pieces need fewer tasks, smaller ones less to be repeated. */
    private static final long MOST_BYTES = 32L << 20;
    private static final long LEAST_BYTES = 1L << 20;
    private static final double SECONDS_A_PIECE = 5;
    private static final long BETWEEN_LOOKS = 200;
    private static final ScopedValue<Session> HELD = ScopedValue.newInstance();

    private final Admission admission;
    private final SparkProperties properties;

    public SparkEngine(Admission admission, SparkProperties properties) {
        this.admission = admission;
        this.properties = properties;
    }

    /** A driver, and the work that it has opened. */
    private static final class Session implements AutoCloseable {
        private final SparkDriver driver;
        private @Nullable UnitWork opened;
        private long pieceBytes;

        Session(SparkProperties properties) {
            driver = new SparkDriver(properties);
        }

        /** Whether the work differs in nothing but the values of inputs from that which is opened. */
        boolean isOpen(UnitWork work, SparkUnits units) {
            return opened != null && pieceBytes == units.pieceBytes() && opened.work().rows() == work.work().rows()
                    && results(opened).equals(results(work)) && opened.work().policy().equals(work.work().policy())
                    && opened.work().function().isSameProgram(work.work().function());
        }

        @Override
        public void close() {
            driver.close();
        }
    }

    @Override
    public Kind kind() {
        return Kind.SPARK;
    }

    /** An executor's core holds a block and a unit's results; those of all units are here. */
    @Override
    public void check(BulkWork work, long bytesOfResults, long more) {
        LimitException.check("bytes", work.function().runBytes() + 2 * bytesOfResults + more, admission.limits().bytes());
    }

    @Override
    public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
        try (Session session = new Session(properties)) {
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

    private void run(UnitWork work, BulkProgress progress, long memory) {
        RowSource rows = work.work().rows();
        if (rows.isCounted()) {
            rows.check(work.work().function().columns());
            rows.checkUnchanged();
        }
        try (var _ = admission.admit(new CostModel(0, 0, 0), memory)) {
            if (HELD.isBound()) {
                run(work, progress, HELD.get());
            } else {
                try (Session session = new Session(properties)) {
                    run(work, progress, session);
                }
            }
        }
    }

    private void run(UnitWork work, BulkProgress progress, Session session) {
        RowSource rows = work.work().rows();
        SparkUnits units = work.units(SparkUnits.class, () -> new SparkUnits(pieceBytes(work)));
        Turn turn = admission.turn();
        if (!session.isOpen(work, units)) {
            open(work, units, session);
        }
        SparkDriver driver = session.driver;
        driver.send("run", Map.of("values", RowTask.plain(changed(Objects.requireNonNull(session.opened), work)), "done",
                Base64.getEncoder().encodeToString(work.done().toByteArray())));
        boolean hasEnded = false;
        while (!hasEnded) {
            progress.check();
            turn.check();
            JsonNode found = driver.receive(BETWEEN_LOOKS);
            if (found != null && found.has("pieces")) {
                begin(found.path("pieces"), units, work);
            } else if (found != null && found.has("results")) {
                add(found.path("results"), units, work);
                admission.spent(turn, found.path("results").path("seconds").asDouble());
            }
            progress.done(units.rows(work.done()));
            hasEnded = found != null && found.has("ended");
        }
        long read = units.rows(work.done());
        if (rows.isCounted() && !work.hasFailed() && read != rows.dataset().rows()) {
            throw new IllegalStateException("Spark has found " + read + " rows in the data set '" + rows.dataset().name() + "', and not "
                    + rows.dataset().rows());
        }
    }

    /** So many bytes as take some seconds. */
    private static long pieceBytes(UnitWork work) {
        double bytesARow = work.work().bytes() / (double) Math.max(1, work.work().count());
        double bytes = SECONDS_A_PIECE * bytesARow / Math.max(Double.MIN_NORMAL, work.secondsARow());
        return bytesARow == 0 ? MOST_BYTES : Math.clamp((long) bytes, LEAST_BYTES, MOST_BYTES);
    }

    private static void open(UnitWork unitWork, SparkUnits units, Session session) {
        BulkWork work = unitWork.work();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("format", work.rows().dataset().format().text());
        data.put("locations", work.rows().locations());
        data.put("columns", work.rows().columns().stream().map(column -> column.name()).toList());
        data.put("quotes", work.rows().hasQuotes());
        data.put("counted", work.rows().isCounted());
        data.put("kept", work.rows().dataset().location() == null);
        data.put("piece_bytes", units.pieceBytes());
        RowTask task = new RowTask(work.function().program(), work.policy(), results(unitWork));
        Map<String, Object> open = new LinkedHashMap<>(Map.of("data", data, "task", task.plain()));
        if (unitWork instanceof Mapping mapping) {
            open.put("parts", Map.of("folder", mapping.folder().toString(), "suffix", DatasetDraft.BEGUN));
        }
        session.driver.send("open", open);
        session.opened = unitWork;
        session.pieceBytes = units.pieceBytes();
    }

    private static RowTask.Results results(UnitWork work) {
        return switch (work) {
            case Reduction reduction -> new RowTask.Results.Reduced(reduction.order());
            case Mapping mapping -> new RowTask.Results.Written(mapping.form());
        };
    }

    /** The values that are others than those with which the work was opened. */
    private static Map<String, Tensor> changed(UnitWork opened, UnitWork work) {
        Map<String, Tensor> before = opened.work().function().values();
        Map<String, Tensor> values = work.work().function().values();
        before.forEach(values::remove);
        return values;
    }

    private static void begin(JsonNode pieces, SparkUnits units, UnitWork work) {
        if (!units.begin(pieces.path("digest").asString(), pieces.path("count").asInt())) {
            throw work.work().rows().changed();
        }
    }

    private static void add(JsonNode results, SparkUnits units, UnitWork work) {
        JsonNode pieces = results.path("pieces");
        RowTally tally = RowTally.of(bytes(results, "tally"));
        pieces.forEach(piece -> units.count(piece.path("piece").asInt(), piece.path("rows").asLong()));
        switch (work) {
            case Reduction reduction ->
                reduction.add(RowReduction.of(work.work().function().quantities(), bytes(results, "moments")), tally);
            case Mapping mapping -> {
                // Of a piece with a row that ends the work there is no file.
                pieces.valueStream().filter(piece -> piece.has("file")).forEach(piece -> mapping.keep(piece.path("piece").asInt(),
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
