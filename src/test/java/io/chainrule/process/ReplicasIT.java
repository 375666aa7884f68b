package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Socket;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three replicas are one service: any of them answers anything, and one that is killed, hangs or is told to end costs no answer that the
 * proxy may ask for again. It needs HAProxy, as the Debian package of that name has it, and tries {@code deploy/haproxy/haproxy.cfg}.
 */
@Tag("fortress")
@Timeout(1800)
class ReplicasIT {
    private static final String WRITTEN = "of_killed";
    private static final int KILLS = 12;
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(10);

    @TempDir
    private static Path temporary;
    private static Replicas replicas;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<Path> haproxy = Haproxy.binary();
        assumeTrue(haproxy.isPresent(), "there is no HAProxy on this machine: install the package haproxy");
        replicas = new Replicas(haproxy.orElseThrow(), temporary);
        assertThat(replicas.all().getFirst().put("/v1/models/line", Question.LINE).statusCode()).isEqualTo(201);
    }

    @AfterAll
    static void end() throws IOException {
        if (replicas != null) {
            replicas.close();
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static HttpRequest.Builder post(String path, String body) {
        return HttpRequest.newBuilder(replicas.uri(path)).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }

    @Test
    void anyReplicaAnswersAnything() throws Exception {
        List<RunningService> all = replicas.all();
        for (int i = 0; i < all.size(); i++) {
            String model = "{\"expression\": \"a * x\", \"inputs\": {\"a\": " + (i + 2) + "}}";
            assertThat(all.get(i).put("/v1/models/stored_by_" + i, model).statusCode()).isEqualTo(201);
            for (RunningService replica : all) {
                HttpResponse<String> called = replica.post("/v1/gradient", "{\"model\": \"stored_by_" + i + "\", \"inputs\": {\"x\": 5}}");
                assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
                assertThat(json(called).at("/gradients/x").asInt()).isEqualTo(i + 2);
                // What was acknowledged by one is no new version to another.
                assertThat(replica.put("/v1/models/stored_by_" + i, model).statusCode()).isEqualTo(200);
            }
        }
        assertThat(json(all.getLast().get("/v1/models?prefix=stored_by_")).path("models").size()).isEqualTo(all.size());
    }

    @Test
    void replicasThatWriteAtOnceGetAVersionEach() throws Exception {
        try (ExecutorService writers = Executors.newFixedThreadPool(replicas.all().size())) {
            List<Future<Map<Integer, Integer>>> all = IntStream.range(0, replicas.all().size()).mapToObj(i -> writers.submit(() -> {
                Map<Integer, Integer> written = new HashMap<>();
                for (int number = i; number < 60; number += replicas.all().size()) {
                    HttpResponse<String> stored = replicas.all().get(i).put("/v1/models/at_once",
                            "{\"expression\": \"a * x\", \"inputs\": {\"a\": " + number + "}}");
                    assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
                    written.put(json(stored).path("version").asInt(), number);
                }
                return written;
            })).toList();
            Map<Integer, Integer> written = new HashMap<>();
            for (Future<Map<Integer, Integer>> each : all) {
                written.putAll(each.get());
            }
            assertThat(written.keySet()).containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 60).boxed().toList());
            assertVersions(replicas.all().getFirst(), "at_once", written);
        }
    }

    /** A replica is killed again only when it is ready, for which it has about half a minute until its next turn. */
    @Test
    void losesNothingWhileReplicasAreKilled() throws Exception {
        long before = replicas.proxy().sentAgain();
        try (ReplicaClients clients = new ReplicaClients(replicas::uri, WRITTEN)) {
            List<Integer> ready = new ArrayList<>();
            Instant next = Instant.now();
            for (int i = 0; i < KILLS; i++) {
                next = next.plus(BETWEEN_KILLS);
                TimeUnit.NANOSECONDS.sleep(Duration.between(Instant.now(), next).toNanos());
                int replica = i % replicas.all().size();
                replicas.all().get(replica).awaitReady();
                replicas.all().get(replica).kill();
                ready.add(replicas.countReadyBeside(replica));
                replicas.restart(replica);
            }
            TimeUnit.NANOSECONDS.sleep(BETWEEN_KILLS.toNanos());
            clients.end(KILLS);
            for (RunningService replica : replicas.all()) {
                replica.awaitReady();
            }
            long again = replicas.proxy().sentAgain() - before;
            clients.tell();
            System.out.printf("%d replicas killed, of the others %s were ready; %d requests sent again by the proxy%n", KILLS, ready,
                    again);
            assertThat(again).isGreaterThan(KILLS);
            for (RunningService replica : replicas.all()) {
                assertVersions(replica, WRITTEN, clients.written());
            }
        }
    }

    /** All that was acknowledged is there, each once, and nothing else. */
    private static void assertVersions(RunningService replica, String model, Map<Integer, Integer> written)
            throws IOException, InterruptedException {
        String path = "/v1/models/" + model + "/versions?limit=1000";
        Map<Integer, Integer> found = new HashMap<>();
        String next = "";
        do {
            JsonNode page = json(replica.get(path + next));
            for (JsonNode version : page.path("models")) {
                int number = version.path("version").asInt();
                HttpResponse<String> called = replica.post("/v1/evaluate",
                        "{\"model\": \"" + model + ":" + number + "\", \"inputs\": {\"x\": 1}}");
                found.put(number, json(called).path("value").asInt());
            }
            next = page.hasNonNull("next") ? "&after=" + page.path("next").asString() : "";
        } while (!next.isEmpty());
        assertThat(found).isEqualTo(written);
    }

    /** Not even what may not be sent twice is lost, since readiness goes before the replica does. */
    @Test
    void losesNothingWhenReplicasAreToldToEnd() throws Exception {
        try (ReplicaClients clients = new ReplicaClients(replicas::uri, "of_ending")) {
            clients.moveAliases();
            for (int i = 0; i < replicas.all().size(); i++) {
                TimeUnit.SECONDS.sleep(2);
                replicas.all().get(i).terminate();
                replicas.restart(i).awaitReady();
            }
            TimeUnit.SECONDS.sleep(2);
            clients.end(0);
            clients.tell();
        }
    }

    /** One that keeps its connections and answers nothing. */
    @Test
    void losesNothingWhenAReplicaHangs() throws Exception {
        String id = String.valueOf(replicas.all().getLast().pid());
        try (ReplicaClients clients = new ReplicaClients(replicas::uri, "of_hanging")) {
            TimeUnit.SECONDS.sleep(2);
            DatabaseProcesses.signal("STOP", id);
            try {
                // Longer than the proxy waits for the answer to a PUT, and twice as long as for that to a program.
                TimeUnit.SECONDS.sleep(40);
            } finally {
                DatabaseProcesses.signal("CONT", id);
            }
            // An answer that the replica had begun is cut by the proxy, which can ask nobody for the rest of it.
            clients.end(1);
            clients.tell();
        }
    }

    @Test
    void eventsPassAsTheyAreSent() throws Exception {
        HttpRequest request = post("/v1/train", "{\"expression\": \"sum(tanh(A @ w)^2)\", \"inputs\": {\"A\": "
                + Collections.nCopies(200, Collections.nCopies(200, 0.01)) + ", \"w\": " + Collections.nCopies(200, 1)
                + "}, \"wrt\": [\"w\"], \"optimizer\": {\"type\": \"sgd\", \"lr\": 1e-6}, \"steps\": 20000}")
                .header("Accept", "text/event-stream").build();
        long start = System.nanoTime();
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<Long> times = client.send(request, BodyHandlers.ofLines()).body().filter(line -> line.startsWith("event: "))
                    .map(_ -> System.nanoTime() - start).toList();
            assertThat(times.size()).isGreaterThan(3);
            assertThat(times.getFirst()).isLessThan(times.getLast() / 2);
        }
    }

    /** Also one that is longer than what the proxy keeps. */
    @Test
    void longBodiesPass() throws Exception {
        String numbers = String.join(",", IntStream.range(0, 1_000_000).mapToObj(String::valueOf).toList());
        HttpResponse<String> response = send(post("/v1/evaluate", "{\"expression\": \"sum(x)\", \"nodes\": \"none\", \"inputs\": {\"x\": ["
                + numbers + "]}}"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(json(response).path("value").asDouble()).isEqualTo(999_999 * 500_000.0);
    }

    private static Socket connected() throws IOException {
        URI proxy = replicas.uri("/");
        return new Socket(proxy.getHost(), proxy.getPort());
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String head(String name, String length) {
        return "PUT /v1/datasets/" + name + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nConnection: close\r\n"
                + "Expect: 100-continue\r\n" + length + "\r\n\r\n";
    }

    /** The replica says whether a file may come before any of it has, and gets it as it comes. */
    @Test
    void filesPassAsTheyCome() throws Exception {
        try (Socket socket = connected()) {
            say(socket, head("refused", "Content-Length: 10000001"));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
        }
        try (Socket socket = connected()) {
            say(socket, head("passed", "Transfer-Encoding: chunked"));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 100");
            say(socket, "2\r\nx\n\r\n");
            for (int i = 0; i < 10; i++) {
                TimeUnit.MILLISECONDS.sleep(200);
                say(socket, "2710\r\n" + "1\n".repeat(5_000) + "\r\n");
            }
            say(socket, "0\r\n\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).contains("HTTP/1.1 201",
                    "\"rows\":50000");
        }
        for (RunningService replica : replicas.all()) {
            assertThat(json(replica.get("/v1/datasets/passed")).path("rows").asInt()).isEqualTo(50_000);
        }
    }

    @Test
    void nothingForOperatorsPasses() throws Exception {
        HttpResponse<String> response = send(HttpRequest.newBuilder(replicas.uri("/actuator/prometheus")));
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(response).path("code").asString()).isEqualTo("not-found");
    }
}
