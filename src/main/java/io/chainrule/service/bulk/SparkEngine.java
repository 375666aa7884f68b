package io.chainrule.service.bulk;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Turn;
import java.util.Base64;
import java.util.BitSet;
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
        private @Nullable Reduction opened;
        private long pieceBytes;

        Session(SparkProperties properties) {
            driver = new SparkDriver(properties);
        }

        /** Whether the work differs in nothing but the values of inputs from that which is opened. */
        boolean isOpen(Reduction reduction, SparkUnits units) {
            return opened != null && pieceBytes == units.pieceBytes() && opened.work().rows() == reduction.work().rows()
                    && opened.order() == reduction.order()
                    && opened.work().policy().equals(reduction.work().policy())
                    && opened.work().function().isSameProgram(reduction.work().function());
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
    public void check(BulkWork work, long bytesOfResults) {
        LimitException.check("bytes", work.function().runBytes() + 2 * bytesOfResults, admission.limits().bytes());
    }

    @Override
    public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
        try (Session session = new Session(properties)) {
            return ScopedValue.where(HELD, session).call(evaluations::get);
        }
    }

    @Override
    public void reduce(Reduction reduction, BulkProgress progress) {
        RowSource rows = reduction.work().rows();
        if (rows.isCounted()) {
            rows.check(reduction.work().function().columns());
            rows.checkUnchanged();
        }
        if (HELD.isBound()) {
            reduce(reduction, progress, HELD.get());
        } else {
            try (Session session = new Session(properties)) {
                reduce(reduction, progress, session);
            }
        }
    }

    private void reduce(Reduction reduction, BulkProgress progress, Session session) {
        RowSource rows = reduction.work().rows();
        SparkUnits units = reduction.units(SparkUnits.class, () -> new SparkUnits(pieceBytes(reduction)));
        Turn turn = admission.turn();
        try (var _ = admission.admit(new CostModel(0, 0, 0), 2 * reduction.bytes())) {
            if (!session.isOpen(reduction, units)) {
                open(reduction, units, session);
            }
            SparkDriver driver = session.driver;
            driver.send("run", Map.of("values", RowTask.plain(changed(Objects.requireNonNull(session.opened), reduction)), "done",
                    Base64.getEncoder().encodeToString(reduction.done().toByteArray())));
            boolean hasEnded = false;
            while (!hasEnded) {
                progress.check();
                turn.check();
                JsonNode found = driver.receive(BETWEEN_LOOKS);
                if (found != null && found.has("pieces")) {
                    begin(found.path("pieces"), units, reduction);
                } else if (found != null && found.has("results")) {
                    add(found.path("results"), units, reduction);
                    admission.spent(turn, found.path("results").path("seconds").asDouble());
                }
                progress.done(units.rows(reduction.done()));
                hasEnded = found != null && found.has("ended");
            }
            long read = units.rows(reduction.done());
            if (rows.isCounted() && !reduction.hasFailed() && read != rows.dataset().rows()) {
                throw new IllegalStateException(
                        "Spark has found " + read + " rows in the data set '" + rows.dataset().name() + "', and not "
                                + rows.dataset().rows());
            }
        }
    }

    /** So many bytes as take some seconds. */
    private static long pieceBytes(Reduction reduction) {
        double bytesARow = reduction.work().rows().dataset().bytes() / (double) Math.max(1, reduction.work().count());
        double bytes = SECONDS_A_PIECE * bytesARow / Math.max(Double.MIN_NORMAL, reduction.secondsARow());
        return bytesARow == 0 ? MOST_BYTES : Math.clamp((long) bytes, LEAST_BYTES, MOST_BYTES);
    }

    private static void open(Reduction reduction, SparkUnits units, Session session) {
        BulkWork work = reduction.work();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("format", work.rows().dataset().format().text());
        data.put("locations", work.rows().locations());
        data.put("columns", work.rows().columns().stream().map(column -> column.name()).toList());
        data.put("quotes", work.rows().hasQuotes());
        data.put("counted", work.rows().isCounted());
        data.put("kept", work.rows().dataset().location() == null);
        data.put("piece_bytes", units.pieceBytes());
        RowTask task = new RowTask(work.function().program(), work.policy(), reduction.order());
        session.driver.send("open", Map.of("data", data, "task", task.plain()));
        session.opened = reduction;
        session.pieceBytes = units.pieceBytes();
    }

    /** The values that are others than those with which the work was opened. */
    private static Map<String, Tensor> changed(Reduction opened, Reduction reduction) {
        Map<String, Tensor> before = opened.work().function().values();
        Map<String, Tensor> values = reduction.work().function().values();
        before.forEach(values::remove);
        return values;
    }

    private static void begin(JsonNode pieces, SparkUnits units, Reduction reduction) {
        if (!units.begin(pieces.path("digest").asString(), pieces.path("count").asInt())) {
            throw reduction.work().rows().changed();
        }
    }

    private static void add(JsonNode results, SparkUnits units, Reduction reduction) {
        RowFunction function = reduction.work().function();
        BitSet done = reduction.done();
        for (JsonNode piece : results.path("pieces")) {
            units.count(piece.get(0).asInt(), piece.get(1).asLong());
        }
        reduction.add(RowReduction.of(function.quantities(), bytes(results, "moments")), RowTally.of(bytes(results, "tally")));
        results.path("pieces").forEach(piece -> done.set(piece.get(0).asInt()));
    }

    private static byte[] bytes(JsonNode results, String name) {
        return Base64.getDecoder().decode(results.path(name).asString());
    }
}
