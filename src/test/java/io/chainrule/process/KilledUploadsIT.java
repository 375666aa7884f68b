package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service that is killed while files come has all that it has acknowledged, and its next start leaves nothing that came by half. */
@Timeout(180)
class KilledUploadsIT {
    private static final int FILES = 200;

    @TempDir
    private Path temporary;

    private RunningService start() throws IOException, InterruptedException {
        RunningService service = new RunningService(
                Application.command("--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.warm-up=false",
                        "--chainrule.uploads.at-once=40"),
                temporary, Map.of(), temporary.resolve("service.log"));
        service.awaitReady();
        return service;
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private List<Path> files(String folder) throws IOException {
        Path path = temporary.resolve("data").resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock")).toList();
        }
    }

    private static String csv(int number) {
        return "x\n" + (number + "\n").repeat(2_000 + number);
    }

    @Test
    void nothingIsLostAndNothingIsLeft() throws Exception {
        Map<String, String> acknowledged = new ConcurrentHashMap<>();
        try (RunningService service = start();
                ExecutorService clients = Executors.newFixedThreadPool(8);
                Socket slow = service.connect()) {
            String head = String.join("\r\n", "PUT /v1/datasets/slow HTTP/1.1", "Host: localhost", "Content-Type: text/csv",
                    "Content-Length: 100", "", "x\n1\n");
            slow.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            await().atMost(Duration.ofSeconds(10)).until(() -> !files("uploads").isEmpty());
            AtomicInteger next = new AtomicInteger();
            CountDownLatch half = new CountDownLatch(FILES / 2);
            for (int client = 0; client < 8; client++) {
                Future<Boolean> _ = clients.submit(() -> {
                    for (int number = next.getAndIncrement(); number < FILES; number = next.getAndIncrement()) {
                        HttpResponse<String> response = service.putAs("text/csv", "/v1/datasets/d" + number, csv(number));
                        if (response.statusCode() == 201) {
                            acknowledged.put("d" + number, json(response).path("sha256").asString());
                        }
                        half.countDown();
                    }
                    return true;
                });
            }
            assertThat(half.await(60, TimeUnit.SECONDS)).isTrue();
            service.kill();
        }
        assertThat(acknowledged).hasSizeBetween(FILES / 4, FILES - 1);
        assertThat(files("uploads")).as("what the killed process had not completed").isNotEmpty();
        try (RunningService service = start()) {
            assertThat(files("uploads")).isEmpty();
            JsonNode all = json(service.get("/v1/datasets?limit=1000")).path("datasets");
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(files("datasets")).hasSize(all.size()));
            assertThat(all).extracting(dataset -> dataset.path("name").asString()).containsAll(acknowledged.keySet())
                    .doesNotContain("slow");
            for (JsonNode dataset : all) {
                int number = Integer.parseInt(dataset.path("name").asString().substring(1));
                assertThat(temporary.resolve("data/datasets/" + dataset.path("sha256").asString())).hasContent(csv(number));
            }
            assertThat(service.putAs("text/csv", "/v1/datasets/d0", csv(FILES)).statusCode()).isEqualTo(201);
        }
    }
}
