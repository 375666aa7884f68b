package io.chainrule.process;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The file that {@code chainrule.audit-file} names tells who did what, what it cost and what came of it, and nothing that clients sent. */
@Timeout(600)
class AuditFileIT {
    private static final String AUTHORIZATION = "Authorization";
    /** Stands in everything that clients send here, keys included, and shall stand nowhere else. */
    private static final String SECRET = "secret47";

    @TempDir
    private Path temporary;

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void tellsOfRequestsOfEachKind() throws Exception {
        Path audit = temporary.resolve("audit.log");
        Path log = temporary.resolve("service.log");
        try (RunningService service = new RunningService(Application.command("--chainrule.security.mode=api-key",
                "--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.audit-file=" + audit, "--chainrule.warm-up=false"),
                temporary, Map.of(), log)) {
            service.awaitReady();
            String first = "Bearer " + Files.readString(temporary.resolve("data/first-key")).strip();
            JsonNode made = json(service.post("/v1/keys", """
                    {"owner": "secret47", "scopes": ["compute"], "quotas": {"requests": 3}}""", AUTHORIZATION, first).body());
            String id = made.path("id").asString();
            String key = "Bearer " + made.path("key").asString();
            awaitLines(audit, 2);
            assertThat(status(service.post("/v1/gradient?secret47=1", """
                    {"expression": "f = secret47 * x", "inputs": {"x": 81504711, "secret47": 2}}""", AUTHORIZATION, key))).isEqualTo(200);
            awaitLines(audit, 3);
            assertThat(status(service.post("/v1/evaluate", "{\"expression\": \"secret47 +\"}", AUTHORIZATION, key))).isEqualTo(422);
            awaitLines(audit, 4);
            assertThat(status(service.post("/v1/train", "{\"expression\": \"secret47\"}", AUTHORIZATION, key))).isEqualTo(403);
            awaitLines(audit, 5);
            assertThat(status(service.post("/v1/gradient", "{\"secret47", AUTHORIZATION, key))).isEqualTo(400);
            awaitLines(audit, 6);
            assertThat(status(service.post("/v1/gradient", "{}", AUTHORIZATION, key))).as("the quota is used up").isEqualTo(429);
            assertThat(status(service.post("/v1/gradient", "{}", AUTHORIZATION, "Bearer secret47"))).isEqualTo(401);
            assertThat(status(service.delete("/v1/keys/" + id, AUTHORIZATION, first))).isEqualTo(204);
            service.get("/v1/keys/secret47", AUTHORIZATION, first);

            List<JsonNode> lines = awaitLines(audit, 11);
            String client = "key:" + id;
            assertThat(lines).filteredOn(line -> line.path("client").asString().equals(client)).map(AuditFileIT::summary).containsExactly(
                    "request POST /v1/gradient 200 ok", "request POST /v1/evaluate 422 syntax-error", "scope-missing train",
                    "request POST /v1/gradient 400 malformed-json", "quota-used");
            assertThat(lines).map(AuditFileIT::summary).contains("key-made " + id, "request POST /v1/keys 201 ok", "wrong-key",
                    "key-revoked " + id, "request DELETE /v1/keys/{id} 204 ok", "request GET /v1/keys/{id} 404 not-found");
            JsonNode computed = lines.stream().filter(line -> summary(line).endsWith("/v1/gradient 200 ok")).findFirst().orElseThrow();
            assertThat(computed.path("compute_seconds").asDouble()).isPositive();
            assertThat(computed.path("bytes").asInt()).as("bytes of the body and of the answer").isGreaterThan(80);
            assertThat(computed.path("address").asString()).isEqualTo("127.0.0.1");
            assertThat(lines).allSatisfy(line -> assertThat(line.path("request_id").asString()).isNotEmpty());
            assertThat(Files.readString(audit)).doesNotContain(SECRET, "81504711", key, first, made.path("key").asString());
            assertThat(service.log()).as("the console has what is not of the audit").contains("\"message\":\"request\"")
                    .doesNotContain("chainrule.audit");
        }
    }

    /** Also of clients on the machine itself, for whom there are no quotas. */
    @Test
    void ofAnOpenServiceAClientIsItsAddress() throws Exception {
        Path audit = temporary.resolve("audit.log");
        try (RunningService service = new RunningService(
                Application.command("--chainrule.audit-file=" + audit, "--chainrule.warm-up=false"),
                temporary, Map.of(), temporary.resolve("service.log"))) {
            service.awaitReady();
            assertThat(status(service.post("/v1/gradient", "{\"expression\": \"f = x\", \"inputs\": {\"x\": 81504711}}"))).isEqualTo(200);
            List<JsonNode> lines = awaitLines(audit, 1);
            assertThat(lines).as("health is not told").singleElement().satisfies(line -> {
                assertThat(summary(line)).isEqualTo("request POST /v1/gradient 200 ok");
                assertThat(line.path("client").asString()).isEqualTo("127.0.0.1");
            });
            assertThat(Files.readString(audit)).doesNotContain("81504711");
        }
    }

    private static int status(HttpResponse<String> response) {
        return response.statusCode();
    }

    /** The service writes the line of a request after it has sent the answer, so a client that does not wait may see two lines swapped. */
    private static List<JsonNode> awaitLines(Path audit, int count) {
        return await().until(() -> lines(audit), found -> found.size() == count);
    }

    private static List<JsonNode> lines(Path audit) throws IOException {
        return Files.readAllLines(audit).stream().map(AuditFileIT::json).toList();
    }

    /** What a line says, but for figures. */
    private static String summary(JsonNode line) {
        return switch (line.path("event").asString()) {
            case "request" -> String.join(" ", "request", line.path("method").asString(), line.path("endpoint").asString(),
                    line.path("status").asString(), line.path("outcome").asString());
            case "key-made", "key-revoked" -> line.path("event").asString() + " " + line.path("key").asString();
            case "scope-missing" -> "scope-missing " + line.path("scope").asString();
            case String event -> event;
        };
    }
}
