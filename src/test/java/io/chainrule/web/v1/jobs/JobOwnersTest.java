package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.security.SecuredTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Jobs belong to their owners, need the scopes of what they do, and are charged to quotas. */
@DirtiesContext
@TestPropertySource(
        properties = {"chainrule.jobs.active=3", "chainrule.jobs.kept=4", "chainrule.jobs.threads=1", "chainrule.jobs.answer-bytes=300000",
                "chainrule.security.key-cache=1s"})
class JobOwnersTest extends SecuredTest {
    private static final String CHECK = "{\"kind\": \"check\", \"request\": " + PROGRAM + "}";
    /** Hours of work for one core. */
    private static final String LONG = "{\"kind\": \"train\", \"request\": {\"expression\": "
            + "\"a = broadcast_to(w, shape=[200, 200])\\nf = sum((a @ a @ a)^2)\", \"inputs\": {\"w\": 0.001}, \"wrt\": [\"w\"], "
            + "\"steps\": 1000000, \"optimizer\": {\"type\": \"sgd\", \"lr\": 1e-12}}}";

    /** What the test has begun. There is one thread, which what is left would keep from the next test. */
    private final List<Begun> begun = new ArrayList<>();
    @Autowired
    private JdbcClient database;

    private record Begun(String key, String path) {}

    @AfterEach
    void nothingIsAtWork() {
        begun.forEach(job -> with(job.key(), "DELETE", job.path(), ""));
    }

    /** Returns the path of the job. */
    private String begin(String key, String request) {
        HttpResponse<String> accepted = with(key, "POST", "/v1/jobs", request);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String path = "/v1/jobs/" + json(accepted).path("id").asString();
        begun.add(new Begun(key, path));
        return path;
    }

    private String key(String owner, String scopes, String quotas) throws IOException {
        return newKey("{\"owner\": \"" + owner + "\", \"scopes\": [" + scopes + "], \"quotas\": " + quotas + "}");
    }

    @Test
    void jobsOfOthersAreAsIfTheyWereNotThere() throws IOException {
        String ana = key("ana", "\"jobs\"", "{}");
        String bob = key("bob", "\"jobs\"", "{}");
        String path = begin(ana, CHECK);
        assertThat(with(key("ana", "\"jobs\"", "{}"), "GET", path, "").statusCode()).isEqualTo(200);
        for (String of : new String[]{path, path + "/events", path + "/result"}) {
            assertThat(with(bob, "GET", of, "").statusCode()).as(of).isEqualTo(404);
        }
        assertThat(with(bob, "DELETE", path, "").statusCode()).isEqualTo(404);
        assertThat(json(with(bob, "GET", "/v1/jobs", "")).path("jobs")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"train | train | \"jobs\"", "reduce | datasets:read | \"jobs\", \"train\"",
            "fit | datasets:read | \"jobs\"", "map | datasets:write | \"jobs\", \"datasets:read\""})
    void aKindNeedsItsScope(String kind, String scope, String scopes) throws IOException {
        String key = key("cho", scopes, "{}");
        HttpResponse<String> refused = with(key, "POST", "/v1/jobs", "{\"kind\": \"" + kind + "\", \"request\": {\"expression\": \"x\"}}");
        assertThat(errors(refused)).containsExactly("forbidden /kind");
        assertThat(refused.body()).contains("the scope " + scope);
    }

    @Test
    void thoseWhoBeginJobsAtOnceHaveOneLimit() throws Exception {
        String key = key("dan", "\"jobs\", \"train\"", "{}");
        List<Integer> found = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(12)) {
            List<Future<HttpResponse<String>>> all = IntStream.range(0, 12)
                    .mapToObj(_ -> clients.submit(() -> begun(key))).toList();
            for (Future<HttpResponse<String>> each : all) {
                found.add(each.get().statusCode());
                if (each.get().statusCode() == 202) {
                    begun.add(new Begun(key, "/v1/jobs/" + json(each.get()).path("id").asString()));
                }
            }
        }
        assertThat(found).containsOnly(202, 422);
        assertThat(begun).hasSize(3);
    }

    /** Where the database is slow, those that wait for each other are told to come again. */
    private HttpResponse<String> begun(String key) {
        HttpResponse<String> answer = with(key, "POST", "/v1/jobs", LONG);
        for (int i = 0; i < 100 && answer.statusCode() == 503; i++) {
            answer = with(key, "POST", "/v1/jobs", LONG);
        }
        return answer;
    }

    /** Nobody needs to ask for the list of jobs, or to remove any. */
    @Test
    void jobsThatHaveExpiredCountNoMore() throws IOException {
        String key = key("hal", "\"jobs\"", "{}");
        for (int i = 0; i < 4; i++) {
            String path = begin(key, CHECK);
            await().until(() -> job(key, path).path("status").asString().equals("succeeded"));
        }
        HttpResponse<String> refused = with(key, "POST", "/v1/jobs", CHECK);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("chainrule.jobs.kept");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("remove jobs that have ended, by DELETE");
        database.sql("update job set expires_at = :now where owner like '%hal'").param("now", Timestamp.from(Instant.now().minusSeconds(1)))
                .update();
        assertThat(with(key, "POST", "/v1/jobs", CHECK).statusCode()).isEqualTo(202);
    }

    @Test
    void aJobWaitsForSecondsOfTheCores() throws IOException {
        String key = key("eve", "\"jobs\", \"train\"", "{\"compute_seconds\": 1}");
        String path = begin(key, LONG);
        String watching = key("eve", "\"jobs\"", "{}");
        await().until(() -> job(watching, path).path("seconds").asDouble() > 0.5);
        await().until(() -> job(watching, path).has("resumes_at"));
        double before = job(watching, path).path("seconds").asDouble();
        await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
        JsonNode job = job(watching, path);
        assertThat(job.path("status").asString()).isEqualTo("queued");
        assertThat(Instant.parse(job.path("resumes_at").asString())).isAfter(Instant.now().plus(Duration.ofMinutes(50)));
        assertThat(job.path("seconds").asDouble()).isEqualTo(before);
        with(watching, "DELETE", path, "");
        await().until(() -> job(watching, path).path("status").asString().equals("cancelled"));
    }

    /** Else nobody who has one key alone could stop what uses it up. */
    @Test
    void whoHasUsedUpTheSecondsOfTheCoresSeesAndCancelsJobs() throws IOException {
        String key = key("ida", "\"jobs\", \"train\", \"compute\"", "{\"compute_seconds\": 1}");
        String path = begin(key, LONG);
        await().until(() -> job(key, path).has("resumes_at"));
        assertThat(with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(429);
        assertThat(with(key, "POST", "/v1/jobs", CHECK).statusCode()).isEqualTo(429);
        assertThat(with(key, "GET", "/v1/jobs", "").statusCode()).isEqualTo(200);
        assertThat(with(key, "DELETE", path, "").statusCode()).isEqualTo(204);
        assertThat(job(key, path).path("status").asString()).isEqualTo("cancelled");
        assertThat(with(key, "GET", path + "/events", "").statusCode()).isEqualTo(200);
    }

    @Test
    @Timeout(300)
    void theJobsOfARevokedKeyAreCancelledAndItsStreamsEnd() throws Exception {
        JsonNode made = json(with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"jon\", \"scopes\": [\"jobs\", \"train\"]}"));
        String key = made.path("key").asString();
        String other = key("jon", "\"jobs\", \"train\"", "{}");
        String stays = begin(other, LONG);
        await().until(() -> job(other, stays).path("status").asString().equals("running"));
        String waiting = begin(key, LONG);
        try (HttpClient follower = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> stream = follower
                    .send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + stays + "/events"))
                            .header("Authorization", "Bearer " + key).build(), BodyHandlers.ofInputStream());
            assertThat(stream.statusCode()).isEqualTo(200);
            assertThat(with(firstKey(), "DELETE", "/v1/keys/" + made.path("id").asString(), "").statusCode()).isEqualTo(204);
            assertThat(job(other, waiting).path("status").asString()).isEqualTo("cancelled");
            assertThat(new String(stream.body().readAllBytes(), StandardCharsets.UTF_8)).contains("event: status")
                    .doesNotContain("cancelled");
        }
        assertThat(job(other, stays).path("status").asString()).isEqualTo("running");
        with(other, "DELETE", stays, "");
        await().until(() -> job(other, stays).path("status").asString().equals("cancelled"));
    }

    private JsonNode job(String key, String path) {
        return json(with(key, "GET", path, ""));
    }

    @Test
    void dataThatAreReadBelongToTheOwnerToo() throws IOException {
        String fay = key("fay", "\"jobs\", \"datasets:write\"", "{}");
        String gus = key("gus", "\"jobs\", \"datasets:write\"", "{}");
        assertThat(send("PUT", "/v1/datasets/rows", BodyPublishers.ofString("x\n1\n"), "Content-Type", "text/csv", "Authorization",
                "Bearer " + fay).statusCode()).isEqualTo(201);
        String reduce = "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"rows\", \"expression\": \"x^2\", \"derivatives\": \"none\"}}";
        assertThat(errors(with(gus, "POST", "/v1/jobs", reduce))).containsExactly("not-found /request/dataset");
        assertThat(with(gus, "GET", "/v1/datasets/rows/file", "").statusCode()).isEqualTo(404);
        assertThat(with(fay, "POST", "/v1/jobs", reduce).statusCode()).isEqualTo(202);
    }

    /** Its size is known before the work begins. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "reduce | 10 | 20000 | \"expression\": \"sum((w * x)^2)\", \"wrt\": [\"w\"], ",
            "fit | 10 | 20000 | \"expression\": \"sum((w - x)^2)\", \"wrt\": [\"w\"], ",
            "fit | 9400 | 20000 | \"expression\": \"sum((w - x)^2)\", \"wrt\": [\"w\"], \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.01}, ",
            "fit | 8400 | 9400 | \"expression\": \"sum((w - x)^2)\", \"wrt\": [\"w\"], \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.01}, "
                    + "\"validation\": \"some\", "})
    void anAnswerThatWouldBeTooLargeIsRefusedBeforeTheJobIsAccepted(String kind, int most, int more, String program) throws IOException {
        String key = key("ivy", "\"jobs\", \"train\", \"datasets:write\"", "{}");
        assertThat(send("PUT", "/v1/datasets/some", BodyPublishers.ofString("x\n1\n"), "Content-Type", "text/csv", "Authorization",
                "Bearer " + key).statusCode()).isBetween(200, 201);
        HttpResponse<String> refused = with(key, "POST", "/v1/jobs", withParameters(more, kind, program));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo("at most 300000 (chainrule.jobs.answer-bytes)");
        begin(key, withParameters(most, kind, program));
    }

    private static String withParameters(int count, String kind, String program) {
        return "{\"kind\": \"" + kind + "\", \"request\": {\"dataset\": \"some\", " + program + "\"inputs\": {\"w\": "
                + Collections.nCopies(count, 0.5) + "}}}";
    }
}
