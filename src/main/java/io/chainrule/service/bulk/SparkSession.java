package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowTask;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.run.Turn;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A driver, and the work that it has opened. Not thread-safe. */
final class SparkSession implements AutoCloseable {
    /** The longest wait for the driver, in milliseconds, before the caller checks whether to go on. */
    private static final long BETWEEN_LOOKS = 200;

    private final SparkDriver driver;
    private final IdentityHashMap<RowSource, SparkUnits> counted = new IdentityHashMap<>();
    private final long times;
    private @Nullable Opening opened;

    /**
     * What the driver opens.
     *
     * @param parts where results are written; empty if they are not
     */
    record Opening(BulkWork work, RowTask.Results results, long pieceBytes, Map<String, Object> parts) {
        /** Whether the work differs in nothing but the values of inputs from that of the other. */
        boolean isSame(Opening other) {
            return pieceBytes == other.pieceBytes && work.rows() == other.work.rows() && results.equals(other.results)
                    && work.policy().equals(other.work.policy()) && work.function().isSameProgram(other.work.function());
        }
    }

    /** @param times how often the rows are worked on at most */
    SparkSession(SparkProperties properties, long times) {
        driver = new SparkDriver(properties);
        this.times = times;
    }

    long times() {
        return times;
    }

    /** Has the driver open the data set, unless it is open for the same work. */
    private void open(Opening opening) {
        if (opened != null && opened.isSame(opening)) {
            return;
        }
        BulkWork work = opening.work;
        RowSource rows = work.rows();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("format", rows.dataset().format().text());
        data.put("locations", rows.locations());
        data.put("columns", rows.columns().stream().map(column -> column.name()).toList());
        data.put("long_rows", rows.hasLongRows());
        data.put("counted", rows.isCounted());
        data.put("kept", rows.dataset().location() == null);
        data.put("piece_bytes", opening.pieceBytes);
        RowTask task = new RowTask(work.function().first().program(), work.policy(), opening.results);
        driver.send("open", Map.of("data", data, "task", task.plain(), "parts", opening.parts));
        opened = opening;
    }

    /** The input values that differ from those with which the function was made, which the driver knows. */
    static Map<String, Tensor> changed(BulkWork work) {
        Map<String, Tensor> before = work.function().first().values();
        Map<String, Tensor> values = work.function().values();
        before.forEach(values::remove);
        return values;
    }

    void send(String command, Object content) {
        driver.send(command, content);
    }

    /**
     * Opens the work, sends a command to the driver and waits for its answers. Meanwhile the caller gives its permit to compute to others.
     *
     * @param units learns which pieces the driver has divided the files into
     * @param checkpoint is checked before each wait, which is short
     * @param answers receives all other answers, until the command has ended
     */
    void run(Opening opening, String command, Object content, SparkUnits units, Turn turn, Checkpoint checkpoint,
            Consumer<JsonNode> answers) {
        RowSource rows = opening.work.rows();
        turn.aside(() -> {
            open(opening);
            driver.send(command, content);
            boolean hasEnded = false;
            while (!hasEnded) {
                checkpoint.check();
                turn.check();
                JsonNode found = driver.receive(BETWEEN_LOOKS, rows.dataset().name());
                if (found != null && found.has("pieces")) {
                    units.begin(found.path("pieces"), rows);
                } else if (found != null) {
                    answers.accept(found);
                }
                hasEnded = found != null && found.has("ended");
            }
            return true;
        });
    }

    /** The pieces of rows that were counted by this driver, which {@code begun} makes if none were. */
    SparkUnits counted(RowSource rows, Supplier<SparkUnits> begun) {
        return counted.computeIfAbsent(rows, _ -> begun.get());
    }

    @Override
    public void close() {
        driver.close();
    }
}
