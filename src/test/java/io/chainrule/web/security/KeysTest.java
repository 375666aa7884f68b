package io.chainrule.web.security;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.ReadsLog;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.h2.tools.Restore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** Keys are made, listed and revoked; what is kept of them is of no use to a thief. */
@ReadsLog
class KeysTest extends SecuredTest {
    @Autowired
    private JdbcTemplate database;

    @Test
    void theFirstKeyIsInAFileOfItsOwner(CapturedOutput log) throws IOException {
        assertThat(firstKey()).matches("crk_[A-Za-z0-9_-]{43}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/first-key")))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data")))).isEqualTo("rwx------");
        assertThat(log).doesNotContain(firstKey());
    }

    @Test
    void aNewKeyIsToldOnce() throws IOException {
        HttpResponse<String> response = with(firstKey(), "POST", "/v1/keys", """
                {"owner": "ana", "scopes": ["train", "compute"], "expires_at": "2199-01-31T00:00:00+01:00", "quotas": {"requests": 3}}""");
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        JsonNode made = json(response);
        String secret = made.path("key").asString();
        assertThat(secret).matches("crk_[A-Za-z0-9_-]{43}");
        String location = response.headers().firstValue("Location").orElseThrow();
        assertThat(location).isEqualTo("/v1/keys/" + made.path("id").asString());
        JsonNode shown = json(with(firstKey(), "GET", location, ""));
        assertThat(shown.has("key")).isFalse();
        assertThat(shown.path("owner").asString()).isEqualTo("ana");
        assertThat(shown.path("scopes").toString()).isEqualTo("[\"compute\",\"train\"]");
        assertThat(shown.path("expires_at").asString()).isEqualTo("2199-01-30T23:00:00Z");
        assertThat(shown.path("quotas").toString()).isEqualTo("{\"requests\":3}");
        assertThat(json(with(firstKey(), "GET", "/v1/keys", "")).path("keys").values()).contains(shown);
    }

    /** Only a service with keys has their endpoints in its document. */
    @Test
    void theDocumentDescribesThem() throws IOException {
        HttpResponse<String> response = get("/v3/api-docs");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode paths = json(response).path("paths");
        assertThat(paths.at("/~1v1~1keys/post/responses").has("201")).isTrue();
        assertThat(paths.at("/~1v1~1keys~1{id}/delete/responses").has("204")).isTrue();
    }

    @Test
    void onlyHashesAreKept() throws IOException {
        String secret = newKey("{\"owner\": \"bob\", \"scopes\": [\"compute\"]}");
        List<String> rows = database.queryForList("select * from api_key where owner = 'bob'").stream().map(Map::toString).toList();
        // SHA-256, so that the file of the database is of no use to who has no key.
        assertThat(rows).singleElement(as(InstanceOfAssertFactories.STRING)).doesNotContain(secret)
                .containsPattern("(?i)hash=[0-9a-f]{64}");
    }

    @Test
    void neitherLogHasAKey(CapturedOutput log) throws IOException {
        String secret = newKey("{\"owner\": \"carol\", \"scopes\": [\"compute\"]}");
        assertThat(with(secret, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
        assertThat(with(secret + "x", "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(401);
        // Lines of the audit log are written in batches.
        for (int i = 0; i < 500 && !(log.getOut().contains("\"key-made\"") && log.getOut().contains("\"wrong-key\"")); i++) {
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(log.getOut()).contains("\"key-made\"", "\"wrong-key\"").doesNotContain(secret);
    }

    /** Who asked for what, what it cost and what came of it; never what was in it. */
    @Test
    void theAuditLogTellsOfEachRequest(CapturedOutput log) throws IOException {
        JsonNode made = json(with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"erin\", \"scopes\": [\"compute\"]}"));
        String secret = made.path("key").asString();
        String client = "\"client\":\"key:" + made.path("id").asString() + "\"";
        with(secret, "POST", "/v1/gradient", "{\"expression\": \"f = secret47 * x\", \"inputs\": {\"x\": 2, \"secret47\": 81504711}}");
        with(secret, "POST", "/v1/evaluate", "{\"expression\": \"f = secret47 +\"}");
        await().until(() -> audited(log, client).size() == 2);
        assertThat(audited(log, client)).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).contains("\"endpoint\":\"/v1/gradient\"", "\"status\":200", "\"outcome\":\"ok\"",
                        "\"compute_seconds\":", "\"bytes\":"),
                line -> assertThat(line).contains("\"endpoint\":\"/v1/evaluate\"", "\"status\":422", "\"outcome\":\"syntax-error\""))
                .noneSatisfy(line -> assertThat(line).containsAnyOf("secret47", "81504711"));
    }

    /** The lines about requests of a client. */
    private static List<String> audited(CapturedOutput log, String client) {
        return log.getOut().lines().filter(line -> line.contains("\"chainrule.audit\"") && line.contains("\"event\":\"request\"")
                && line.contains(client)).toList();
    }

    @Test
    void aRevokedKeyIsRefusedAtOnce() throws IOException {
        JsonNode made = json(with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"dan\", \"scopes\": [\"compute\"]}"));
        String secret = made.path("key").asString();
        assertThat(with(secret, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
        String path = "/v1/keys/" + made.path("id").asString();
        assertThat(with(firstKey(), "DELETE", path, "").statusCode()).isEqualTo(204);
        assertThat(with(secret, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(401);
        String when = json(with(firstKey(), "GET", path, "")).path("revoked_at").asString();
        assertThat(with(firstKey(), "DELETE", path, "").statusCode()).isEqualTo(204);
        assertThat(json(with(firstKey(), "GET", path, "")).path("revoked_at").asString()).isEqualTo(when);
    }

    @Test
    void theLastKeyThatMakesKeysStays() throws IOException {
        JsonNode first = json(with(firstKey(), "GET", "/v1/keys", "")).path("keys").get(0);
        HttpResponse<String> response = with(firstKey(), "DELETE", "/v1/keys/" + first.path("id").asString(), "");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(errors(response)).containsExactly("conflict -");
        assertThat(with(firstKey(), "GET", "/v1/keys", "").statusCode()).isEqualTo(200);
    }

    @Test
    void thereIsNoKeyOfAnotherId() throws IOException {
        assertThat(with(firstKey(), "GET", "/v1/keys/nothing", "").statusCode()).isEqualTo(404);
        assertThat(with(firstKey(), "DELETE", "/v1/keys/nothing", "").statusCode()).isEqualTo(404);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(arguments("{}", "invalid-value /owner, invalid-value /scopes"),
                arguments("{\"owner\": \" \", \"scopes\": []}", "invalid-value /owner, invalid-value /scopes"),
                arguments("{\"owner\": \"" + "x".repeat(101) + "\", \"scopes\": [\"compute\"]}", "invalid-value /owner"),
                arguments("{\"owner\": \"a\", \"scopes\": [\"compute\", \"root\", \"Train\"]}",
                        "invalid-value /scopes/1, invalid-value /scopes/2"),
                arguments("{\"owner\": \"a\", \"scopes\": [\"compute\"], \"expires_at\": \"tomorrow\"}", "invalid-value /expires_at"),
                arguments("{\"owner\": \"a\", \"scopes\": [\"compute\"], \"expires_at\": \"2020-01-01T00:00:00Z\"}",
                        "invalid-value /expires_at"),
                arguments(
                        "{\"owner\": \"a\", \"scopes\": [\"compute\"], \"quotas\": {\"bytes\": -1, \"trainings\": -2, \"compute_seconds\": 1000000000000}}",
                        "invalid-value /quotas/compute_seconds, invalid-value /quotas/bytes, invalid-value /quotas/trainings"),
                arguments("{\"owner\": \"a\", \"scopes\": [\"compute\"], \"expires\": 3}", "unknown-field /expires"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void tellsAllThatIsWrong(String body, String errors) throws IOException {
        HttpResponse<String> response = with(firstKey(), "POST", "/v1/keys", body);
        assertThat(response.statusCode()).isIn(400, 422);
        assertThat(String.join(", ", errors(response))).isEqualTo(errors);
    }

    /** A backup is restored by unpacking it where the database was, which the tool of H2 does, too. */
    @Test
    void backsUpWhileItRuns() throws IOException, SQLException {
        String key = newKey("{\"owner\": \"frank\", \"scopes\": [\"compute\"]}");
        HttpResponse<String> response = with(firstKey(), "POST", "/actuator/backup", "");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Path restored = Files.createDirectory(folder.resolve("restored"));
        Path backup = folder.resolve("data").resolve(json(response).path("file").asString());
        Restore.main("-file", backup.toString(), "-dir", restored.toString());
        try (Replica second = new Replica("--chainrule.data-directory=" + restored)) {
            assertThat(second.with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
            assertThat(restored.resolve("first-key")).doesNotExist();
        }
    }
}
