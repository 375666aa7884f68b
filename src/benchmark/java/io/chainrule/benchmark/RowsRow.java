package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import io.chainrule.process.SparkCluster;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Row r: the mean loss of a logistic regression of 10 features and its gradient, over the rows of a CSV file: as a job on this machine and
 * on a Spark cluster with two workers, beside a loop written by hand and PyTorch, which read the same file; and the memory of the service
 * with ten and a hundred times the rows.
 */
final class RowsRow implements Measurement {
    static final int FEATURES = 10;
    private static final String WORK = "mean loss and gradient of a logistic regression over %,d rows of CSV, 10 features";
    private static final String SECRET = "benchmark";
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final long SEED = 20261129;
    private static final double LEAST = 0.8;
    private static final double MEMORY = 0.8;
    private static final double TOLERANCE = 1e-9;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String COLUMNS = "\"columns\": {\"x\": [\"u0\", \"u1\", \"u2\", \"u3\", \"u4\", \"u5\", \"u6\", \"u7\", \"u8\", \"u9\"], "
            + "\"y\": \"label\"}";
    private static final String PROGRAM = "\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", \"wrt\": [\"w\", \"b\"], "
            + "\"inputs\": {\"w\": [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1], \"b\": 0.05}";

    private final Settings settings;

    RowsRow(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String row() {
        return "r";
    }

    /** What one contender came to. */
    private record Run(double nanos, double[] gradient) {}

    @Override
    public List<Line> lines() throws Exception {
        int rows = settings.isQuick() ? 1_000_000 : 10_000_000;
        Path folder = Files.createDirectories(settings.folder().resolve("rows"));
        Path file = written(folder, rows);
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        try (SparkCluster cluster = new SparkCluster(Files.createDirectories(folder.resolve("cluster")), SECRET)) {
            cluster.addWorker();
            cluster.addWorker();
            try (Server service = service(folder, "rows-service", "1g", cluster.url())) {
                service.awaitAnswer("/actuator/health/readiness");
                put(service, file);
                service.awaitIdle();
                for (int round = 0; round < settings.rounds() + 1; round++) {
                    // The first round is not counted: it warms the service, and the memory of the system for files.
                    boolean counts = round > 0;
                    note(runs, "", job(service, file, "local"), counts);
                    note(runs, "loop by hand on two threads", byHand(file, 2), counts);
                    note(runs, "loop by hand on one thread", byHand(file, 1), counts);
                    note(runs, "PyTorch 1.13 and pandas by batches of 100,000", torch(file), counts);
                    note(runs, "the same job on Spark, two workers of one core", job(service, file, "spark"), counts);
                }
            }
        }
        List<Run> ours = runs.remove("");
        List<Line> lines = new ArrayList<>();
        for (Map.Entry<String, List<Run>> peer : runs.entrySet()) {
            requireEqual(peer.getKey(), ours.getFirst().gradient(), peer.getValue().getFirst().gradient());
            lines.add(new Line(row(), WORK.formatted(rows), Unit.TIME, nanos(ours), peer.getKey(), nanos(peer.getValue()),
                    peer.getKey().startsWith("loop by hand on two") ? LEAST : Double.NaN));
        }
        lines.addAll(memory(folder, rows));
        return lines;
    }

    private static void note(Map<String, List<Run>> runs, String contender, Run run, boolean counts) {
        List<Run> all = runs.computeIfAbsent(contender, _ -> new ArrayList<>());
        if (counts) {
            all.add(run);
        }
    }

    private static double[] nanos(List<Run> runs) {
        return runs.stream().mapToDouble(Run::nanos).toArray();
    }

    private static void requireEqual(String name, double[] ours, double[] theirs) {
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= TOLERANCE)) {
                throw new IllegalStateException(name + " has element " + i + " of the gradient " + theirs[i] + ", not " + ours[i]);
            }
        }
    }

    /** The most memory that the service has taken, each time of a new process: it should not grow with the rows. */
    private List<Line> memory(Path folder, int most) throws Exception {
        List<Line> lines = new ArrayList<>();
        double[] few = peak(folder, most / 10);
        for (int rows : settings.isQuick() ? new int[]{most} : new int[]{most, most * 10}) {
            lines.add(new Line(row(), "most memory of the service with -Xmx512m, %,d rows".formatted(rows), Unit.BYTES, peak(folder, rows),
                    "%,d rows".formatted(most / 10), few, MEMORY));
        }
        return lines;
    }

    private double[] peak(Path folder, int rows) throws Exception {
        Path file = written(folder, rows);
        try (Server service = service(folder, "rows-memory", "512m", "")) {
            service.awaitAnswer("/actuator/health/readiness");
            put(service, file);
            job(service, file, "local");
            return new double[]{service.mostMemory()};
        }
    }

    private Server service(Path folder, String name, String heap, String master) throws IOException {
        Path data = Files.createTempDirectory(folder, "data-");
        return Server.start(settings.folder(), name, port -> List.of(Server.java(), "-Xmx" + heap, "--add-modules", "jdk.incubator.vector",
                "-jar", settings.jar().toString(), "--server.port=" + port, "--chainrule.data-directory=" + data,
                "--chainrule.datasets.roots=file:" + folder, "--chainrule.datasets.check-time=30m",
                "--chainrule.jobs.spark.master=" + master,
                "--chainrule.jobs.spark.home=" + SparkCluster.HOME, "--chainrule.jobs.spark.secret=" + SECRET,
                "--chainrule.jobs.spark.driver-memory=512m", "--chainrule.jobs.spark.properties[spark.executor.memory]=512m",
                "--chainrule.jobs.spark.properties[spark.driver.host]=127.0.0.1",
                "--chainrule.jobs.spark.properties[spark.driver.bindAddress]=127.0.0.1"));
    }

    private static void put(Server service, Path file) throws IOException, InterruptedException {
        service.put("/v1/datasets/rows", "{\"location\": \"file:" + file + "\", \"format\": \"csv\"}");
    }

    private static Run job(Server service, Path file, String engine) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        String id = JSON
                .readTree(service.post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"rows\", \"engine\": \"" + engine
                        + "\", " + COLUMNS + ", " + PROGRAM + "}}"))
                .path("id").asString();
        Instant end = Instant.now().plus(PATIENCE);
        JsonNode job;
        do {
            if (Instant.now().isAfter(end)) {
                throw new IOException("the job over " + file + " does not end");
            }
            TimeUnit.MILLISECONDS.sleep(20);
            job = JSON.readTree(service.get("/v1/jobs/" + id));
        } while (job.path("ended_at").isMissingNode());
        double nanos = System.nanoTime() - begin;
        if (!job.path("status").asString().equals("succeeded")) {
            throw new IOException("the job over " + file + " has ended so: " + job);
        }
        JsonNode gradients = JSON.readTree(service.get("/v1/jobs/" + id + "/result")).path("gradients");
        double[] gradient = new double[FEATURES + 1];
        for (int i = 0; i < FEATURES; i++) {
            gradient[i] = gradients.path("w").path("mean").path(i).asDouble();
        }
        gradient[FEATURES] = gradients.path("b").path("mean").asDouble();
        return new Run(nanos, gradient);
    }

    private static Run byHand(Path file, int threads) throws IOException, InterruptedException {
        return run(Commands.run(Server.java(), "-Xmx512m", "-cp", System.getProperty("java.class.path"), RowsByHand.class.getName(),
                file.toString(), String.valueOf(threads)));
    }

    private static Run torch(Path file) throws IOException, InterruptedException {
        return run(Commands.run(PythonPeer.PYTHON, PythonPeer.SCRIPTS.resolve("rows.py").toString(), file.toString()));
    }

    /** The last line that a program prints has its nanoseconds, without its start, and the gradient. */
    private static Run run(String output) {
        String[] numbers = output.lines().reduce("", (_, line) -> line).split(" ");
        double[] gradient = new double[FEATURES + 1];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = Double.parseDouble(numbers[i + 1]);
        }
        return new Run(Double.parseDouble(numbers[0]), gradient);
    }

    private static Path written(Path folder, int rows) throws IOException {
        Path file = folder.resolve("rows-" + rows + ".csv");
        if (Files.exists(file)) {
            return file;
        }
        Path part = folder.resolve("part");
        Random random = new Random(SEED);
        try (BufferedWriter out = Files.newBufferedWriter(part)) {
            out.write("u0,u1,u2,u3,u4,u5,u6,u7,u8,u9,label\n");
            for (int row = 0; row < rows; row++) {
                for (int k = 0; k < FEATURES; k++) {
                    // Six digits, as measurements often have.
                    out.write(Double.toString(Math.rint(random.nextGaussian() * 1e5) / 1e5));
                    out.write(',');
                }
                out.write(random.nextBoolean() ? "1\n" : "0\n");
            }
        }
        return Files.move(part, file);
    }
}
