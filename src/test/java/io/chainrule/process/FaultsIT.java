package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happens to a process in its life: an answer is right or a problem, or there is none. Never is it a wrong number. */
@Tag("fortress")
@Timeout(300)
class FaultsIT {
    private static final int CLIENTS = 8;
    private static final String AUTHORIZATION = "Authorization";
    /** So that slow machines do all work in time. */
    private static final String TIME = "--chainrule.limits.time=60s";
    /** Takes half a second or so. */
    private static final String LONG = """
            {"expression": "y = A\\nfor i in range(1500):\\n  y = tanh(y @ A)\\nf = sum(y)", "nodes": "none", "inputs": {"A": %s}}"""
            .formatted(Collections.nCopies(80, Collections.nCopies(80, 0.01)));

    @TempDir
    private Path temporary;

    private RunningService start(Map<String, String> environment, String... properties) throws IOException {
        List<String> command = Processes.jar(TIME);
        command.addAll(List.of(properties));
        return new RunningService(command, temporary, environment, Files.createTempFile(temporary, "service", ".log"));
    }

    /** Clients that ask for squares until nobody listens, or until they are told to stop. */
    private static final class Askers implements AutoCloseable {
        private final RunningService service;
        private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        private final List<Future<?>> clients = new ArrayList<>();
        private final AtomicInteger right = new AtomicInteger();
        private final AtomicInteger away = new AtomicInteger();
        private final Map<String, String> wrong = new ConcurrentHashMap<>();
        private final String[] headers;
        private final String reason;
        private volatile boolean isOver;

        Askers(RunningService service) {
            this(service, "");
        }

        /** @param reason what an answer of 503 must name */
        Askers(RunningService service, String reason, String... headers) {
            this.service = service;
            this.reason = reason;
            this.headers = headers;
            for (int i = 0; i < CLIENTS; i++) {
                int first = i;
                clients.add(threads.submit(() -> ask(first)));
            }
        }

        private void ask(int first) {
            for (int i = first; !isOver; i += CLIENTS) {
                HttpResponse<String> response = answer("{\"expression\": \"f = x^2 + sum([1, 2] * x)\", \"inputs\": {\"x\": " + i + "}}");
                if (response == null) {
                    return;
                }
                double expected = (double) i * i + 3.0 * i;
                if (response.statusCode() == 200 && json(response).path("value").asDouble() == expected
                        && json(response).at("/gradients/x").asDouble() == 2.0 * i + 3) {
                    right.incrementAndGet();
                } else if (response.statusCode() == 503 && response.body().contains(reason)) {
                    away.incrementAndGet();
                } else {
                    wrong.put(i + " " + response.statusCode(), response.body());
                }
            }
        }

        private @Nullable HttpResponse<String> answer(String body) {
            try {
                return service.post("/v1/gradient", body, headers);
            } catch (IOException e) {
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }

        void awaitAnswers(int more) throws InterruptedException {
            await(right, more);
        }

        void awaitRefusals(int more) throws InterruptedException {
            await(away, more);
        }

        private void await(AtomicInteger answers, int more) throws InterruptedException {
            int wanted = answers.get() + more;
            Instant end = Instant.now().plusSeconds(60);
            while (answers.get() < wanted) {
                assertThat(Instant.now()).as("%s right answers, %s times away, others %s", right, away, wrong).isBefore(end);
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }

        @Override
        public void close() {
            isOver = true;
            threads.close();
            for (Future<?> client : clients) {
                client.resultNow();
            }
            assertThat(wrong).isEmpty();
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    @Test
    void whatIsAcceptedBeforeSigtermIsAnswered() throws Exception {
        try (RunningService service = start(Map.of(), "--chainrule.drain-delay=10s", "--spring.lifecycle.timeout-per-shutdown-phase=60s")) {
            service.awaitReady();
            HttpResponse<String> expected = service.post("/v1/evaluate", LONG);
            assertThat(expected.statusCode()).as(expected.body()).isEqualTo(200);
            try (Askers askers = new Askers(service); ExecutorService others = Executors.newCachedThreadPool()) {
                askers.awaitAnswers(200);
                List<Future<HttpResponse<String>>> accepted = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    accepted.add(others.submit(() -> service.post("/v1/evaluate", LONG)));
                }
                TimeUnit.MILLISECONDS.sleep(300);
                service.terminate();
                askers.awaitAnswers(50);
                int answered = 0;
                for (Future<HttpResponse<String>> one : accepted) {
                    // A machine that is slow may have refused one at once.
                    assertThat(one.get().statusCode()).as(one.get().body()).isIn(200, 503);
                    if (one.get().statusCode() == 200) {
                        assertThat(json(one.get())).isEqualTo(json(expected));
                        answered++;
                    }
                }
                assertThat(answered).isPositive();
                assertThat(service.exitCode()).isEqualTo(128 + 15);
            }
        }
    }

    @Test
    void aKillUnderLoadLeavesNothingWrong() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (RunningService service = start(Map.of())) {
                service.awaitReady();
                try (Askers askers = new Askers(service)) {
                    askers.awaitAnswers(200);
                    service.kill();
                    assertThat(service.exitCode()).isEqualTo(128 + 9);
                }
            }
        }
    }

    /** As where the disk is full that the log is written to. */
    @Test
    void aLogThatNobodyTakesStopsNoAnswer() throws Exception {
        Path full = Path.of("/dev/full");
        assertThat(full).as("this needs Linux").exists();
        try (RunningService service = new RunningService(Processes.jar(), temporary, Map.of(), full)) {
            service.awaitReady();
            try (Askers askers = new Askers(service)) {
                askers.awaitAnswers(500);
            }
            assertThat(service.get("/actuator/health").statusCode()).isEqualTo(200);
        }
    }

    /** Deadlines are measured by the clock that nobody sets. */
    @Test
    void aClockThatIsSetChangesNoAnswer() throws Exception {
        Path clock = temporary.resolve("clock");
        set(clock, "+0");
        try (RunningService service = start(withClock(clock))) {
            service.awaitReady();
            HttpResponse<String> expected = service.post("/v1/evaluate", LONG);
            assertThat(expected.statusCode()).as(expected.body()).isEqualTo(200);
            assertThat(year(service)).isEqualTo(year(0));
            try (Askers askers = new Askers(service); ExecutorService others = Executors.newCachedThreadPool()) {
                for (String offset : List.of("+400d", "-400d", "+3600", "+0")) {
                    Future<HttpResponse<String>> atWork = others.submit(() -> service.post("/v1/evaluate", LONG));
                    TimeUnit.MILLISECONDS.sleep(200);
                    set(clock, offset);
                    assertThat(atWork.get().statusCode()).as("%s %s", offset, atWork.get().body()).isEqualTo(200);
                    assertThat(json(atWork.get())).isEqualTo(json(expected));
                    askers.awaitAnswers(100);
                    if (offset.endsWith("d")) {
                        assertThat(year(service)).as("the service sees the clock").isEqualTo(year(offset.startsWith("+") ? 400 : -400));
                    }
                }
            }
        }
    }

    /** A key that was told is there afterwards, one that was refused is not. Answers meanwhile are right, or say what is away. */
    @Test
    void aDatabaseThatIsKilledComesBack() throws Exception {
        Path data = Files.createDirectory(temporary.resolve("postgres"));
        Path keys = temporary.resolve("keys");
        EmbeddedPostgres database = database(data, 0);
        int port = database.getPort();
        try (RunningService service = start(Map.of("SPRING_DATASOURCE_URL", database.getJdbcUrl("postgres", "postgres")),
                "--chainrule.security.mode=api-key", "--chainrule.data-directory=" + keys, "--chainrule.security.key-cache=100ms",
                "--chainrule.quotas.shared=true", "--chainrule.quotas.requests=0", "--chainrule.quotas.compute-seconds=0")) {
            service.awaitReady();
            String first = bearer(Files.readString(keys.resolve("first-key")).strip());
            String client = bearer(json(made(service, first, "ana")).path("key").asString());
            try (Askers askers = new Askers(service, "spring.datasource.url", AUTHORIZATION, client)) {
                for (int round = 0; round < 2; round++) {
                    askers.awaitAnswers(100);
                    HttpResponse<String> told = made(service, first, "of round " + round);
                    assertThat(told.statusCode()).as(told.body()).isEqualTo(201);
                    DatabaseProcesses.kill(data);
                    askers.awaitRefusals(20);
                    HttpResponse<String> refused = made(service, first, "in vain");
                    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                    assertThat(refused.body()).contains("spring.datasource.url").doesNotContain("jdbc:", "Exception");
                    assertThat(service.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
                    // It gives back its lock on the folder.
                    database.close();
                    database = database(data, port);
                    askers.awaitAnswers(100);
                    String key = bearer(json(told).path("key").asString());
                    assertThat(service.get("/v1/keys", AUTHORIZATION, first).body()).contains("of round " + round)
                            .doesNotContain("in vain");
                    assertThat(service.post("/v1/gradient", "{\"expression\": \"1\"}", AUTHORIZATION, key).statusCode()).isEqualTo(200);
                }
            }
        } finally {
            database.close();
        }
    }

    /** Its connections stand, and nothing comes. Nobody waits for that without end, and what needs no database is answered as before. */
    @Test
    void aDatabaseThatHangsIsNotWaitedForLong() throws Exception {
        Path data = Files.createDirectory(temporary.resolve("postgres"));
        Path keys = temporary.resolve("keys");
        EmbeddedPostgres database = database(data, 0);
        try (RunningService service = start(Map.of("SPRING_DATASOURCE_URL", database.getJdbcUrl("postgres", "postgres")),
                "--chainrule.security.mode=api-key", "--chainrule.data-directory=" + keys, "--chainrule.security.key-cache=100ms")) {
            service.awaitReady();
            String first = bearer(Files.readString(keys.resolve("first-key")).strip());
            String client = bearer(json(made(service, first, "ana")).path("key").asString());
            try (Askers askers = new Askers(service, "spring.datasource.url", AUTHORIZATION, client)) {
                for (int round = 0; round < 2; round++) {
                    askers.awaitAnswers(100);
                    DatabaseProcesses.suspend(data);
                    try {
                        askers.awaitRefusals(40);
                        HttpResponse<String> refused = made(service, first, "in vain");
                        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                        assertThat(service.get("/v1/ops/relu").statusCode()).isEqualTo(200);
                        assertThat(service.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
                    } finally {
                        DatabaseProcesses.resume(data);
                    }
                    askers.awaitAnswers(100);
                    assertThat(service.get("/v1/keys", AUTHORIZATION, first).body()).contains("ana").doesNotContain("in vain");
                }
            }
        } finally {
            database.close();
        }
    }

    /** As servers are by default: what is acknowledged has been written. */
    private static EmbeddedPostgres database(Path data, int port) throws IOException {
        return EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "on").setPort(port).setDataDirectory(data)
                .setCleanDataDirectory(false).start();
    }

    private static String bearer(String key) {
        return "Bearer " + key;
    }

    private static HttpResponse<String> made(RunningService service, String key, String owner) throws IOException, InterruptedException {
        return service.post("/v1/keys", "{\"owner\": \"" + owner + "\", \"scopes\": [\"compute\"]}", AUTHORIZATION, key);
    }

    private static Map<String, String> withClock(Path clock) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>();
        String library = "";
        try {
            Process process = new ProcessBuilder("faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD").start();
            library = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            process.waitFor();
        } catch (IOException _) {
            // It is not installed.
        }
        assertThat(library).as("faketime has to be installed").isNotEmpty();
        environment.put("LD_PRELOAD", library);
        environment.put("FAKETIME_TIMESTAMP_FILE", clock.toString());
        environment.put("FAKETIME_NO_CACHE", "1");
        environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        // Else waits of the JVM, which are monotonic, end too early or never.
        environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        return environment;
    }

    private static void set(Path clock, String offset) throws IOException {
        Path next = Files.writeString(clock.resolveSibling("next"), offset);
        Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String year(int days) {
        return String.valueOf(Instant.now().plus(Duration.ofDays(days)).atZone(ZoneOffset.UTC).getYear());
    }

    /** The year in the header Date. */
    private static String year(RunningService service) throws IOException, InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1_500);
        return service.get("/actuator/health").headers().firstValue("Date").orElseThrow().split(" ", -1)[3];
    }
}
