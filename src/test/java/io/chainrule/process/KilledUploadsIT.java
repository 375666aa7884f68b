package io.chainrule.process;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
@Timeout(600)
class KilledUploadsIT {
    /** The service is killed after so many files. Clients go on until then, so that some always come just then. */
    private static final int FILES = 100;

    @TempDir
    private Path temporary;

    private RunningService start() throws IOException, InterruptedException {
        RunningService service = new RunningService(
                Application.command("--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.warm-up=false",
                        "--chainrule.uploads.at-once=40", "--chainrule.http.grace=10m"),
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
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService clients = Executors.newFixedThreadPool(8);
                RunningService service = start();
                Socket slow = service.connect()) {
            String head = String.join("\r\n", "PUT /v1/datasets/slow HTTP/1.1", "Host: localhost", "Content-Type: text/csv",
                    "Content-Length: 100", "", "x\n1\n");
            slow.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            await().until(() -> !files("uploads").isEmpty());
            CountDownLatch enough = new CountDownLatch(FILES);
            List<Future<Boolean>> cutOff = new ArrayList<>();
            for (int client = 0; client < 8; client++) {
                cutOff.add(clients.submit(() -> {
                    while (true) {
                        int number = next.getAndIncrement();
                        HttpResponse<String> response = service.putAs("text/csv", "/v1/datasets/d" + number, csv(number));
                        if (response.statusCode() == 201) {
                            acknowledged.put("d" + number, json(response).path("sha256").asString());
                        }
                        enough.countDown();
                    }
                }));
            }
            assertThat(enough.await(4, TimeUnit.MINUTES)).isTrue();
            service.kill();
            assertThat(cutOff).allSatisfy(client -> assertThatThrownBy(client::get).hasCauseInstanceOf(IOException.class));
        }
        assertThat(acknowledged).hasSizeBetween(FILES / 2, next.get() - 1);
        assertThat(files("uploads")).as("what the killed process had not completed").isNotEmpty();
        try (RunningService service = start()) {
            assertThat(files("uploads")).isEmpty();
            JsonNode all = json(service.get("/v1/datasets?limit=1000")).path("datasets");
            await().untilAsserted(() -> assertThat(files("datasets")).hasSize(all.size()));
            assertThat(all).extracting(dataset -> dataset.path("name").asString()).containsAll(acknowledged.keySet())
                    .doesNotContain("slow");
            for (JsonNode dataset : all) {
                int number = Integer.parseInt(dataset.path("name").asString().substring(1));
                assertThat(temporary.resolve("data/datasets/" + dataset.path("sha256").asString())).hasContent(csv(number));
            }
            assertThat(service.putAs("text/csv", "/v1/datasets/d0", csv(next.get())).statusCode()).isEqualTo(201);
        }
    }
}
