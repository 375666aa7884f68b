package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A job whose replica is killed, again and again, ends as if nothing had happened. */
@Tag("sampled")
@Timeout(1800)
class KilledJobsIT {
    private static final int KILLS = Integer.getInteger("fortress.kills", 1);
    private static final int EPOCHS = (KILLS > 1 ? 500_000 : 200_000) * (1 + KILLS);
    /** Where there is one kill, much is done before it. */
    private static final int LEAST_MILLISECONDS = KILLS > 1 ? 0 : 1_500;
    private static final int EPOCHS_OF_LATE = 1_000_000;
    /** So many are not done when the database goes away for the third time. */
    private static final int EPOCHS_OF_OUTAGES = 6_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path temporary;

    private final Random random = new Random(13);

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 202);
        return JsonMapper.shared().readTree(response.body());
    }

    /** A replica that tells often that it is alive; {@code more} are further arguments. */
    private RunningService start(EmbeddedPostgres database, int number, String... more) throws IOException {
        String url = database.getJdbcUrl("postgres", "postgres") + "&ApplicationName=" + name(number);
        List<String> arguments = new ArrayList<>(List.of("--spring.datasource.url=" + url,
                "--chainrule.data-directory=" + temporary.resolve("data" + number), "--chainrule.warm-up=false",
                "--chainrule.limits.threads=1"));
        arguments.addAll(List.of(more));
        return new RunningService(Processes.jar(arguments.toArray(String[]::new)), temporary, Map.of(),
                temporary.resolve("service" + number + ".log"));
    }

    /** The name by which the database knows a replica. */
    private static String name(int number) {
        return "replica-" + number;
    }

    private RunningService quick(EmbeddedPostgres database, int number) throws IOException, InterruptedException {
        RunningService service = start(database, number, "--chainrule.jobs.heartbeat=500ms", "--chainrule.jobs.checkpoint=300ms");
        service.awaitReady();
        return service;
    }

    private static String post(RunningService service, int epochs) throws IOException, InterruptedException {
        return json(service.post("/v1/jobs", """
                {"kind": "train", "request": {"network": {"input": {"name": "x", "shape": [2]}, "loss": {"type": "mse", "target": "y"},
                 "layers": [{"type": "dense", "name": "h", "units": 6, "activation": "tanh"},
                            {"type": "dropout", "name": "d", "rate": 0.2}, {"type": "dense", "name": "o", "units": 1}]},
                 "inputs": {"x": [[1, 2], [0, -1], [0.5, 0.25], [-1, 1], [2, 0]], "y": [[1], [0], [2], [-1], [0.5]]},
                 "seed": 3, "shuffle_seed": 4, "epochs": %d, "batch_size": 2, "optimizer": {"type": "adam", "lr": 0.001}}}"""
                .formatted(epochs))).path("id").asString();
    }

    private static JsonNode awaitEnd(RunningService service, String id) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        JsonNode job = json(service.get("/v1/jobs/" + id));
        while (!hasEnded(job)) {
            assertThat(Instant.now()).as("%s", job).isBefore(end);
            assertThat(job.path("status").asString()).as("%s", job).isIn("queued", "running");
            TimeUnit.MILLISECONDS.sleep(100);
            job = json(service.get("/v1/jobs/" + id));
        }
        return job;
    }

    /** The replica that makes the latest attempt, after so many that were killed. A busy machine may make attempts of its own. */
    private static int runner(List<RunningService> replicas, String id, int killed) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            JsonNode job = json(replicas.getFirst().get("/v1/jobs/" + id));
            int attempt = job.path("attempts").asInt();
            for (int i = 0; attempt > killed && i < replicas.size(); i++) {
                if (replicas.get(i).log().contains("Job " + id + " (train): attempt " + attempt + "\"")) {
                    return i;
                }
            }
            assertThat(Instant.now()).as("%s", job).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Test
    void endsWithTheSameBits() throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start()) {
            List<RunningService> replicas = new ArrayList<>();
            try {
                replicas.add(quick(database, 0));
                replicas.add(quick(database, 1));
                String id = post(replicas.getFirst(), EPOCHS);
                int number = 2;
                int attempts = 0;
                int kills = 0;
                long done = 0;
                boolean isActive = true;
                while (isActive && kills < KILLS) {
                    int victim = runner(replicas, id, attempts);
                    TimeUnit.MILLISECONDS.sleep(LEAST_MILLISECONDS + random.nextInt(2_000));
                    replicas.get(victim).kill();
                    replicas.get(victim).exitCode();
                    replicas.get(victim).close();
                    JsonNode found = json(replicas.get(1 - victim).get("/v1/jobs/" + id));
                    attempts = found.path("attempts").asInt();
                    done += found.path("progress").path("done").asLong();
                    isActive = !found.path("status").asString().equals("succeeded");
                    kills += isActive ? 1 : 0;
                    replicas.set(victim, quick(database, number++));
                }
                assertThat(kills).as("kills before the job had ended").isEqualTo(KILLS);
                JsonNode job = awaitEnd(replicas.getFirst(), id);
                int takeovers = job.path("attempts").asInt() - 1;
                assertThat(takeovers).isGreaterThanOrEqualTo(kills);
                long total = job.path("progress").path("total").asLong();
                assertThat(job.path("progress").path("done").asLong()).isEqualTo(total).isEqualTo(3L * EPOCHS);
                // What was made since the latest state is made again; a job that began anew each time would repeat all that was done.
                long repeated = job.path("progress").path("made").asLong() - total;
                double pace = job.path("progress").path("per_second").asDouble();
                System.out.printf("A job whose replica was killed %d times repeated %.1f s of its work.%n", kills, repeated / pace);
                assertThat(repeated / pace).as("seconds of work that were repeated in %d takeovers", takeovers).isLessThan(2.0 * takeovers);
                assertThat(repeated).as("steps that were repeated, of those done at each kill").isLessThan(done / 2);
                String result = replicas.getLast().get("/v1/jobs/" + id + "/result").body();
                String undisturbed = post(replicas.getFirst(), EPOCHS);
                awaitEnd(replicas.getFirst(), undisturbed);
                assertThat(result).isEqualTo(replicas.getFirst().get("/v1/jobs/" + undisturbed + "/result").body());
            } finally {
                for (RunningService replica : replicas) {
                    replica.close();
                }
            }
        }
    }

    /** With the heartbeat, and the time between states, that the service has by default. */
    @Test
    @Tag("fortress")
    void isTakenOverWithinHalfAMinute() throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start();
                RunningService first = start(database, 0);
                RunningService second = start(database, 1)) {
            List<RunningService> replicas = List.of(first, second);
            first.awaitReady();
            second.awaitReady();
            String id = post(first, 3_000_000);
            int victim = runner(replicas, id, 0);
            RunningService other = replicas.get(1 - victim);
            TimeUnit.SECONDS.sleep(15);
            replicas.get(victim).kill();
            Instant killed = Instant.now();
            other.awaitLog("Job " + id + " (train): attempt 2");
            Duration untilTakenOver = Duration.between(killed, Instant.now());
            JsonNode job = awaitEnd(other, id);
            double repeated = (job.path("progress").path("made").asLong() - job.path("progress").path("total").asLong())
                    / job.path("progress").path("per_second").asDouble();
            System.out.printf("A job was taken over after %.1f s, and %.1f s of its work were repeated.%n", untilTakenOver.toMillis() / 1e3,
                    repeated);
            assertThat(untilTakenOver).isLessThan(Duration.ofSeconds(30));
            assertThat(repeated).isLessThan(10);
        }
    }

    /** Has the database note who changes anything of jobs. */
    private static void noteWrites(Connection database) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute("""
                    create table noted (number bigserial, replica text, change text);
                    create function note() returns trigger language plpgsql as $$
                    begin
                      insert into noted (replica, change) values (current_setting('application_name'), tg_op || ' ' || tg_table_name);
                      return null;
                    end $$""");
            for (String table : List.of("job", "job_part", "job_event", "job_schedule")) {
                statement.execute("create trigger note after insert or update or delete on " + table
                        + " for each row execute function note()");
            }
        }
    }

    /** What a replica has changed of jobs. */
    private static List<String> writes(Connection database, int number) throws SQLException {
        List<String> writes = new ArrayList<>();
        try (PreparedStatement statement = database.prepareStatement("select change from noted where replica = ? order by number")) {
            statement.setString(1, name(number));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                writes.add(rows.getString(1));
            }
        }
        return writes;
    }

    /**
     * A replica that hangs at its work is thought to have ended. It goes on when another works on its job, or has ended it. The heartbeat
     * is that which the service has by default.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("fortress")
    void aReplicaThatWakesLateSpoilsNothing(boolean hasEnded) throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start();
                Connection connection = database.getPostgresDatabase().getConnection();
                RunningService first = start(database, 0);
                RunningService second = start(database, 1)) {
            List<RunningService> replicas = List.of(first, second);
            first.awaitReady();
            second.awaitReady();
            String id = post(first, EPOCHS_OF_LATE);
            int number = runner(replicas, id, 0);
            RunningService late = replicas.get(number);
            RunningService other = replicas.get(1 - number);
            running(other, id);
            noteWrites(connection);
            TimeUnit.MILLISECONDS.sleep(4_000 + random.nextInt(2_000));
            String process = String.valueOf(late.pid());
            Instant stopped = Instant.now();
            DatabaseProcesses.signal("STOP", process);
            Duration untilTakenOver;
            List<String> before;
            try {
                other.awaitLog("Job " + id + " (train): attempt 2\"");
                untilTakenOver = Duration.between(stopped, Instant.now());
                before = writes(connection, number);
                if (hasEnded) {
                    awaitEnd(other, id);
                }
            } finally {
                DatabaseProcesses.signal("CONT", process);
            }
            late.awaitLog("Job " + id + " is another replica's now; what attempt 1 has done is not used");
            late.awaitLog("Job " + id + " (train): attempt 1 is over");
            assertThat(json(other.get("/v1/jobs/" + id)).path("status").asString()).isEqualTo(hasEnded ? "succeeded" : "running");
            JsonNode job = awaitEnd(other, id);
            System.out.printf("A job whose replica hung was taken over after %.1f s.%n", untilTakenOver.toMillis() / 1e3);
            assertThat(untilTakenOver).isLessThan(Duration.ofSeconds(30));
            assertThat(job.path("attempts").asInt()).as("%s", job).isEqualTo(2);
            assertThat(job.path("progress").path("done").asLong()).isEqualTo(3L * EPOCHS_OF_LATE);
            assertThat(other.get("/v1/jobs/" + id + "/events").body().lines().filter(line -> line.startsWith("data: {\"status\"")))
                    .containsExactly(Stream.of("queued", "running", "queued", "running", "succeeded")
                            .map(status -> "data: {\"status\":\"" + status + "\"}").toArray(String[]::new));
            assertThat(before).isNotEmpty();
            assertThat(writes(connection, number)).as("what the replica has changed, before and after it hung").isEqualTo(before);
            String undisturbed = post(other, EPOCHS_OF_LATE);
            awaitEnd(other, undisturbed);
            assertThat(late.get("/v1/jobs/" + id + "/result").body())
                    .isEqualTo(other.get("/v1/jobs/" + undisturbed + "/result").body());
        }
    }

    /** All replicas miss their heartbeats then, and which of them is the first that reaches the database again is a matter of chance. */
    @Test
    @Tag("fortress")
    void aDatabaseThatWasAwayTakesNoJobFromItsReplica() throws Exception {
        Path data = Files.createDirectory(temporary.resolve("postgres"));
        try (EmbeddedPostgres database = EmbeddedPostgres.builder().setDataDirectory(data).start();
                RunningService first = quick(database, 0);
                RunningService second = quick(database, 1)) {
            String id = post(first, EPOCHS_OF_OUTAGES);
            for (int round = 0; round < 3; round++) {
                running(second, id);
                DatabaseProcesses.suspend(data);
                try {
                    TimeUnit.SECONDS.sleep(15);
                } finally {
                    DatabaseProcesses.resume(data);
                }
                TimeUnit.SECONDS.sleep(6);
            }
            JsonNode job = awaitEnd(second, id);
            assertThat(job.path("attempts").asInt()).as("%s", job).isEqualTo(1);
            assertThat(job.path("progress").path("made").asLong()).as("steps, none of which was repeated")
                    .isEqualTo(3L * EPOCHS_OF_OUTAGES);
        }
    }

    private RunningService alone(int number) throws IOException, InterruptedException {
        RunningService service = new RunningService(
                Processes.jar("--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.warm-up=false",
                        "--chainrule.limits.threads=1", "--chainrule.jobs.heartbeat=500ms", "--chainrule.jobs.checkpoint=300ms"),
                temporary, Map.of(), temporary.resolve("service" + number + ".log"));
        service.awaitReady();
        return service;
    }

    private String rows(int count) {
        StringBuilder csv = new StringBuilder("a,b,c,d,y\n");
        for (int i = 0; i < count; i++) {
            for (int column = 0; column < 4; column++) {
                csv.append((float) random.nextGaussian()).append(',');
            }
            csv.append(random.nextInt(2)).append('\n');
        }
        return csv.toString();
    }

    private static String begin(RunningService service, String kind, String more) throws IOException, InterruptedException {
        return json(service.post("/v1/jobs", """
                {"kind": "%s", "request": {"dataset": "rows", "columns": {"x": ["a", "b", "c", "d"], "y": "y"},
                 "expression": "z = dot(w, tanh(V @ x))\\nloss = softplus(z) - y * z",
                 "inputs": {"w": [0.1, -0.2, 0.3], "V": [[0.5, -0.1, 0.2, 0.3], [0.1, 0.4, -0.3, 0.2], [-0.2, 0.1, 0.6, -0.4]]},
                 "wrt": ["w", "V"], %s}}""".formatted(kind, more))).path("id").asString();
    }

    /** The service on one machine, with the database that it brings. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            reduce; "derivatives": "hessian", "variance": true
            map;    "of": ["z"], "save_as": "results"
            fit;    "iterations": 30, "tolerance": 0
            fit;    "optimizer": {"type": "adam", "lr": 0.001}, "epochs": 2, "batch_size": 16, "validation": "rows"
            """)
    @Tag("fortress")
    void endsWithTheSameBitsOverRows(String kind, String more) throws Exception {
        RunningService service = alone(0);
        try {
            assertThat(service.putAs("text/csv", "/v1/datasets/rows", rows(400_000)).statusCode()).isEqualTo(201);
            String id = begin(service, kind, more);
            for (int kill = 1; kill <= 3; kill++) {
                awaitPart(service, id, kill / 5.0);
                service.kill();
                service.exitCode();
                service.close();
                service = alone(kill);
            }
            JsonNode job = awaitEnd(service, id);
            assertThat(job.path("attempts").asInt()).as("%s", job).isGreaterThan(1);
            long total = kind.equals("fit") ? job.path("progress").path("done").asLong() : job.path("progress").path("total").asLong();
            // If it began anew each time, that would be 1.2 times as much again.
            assertThat(job.path("progress").path("made").asLong()).as("what was made in all attempts").isLessThan(2 * total);
            String found = answer(service, kind, id);
            String other = begin(service, kind, more);
            awaitEnd(service, other);
            assertThat(answer(service, kind, other)).isEqualTo(found);
        } finally {
            service.close();
        }
    }

    /** The service is killed while it joins the parts of the results, a gigabyte of JSON Lines or numbers that become Parquet. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "parquet"})
    @Tag("fortress")
    void goesOnWithTheJoiningOfResults(String format) throws Exception {
        RunningService service = alone(0);
        try {
            assertThat(service.putAs("text/csv", "/v1/datasets/rows", rows(200_000)).statusCode()).isEqualTo(201);
            String more = "\"derivatives\": \"hessian\", \"save_as\": \"results\", \"format\": \"" + format + "\"";
            String id = begin(service, "map", more);
            Path draft = temporary.resolve("data/datasets/draft-" + id);
            Instant end = Instant.now().plus(PATIENCE);
            while (bytesJoined(draft) < 50_000_000) {
                assertThat(Instant.now()).isBefore(end);
                TimeUnit.MILLISECONDS.sleep(5);
            }
            service.kill();
            service.exitCode();
            service.close();
            assertThat(bytesJoined(draft)).isPositive();
            service = alone(1);
            JsonNode job = awaitEnd(service, id);
            assertThat(job.path("attempts").asInt()).as("%s", job).isEqualTo(2);
            assertThat(job.path("progress").path("made").asLong()).as("rows, none of which was worked on again").isEqualTo(200_000);
            assertThat(service.log()).doesNotContain("begins anew");
            String found = json(service.get("/v1/datasets/results")).path("sha256").asString();
            awaitEnd(service, begin(service, "map", more.replace("results", "others")));
            assertThat(json(service.get("/v1/datasets/others")).path("sha256").asString()).isEqualTo(found);
        } finally {
            service.close();
        }
    }

    private static long bytesJoined(Path draft) throws IOException {
        if (!Files.isDirectory(draft)) {
            return 0;
        }
        try (DirectoryStream<Path> whole = Files.newDirectoryStream(draft, "*-whole")) {
            Iterator<Path> found = whole.iterator();
            return found.hasNext() ? Files.size(found.next()) : 0;
        }
    }

    private static boolean hasEnded(JsonNode job) {
        return job.path("status").asString().equals("succeeded");
    }

    /** Waits until so much of a job is done, which must not be all of it. */
    private static void awaitPart(RunningService service, String id, double part) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            JsonNode job = json(service.get("/v1/jobs/" + id));
            assertThat(job.path("status").asString()).as("%s", job).isIn("queued", "running");
            JsonNode progress = job.path("progress");
            if (progress.path("total").asLong() > 0 && progress.path("done").asDouble() >= part * progress.path("total").asDouble()) {
                return;
            }
            assertThat(Instant.now()).as("%s", job).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Waits until more of a job is done than before. */
    private static void running(RunningService service, String id) throws IOException, InterruptedException {
        long before = -1;
        while (true) {
            JsonNode job = json(service.get("/v1/jobs/" + id));
            assertThat(job.path("status").asString()).as("%s", job).isIn("queued", "running");
            long done = job.path("progress").path("done").asLong();
            if (before >= 0 && done > before) {
                return;
            }
            before = job.path("status").asString().equals("running") ? done : -1;
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static String answer(RunningService service, String kind, String id) throws IOException, InterruptedException {
        return kind.equals("map") ? service.get("/v1/datasets/results/file").body() : service.get("/v1/jobs/" + id + "/result").body();
    }

    /** A replica that ends as it should stores its state, and the next one begins where it was. */
    @Test
    @Tag("fortress")
    void goesOnAfterARestart() throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start()) {
            String id;
            long done;
            try (RunningService service = start(database, 0)) {
                service.awaitReady();
                id = post(service, 1_000_000);
                service.awaitLog("Job " + id + " (train): attempt 1");
                TimeUnit.MILLISECONDS.sleep(1_500);
                service.terminate();
                assertThat(service.exitCode()).isEqualTo(143);
                assertThat(service.log()).contains("Job " + id + ": attempt 1 ends: SHUTDOWN");
            }
            try (RunningService service = start(database, 1)) {
                service.awaitReady();
                service.awaitLog("Job " + id + " (train): attempt 2");
                JsonNode job = awaitEnd(service, id);
                done = job.path("progress").path("done").asLong();
                assertThat(job.path("progress").path("made").asLong()).as("nothing is repeated").isEqualTo(done).isEqualTo(3_000_000);
            }
        }
    }
}
