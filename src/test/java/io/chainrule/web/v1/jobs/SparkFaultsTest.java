package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Source;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.process.DatabaseProcesses;
import io.chainrule.process.Processes;
import io.chainrule.process.RunningService;
import io.chainrule.process.SparkCluster;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Reduction;
import io.chainrule.service.bulk.SparkEngine;
import io.chainrule.service.bulk.SparkProperties;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.Admission;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Workers, drivers and the service are killed in the middle of jobs over many rows, one of which is wrong. */
@DirtiesContext
@Tag("spark")
@Timeout(1800)
class SparkFaultsTest extends SparkJobs {
    private static final int ROWS = Integer.getInteger("chainrule.spark.rows", 10_000_000);
    /** Each is a piece at least, so that there is a middle. */
    private static final int FILES = 32;
    /** The part of the rows that is done when a driver is killed. */
    private static final double MUCH = 0.6;
    private static final int POISONED = ROWS / 10 * 7 + 21;
    private static final String REQUEST = """
            {"dataset": "many", "expression": "softplus(w * x + b) - y * (w * x + b)", "inputs": {"w": 0.3, "b": -0.1}, "wrt": ["w", "b"],
             "on_cell": "%s"}""";
    private static final String DRIVER = "io.chainrule.spark.Driver";

    @SuppressWarnings("NullAway.Init")
    private static JsonNode expected;

    @Autowired
    private DatasetService datasets;

    @Autowired
    private Admission admission;

    @Autowired
    private KindServices services;

    /** So many rows are written once, and their reduction by this machine is what others are compared with. */
    @BeforeEach
    void writeRows() throws IOException {
        if (expected != null) {
            return;
        }
        Files.createDirectories(folder.resolve("files").resolve("many"));
        for (int file = 0; file < FILES; file++) {
            long end = (long) ROWS / FILES * (file + 1);
            try (BufferedWriter csv = Files
                    .newBufferedWriter(folder.resolve("files").resolve("many").resolve("%02d.csv".formatted(file)))) {
                csv.write("x,y\n");
                for (long row = (long) ROWS / FILES * file + 1; row <= end; row++) {
                    csv.write(row == POISONED ? "poison" : String.valueOf(row * 2654435761L % 1_000_003 / 1e5));
                    csv.write(row % 3 == 0 ? ",1\n" : ",0\n");
                }
            }
        }
        located("many", "csv");
        expected = answer("reduce", "local", REQUEST.formatted("skip"));
        assertThat(expected.path("rows").path("read").asInt()).isEqualTo(ROWS);
    }

    /** Waits until some of the rows are done, and many are not. */
    private void awaitMiddle(String id) {
        awaitMiddle(id, 0);
    }

    /** Waits until more than this part of the rows is done, and some are not. */
    private void awaitMiddle(String id, double part) {
        await().atMost(PATIENCE).pollInterval(BETWEEN_LOOKS)
                .until(() -> json(get("/v1/jobs/" + id)).path("progress").path("done").asLong() > part * ROWS);
        assertThat(json(get("/v1/jobs/" + id)).path("progress").path("done").asLong()).isLessThan(9L * ROWS / 10);
    }

    static Stream<ProcessHandle> drivers(ProcessHandle of) {
        return of.descendants().filter(process -> process.info().arguments().stream().flatMap(Stream::of).anyMatch(DRIVER::equals));
    }

    private JsonNode result(String id) {
        JsonNode job = ended(id);
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        return json(get("/v1/jobs/" + id + "/result"));
    }

    private void assertIsExpected(JsonNode found) {
        for (String part : List.of("rows", "value", "gradients")) {
            assertThat(found.path(part)).as(part).isEqualTo(expected.path(part));
        }
    }

    /** Only what was under way was read twice; a job that had begun anew would have read the other rows twice, too. */
    private void assertGoneOn(String id) {
        JsonNode job = json(get("/v1/jobs/" + id));
        assertThat(job.path("attempts").asInt()).isGreaterThan(1);
        assertThat(job.path("progress").path("made").asDouble()).isBetween((double) ROWS, ROWS * (1 + MUCH - 0.1));
    }

    @Test
    void aWorkerThatIsKilledChangesNoBit() throws IOException {
        String id = begun("reduce", "spark", REQUEST.formatted("skip"));
        awaitMiddle(id);
        cluster.kill(0);
        assertIsExpected(result(id));
        assertThat(json(get("/v1/jobs/" + id)).path("attempts").asInt()).isEqualTo(1);
        cluster.addWorker();
    }

    @Test
    void aJobWhoseDriverIsKilledGoesOn() {
        String id = begun("reduce", "spark", REQUEST.formatted("skip"));
        awaitMiddle(id, MUCH);
        drivers(ProcessHandle.current()).forEach(ProcessHandle::destroyForcibly);
        assertIsExpected(result(id));
        assertGoneOn(id);
    }

    /** What was being written is neither lost nor there twice. */
    @Test
    void aMapWhoseWorkerAndDriverAreKilledHasTheSameBytes() throws IOException {
        String request = REQUEST.formatted("skip").replace("\"wrt\"", "\"save_as\": \"there\", \"wrt\"");
        List<Object> mapped = mapped("local", request, "here");
        String id = begun("map", "spark", request);
        awaitMiddle(id);
        cluster.kill(1);
        awaitMiddle(id, MUCH);
        drivers(ProcessHandle.current()).forEach(ProcessHandle::destroyForcibly);
        cluster.addWorker();
        JsonNode result = result(id);
        assertThat(List.of(result.path("rows"), result.at("/dataset/rows"), result.at("/dataset/sha256"), result.at("/dataset/columns")))
                .isEqualTo(mapped);
        assertGoneOn(id);
        await().atMost(PATIENCE).until(() -> Files.notExists(folder.resolve("data/datasets/draft-" + id)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"iterations\": 4, \"tolerance\": 0",
            "\"optimizer\": {\"type\": \"adam\"}, \"batch_size\": 20000, \"epochs\": 1, \"validation\": \"many\""})
    void aFitWhoseDriverIsKilledEndsWithTheSameBits(String method) {
        String request = REQUEST.formatted("skip").replace("\"on_cell\"", method + ", \"on_cell\"");
        JsonNode undisturbed = answer("fit", "local", request);
        String id = begun("fit", "spark", request);
        for (int kill = 0; kill < 2; kill++) {
            long made = json(get("/v1/jobs/" + id)).path("progress").path("done").asLong();
            await().atMost(PATIENCE).until(() -> json(get("/v1/jobs/" + id)).path("progress").path("done").asLong() > made);
            await().atMost(PATIENCE).until(() -> drivers(ProcessHandle.current()).findAny().isPresent());
            drivers(ProcessHandle.current()).forEach(ProcessHandle::destroyForcibly);
        }
        ObjectNode result = (ObjectNode) result(id);
        result.remove("engine");
        assertThat(result).isEqualTo(undisturbed);
        JsonNode job = json(get("/v1/jobs/" + id));
        assertThat(job.path("attempts").asInt()).isGreaterThan(2);
        long steps = job.path("progress").path("done").asLong();
        assertThat(job.path("progress").path("made").asLong()).isBetween(steps, steps + Math.max(2, steps / 4));
    }

    @Test
    void aPoisonedRowIsNamed() {
        JsonNode job = ended(begun("reduce", "spark", REQUEST.formatted("fail")));
        assertThat(job.path("status").asString()).isEqualTo("failed");
        assertThat(job.path("attempts").asInt()).isEqualTo(1);
        assertThat(job.path("problem").path("errors").get(0).path("message").asString())
                .isEqualTo("row " + POISONED + ", column 'x': 'poison' is not a number");
    }

    /** Rows of two versions of a file would be mixed. */
    @Test
    void aFileThatChangesMeanwhileIsTold() throws IOException {
        Path file = folder.resolve("files").resolve("many").resolve("00.csv");
        FileTime before = Files.getLastModifiedTime(file);
        String id = begun("reduce", "spark", REQUEST.formatted("skip"));
        awaitMiddle(id);
        Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(10)));
        try {
            JsonNode job = ended(id);
            assertThat(job.path("status").asString()).isEqualTo("failed");
            assertThat(job.path("problem").path("detail").asString()).as(job.toString()).contains("changed");
        } finally {
            Files.setLastModifiedTime(file, before);
        }
    }

    /** The service does not see the files of some locations: they may be there, and other machines do not find them. */
    @ParameterizedTest
    @CsvSource({"many, have changed, ", "far, Spark does not find a file, /request/engine"})
    void aFileThatIsGoneIsTold(String name, String told, @Nullable String pointer) throws IOException {
        located("far", "hdfs://elsewhere/files/many", "csv");
        Path many = folder.resolve("files").resolve("many");
        Path away = folder.resolve("away.csv");
        String id = begun("reduce", "spark", REQUEST.formatted("skip").replace("\"many\"",
                "\"" + name + "\", \"columns\": {\"x\": \"x\", \"y\": \"y\"}"));
        awaitMiddle(id);
        try (Stream<Path> files = Files.list(many)) {
            Path last = files.sorted(Comparator.reverseOrder()).findFirst().orElseThrow();
            Files.move(last, away);
            try {
                JsonNode job = ended(id);
                assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("failed");
                assertThat(job.path("attempts").asInt()).as(job.toString()).isEqualTo(1);
                assertThat(job.path("problem").path("detail").asString()).as(job.toString()).contains(told);
                assertThat(job.at("/problem/errors/0/pointer").asString(null)).as(job.toString()).isEqualTo(pointer);
            } finally {
                Files.move(away, last);
            }
        }
    }

    @Test
    void aJobThatIsCancelledLeavesNoDriver() {
        String id = begun("reduce", "spark", REQUEST.formatted("skip"));
        await().atMost(PATIENCE).until(() -> drivers(ProcessHandle.current()).findAny().isPresent());
        assertThat(send("DELETE", "/v1/jobs/" + id, BodyPublishers.noBody()).statusCode()).isBetween(200, 204);
        assertThat(ended(id).path("status").asString()).isEqualTo("cancelled");
        await().atMost(PATIENCE).until(() -> drivers(ProcessHandle.current()).findAny().isEmpty());
    }

    @Test
    void aWrongSecretIsRefusedByTheCluster() throws IOException {
        RowProgram program = new RowProgram(new Source.Text("x"), RowProgram.Derivatives.NONE, null,
                List.of(new RowInput.Scalar("x", "x")), Map.of());
        BulkWork work = new BulkWork(datasets.open(datasets.find("open", "many")), RowFunction.of(program, BuildLimits.GENEROUS),
                new RowPolicy(RowPolicy.OnCell.SKIP, RowPolicy.OnResult.SKIP));
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, 1e-6, null);
        AtomicLong done = new AtomicLong();
        BulkProgress progress = new BulkProgress() {
            @Override
            public void done(long rows) {
                done.set(rows);
            }

            @Override
            public void check() {}
        };
        assertThatThrownBy(() -> reduction.run(engine("another secret"), progress)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the Spark driver failed");
        assertThat(done).hasValue(0);
        reduction.run(engine(SECRET), progress);
        assertThat(done).as("with the right one").hasValue(ROWS);
    }

    private SparkEngine engine(String secret) {
        return new SparkEngine(admission.within(services.limits()), new SparkProperties(cluster.url(), SparkCluster.HOME, null, secret,
                "512m",
                Map.of("spark.driver.host", "127.0.0.1", "spark.driver.bindAddress", "127.0.0.1", "spark.executor.memory", "512m")));
    }

    private static Stream<ProcessHandle> executors() {
        return ProcessHandle.current().descendants().filter(process -> process.info().arguments().stream().flatMap(Stream::of)
                .anyMatch("org.apache.spark.executor.CoarseGrainedExecutorBackend"::equals));
    }

    private static Duration usedByExecutors() {
        return executors().map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO)).reduce(Duration.ZERO, Duration::plus);
    }

    /** Does not take results for a while, as a job that cannot store its state. */
    private static final class Pausing implements BulkProgress {
        private long done;
        private @Nullable Duration used;
        private Duration atEnd = Duration.ZERO;
        private Duration usedLater = Duration.ZERO;

        @Override
        public void done(long rows) {
            done = rows;
            if (used != null) {
                Duration later = usedByExecutors().minus(atEnd);
                usedLater = later.compareTo(usedLater) > 0 ? later : usedLater;
            }
        }

        @Override
        public void check() {
            if (used == null && done > ROWS / 10) {
                // Longer than a driver waits for a service of which it hears nothing.
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(100));
                Duration before = usedByExecutors();
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
                atEnd = usedByExecutors();
                used = atEnd.minus(before);
            }
        }
    }

    /** Work pauses when nothing is taken for ten seconds; it takes longer than that by what it computes besides, which changes no bit. */
    @Test
    void sparkPausesWhileItsResultsAreNotTaken() throws IOException {
        String more = "z = x\nfor i in range(2000):\n  z = tanh(z)\n";
        RowProgram program = new RowProgram(new Source.Text(more + "softplus(w * x + b) - y * (w * x + b) + 1e-300 * z"),
                RowProgram.Derivatives.GRADIENT, List.of("w", "b"), List.of(new RowInput.Scalar("x", "x"), new RowInput.Scalar("y", "y")),
                Map.of("w", Tensor.scalar(0.3), "b", Tensor.scalar(-0.1)));
        BulkWork work = new BulkWork(datasets.open(datasets.find("open", "many")), RowFunction.of(program, BuildLimits.GENEROUS),
                new RowPolicy(RowPolicy.OnCell.SKIP, RowPolicy.OnResult.FAIL));
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, 1e-6, null);
        Pausing progress = new Pausing();
        reduction.run(engine(SECRET), progress);
        assertThat(progress.used).isLessThan(Duration.ofSeconds(2));
        assertThat(progress.usedLater).as("work that was left").isGreaterThan(Duration.ofSeconds(1));
        assertThat(reduction.tally().rows()).isEqualTo(ROWS);
        assertThat(reduction.moments().moments().getFirst().sum().item()).isEqualTo(expected.at("/value/sum").asDouble());
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "STOP"})
    void aServiceThatIsKilledOrHangsLeavesNoDriver(String signal) throws Exception {
        Path own = Files.createDirectory(folder.resolve("own-" + signal));
        List<String> command = List.of(Processes.java(), "--add-modules", "jdk.incubator.vector", "-Xmx512m", "-cp",
                System.getProperty("java.class.path"), "io.chainrule.ChainruleApplication", "--chainrule.data-directory=" + own,
                "--chainrule.warm-up=false", "--chainrule.datasets.roots=file:" + folder.resolve("files"),
                "--chainrule.jobs.spark.master=" + cluster.url(), "--chainrule.jobs.spark.home=" + SparkCluster.HOME,
                "--chainrule.jobs.spark.driver-memory=512m", "--chainrule.jobs.spark.properties[spark.executor.memory]=512m");
        Map<String, String> environment = Map.of("CHAINRULE_JOBS_SPARK_SECRET", SECRET);
        try (RunningService service = new RunningService(command, own, environment, own.resolve("service.log"))) {
            service.awaitReady();
            assertThat(
                    service.put("/v1/datasets/many", "{\"location\": \"file:" + folder.resolve("files/many") + "\", \"format\": \"csv\"}")
                            .statusCode())
                    .isEqualTo(201);
            service.post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": " + REQUEST.formatted("skip").replace("{\"dataset\"",
                    "{\"engine\": \"spark\", \"dataset\"") + "}");
            ProcessHandle process = ProcessHandle.of(service.pid()).orElseThrow();
            await().atMost(PATIENCE).until(() -> drivers(process).findAny().isPresent());
            ProcessHandle driver = drivers(process).findAny().orElseThrow();
            await().atMost(PATIENCE).until(() -> executors().findAny().isPresent());
            // Other users of the machine see how a process was started.
            for (ProcessHandle each : Stream.concat(Stream.of(driver), executors()).toList()) {
                assertThat(Files.readString(Path.of("/proc/" + each.pid() + "/cmdline"), StandardCharsets.UTF_8)).contains("java")
                        .doesNotContain(SECRET);
            }
            DatabaseProcesses.signal(signal, String.valueOf(service.pid()));
            await().atMost(PATIENCE).until(() -> executors().findAny().isEmpty());
            // A driver whose service is stopped stays in the table of processes until that has gone.
            service.kill();
            await().atMost(PATIENCE).until(() -> !driver.isAlive());
        }
    }
}
