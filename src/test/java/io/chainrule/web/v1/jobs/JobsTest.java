package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.core.language.Language;
import io.chainrule.service.jobs.Job;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobClient;
import io.chainrule.service.jobs.JobCost;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Parts;
import io.chainrule.service.store.Store;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.info.BuildProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Jobs with the embedded database. */
@DirtiesContext
class JobsTest extends JobsHttpTest {
    private static final String LINE = "\"expression\": \"(w * x + b - y)^2\", \"inputs\": {\"w\": 0, \"b\": 0, \"x\": [1, 2, 3, 4], "
            + "\"y\": [3, 5, 7, 9]}, \"wrt\": [\"w\", \"b\"], \"batch\": [\"x\", \"y\"], \"batch_size\": 3, "
            + "\"optimizer\": {\"type\": \"adam\", \"lr\": 0.01}";

    @Autowired
    private Budget budget;

    @Autowired
    private Store store;

    @Autowired
    private JdbcClient database;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        Path folder = TestFolder.add(properties, "jobs-");
        properties.add("chainrule.datasets.directory", folder.resolve("shared")::toString);
        properties.add("chainrule.jobs.checkpoint", () -> "200ms");
        properties.add("chainrule.jobs.heartbeat", () -> "2s");
        properties.add("chainrule.jobs.active", () -> "6");
        properties.add("chainrule.jobs.streams", () -> "6");
        properties.add("chainrule.jobs.steps", () -> "50000000");
        properties.add("chainrule.jobs.flops", () -> "1000000000000");
    }

    private static String training(String more) {
        return "{\"kind\": \"train\", \"request\": {" + LINE + ", " + more + "}}";
    }

    private JsonNode accepted(String body, String... headers) {
        HttpResponse<String> response = post("/v1/jobs", body,
                Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers)).toArray(String[]::new));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        JsonNode job = json(response);
        assertThat(response.headers().firstValue("Location").orElseThrow()).isEqualTo("/v1/jobs/" + job.path("id").asString());
        return job;
    }

    private static String id(JsonNode job) {
        return job.path("id").asString();
    }

    private int delete(String id) {
        return send("DELETE", "/v1/jobs/" + id, BodyPublishers.noBody()).statusCode();
    }

    @Test
    void timeLeftIsToldIfItIsKnown() {
        for (double left : new double[]{JobRun.NOT_KNOWN, 0, 2.5}) {
            Job job = Job.queued("1", "reduce", new JobCall("open", true, Language.EN, Map.of(), "{}"), new JobClient("open", null),
                    new JobKind.Accepted(new JobCost(-1, left, 0, "rows"), Map.of()), "");
            JsonNode told = JSON.valueToTree(JobResponse.of(job, null, JSON::readTree));
            assertThat(told.has("cost")).isFalse();
            assertThat(told.path("progress").path("seconds_left").asString()).isEqualTo(left < 0 ? "" : String.valueOf(left));
        }
    }

    @Test
    void aTrainingIsAnsweredAsItsEndpointAnswersIt() {
        JsonNode accepted = accepted(training("\"epochs\": 300, \"shuffle_seed\": 7"));
        assertThat(accepted.path("kind").asString()).isEqualTo("train");
        assertThat(accepted.path("progress").path("total").asLong()).isEqualTo(600);
        assertThat(accepted.path("progress").path("unit").asString()).isEqualTo("steps");
        assertThat(accepted.path("cost").path("flops").asDouble()).isPositive();
        JsonNode job = ended(id(accepted));
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.path("progress").path("done").asLong()).isEqualTo(600);
        assertThat(job.path("progress").path("seconds_left").asDouble()).isZero();
        assertThat(job.path("attempts").asInt()).isEqualTo(1);
        assertThat(job.path("created_at")).isEqualTo(accepted.path("created_at"));
        assertThat(job.path("latest").path("step").asInt()).isEqualTo(600);
        assertThat(Duration.between(Instant.parse(job.path("ended_at").asString()), Instant.parse(job.path("expires_at").asString())))
                .isEqualTo(Duration.ofDays(7));
        HttpResponse<String> direct = post("/v1/train", "{" + LINE + ", \"epochs\": 300, \"shuffle_seed\": 7}");
        HttpResponse<String> result = get("/v1/jobs/" + id(job) + "/result");
        assertThat(result.statusCode()).isEqualTo(200);
        assertThat(json(result)).isEqualTo(json(direct));
    }

    /** Also where ids are texts that UTF-8 cannot encode. */
    @ParameterizedTest
    @ValueSource(strings = {
            "{\"expression\": \"sum(tanh(W @ x)^2)\", \"inputs\": {\"W\": [[1, 2], [3, 4]], \"x\": [0.1, -0.2]}, \"order\": 2}",
            "{\"graph\": {\"nodes\": [{\"id\": \"\\ud800\", \"op\": \"exp\", \"inputs\": [\"x\"]}, "
                    + "{\"id\": \"\\ud801\", \"op\": \"exp\", \"inputs\": [\"\\ud800\"]}]}, \"inputs\": {\"x\": 1}}"})
    void aCheckIsAnsweredAsItsEndpointAnswersIt(String request) {
        JsonNode job = ended(id(accepted("{\"request\": " + request + ", \"kind\": \"check\"}")));
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(json(get("/v1/jobs/" + id(job) + "/result"))).isEqualTo(json(post("/v1/check", request)));
    }

    /** Also its diagnostics, such as those of values out of a model's range. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"train | , \"steps\": 2", "check | "})
    void aJobWithAModelIsAnsweredAsItsEndpointAnswersIt(String kind, @Nullable String more) {
        send("PUT", "/v1/models/ranged", BodyPublishers.ofString("""
                {"expression": "(w * x - y)^2", "inputs": {"w": 0.5},
                "declares": {"x": {"shape": [], "range": [0, 9]}, "y": {"shape": []}}}"""), "Content-Type", "application/json");
        String request = "{\"model\": \"ranged\", \"inputs\": {\"x\": 10, \"y\": 3}" + (more == null ? "" : more) + "}";
        JsonNode job = ended(kind, request);
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        JsonNode answer = json(get("/v1/jobs/" + id(job) + "/result"));
        assertThat(answer.findValuesAsString("kind")).contains("out-of-range");
        assertThat(answer).isEqualTo(json(post("/v1/" + kind, request)));
        assertThat(job.path("diagnostics").valueStream()).containsExactlyInAnyOrderElementsOf(answer.path("diagnostics"));
    }

    /** Also what is found only at the end. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "train | non-finite | {\"expression\": \"w^4\", \"inputs\": {\"w\": 3}, \"wrt\": [\"w\"], \"steps\": 60, "
                    + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.5}}",
            "train | zero-derivative | {\"expression\": \"w + 0 * floor(v)\", \"inputs\": {\"w\": 1, \"v\": 1}, \"wrt\": [\"w\", \"v\"], "
                    + "\"steps\": 2, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.1}}",
            "check | unused-input | {\"expression\": \"x^2\", \"inputs\": {\"x\": 1, \"y\": 2}}"})
    void theDiagnosticsOfAJobAreThoseOfItsAnswer(String kind, String expected, String request) {
        JsonNode job = ended(kind, request);
        JsonNode answer = json(get("/v1/jobs/" + id(job) + "/result"));
        assertThat(answer.path("diagnostics").findValuesAsString("kind")).as(answer.toString()).contains(expected);
        assertThat(job.path("diagnostics").valueStream()).containsAll(answer.path("diagnostics"));
        List<String> events = events(id(job));
        assertThat(events).anySatisfy(event -> assertThat(event).contains(" diagnostic {\"kind\":\"" + expected + "\""));
        assertThat(events.getLast()).contains(" status ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{} | 422 | invalid-value /kind",
            "{\"kind\": \"bake\", \"request\": {}} | 422 | invalid-value /kind",
            "{\"kind\": \"train\"} | 422 | invalid-value /request",
            "{\"kind\": \"train\", \"request\": {\"expresion\": \"x\"}} | 400 | unknown-field /request/expresion",
            "{\"kind\": \"train\", \"request\": [1]} | 400 | wrong-type /request",
            "{\"kind\": \"train\", \"request\": {\"expression\": \"x ^ 2\", \"inputs\": {\"x\": \"a\"}}} | 400 | wrong-type /request/inputs/x",
            "{\"kind\": \"train\", \"request\": {\"expression\": \"x ^ 2\", \"inputs\": {\"x\": 1e999}, \"wrt\": [\"x\"]}} | 400 "
                    + "| wrong-type /request/inputs/x",
            "{\"kind\": \"train\", \"request\": {\"expression\": \"x +\", \"inputs\": {\"x\": 1}}} | 422 | syntax-error /request/expression",
            "{\"kind\": \"train\", \"request\": {\"expression\": \"x ^ 2\", \"inputs\": {\"x\": 1}, \"wrt\": [\"z\"]}} | 422 "
                    + "| unknown-node /request/wrt/0",
            "{\"kind\": \"check\", \"request\": {\"expression\": \"x ^ 2\", \"inputs\": {\"x\": 1}, \"order\": 3}} | 422 "
                    + "| invalid-value /request/order",
            "{\"kind\": \"train\", \"request\": {\"model\": \"nobody\", \"wrt\": [\"w\"]}} | 404 | not-found /request/model",
            "{\"kind\": \"train\", \"request\": {\"expression\": \"x\", \"expression\": \"y\"}} | 400 | malformed-json /request/expression"})
    void whatIsWrongIsSaidAtOnce(String body, int status, String error) {
        HttpResponse<String> response = post("/v1/jobs", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(errors(response)).contains(error);
    }

    @Test
    void limitsAreThoseOfJobs() {
        HttpResponse<String> steps = post("/v1/jobs", training("\"steps\": 50000001"));
        assertThat(steps.statusCode()).isEqualTo(422);
        assertThat(steps.body()).contains("chainrule.jobs.steps");
        stored("costly", "a\n1\n2\n");
        for (String costly : List.of("""
                {"kind": "train", "request": {"expression": "a = broadcast_to(w, shape=[200, 200])\\nf = sum((a @ a @ a)^2)",
                 "inputs": {"w": 0.001}, "wrt": ["w"], "steps": 1000000, "optimizer": {"type": "sgd", "lr": 1e-12}}}""", """
                {"kind": "reduce", "request": {"dataset": "costly", "derivatives": "none",
                 "expression": "m = broadcast_to(a, shape=[1000, 1000])\\nfor i in 0:300: m = m @ m\\nf = sum(m)"}}""")) {
            HttpResponse<String> operations = post("/v1/jobs", costly);
            assertThat(operations.statusCode()).as(operations.body()).isEqualTo(422);
            assertThat(errors(operations)).hasSize(1).first().asString().startsWith("limit-exceeded");
            assertThat(operations.body()).contains("chainrule.jobs.flops");
        }
        JsonNode longer = accepted(training("\"steps\": 40000000"));
        assertThat(longer.path("cost").path("seconds").asDouble()).isGreaterThan(1);
        assertThat(delete(id(longer))).isEqualTo(204);
        assertThat(ended(id(longer)).path("status").asString()).isEqualTo("cancelled");
    }

    @Test
    void aRepeatedRequestIsTheSameJob() {
        String body = training("\"epochs\": 1");
        JsonNode first = accepted(body, "Idempotency-Key", "\"one-2-three\"");
        JsonNode second = accepted(body, "Idempotency-Key", "one-2-three");
        assertThat(id(second)).isEqualTo(id(first));
        HttpResponse<String> other = post("/v1/jobs", training("\"epochs\": 2"), "Content-Type", "application/json", "Idempotency-Key",
                "one-2-three");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(json(other).at("/errors/0/hint").asString()).isEqualTo("send another key with another request");
        assertThat(other.body()).contains(id(first));
        assertThat(id(accepted(body))).isNotEqualTo(id(first));
        HttpResponse<String> blank = post("/v1/jobs", body, "Content-Type", "application/json", "Idempotency-Key", "a b");
        assertThat(blank.statusCode()).isEqualTo(422);
        assertThat(json(blank).at("/errors/0/actual").asString()).isEqualTo("U+0020");
    }

    /** The events of a stream as {@code id event data}. */
    private List<String> events(String id, String... headers) {
        HttpResponse<String> stream = get("/v1/jobs/" + id + "/events", headers);
        assertThat(stream.statusCode()).as(stream.body()).isEqualTo(200);
        assertThat(stream.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        List<String> events = new ArrayList<>();
        for (String event : stream.body().split("\n\n", -1)) {
            List<String> fields = event.lines().filter(line -> !line.startsWith(":")).map(line -> line.replaceFirst("^\\w+: ", ""))
                    .toList();
            if (!fields.isEmpty()) {
                events.add(String.join(" ", fields));
            }
        }
        return events;
    }

    @Test
    void itsEventsAreToldAndMayBeAskedForAgain() {
        String id = id(accepted(training("\"epochs\": 1000000, \"diagnostics\": \"none\"")));
        List<String> events = events(id);
        assertThat(events.getFirst()).isEqualTo("1 status {\"status\":\"queued\"}");
        assertThat(events.get(1)).isEqualTo("2 status {\"status\":\"running\"}");
        assertThat(events.getLast()).isEqualTo(events.size() + " status {\"status\":\"succeeded\"}");
        assertThat(events.subList(2, events.size() - 1)).isNotEmpty()
                .allSatisfy(event -> assertThat(event).contains(" progress {\"done\":", "\"total\":2000000", "\"latest\":{\"step\":"));
        assertThat(events(id, "Last-Event-ID", "2")).isEqualTo(events.subList(2, events.size()));
        assertThat(get("/v1/jobs/" + id + "/events", "Last-Event-ID", String.valueOf(events.size())).statusCode()).isEqualTo(204);
        for (String ahead : List.of(String.valueOf(events.size() + 1), "999999999999999999")) {
            assertThat(events(id, "Last-Event-ID", ahead)).as("the id of another job's event").isEqualTo(events);
        }
        assertThat(get("/v1/jobs/" + id + "/events", "Last-Event-ID", "two").statusCode()).isEqualTo(422);
    }

    @Test
    void whatGoesWrongIsToldMeanwhile() {
        JsonNode job = ended(id(accepted("""
                {"kind": "train", "request": {"expression": "w^4", "inputs": {"w": 3}, "wrt": ["w"], "steps": 60,
                 "optimizer": {"type": "sgd", "lr": 0.5}}}""")));
        assertThat(job.path("status").asString()).isEqualTo("succeeded");
        assertThat(job.path("diagnostics").get(0).path("kind").asString()).isEqualTo("divergence");
        assertThat(events(id(job))).anySatisfy(event -> assertThat(event).contains(" diagnostic {\"kind\":\"divergence\""));
    }

    /** The loss doubles every 87,000 steps, so that it is finite to the last one. */
    @Test
    void howAJobGoesIsToldWhileItRuns() {
        String id = id(accepted("""
                {"kind": "train", "request": {"expression": "w^2", "inputs": {"w": 1}, "wrt": ["w"], "steps": 50000000,
                 "optimizer": {"type": "sgd", "lr": 1.000002}}}"""));
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode job = job(id);
            assertThat(job.path("diagnostics").findValuesAsString("kind")).contains("divergence");
            assertThat(job.path("status").asString()).isEqualTo("running");
            assertThat(job.path("progress").path("per_second").asDouble()).isPositive();
            assertThat(job.path("progress").path("seconds_left").asDouble()).isPositive();
            assertThat(job.path("progress").path("done").asLong()).isBetween(1L, 49_999_999L);
        });
        assertThat(delete(id)).isEqualTo(204);
        assertThat(ended(id).path("status").asString()).isEqualTo("cancelled");
    }

    /** A version and, where the build knows it, a commit. The attempt adds them as it begins, so before any state of it is stored. */
    @Test
    void aJobNamesTheVersionsThatHaveWorkedOnIt(@Autowired BuildProperties build) {
        JsonNode job = ended(id(accepted(training("\"epochs\": 1"))));
        String commit = String.valueOf(build.get("commit"));
        String engine = build.getVersion() + (commit.matches("[0-9a-f]{40,64}") ? "+" + commit.substring(0, 12) : "");
        assertThat(job.path("engines").toString()).isEqualTo("[\"" + engine + "\"]");
    }

    @Test
    void aJobThatIsCancelledEndsSoonAndHasNoAnswer() {
        String id = id(accepted(training("\"steps\": 40000000")));
        await().until(() -> job(id).path("progress").path("done").asLong() > 0);
        HttpResponse<String> early = get("/v1/jobs/" + id + "/result");
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(early.body()).contains("the job is running");
        Instant begin = Instant.now();
        assertThat(delete(id)).isEqualTo(204);
        assertThat(ended(id).path("status").asString()).isEqualTo("cancelled");
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(20));
        HttpResponse<String> late = get("/v1/jobs/" + id + "/result");
        assertThat(late.statusCode()).isEqualTo(409);
        assertThat(json(late).path("detail").asString()).isEqualTo("the job was cancelled, and has no answer");
        assertThat(delete(id)).isEqualTo(204);
        assertThat(get("/v1/jobs/" + id).statusCode()).isEqualTo(404);
        assertThat(delete(id)).isEqualTo(404);
    }

    /** So a client whose request may have been lost can send it again. */
    @Test
    void onlyAnActiveJobIsCancelledWhereThatIsAsked() {
        String id = id(accepted(training("\"steps\": 40000000")));
        await().until(() -> job(id).path("progress").path("done").asLong() > 0);
        assertThat(cancel(id, "active").path("status").asString()).isIn("running", "cancelled");
        JsonNode cancelled = ended(id);
        assertThat(cancelled.path("status").asString()).isEqualTo("cancelled");
        assertThat(cancel(id, "active")).isEqualTo(cancelled);
        JsonNode succeeded = ended(id(accepted(training("\"epochs\": 1"))));
        assertThat(cancel(id(succeeded), "active")).isEqualTo(succeeded);
        assertThat(get("/v1/jobs/" + id(succeeded) + "/result").statusCode()).isEqualTo(200);
        JsonNode refused = cancel(id, "ended");
        assertThat(refused.path("status").asInt()).isEqualTo(422);
        assertThat(refused.at("/errors/0/parameter").asString()).isEqualTo("only");
        assertThat(refused.at("/errors/0/expected").asString()).isEqualTo("active");
        assertThat(cancel("none", "active").path("status").asInt()).isEqualTo(404);
    }

    private JsonNode cancel(String id, String only) {
        return json(send("DELETE", "/v1/jobs/" + id + "?only=" + only, BodyPublishers.noBody()));
    }

    /** The first step leads to where the loss has no value. */
    @Test
    void aJobThatCannotGoOnFailsAndSaysWhy() {
        JsonNode job = ended(id(accepted("""
                {"kind": "train", "request": {"expression": "sum(W * W) / 2 + 0 * sum(inv(W))", "inputs": {"W": [[2]]}, "wrt": ["W"],
                 "steps": 3, "optimizer": {"type": "sgd", "lr": 1}, "diagnostics": "none"}}""")));
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("failed");
        assertThat(job.path("problem").path("code").asString()).isEqualTo("singular-matrix");
        assertThat(job.path("problem").path("errors").get(0).path("message").asString()).contains("singular");
        assertThat(events(id(job)).getLast()).contains("\"status\":\"failed\"", "singular-matrix");
        assertThat(get("/v1/jobs/" + id(job) + "/result").statusCode()).isEqualTo(409);
    }

    /** As those of large trainings are. */
    @Test
    void anAnswerMayBeOfManyParts() {
        String id = id(ended(id(accepted(training("\"epochs\": 1")))));
        String text = "[" + "1, ".repeat(1_700_000) + "2]";
        byte[] answer = text.getBytes(StandardCharsets.UTF_8);
        store.withTransaction(() -> {
            Parts parts = new Parts(database, "job_part", Map.of("job", id, "content", "result"));
            parts.write(answer);
            assertThat(parts.length()).isEqualTo(answer.length);
            assertThat(parts.read()).isEqualTo(answer);
            return true;
        });
        HttpResponse<String> result = get("/v1/jobs/" + id + "/result");
        assertThat(result.body()).isEqualTo(text);
        assertThat(result.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(result.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(result.headers().firstValueAsLong("Content-Length")).hasValue(answer.length);
        assertNothingIsReserved(budget);
        try (var _ = budget.reserve(budget.total() - answer.length)) {
            assertThat(get("/v1/jobs/" + id + "/result").statusCode()).isEqualTo(503);
        }
        assertNothingIsReserved(budget);
    }

    @Test
    void jobsAreListedTheNewestFirst() {
        List<String> ids = Stream.of(1, 2, 3).map(i -> id(accepted(training("\"epochs\": " + i)))).toList();
        ids.forEach(this::ended);
        JsonNode all = json(get("/v1/jobs?limit=2&kind=train&status=succeeded"));
        List<String> page = StreamSupport.stream(all.path("jobs").spliterator(), false).map(JobsTest::id).toList();
        assertThat(page).containsExactly(ids.get(2), ids.get(1));
        JsonNode next = json(get("/v1/jobs?limit=1&after=" + all.path("next").asString()));
        assertThat(id(next.path("jobs").get(0))).isEqualTo(ids.get(0));
        assertThat(json(get("/v1/jobs?limit=1&after=")).path("jobs").get(0).path("id").asString()).isEqualTo(ids.get(2));
        assertThat(json(get("/v1/jobs?kind=check&status=failed")).path("jobs")).isEmpty();
        for (String wrong : List.of("limit=0", "limit=abc", "limit=1.5", "limit=99999999999", "status=done", "kind=bake", "after=zzz",
                "after=%00")) {
            HttpResponse<String> refused = get("/v1/jobs?" + wrong);
            assertThat(refused.statusCode()).as(wrong).isEqualTo(422);
        }
    }

    @Test
    void anOwnerHasSoManyJobsAtOnce() {
        List<String> ids = new ArrayList<>();
        HttpResponse<String> refused = post("/v1/jobs", training("\"steps\": 40000000"));
        while (refused.statusCode() == 202 && ids.size() < 10) {
            ids.add(id(json(refused)));
            refused = post("/v1/jobs", training("\"steps\": 40000000"));
        }
        assertThat(ids).hasSize(6);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("chainrule.jobs.active");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("wait until one of them ends, or cancel one by DELETE");
        assertThat(ids.stream().map(this::delete).collect(Collectors.toSet())).containsExactly(204);
        ids.forEach(id -> {
            assertThat(ended(id).path("status").asString()).isEqualTo("cancelled");
            assertThat(job(id).path("progress").path("seconds_left").asDouble()).isZero();
        });
    }

    /** A training of three values of a megabyte each. */
    @Test
    void aJobIsAcceptedWhileOthersHoldTheMemoryAndWaitsForIt() {
        String wide = "{\"kind\": \"train\", \"request\": {\"expression\": \"a = broadcast_to(w, shape=[400, 400])\\nf = sum(tanh(a)^2)\", "
                + "\"inputs\": {\"w\": 1}, \"wrt\": [\"w\"], \"steps\": 2, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.001}}}";
        String id;
        try (var _ = budget.reserve(budget.total() - (1L << 20))) {
            id = id(accepted(wide));
            await().until(() -> job(id).path("attempts").asInt() > 0 && job(id).path("status").asString().equals("queued"));
        }
        assertThat(ended(id).path("status").asString()).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @CsvSource({"pinned, pinned", "aliased, aliased@prod"})
    void aReferenceMeansTheVersionThatItMeantWhenTheJobWasAccepted(String name, String reference) {
        putPinned(name, 1, "If-None-Match", "*");
        String blocking = id(accepted(training("\"steps\": 40000000")));
        JsonNode job = accepted(ofModel(reference, name + "_trained"));
        assertThat(job.path("models").toString()).isEqualTo("{\"" + reference + "\":\"" + name + ":1\"}");
        putPinned(name, 2, "If-Match", "\"1\"");
        assertThat(delete(blocking)).isEqualTo(204);
        JsonNode result = json(get("/v1/jobs/" + id(ended(id(job))) + "/result"));
        assertThat(result.path("parameters").path("w").asDouble()).isBetween(0.99, 1.01);
        assertThat(result.path("saved").path("version").asInt()).isEqualTo(1);
    }

    private static String ofModel(String reference, String name) {
        return """
                {"kind": "train", "request": {"model": "%s", "wrt": ["w"], "steps": 200,
                 "optimizer": {"type": "sgd", "lr": 0.1}, "save_as": {"name": "%s"}}}""".formatted(reference, name);
    }

    @Test
    void aModelThatChangedMeanwhileIsNotStoredOver() {
        putPinned("changed", 1, "If-None-Match", "*");
        String blocking = id(accepted(training("\"steps\": 40000000")));
        String again = id(accepted(ofModel("changed", "changed")));
        putPinned("changed", 2, "If-Match", "\"1\"");
        assertThat(delete(blocking)).isEqualTo(204);
        assertThat(ended(again).path("status").asString()).isEqualTo("succeeded");
        JsonNode result = json(get("/v1/jobs/" + again + "/result"));
        assertThat(result.at("/saved/errors/0/code").asString()).as(result.toString()).isEqualTo("precondition-failed");
        assertThat(result.path("parameters").path("w").asDouble()).isBetween(0.99, 1.01);
        String wanted = id(accepted(ofModel("changed:1", "changed")));
        assertThat(ended(wanted).path("status").asString()).isEqualTo("succeeded");
        assertThat(json(get("/v1/jobs/" + wanted + "/result")).at("/saved/version").asInt()).isEqualTo(3);
    }

    /** The value is least at its version, which the aliases 'latest' and 'prod' name from then on. */
    private void putPinned(String name, int version, String... precondition) {
        HttpResponse<String> put = send("PUT", "/v1/models/" + name, BodyPublishers.ofString(
                "{\"expression\": \"(w - " + version + ")^2\", \"inputs\": {\"w\": 0}}"), "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        HttpResponse<String> moved = send("PUT", "/v1/models/" + name + "/aliases/prod",
                BodyPublishers.ofString("{\"version\": " + version + "}"),
                Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(precondition)).toArray(String[]::new));
        assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
    }

    private HttpResponse<InputStream> followed(HttpClient client, String id, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/jobs/" + id + "/events"));
        return client.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofInputStream());
    }

    /** HEAD takes no place among the streams, and does not wait for the end of the job. */
    @Test
    void theHeadOfAStreamIsAnsweredAtOnce() {
        String id = id(accepted(training("\"steps\": 40000000")));
        String path = "/v1/jobs/" + id + "/events";
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> head = send("HEAD", path, BodyPublishers.noBody());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
            assertThat(head.headers().firstValue("Cache-Control")).contains("no-store");
        }
        assertThat(job(id).path("ended_at").isMissingNode()).as("the job goes on").isTrue();
        assertThat(delete(id)).isEqualTo(204);
        ended(id);
        String last = events(id).getLast().replaceFirst(" .*", "");
        assertThat(send("HEAD", path, BodyPublishers.noBody(), "Last-Event-ID", last).statusCode()).isEqualTo(204);
    }

    /** No event tells of it. An id of an event that the job does not have yet is one of another job. */
    @Test
    @Timeout(90)
    void theStreamOfAJobThatIsRemovedEnds() throws Exception {
        String blocking = id(accepted(training("\"steps\": 40000000")));
        await().until(() -> job(blocking).path("status").asString().equals("running"));
        String id = id(accepted(training("\"epochs\": 1")));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> followed = followed(client, id, "Last-Event-ID", "999999");
            while (followed.statusCode() == 503) {
                // Streams of another test may have their places for a moment longer.
                LockSupport.parkNanos(20_000_000);
                followed = followed(client, id, "Last-Event-ID", "999999");
            }
            assertThat(followed.statusCode()).isEqualTo(200);
            // Not by requests, since an event would tell that the job is cancelled first.
            store.withTransaction(() -> Stream.of("job where id", "job_event where job", "job_part where job")
                    .mapToInt(rows -> database.sql("delete from " + rows + " = :id").param("id", id).update()).sum());
            assertThat(get("/v1/jobs/" + id).statusCode()).isEqualTo(404);
            assertThat(new String(followed.body().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("id: 1\nevent: status\ndata: {\"status\":\"queued\"}\n").doesNotContain("id: 2");
        }
        assertThat(delete(blocking)).isEqualTo(204);
        ended(blocking);
    }

    @Test
    void oneClientHasHalfOfTheStreams() throws Exception {
        String id = id(accepted(training("\"steps\": 40000000")));
        List<InputStream> streams = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            try {
                for (int i = 0; i < 3; i++) {
                    HttpResponse<InputStream> followed = followed(client, id);
                    streams.add(followed.body());
                    assertThat(followed.statusCode()).isEqualTo(200);
                }
                HttpResponse<String> refused = get("/v1/jobs/" + id + "/events");
                assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                assertThat(refused.body()).contains("which is 6, and 3 of one client (chainrule.jobs.streams)");
                streams.getFirst().close();
                await().until(() -> {
                    HttpResponse<InputStream> followed = followed(client, id);
                    streams.add(followed.body());
                    return followed.statusCode() == 200;
                });
            } finally {
                delete(id);
                for (InputStream stream : streams) {
                    stream.close();
                }
            }
        }
        ended(id);
    }
}
