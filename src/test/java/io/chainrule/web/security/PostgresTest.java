package io.chainrule.web.security;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.ReadsLog;
import io.chainrule.process.DatabaseProcesses;
import io.chainrule.process.Ports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Two replicas of the service with one PostgreSQL. */
@ReadsLog
@TestPropertySource(properties = {"chainrule.security.key-cache=200ms", "chainrule.quotas.shared=true"})
class PostgresTest extends SecuredTest {
    private static final Path DATA = newFolder();
    private static EmbeddedPostgres database = start();

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres start() {
        try {
            return start(Ports.lasting());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres start(int port) {
        try {
            return EmbeddedPostgres.builder().setPort(port).setDataDirectory(DATA).setCleanDataDirectory(false).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String url() {
        return database.getJdbcUrl("postgres", "postgres");
    }

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        properties.add("spring.datasource.url", PostgresTest::url);
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    private Replica replica() {
        return new Replica("--chainrule.data-directory=" + folder.resolve("other"), "--spring.datasource.url=" + url(),
                "--chainrule.security.key-cache=200ms", "--chainrule.quotas.shared=true");
    }

    @Test
    void keysHoldForAllReplicas() throws IOException, InterruptedException {
        try (Replica other = replica()) {
            assertThat(folder.resolve("other/first-key")).doesNotExist();
            JsonNode made = json(with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"ana\", \"scopes\": [\"compute\"]}"));
            String key = made.path("key").asString();
            assertThat(other.with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
            assertThat(with(firstKey(), "DELETE", "/v1/keys/" + made.path("id").asString(), "").statusCode()).isEqualTo(204);
            TimeUnit.MILLISECONDS.sleep(300);
            assertThat(other.with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(401);
        }
    }

    /** The database gives each version its number, whichever replica asks. */
    @Test
    void thoseWhoStoreAModelAtTwoReplicasAtOnceGetAVersionEach() throws Exception {
        String key = newKey("{\"owner\": \"bea\", \"scopes\": [\"compute\", \"models:write\"]}");
        try (Replica other = replica(); ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<HttpResponse<String>>> stores = IntStream.range(0, 24)
                    .mapToObj(i -> clients.submit(() -> (i % 2 == 0 ? this : other).with(key, "PUT", "/v1/models/shared",
                            "{\"expression\": \"a * x\", \"inputs\": {\"a\": " + i + "}}")))
                    .toList();
            List<Integer> versions = new ArrayList<>();
            for (int i = 0; i < stores.size(); i++) {
                HttpResponse<String> stored = stores.get(i).get();
                assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
                int version = json(stored).path("version").asInt();
                versions.add(version);
                JsonNode called = json((i % 2 == 0 ? other : this).with(key, "POST", "/v1/evaluate",
                        "{\"model\": \"shared:" + version + "\", \"inputs\": {\"x\": 1}}"));
                assertThat(called.path("value").asInt()).as("the version that was told is what was stored").isEqualTo(i);
            }
            assertThat(versions).containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 24).boxed().toList());
        }
    }

    /** So that a replica that hangs in the middle of a transaction does not keep its locks. */
    @Test
    void leavesNoTransactionOpen(@Autowired DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                ResultSet set = connection.createStatement().executeQuery("show idle_in_transaction_session_timeout")) {
            assertThat(set.next()).isTrue();
            assertThat(set.getString(1)).isEqualTo("10s");
        }
    }

    /** A lock keeps both from writing until both have seen that there is no key. */
    @Test
    void ofReplicasThatStartAtOnceOneMakesTheFirstKey(CapturedOutput log) throws Exception {
        try (Connection outside = database.getPostgresDatabase().getConnection(); Statement statement = outside.createStatement()) {
            statement.execute("create database twins");
        }
        // They wait for the lock of this test, which is longer than services wait for a server that hangs.
        String twins = database.getJdbcUrl("postgres", "twins") + "&socketTimeout=120";
        Flyway.configure().dataSource(twins, "postgres", "").load().migrate();
        try (ExecutorService starters = Executors.newFixedThreadPool(2);
                Connection lock = DriverManager.getConnection(twins, "postgres", "");
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("lock table api_key in exclusive mode");
            List<Future<Replica>> starts = Stream.of("one", "two").map(name -> starters
                    .submit(() -> new Replica("--chainrule.data-directory=" + folder.resolve(name), "--spring.datasource.url=" + twins)))
                    .toList();
            await().until(() -> number(statement, "select count(*) from pg_locks where not granted") == 2);
            lock.commit();
            try (Replica one = starts.getFirst().get(); Replica two = starts.getLast().get()) {
                assertThat(number(statement, "select count(*) from api_key")).isEqualTo(1);
                List<Path> files = Stream.of("one", "two").map(name -> folder.resolve(name).resolve("first-key")).filter(Files::exists)
                        .toList();
                assertThat(files).hasSize(1);
                String key = Files.readString(files.getFirst()).strip();
                assertThat(List.of(one.with(key, "GET", "/v1/keys", "").statusCode(), two.with(key, "GET", "/v1/keys", "").statusCode()))
                        .containsExactly(200, 200);
                await().until(() -> log.getOut().contains("Another replica has made the first key"));
            }
        }
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Other tests have the database away, upon which quotas are not enforced for some seconds. */
    private void awaitQuotas() throws IOException {
        String one = newKey("{\"owner\": \"zoe\", \"scopes\": [\"compute\"], \"quotas\": {\"requests\": 1}}");
        await().until(() -> with(one, "POST", "/v1/gradient", PROGRAM).statusCode() == 429);
    }

    @Test
    void replicasShareQuotas() throws IOException {
        awaitQuotas();
        String key = newKey("{\"owner\": \"bob\", \"scopes\": [\"compute\"], \"quotas\": {\"requests\": 10}}");
        try (Replica other = replica()) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                statuses.add(with(key, "POST", "/v1/gradient", PROGRAM).statusCode());
                statuses.add(other.with(key, "POST", "/v1/gradient", PROGRAM).statusCode());
            }
            // One is refilled in six seconds; a replica may spend one that it has not told yet.
            assertThat(statuses).filteredOn(status -> status == 200).hasSizeBetween(10, 13);
            assertThat(statuses).contains(429);
        }
    }

    /** As after an outage: until the database is reached for the first time clients are let in, and from then on they have quotas. */
    @Test
    void aDatabaseThatIsNotThereAtTheStartComesLater() throws Exception {
        String late = database.getJdbcUrl("postgres", "late");
        try (Replica other = new Replica("--chainrule.data-directory=" + folder.resolve("late"), "--spring.datasource.url=" + late,
                "--chainrule.quotas.shared=true", "--chainrule.quotas.requests=3");
                Connection outside = database.getPostgresDatabase().getConnection();
                Statement statement = outside.createStatement()) {
            for (int i = 0; i < 10; i++) {
                assertThat(other.look("/v1/ops/relu").statusCode()).isEqualTo(200);
            }
            assertThat(other.look("/actuator/health/readiness").statusCode()).isEqualTo(503);
            statement.execute("create database late");
            await().until(() -> other.look("/v1/ops/relu").statusCode() == 429);
            assertThat(other.look("/actuator/health/readiness").statusCode()).isEqualTo(200);
        }
    }

    /**
     * As while pg_dump reads all tables, and replicas are replaced by those of the next version. Another migration takes longer than a
     * request waits.
     */
    @Test
    @Timeout(180)
    void aMigrationGoesOnOnceOthersLetIt(CapturedOutput log) throws Exception {
        try (Connection outside = database.getPostgresDatabase().getConnection(); Statement statement = outside.createStatement()) {
            statement.execute("create database older");
        }
        String older = database.getJdbcUrl("postgres", "older");
        Flyway.configure().dataSource(older, "postgres", "").target("7").load().migrate();
        Path slow = Files.createDirectory(folder.resolve("slow"));
        Files.writeString(slow.resolve("V1000__slow.sql"), "select pg_sleep(6);");
        try (Connection dump = DriverManager.getConnection(older, "postgres", "");
                Statement lock = dump.createStatement();
                Connection old = DriverManager.getConnection(older, "postgres", "");
                Statement asked = old.createStatement()) {
            dump.setAutoCommit(false);
            lock.execute("lock table job in access share mode");
            asked.setQueryTimeout(4);
            try (Replica replica = new Replica("--chainrule.data-directory=" + folder.resolve("newer"), "--spring.datasource.url=" + older,
                    "--spring.flyway.locations=classpath:db/migration,filesystem:" + slow)) {
                await().until(() -> number(asked, "select count(*) from job") == 0
                        && log.getOut()
                                .contains("The tables could not be brought up to date (V8__job_resumes_with.sql): ERROR: canceling"));
                assertThat(List.of(replica.look("/actuator/health/readiness").statusCode(),
                        replica.look("/actuator/health/liveness").statusCode(), replica.look("/v1/ops/relu").statusCode()))
                        .containsExactly(503, 200, 200);
                await().untilAsserted(() -> assertThat(
                        number(asked, "select count(*) from pg_stat_activity where datname = 'older'")).as("no more than of this test")
                        .isEqualTo(2));
                dump.commit();
                await().until(() -> replica.look("/actuator/health/readiness").statusCode() == 200);
                assertThat(number(asked, "select count(*) from flyway_schema_history where version = '1000' and success")).isEqualTo(1);
                assertThat(replica.with("none", "GET", "/v1/keys", "").statusCode()).as("the database is asked").isEqualTo(401);
            }
        }
    }

    @Test
    void itsOwnToolsBackItUp() throws IOException {
        HttpResponse<String> response = with(firstKey(), "POST", "/actuator/backup", "");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("pg_dump");
    }

    /** Skipped where PostgreSQL's tools are missing. */
    @Test
    void aBackupIsRestoredByItsOwnTools() throws Exception {
        assumeTrue(hasTools(), "pg_dump is not on the path");
        String key = newKey("{\"owner\": \"dan\", \"scopes\": [\"compute\"]}");
        String server = "postgresql://postgres@localhost:" + database.getPort() + "/";
        Path dump = folder.resolve("chainrule.dump");
        run("pg_dump", "--format=custom", "--file=" + dump, server + "postgres");
        run("psql", "--quiet", "--command=create database restored", server + "postgres");
        run("pg_restore", "--dbname=" + server + "restored", dump.toString());
        try (Replica other = new Replica("--chainrule.data-directory=" + folder.resolve("restored"),
                "--spring.datasource.url=" + database.getJdbcUrl("postgres", "restored"))) {
            assertThat(other.with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
        }
    }

    private static boolean hasTools() throws InterruptedException {
        try {
            return new ProcessBuilder("pg_dump", "--version").start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** How long it takes until all of eight requests with a key are refused. */
    private double secondsForMany(String key) {
        long start = System.nanoTime();
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> answers = Stream
                    .generate(() -> clients.submit(() -> with(key, "POST", "/v1/gradient", PROGRAM).statusCode())).limit(8).toList();
            assertThat(answers).allSatisfy(answer -> assertThat(answer.get()).isEqualTo(503));
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** What needs no look into the database goes on meanwhile. */
    @Test
    void aDatabaseThatGoesComesBack() throws IOException, InterruptedException {
        String key = newKey("{\"owner\": \"carol\", \"scopes\": [\"compute\"]}");
        int databasePort = database.getPort();
        database.close();
        try {
            TimeUnit.MILLISECONDS.sleep(300);
            HttpResponse<String> refused = with(key, "POST", "/v1/gradient", PROGRAM);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(errors(refused)).containsExactly("overloaded -");
            assertThat(json(refused).path("detail").asString()).contains("spring.datasource.url").doesNotContain("jdbc:");
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("5");
            assertThat(secondsForMany(key)).as("not one after the other, each with the patience of the pool").isLessThan(9);
            assertThat(get("/v1/ops/relu").statusCode()).isEqualTo(200);
            assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        } finally {
            database = start(databasePort);
        }
        await().until(() -> with(key, "POST", "/v1/gradient", PROGRAM).statusCode() == 200);
    }

    /** Asks with keys that nobody has, each of which is looked up, until that is over. Returns for how long the last answer was waited. */
    private double askOn(int client, AtomicBoolean isOver) {
        double seconds = 0;
        for (int i = 0; !isOver.get(); i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = with("none-" + client + "-" + i, "POST", "/v1/gradient", PROGRAM, "X-Forwarded-For",
                    "198.51." + client + "." + i % 250);
            assertThat(response.statusCode()).as(response.body()).isIn(401, 503);
            seconds = (System.nanoTime() - start) / 1e9;
        }
        return seconds;
    }

    /** Its connections stand, and nothing comes; a server that dies would end them. */
    @Test
    @Timeout(120)
    void aDatabaseThatHangsIsNotWaitedForLong() throws Exception {
        String key = newKey("{\"owner\": \"erin\", \"scopes\": [\"compute\"]}");
        AtomicBoolean isOver = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Future<Double>> last = IntStream.range(0, 4).mapToObj(client -> clients.submit(() -> askOn(client, isOver))).toList();
            TimeUnit.SECONDS.sleep(1);
            DatabaseProcesses.suspend(DATA);
            isOver.set(true);
            for (Future<Double> one : last) {
                assertThat(one.get()).as("5 s, and then some for a connection").isLessThan(30);
            }
            assertThat(secondsForMany(key)).isLessThan(30);
            assertThat(get("/v1/ops/relu").statusCode()).as("without quotas meanwhile").isEqualTo(200);
        } finally {
            DatabaseProcesses.resume(DATA);
            clients.shutdownNow();
        }
        await().until(() -> with(key, "POST", "/v1/gradient", PROGRAM).statusCode() == 200);
    }

    /** The server goes on with what it was asked when it can, though nobody waits for its answer any more. */
    @Test
    @Timeout(120)
    void aKeyThatWasRefusedIsNotMadeLater() throws Exception {
        try (Connection outside = DriverManager.getConnection(url(), "postgres", ""); Statement statement = outside.createStatement()) {
            outside.setAutoCommit(false);
            statement.execute("lock table api_key in exclusive mode");
            HttpResponse<String> refused = with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"in vain\", \"scopes\": [\"compute\"]}");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            outside.commit();
            await().until(() -> number(statement,
                    "select count(*) from pg_stat_activity where query like 'INSERT INTO \"api_key\"%' and state <> 'idle'") == 0);
            assertThat(number(statement, "select count(*) from api_key where owner = 'in vain'")).isZero();
        }
    }
}
