package io.chainrule.process;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A service whose files cannot grow goes on computing, says what it cannot keep, loses nothing that it acknowledged, and goes on when
 * there is room again. In place of a full disk the system is told how long a file of the process may become, which needs no rights.
 */
@Tag("fortress")
@Timeout(300)
class FullDiskIT {
    private static final String AUTHORIZATION = "Authorization";
    private static final String COMPUTE = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path temporary;

    private Path data() {
        return temporary.resolve("data");
    }

    /** Its log goes nowhere, since it would be limited too. */
    private RunningService start(String... properties) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(
                List.of("--chainrule.security.mode=api-key", "--chainrule.data-directory=" + data(), "--chainrule.warm-up=false"));
        all.addAll(List.of(properties));
        RunningService service = new RunningService(Application.command(all.toArray(String[]::new)), temporary, Map.of(),
                Path.of("/dev/null"));
        service.awaitReady();
        return service;
    }

    /** Lets no file of the service become longer than this; "unlimited" for any length. */
    private static void limitFiles(RunningService service, String bytes) throws InterruptedException {
        int status;
        try {
            status = new ProcessBuilder("prlimit", "--pid", String.valueOf(service.pid()), "--fsize=" + bytes + ":unlimited").inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException _) {
            status = 127;
        }
        assertThat(status).as("status of prlimit, which has to be installed").isZero();
    }

    private String firstKey() throws IOException {
        return "Bearer " + Files.readString(data().resolve("first-key")).strip();
    }

    private static HttpResponse<String> made(RunningService service, String key, String owner) throws IOException, InterruptedException {
        return service.post("/v1/keys", "{\"owner\": \"" + owner + "\", \"scopes\": [\"compute\"]}", AUTHORIZATION, key);
    }

    private static boolean computes(RunningService service, String key) throws IOException, InterruptedException {
        HttpResponse<String> response = service.post("/v1/gradient", COMPUTE, AUTHORIZATION, key);
        return response.statusCode() == 200 && json(response).path("value").asDouble() == 9;
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private static void assertRefused(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.body()).contains("chainrule.data-directory").doesNotContain("Exception", "mv.db", "SQL");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void aKeyThatWasToldIsKeptAndOthersAreRefused() throws Exception {
        List<String> told = new ArrayList<>();
        try (RunningService service = start("--chainrule.security.key-cache=1h")) {
            String first = firstKey();
            assertThat(computes(service, first)).isTrue();
            limitFiles(service, String.valueOf(Files.size(data().resolve("chainrule.mv.db")) + 20_000));
            HttpResponse<String> response = made(service, first, "owner");
            for (int i = 0; response.statusCode() == 201 && i < 5_000; i++) {
                told.add(json(response).path("key").asString());
                response = made(service, first, "x".repeat(90) + i);
            }
            assertThat(told).as("there was some room").isNotEmpty();
            assertRefused(response);
            assertThat(computes(service, first)).isTrue();
            assertThat(service.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

            limitFiles(service, "unlimited");
            HttpResponse<String> again = await().atMost(PATIENCE).until(() -> made(service, first, "with room"),
                    it -> it.statusCode() == 201);
            told.add(json(again).path("key").asString());
            service.kill();
            service.exitCode();
        }
        try (RunningService service = start()) {
            assertThat(service.get("/v1/keys", AUTHORIZATION, firstKey()).statusCode()).isEqualTo(200);
            for (String key : told) {
                assertThat(computes(service, "Bearer " + key)).as("a key that was told").isTrue();
            }
        }
    }

    @Test
    void aBackupThatFindsNoRoomIsRefusedAndLeavesNothing() throws Exception {
        try (RunningService service = start()) {
            String first = firstKey();
            assertThat(computes(service, first)).isTrue();
            limitFiles(service, "1000");
            assertRefused(service.post("/actuator/backup", "", AUTHORIZATION, first));
            assertThat(backups()).isEmpty();
            assertThat(computes(service, first)).isTrue();

            limitFiles(service, "unlimited");
            HttpResponse<String> made = service.post("/actuator/backup", "", AUTHORIZATION, first);
            assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
            Path file = data().resolve(json(made).path("file").asString());
            assertThat(backups()).containsExactly(file);
            try (ZipFile backup = new ZipFile(file.toFile())) {
                assertThat(backup.stream()).isNotEmpty();
            }
        }
    }

    private List<Path> backups() throws IOException {
        try (Stream<Path> files = Files.list(data().resolve("backups"))) {
            return files.toList();
        }
    }

    /** It has lines again when there is room; those between are lost, since nobody would compute for a log's sake otherwise. */
    @Test
    void anAuditFileThatCannotGrowStopsNoAnswer() throws Exception {
        Path audit = temporary.resolve("audit.log");
        try (RunningService service = start("--chainrule.audit-file=" + audit)) {
            String first = firstKey();
            assertThat(computes(service, first)).isTrue();
            await().until(() -> Files.size(audit) > 0);
            limitFiles(service, String.valueOf(Files.size(audit) + 1_000));
            for (int i = 0; i < 200; i++) {
                assertThat(computes(service, first)).isTrue();
            }
            long full = Files.size(audit);
            limitFiles(service, "unlimited");
            await().atMost(PATIENCE).until(() -> computes(service, first) && Files.size(audit) > full + 1_000);
            assertThat(Files.readString(audit).lines()).last().asString().startsWith("{").endsWith("}");
        }
    }
}
