package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service that is killed while models are stored has all that it has acknowledged, and nothing by half. */
@Timeout(600)
class KilledModelsIT {
    /** The service is killed after it has acknowledged so many. Clients go on until then, so that it is always in the middle of some. */
    private static final int WRITES = 200;
    private static final int MODELS = 7;
    private static final int LENGTH = 2_000;
    /** The sum of an array but for its first number. */
    private static final int REST = IntStream.range(1, LENGTH).map(i -> i % 10).sum();

    @TempDir
    private Path temporary;

    private RunningService start() throws IOException, InterruptedException {
        RunningService service = new RunningService(
                Application.command("--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.warm-up=false"), temporary,
                Map.of(),
                temporary.resolve("service.log"));
        service.awaitReady();
        return service;
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    /** The kept array of each version has another first number, by which its call tells whose it is. */
    private static String model(int number) {
        String rest = IntStream.range(1, LENGTH).mapToObj(i -> String.valueOf(i % 10)).collect(Collectors.joining(", "));
        return "{\"expression\": \"a[0] * x + sum(a)\", \"inputs\": {\"a\": [" + number + ", " + rest + "]}}";
    }

    @Test
    void losesNothingThatWasAcknowledged() throws Exception {
        Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService clients = Executors.newFixedThreadPool(8); RunningService service = start()) {
            CountDownLatch enough = new CountDownLatch(WRITES);
            List<Future<Boolean>> cutOff = new ArrayList<>();
            for (int client = 0; client < 8; client++) {
                cutOff.add(clients.submit(() -> {
                    while (true) {
                        int number = next.getAndIncrement();
                        HttpResponse<String> response = service.put("/v1/models/m" + number % MODELS, model(number));
                        if (response.statusCode() == 201) {
                            acknowledged.put("m" + number % MODELS + ":" + json(response).path("version").asInt(), number);
                            enough.countDown();
                        }
                    }
                }));
            }
            assertThat(enough.await(4, TimeUnit.MINUTES)).isTrue();
            service.kill();
            assertThat(cutOff).allSatisfy(client -> assertThatThrownBy(client::get).hasCauseInstanceOf(IOException.class));
        }
        assertThat(acknowledged).hasSizeBetween(WRITES, next.get() - 1);
        try (RunningService service = start()) {
            for (Map.Entry<String, Integer> model : acknowledged.entrySet()) {
                assertThat(called(service, model.getKey())).as(model.getKey()).isEqualTo(3 * model.getValue() + REST);
            }
            for (int i = 0; i < MODELS; i++) {
                JsonNode versions = json(service.get("/v1/models/m" + i + "/versions?limit=1000")).path("models");
                List<Integer> numbers = IntStream.range(0, versions.size()).mapToObj(k -> versions.path(k).path("version").asInt())
                        .toList();
                int newest = numbers.getFirst();
                assertThat(numbers).as("numbers without gaps").hasSize(newest);
                for (int version : numbers) {
                    int number = (called(service, "m" + i + ":" + version) - REST) / 3;
                    assertThat(number).isBetween(0, next.get());
                    assertThat(number % MODELS).as("the model for which version %d was stored", version).isEqualTo(i);
                    assertThat(called(service, "m" + i + ":" + version)).isEqualTo(3 * number + REST);
                }
                assertThat(json(service.get("/v1/models/m" + i)).path("version").asInt()).isEqualTo(newest);
                assertThat(json(service.put("/v1/models/m" + i, model(next.get() + i))).path("version").asInt()).isEqualTo(newest + 1);
            }
        }
    }

    private static int called(RunningService service, String model) throws IOException, InterruptedException {
        HttpResponse<String> response = service.post("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": 2}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response).path("value").asInt();
    }
}
