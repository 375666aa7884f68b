package io.chainrule.service.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.TestFolder;
import io.chainrule.core.language.Language;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.store.Store;
import io.chainrule.web.HttpTest;
import io.chainrule.web.problem.RequestException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionOperations;

/** Which job gets the only thread, and when it has to leave it to others. Each test needs the thread, so that one follows the other. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("the thread of jobs")
@DirtiesContext
class JobTurnsTest extends HttpTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Ten seconds of the cores come back each second. */
    private static final Quotas QUOTAS = new Quotas(0, 36_000, 0, 0);
    private static final String CHECK = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 1}}";

    @Autowired
    private JobService service;

    @Autowired
    private JobWorker worker;

    @Autowired
    private JobCleaner cleaner;

    @Autowired
    private Allowances allowances;

    @Autowired
    private ApiKeys keys;

    private final Map<String, Client> clients = new ConcurrentHashMap<>();

    @Autowired
    private Store store;

    @Autowired
    private JobRows rows;

    @Autowired
    private TransactionOperations transactions;

    @Autowired
    private JdbcClient database;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private DatasetService datasets;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "turns-");
        properties.add("chainrule.jobs.threads", () -> "1");
        properties.add("chainrule.jobs.heartbeat", () -> "1s");
    }

    private Job submit(String owner, long steps, @Nullable Quotas quotas) {
        String request = """
                {"expression": "(w * x - y)^2", "inputs": {"w": 0, "x": [1, 2, 3], "y": [3, 5, 7]}, "wrt": ["w"], "batch": ["x", "y"],
                 "batch_size": 2, "shuffle_seed": 5, "steps": %d, "diagnostics": "none", "optimizer": {"type": "adam", "lr": 1e-3}}"""
                .formatted(steps);
        return service.submit("train", new JobCall(owner, false, Language.EN, Map.of(), request), sender(owner, quotas), null);
    }

    private Job submit(String kind, String request, String client, @Nullable Quotas quotas) {
        return service.submit(kind, new JobCall("open", false, Language.EN, Map.of(), request), sender(client, quotas), null);
    }

    private JobClient sender(String name, @Nullable Quotas quotas) {
        return quotas == null ? new JobClient(name, null) : new JobClient(client(name, quotas).name(), quotas);
    }

    /** A client with a key that has quotas of its own. */
    private Client client(String name, Quotas quotas) {
        return clients.computeIfAbsent(name, _ -> new Client(keys.issue(new ApiKeys.Wish(name, Set.of(), null,
                new ApiKeys.OwnQuotas(quotas.requests(), quotas.computeSeconds(), quotas.bytes(), quotas.trainings()))).key().client(),
                quotas));
    }

    private Job find(Job job) {
        return service.find(job.owner(), job.id());
    }

    /** After the end is stored, it is counted, and what attempts have left is removed; then the job leaves the schedule. */
    private boolean isOver(Job job) {
        return find(job).status().hasEnded() && database.sql("select count(*) from job_schedule where task_instance = :id")
                .param("id", job.id()).query(Integer.class).single() == 0;
    }

    private Job succeeded(Job job) {
        await().atMost(PATIENCE).until(() -> isOver(job));
        assertThat(find(job).status()).as(find(job).toString()).isEqualTo(JobStatus.SUCCEEDED);
        return find(job);
    }

    @Test
    void aJobOutOfQuotaLeavesItsThreadAndGoesOnLater() {
        double before = attempts("quota");
        Job ana = submit("ana", 3_000_000, QUOTAS);
        await().atMost(PATIENCE).until(() -> find(ana).progress().done() > 0);
        // The job waits for 20 seconds, so that it still does when bob's has ended.
        allowances.of(client("ana", QUOTAS)).charge(36_200, 0);
        Job later = submit("ana", 10, QUOTAS);
        succeeded(submit("bob", 10, null));
        Job waiting = find(ana);
        assertThat(waiting.status()).isEqualTo(JobStatus.QUEUED);
        assertThat(waiting.resumesAt()).isAfter(Instant.now());
        assertThat(waiting.failures()).isZero();
        await().atMost(PATIENCE).until(() -> find(later).resumesAt() != null);
        assertThat(find(later).fence()).as("attempts at a job that has not begun").isZero();

        Job ended = succeeded(ana);
        assertThat(attempts("quota") - before).isEqualTo(1);
        assertThat(ended.fence()).isEqualTo(2);
        assertThat(ended.progress().made()).as("steps, none of which was repeated").isEqualTo(3_000_000);
        assertThat(service.events(ana, 0, 1_000)).extracting(JobEvent::data)
                .anySatisfy(event -> assertThat(event).startsWith("{\"status\":\"queued\",\"resumes_at\":\"20"));
        Job undisturbed = succeeded(submit("cho", 3_000_000, null));
        assertThat(undisturbed.fence()).isEqualTo(1);
        assertThat(answer(ana)).isEqualTo(answer(undisturbed));
        succeeded(later);
    }

    static Stream<Arguments> longJobs() {
        String rows = "{\"dataset\": \"%s\", \"inputs\": {\"w\": 0.4, \"c\": 0.1}, \"wrt\": [\"w\", \"c\"], \"expression\": "
                + "\"y = c\\nfor i in range(%d):\\n  y = tanh(w * x + c * y)\\nf = (y - x)^2\"%s}";
        return Stream.of(Arguments.of("reduce", rows.formatted("more", 900, ", \"variance\": true")),
                Arguments.of("map", rows.formatted("more", 900, ", \"save_as\": \"mapped\"")),
                Arguments.of("fit", rows.formatted("many", 100, ", \"iterations\": 12, \"tolerance\": 0")),
                Arguments.of("fit",
                        rows.formatted("many", 100, ", \"epochs\": 12, \"batch_size\": 1000, \"optimizer\": {\"type\": \"adam\"}")),
                Arguments.of("check", "{\"expression\": \"sum(tanh(outer(x, x) @ outer(x, x)))\", \"inputs\": {\"x\": "
                        + IntStream.range(0, 450).mapToObj(i -> String.valueOf(i / 1e4)).toList() + "}}"));
    }

    @Tag("fortress")
    @ParameterizedTest
    @MethodSource("longJobs")
    void allKindsGoOnAfterTheirQuotaWithTheSameAnswer(String kind, String request) {
        store("many", 300_000);
        store("more", 1_000_000);
        String name = "client of " + request.hashCode();
        Job job = submit(kind, request, name, QUOTAS);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> find(job).progress().done() > 0);
        allowances.of(client(name, QUOTAS)).charge(36_020, 0);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> find(job).resumesAt() != null);
        Job ended = succeeded(job);
        assertThat(ended.fence()).isEqualTo(2);
        assertThat(ended.progress().made()).as("units of work, none of which was repeated").isEqualTo(ended.progress().done());
        Job undisturbed = succeeded(submit(kind, request, "another client", null));
        assertThat(undisturbed.fence()).isEqualTo(1);
        assertThat(answer(ended)).isEqualTo(answer(undisturbed));
    }

    private void store(String dataset, int rows) {
        String lines = new Random(3).doubles(rows).mapToObj(x -> String.format(Locale.ROOT, "%.6f%n", x)).collect(Collectors.joining());
        send("PUT", "/v1/datasets/" + dataset, BodyPublishers.ofString("x\n" + lines), "Content-Type", "text/csv");
    }

    private String answer(Job job) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            service.result(job.owner(), job.id()).writeTo(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    /** Has the thread taken until the returned job is removed. */
    private Job blocking() {
        Job first = submit("zoe", 900_000_000, null);
        await().atMost(PATIENCE).until(() -> find(first).status() == JobStatus.RUNNING);
        return first;
    }

    private double attempts(String by) {
        return meters.get("chainrule.jobs.attempts.ended").tag("kind", "train").tag("by", by).functionCounter().count();
    }

    /** By default for a week. */
    @Test
    void anEndedJobIsKeptForATime() {
        Job ended = succeeded(submit("dee", 10, null));
        cleaner.clean(Instant.now().plus(Duration.ofDays(6)));
        assertThat(answer(ended)).isNotEmpty();
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        assertThatThrownBy(() -> find(ended)).isInstanceOf(UnknownJobException.class);
        assertThat(database.sql("select count(*) from job_event where job = ?").param(ended.id()).query(Integer.class).single()).isZero();
    }

    @Test
    void theTimeOfAJobIsThatOfAllItsAttempts() {
        double before = attempts("succeeded");
        Job blocking = blocking();
        Job endless = submit("ivy", 900_000_000, null);
        double days = Duration.ofDays(2).toSeconds();
        store.withTransaction(() -> database.sql("update job set worked = :days where id = :id").param("days", days)
                .param("id", endless.id()).update());
        service.delete("zoe", blocking.id());
        assertThat(succeeded(endless).progress().worked()).isBetween(days + 5, days + 30);
        assertThat(answer(endless)).contains("\"stopped_by\":\"deadline\"");
        assertThat(attempts("succeeded") - before).as("with those of tests that run at the same time").isGreaterThanOrEqualTo(1);
        assertThat(service.events(endless, 0, 1_000)).extracting(JobEvent::data).containsOnlyOnce("{\"status\":\"succeeded\"}");
        assertThat(find(endless).fence()).as("attempts").isEqualTo(1);
    }

    @Test
    void ownersTakeTurns() {
        Job blocking = blocking();
        List<Job> many = IntStream.range(0, 20).mapToObj(_ -> submit("dan", 10, null)).toList();
        Job single = submit("eve", 10, null);
        service.delete("zoe", blocking.id());
        List<Instant> begun = many.stream().map(job -> Objects.requireNonNull(succeeded(job).startedAt())).toList();
        assertThat(begun).as("an owner's jobs begin in the order in which they came").isSorted();
        assertThat(succeeded(single).startedAt()).isBetween(begun.getFirst(), begun.get(1));
    }

    /** Each job of the others is sent when their last one has begun, so that one of theirs always waits. */
    @Test
    void aJobIsNotKeptOutByOwnersWhoComeAgainAndAgain() {
        Job blocking = blocking();
        List<Job> waiting = IntStream.range(0, 3).mapToObj(_ -> submit("fay", 10, null)).toList();
        Job other = submit("gus", 200_000, null);
        service.delete("zoe", blocking.id());
        int sent = 1;
        while (!waiting.stream().allMatch(job -> find(job).status().hasEnded())) {
            assertThat(sent).as("jobs of others that come before three of an owner").isLessThan(10);
            Job latest = other;
            await().atMost(PATIENCE).until(() -> find(latest).status() != JobStatus.QUEUED);
            other = submit(sent % 2 == 0 ? "gus" : "hal", 200_000, null);
            sent++;
        }
        succeeded(other);
    }

    /** What has begun is not kept out: only what is queued can be cancelled while it waits. */
    @Test
    void aClientHasOnlySoManyTrainingsAtWork() {
        Quotas one = new Quotas(0, 0, 0, 1);
        Job endless = submit("joe", 900_000_000, one);
        await().atMost(PATIENCE).until(() -> find(endless).status() == JobStatus.RUNNING);
        Job waiting = submit("joe", 10, one);
        try {
            assertThat(worker.attempt(waiting.id())).isEqualTo(Duration.ofSeconds(10));
            assertThat(find(waiting).status()).isEqualTo(JobStatus.QUEUED);
            assertThat(find(waiting).fence()).as("attempts that have begun").isZero();
            Job check = submit("check", CHECK, "joe", one);
            Job begun = submit("joe", 10, one);
            store.withTransaction(() -> rows.begin(begun.id(), "another", Instant.now()));
            for (Job job : List.of(check, submit("kim", 10, one), submit("joe", 10, null), begun)) {
                long before = find(job).fence();
                worker.attempt(job.id());
                assertThat(find(job).fence()).as(find(job).toString()).isEqualTo(before + 1);
            }
        } finally {
            service.delete("joe", endless.id());
        }
        await().atMost(PATIENCE).until(() -> find(endless).status().hasEnded());
        succeeded(waiting);
    }

    /** The answer of a request tells that its model is not stored. A job waits until it is, and trains once. */
    @Test
    void aModelThatCannotBeStoredNowIsStoredLaterByTheSameAttempt() {
        String training = """
                {"expression": "(w - 1)^2", "inputs": {"w": 0}, "wrt": ["w"], "steps": 10, "optimizer": {"type": "sgd", "lr": 0.1},
                 "save_as": {"name": "held"}}""";
        assertThat(json(post("/v1/train", training)).at("/saved/version").asInt()).isEqualTo(1);
        String other = training.replace("0.1", "0.2");
        Job job = heldUp("model", () -> {
            HttpResponse<String> answered = post("/v1/train", other);
            assertThat(answered.statusCode()).as(answered.body()).isEqualTo(200);
            assertThat(json(answered).at("/saved/errors/0/code").asString()).as(answered.body()).isEqualTo("overloaded");
            return submitStoring("train", other, "lea");
        });
        assertThat(succeeded(job).fence()).as("attempts").isEqualTo(1);
        assertThat(answer(job)).contains("\"version\":2").doesNotContain("\"errors\"");
    }

    @Test
    void aDataSetThatCannotBeStoredNowIsStoredLaterByTheSameAttempt() {
        store("held", 100);
        Job job = heldUp("dataset_name",
                () -> submitStoring("map", "{\"dataset\": \"held\", \"expression\": \"x^2\", \"save_as\": \"of_held\"}", "lou"));
        assertThat(succeeded(job).fence()).as("attempts").isEqualTo(1);
        assertThat(datasets.find("open", "of_held").rows()).isEqualTo(100);
    }

    /** Locks names until a job has failed to store under one of them what it has made. */
    private Job heldUp(String table, Supplier<Job> submitting) {
        return Objects.requireNonNull(transactions.execute(_ -> {
            assertThat(database.sql("select name from " + table + " for update").query(String.class).list()).contains("held");
            Job job = CompletableFuture.supplyAsync(submitting).join();
            await().atMost(PATIENCE).until(() -> find(job).progress(),
                    progress -> progress.done() > 0 && progress.done() == progress.total());
            // It waits for a lock for two seconds.
            LockSupport.parkNanos(3_000_000_000L);
            assertThat(find(job).status()).isEqualTo(JobStatus.RUNNING);
            return job;
        }));
    }

    private Job submitStoring(String kind, String request, String client) {
        return service.submit(kind, new JobCall("open", true, Language.EN, Map.of(), request), new JobClient(client, null), null);
    }

    /** Its replica was paused when it was about to store the model, and does not know yet that another has ended the job. */
    @Test
    void aReplicaThatWakesLateStoresNoModel() {
        String training = """
                {"expression": "(w - 3)^2", "inputs": {"w": 0}, "wrt": ["w"], "steps": 10, "optimizer": {"type": "sgd", "lr": 0.1},
                 "save_as": {"name": "%s"}}""";
        assertThat(json(post("/v1/train", training.formatted("early"))).at("/saved/version").asInt()).isEqualTo(1);
        double before = attempts("taken_over");
        transactions.execute(_ -> {
            // Holds the attempt up where it keeps what the model needs.
            database.sql("select bytes from content for update").query(Long.class).list();
            return CompletableFuture.supplyAsync(() -> {
                Job job = submitStoring("train", training.formatted("late"), "mia");
                await().atMost(PATIENCE).until(() -> find(job).progress().done() == 10);
                return store.withTransaction(() -> {
                    Job taken = rows.begin(job.id(), "another", Instant.now()).orElseThrow();
                    return rows.end(job.id(), taken.fence(), JobStatus.CANCELLED, null, Instant.now(), Instant.now());
                });
            }).join();
        });
        await().atMost(PATIENCE).until(() -> worker.running() == 0);
        assertThat(attempts("taken_over")).as("attempts that were stopped").isEqualTo(before + 1);
        assertThat(get("/v1/models/late").statusCode()).isEqualTo(404);
    }

    static Stream<Arguments> storingJobs() {
        String training = "{\"expression\": \"(w - 1)^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"], \"steps\": 10, "
                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.1}, \"save_as\": {\"name\": \"made\"}}";
        String fit = "{\"dataset\": \"few\", \"inputs\": {\"w\": 0.4}, \"wrt\": [\"w\"], \"expression\": \"(w - x)^2\", %s"
                + "\"save_as\": {\"name\": \"made\"}}";
        return Stream.of(Arguments.of("train", training), Arguments.of("fit", fit.formatted("")),
                Arguments.of("fit", fit.formatted("\"epochs\": 2, \"batch_size\": 2, \"optimizer\": {\"type\": \"adam\"}, ")),
                Arguments.of("map", "{\"dataset\": \"few\", \"expression\": \"x^2\", \"save_as\": \"made\"}"));
    }

    /** Queues a job that has ended, as if it had not. */
    private void beginAnew(Job job, String request) {
        store.withTransaction(() -> {
            rows.parts(job.id(), JobWorker.REQUEST).write(request.getBytes(StandardCharsets.UTF_8));
            rows.parts(job.id(), JobEnds.RESULT).remove();
            return database.sql("update job set status = 'queued', ended_at = null, expires_at = null where id = :id")
                    .param("id", job.id()).update();
        });
    }

    /** Its replica dies after it has stored the result, and before it has ended the job. Meanwhile the owner puts another in its place. */
    @ParameterizedTest
    @MethodSource("storingJobs")
    void whatAJobHasStoredIsNotStoredAgain(String kind, String example) {
        store("few", 100);
        // The others may run at the same time.
        String name = "made_" + UUID.randomUUID().toString().substring(0, 8);
        String request = example.replace("made", name);
        Job job = succeeded(submitStoring(kind, request, "ned"));
        String answer = answer(job);
        Job again = succeeded(submitStoring(kind, request, "ned"));
        assertThat(find(again).stored()).as("what was there already").isEqualTo(find(job).stored()).isPositive();
        String path = (kind.equals("map") ? "/v1/datasets/" : "/v1/models/") + name;
        assertThat(get(path).statusCode()).isEqualTo(200);
        String other = kind.equals("map") ? "x\n" + job.id() + "\n" : "{\"expression\": \"x^2\", \"description\": \"" + job.id() + "\"}";
        assertThat(send("PUT", path, BodyPublishers.ofString(other), "Content-Type", kind.equals("map") ? "text/csv" : "application/json")
                .statusCode()).isEqualTo(201);
        String latest = get(path).body();
        beginAnew(job, request);
        service.delete("open", job.id());
        assertThat(find(job).status()).as("too late to be cancelled").isEqualTo(JobStatus.QUEUED);
        assertThat(worker.attempt(job.id())).isNull();
        assertThat(find(job).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(answer(job)).isEqualTo(answer);
        assertThat(get(path).body()).isEqualTo(latest);
    }

    /** A job that another replica has begun, which is not there any more. */
    private Job lost() {
        return lost(submit("check", CHECK, "pia", null));
    }

    private Job lost(Job job) {
        store.withTransaction(() -> {
            rows.begin(job.id(), "another", Instant.now());
            return database.sql("update job_schedule set picked = true, picked_by = 'another', last_heartbeat = timestamp with time zone "
                    + "'2020-01-01 00:00:00+00' where task_instance = :id").param("id", job.id()).update();
        });
        return job;
    }

    private int cancel(Job job) {
        return send("DELETE", "/v1/jobs/" + job.id(), BodyPublishers.noBody()).statusCode();
    }

    /** No thread is free for hours that would go on with it. */
    @Test
    void aJobWhoseReplicaHasDiedWaitsAndCanBeCancelled() {
        Job blocking = blocking();
        try {
            Job lost = lost();
            await().atMost(PATIENCE).until(() -> find(lost).status() == JobStatus.QUEUED);
            assertThat(find(lost).fence()).as("attempts").isEqualTo(1);
            assertThat(service.events(lost, 0, 100).getLast().data()).isEqualTo("{\"status\":\"queued\"}");
            assertThat(cancel(lost)).isEqualTo(204);
            assertThat(find(lost).status()).isEqualTo(JobStatus.CANCELLED);

            Job cancelled = lost();
            assertThat(cancel(cancelled)).isEqualTo(204);
            await().atMost(PATIENCE).until(() -> find(cancelled).status() == JobStatus.CANCELLED);
            assertThat(service.events(cancelled, 0, 100).getLast().data()).isEqualTo("{\"status\":\"cancelled\"}");
        } finally {
            service.delete("zoe", blocking.id());
        }
    }

    /** No more of a client's trainings are begun than its quota says, but one whose replica has died is taken over. */
    @Test
    void aTrainingWhoseReplicaHasDiedIsTakenOverBesideOthersOfItsClient() {
        Quotas one = new Quotas(0, 0, 0, 1);
        Job endless = submit("sue", 900_000_000, one);
        await().atMost(PATIENCE).until(() -> find(endless).status() == JobStatus.RUNNING);
        try {
            Job released = submit("sue", 10, one);
            store.withTransaction(() -> {
                rows.begin(released.id(), "another", Instant.now());
                return rows.release(released.id(), 1, 0);
            });
            Job lost = lost(submit("sue", 10, one));
            await().atMost(PATIENCE).until(() -> find(lost).status() == JobStatus.QUEUED);
            assertThat(worker.attempt(released.id())).as("as when its replica is told to end").isEqualTo(Duration.ofSeconds(10));
            assertThat(find(released).fence()).isEqualTo(1);
            worker.attempt(lost.id());
            assertThat(find(lost).fence()).isEqualTo(2);
            service.delete("sue", lost.id());
            service.delete("sue", released.id());
        } finally {
            service.delete("sue", endless.id());
        }
    }

    private Instant nextAttempt(Job job) {
        return database.sql("select execution_time from job_schedule where task_instance = :id").param("id", job.id())
                .query(Timestamp.class).single().toInstant();
    }

    private void changeKey(Client client, String change) {
        store.withTransaction(() -> database.sql("update api_key set " + change + " where id = :id")
                .param("id", client.name().substring("key:".length())).update());
    }

    /** Whoever runs the service may raise the quotas of a key in the database, or those of all clients by a property. */
    @Test
    void aJobThatWaitsForItsQuotaGoesOnSoonAfterThatIsRaised() {
        Quotas small = new Quotas(0, 60, 0, 0);
        Client client = client("tom", small);
        allowances.of(client).charge(120, 0);
        Job job = submit("check", CHECK, "tom", small);
        await().atMost(PATIENCE).until(() -> find(job).resumesAt() != null);
        Instant resumesAt = Objects.requireNonNull(find(job).resumesAt());
        assertThat(resumesAt).as("an estimate").isAfter(Instant.now().plus(Duration.ofMinutes(50)));
        await().atMost(PATIENCE).until(() -> nextAttempt(job).isBefore(Instant.now().plus(Duration.ofMinutes(2))));
        assertThat(worker.attempt(job.id())).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
        assertThat(find(job).fence()).as("attempts").isZero();
        assertThat(find(job).resumesAt()).isEqualTo(resumesAt);
        assertThat(service.events(job, 0, 100)).extracting(JobEvent::data).as("told once that it waits").hasSize(2)
                .last().isEqualTo("{\"status\":\"queued\",\"resumes_at\":\"" + resumesAt + "\"}");
        changeKey(client, "compute_seconds = 36000");
        assertThat(worker.attempt(job.id())).isNull();
        assertThat(find(job).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    /** As after {@code delete from quota}, or a restart. A job that takes long to begin waits until that is worth it. */
    @Test
    void aJobThatWaitsForItsQuotaGoesOnOnceItHasWhatItWaitsFor() {
        Job blocking = blocking();
        try {
            Quotas half = new Quotas(0, 36_000, 0, 0);
            Job job = submit("check", CHECK, "uma", half);
            store.withTransaction(() -> rows.resume(job.id(), Instant.now().plus(Duration.ofHours(1)), 20_000));
            allowances.of(client("uma", half)).charge(18_000, 0);
            assertThat(worker.attempt(job.id())).isEqualTo(Duration.ofMinutes(1));
            store.withTransaction(() -> rows.resume(job.id(), Instant.now().plus(Duration.ofHours(1)), 10_000));
            assertThat(worker.attempt(job.id())).isNull();
            assertThat(find(job).status()).isEqualTo(JobStatus.SUCCEEDED);
        } finally {
            service.delete("zoe", blocking.id());
        }
    }

    /** Another replica may still take the key for some seconds, and take a job from it. */
    @Test
    void aJobOfARevokedKeyIsNotBegun() {
        Job blocking = blocking();
        try {
            Quotas any = new Quotas(0, 0, 0, 0);
            Job job = submit("check", CHECK, "val", any);
            changeKey(client("val", any), "revoked_at = created_at");
            assertThat(worker.attempt(job.id())).isNull();
            assertThat(find(job).status()).isEqualTo(JobStatus.CANCELLED);
            assertThat(find(job).fence()).as("attempts").isZero();
            // A key that has ended by its date has done so after it was sent.
            Job other = submit("check", CHECK, "wes", any);
            changeKey(client("wes", any), "expires_at = created_at");
            assertThat(worker.attempt(other.id())).isNull();
            assertThat(find(other).status()).isEqualTo(JobStatus.SUCCEEDED);
        } finally {
            service.delete("zoe", blocking.id());
        }
    }

    static Stream<Arguments> requestsOfOtherBuilds() {
        String rows = "{\"dataset\": \"few\", \"inputs\": {\"w\": 0.4}, \"wrt\": [\"w\"], \"expression\": \"(w - x)^2\"%s}";
        String training = "{\"expression\": \"(w - 1)^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"], \"steps\": 10, "
                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.1}}";
        return Stream.of(Arguments.of("train", training),
                Arguments.of("train", training.replace("0.1", "0.1, \"other_option\": 1, \"other_none\": null")),
                Arguments.of("check", CHECK), Arguments.of("reduce", rows.formatted("")),
                Arguments.of("map", rows.formatted(", \"save_as\": \"of_other\"")), Arguments.of("fit", rows.formatted("")),
                Arguments.of("fit", rows.formatted(", \"epochs\": 1, \"optimizer\": {\"type\": \"adam\", \"other_option\": 1}")));
    }

    /** What the fields mean is not known here, and without them the job could have another result. */
    @ParameterizedTest
    @MethodSource("requestsOfOtherBuilds")
    void aJobWaitsForABuildThatKnowsTheFieldsOfItsRequest(String kind, String request) {
        store("few", 100);
        String known = request.replaceAll(", \"other_\\w+\": (1|null)", "");
        Job job = succeeded(submitStoring(kind, known, "xia"));
        int failures = find(job).failures();
        String other = "{\"other_field\": {\"a\": [1]}, " + request.substring(1);
        assertThatThrownBy(() -> submitStoring(kind, other, "xia")).isInstanceOf(RequestException.class);
        beginAnew(job, other);
        assertThat(worker.attempt(job.id())).isPositive();
        assertThat(find(job).status()).as(find(job).toString()).isEqualTo(JobStatus.QUEUED);
        assertThat(find(job).failures()).isEqualTo(failures);
        beginAnew(job, known);
        assertThat(worker.attempt(job.id())).isNull();
        assertThat(find(job).status()).as(find(job).toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(find(job).fence()).isEqualTo(3);
    }

    /** The replica that ended it died before it removed them, or did not learn that the end was stored. */
    @Test
    void partsOfAJobThatHasEndedAreRemovedByTheNextAttempt() throws IOException {
        store("some", 100);
        Job job = succeeded(submitStoring("map", "{\"dataset\": \"some\", \"expression\": \"x^2\", \"save_as\": \"squares\"}", "ron"));
        DatasetDraft draft = datasets.draft(job.id());
        draft.open();
        Files.createFile(draft.part("left"));
        assertThat(worker.attempt(job.id())).isNull();
        assertThat(draft.folder()).doesNotExist();
    }
}
