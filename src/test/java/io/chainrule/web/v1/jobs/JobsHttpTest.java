package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import tools.jackson.databind.JsonNode;

/** Stores data sets, and waits for jobs to end. */
public abstract class JobsHttpTest extends HttpTest {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** Jobs have one thread, which what a test leaves at work would keep from the next one. */
    @AfterEach
    void nothingIsAtWork() {
        for (String status : List.of("queued", "running")) {
            for (JsonNode job : json(get("/v1/jobs?limit=100&status=" + status)).path("jobs")) {
                String id = job.path("id").asString();
                send("DELETE", "/v1/jobs/" + id, BodyPublishers.noBody());
                await().atMost(PATIENCE).until(() -> {
                    JsonNode left = json(get("/v1/jobs/" + id));
                    return !left.has("created_at") || left.has("ended_at");
                });
            }
        }
    }

    protected final void stored(String name, String csv) {
        stored(name, "text/csv", csv);
    }

    protected final void stored(String name, String type, String content) {
        stored(name, type, content.getBytes(StandardCharsets.UTF_8));
    }

    protected final void stored(String name, String type, byte[] content) {
        HttpResponse<String> response = send("PUT", "/v1/datasets/" + name, BodyPublishers.ofByteArray(content), "Content-Type", type);
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    }

    protected final JsonNode job(String id) {
        HttpResponse<String> response = get("/v1/jobs/" + id);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    /** The job of this id, once it has ended. */
    protected final JsonNode ended(String id) {
        return await("the job ends").atMost(PATIENCE).pollInterval(BETWEEN_LOOKS).until(() -> job(id), job -> job.has("ended_at"));
    }

    /** The id of a job of this kind, which is accepted. */
    protected final String accepted(String kind, String request) {
        HttpResponse<String> accepted = post("/v1/jobs", "{\"kind\": \"" + kind + "\", \"request\": " + request + "}");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        return json(accepted).path("id").asString();
    }

    /** A job that runs, once it has begun, until it is removed. */
    protected final String lasting() {
        return accepted("train", """
                {"expression": "a = broadcast_to(w, shape=[200, 200])\\nf = sum((a @ a @ a)^2)", "inputs": {"w": 0.001}, "wrt": ["w"],
                 "steps": 1000000, "optimizer": {"type": "sgd", "lr": 1e-12}}""");
    }

    /** The same, which has begun. Where jobs have one thread, all others wait. */
    protected final String busy() {
        String busy = lasting();
        await().atMost(PATIENCE).until(() -> job(busy).path("status").asString().equals("running"));
        return busy;
    }

    /** A job of this kind, once it has ended. */
    protected final JsonNode ended(String kind, String request) {
        return ended(accepted(kind, request));
    }

    /** The answer of a job of this kind, which succeeds. */
    protected final JsonNode result(String kind, String request) {
        JsonNode job = ended(kind, request);
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        return json(get("/v1/jobs/" + job.path("id").asString() + "/result"));
    }
}
