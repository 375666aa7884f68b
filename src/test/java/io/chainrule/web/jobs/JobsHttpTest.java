package io.chainrule.web.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Stores data sets, and waits for jobs to end. */
abstract class JobsHttpTest extends HttpTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    final void stored(String name, String csv) {
        stored(name, "text/csv", csv);
    }

    final void stored(String name, String type, String content) {
        stored(name, type, content.getBytes(StandardCharsets.UTF_8));
    }

    final void stored(String name, String type, byte[] content) {
        HttpResponse<String> response = send("PUT", "/v1/datasets/" + name, BodyPublishers.ofByteArray(content), "Content-Type", type);
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    }

    final JsonNode job(String id) {
        HttpResponse<String> response = get("/v1/jobs/" + id);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    /** The job of this id, once it has ended. */
    final JsonNode ended(String id) {
        Instant end = Instant.now().plus(PATIENCE);
        JsonNode job = job(id);
        while (job.path("ended_at").isMissingNode() && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(20_000_000);
            job = job(id);
        }
        return job;
    }

    /** A job of this kind, once it has ended. */
    final JsonNode ended(String kind, String request) {
        HttpResponse<String> accepted = post("/v1/jobs", "{\"kind\": \"" + kind + "\", \"request\": " + request + "}");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        return ended(json(accepted).path("id").asString());
    }

    /** The answer of a job of this kind, which succeeds. */
    final JsonNode result(String kind, String request) {
        JsonNode job = ended(kind, request);
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        return json(get("/v1/jobs/" + job.path("id").asString() + "/result"));
    }
}
