package io.chainrule.web;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.chainrule.service.run.Budget;
import io.chainrule.web.problem.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Whatever comes, the answer is a result or a problem in the agreed form, the same again for the same request, and nothing is left behind.
 * Each request is made from its own seed: {@code fortress.seed} for the first one, the next number for the next. A failure names the seed,
 * and is repeated by {@code -Dfortress.seed=…} with {@code -Dfortress.requests=1}.
 */
@Tag("sampled")
@TestPropertySource(
        properties = {"logging.level.io.chainrule.web.http.RequestLog=warn", "chainrule.http.grace=2s", "chainrule.limits.time=1s",
                "chainrule.limits.training-time=1s", "chainrule.limits.cache-bytes=8388608", "chainrule.http.minimum-rate=100"})
@Isolated
class HostileRequestsTest extends HttpTest {
    private static final int REQUESTS = Integer.getInteger("fortress.requests", 20_000);
    private static final long FIRST = Long.getLong("fortress.seed", 20_250_917);
    /** Fewer tell nothing of averages. */
    private static final int MANY = 5_000;
    private static final int CLIENTS = 2;
    /** Until the middle, when classes are loaded and caches are full, and from there to the end. */
    private static final int ROUNDS = 2;
    private static final int BETWEEN_ATTACKS = 20;
    private static final int BETWEEN_REPETITIONS = 10;
    private static final int BETWEEN_SLOW = 2_000;
    /** Other tests have begun services in this process, whose heap of 700 MB changes by some megabytes meanwhile. */
    private static final long NOISE_OF_HEAP = 16 << 20;
    private static final long MOST_LEFT_BY_A_REQUEST = 20;
    /** What is found out after the body was read as a request: while its program is parsed, bound, differentiated or run. */
    private static final Set<String> OF_THE_ENGINE = Set.of("ok", "unknown-op", "unknown-node", "missing-input", "missing-output",
            "duplicate-id", "cycle",
            "wrong-arity", "bad-attribute", "shape-mismatch", "not-scalar", "singular-matrix", "limit-exceeded", "deadline-exceeded");

    @Autowired
    private Budget budget;

    private final Map<String, Integer> outcomes = new ConcurrentSkipListMap<>();
    private final AtomicInteger ofEngine = new AtomicInteger();
    private final AtomicInteger compared = new AtomicInteger();

    private record Remains(long heap, int threads, long descriptors) {
        static Remains now() {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            return new Remains(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount());
        }
    }

    @Test
    void answersWhateverItIsSentAndKeepsNothingOfIt() throws Exception {
        // The first picture as PNG opens fonts, for which a slow machine takes longer than a request may, and starts a thread of the JDK's.
        await().until(() -> post("/v1/render", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}",
                "Content-Type", "application/json", "Accept", "image/png").statusCode() == 200);
        List<ExampleRequest> examples = ExampleRequest.all();
        assertThat(examples).hasSizeGreaterThan(10);
        List<Remains> remains = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
                ExecutorService slow = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> slowOnes = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                AtomicLong next = new AtomicLong(FIRST + (long) REQUESTS * round / ROUNDS);
                long end = FIRST + (long) REQUESTS * (round + 1) / ROUNDS;
                for (long i = next.get(); i < end; i += BETWEEN_SLOW) {
                    long seed = i;
                    slowOnes.add(slow.submit(() -> sendSlowly(seed)));
                }
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    running.add(clients.submit(() -> sendAll(next, end, examples)));
                }
                for (Future<?> one : running) {
                    one.get();
                }
                remains.add(Remains.now());
            }
            for (Future<?> one : slowOnes) {
                one.get();
            }
        }
        assertNothingIsReserved(budget);
        System.out.println(
                ofEngine + " of " + REQUESTS + " reached the engine, " + compared + " were sent twice; " + outcomes + " " + remains);
        if (REQUESTS >= MANY) {
            assertThat(outcomes).as("the mutations reach deep and shallow").containsKeys("ok", "malformed-json", "unknown-field",
                    "wrong-type",
                    "invalid-value", "syntax-error", "unknown-op", "missing-input", "shape-mismatch", "limit-exceeded", "bad-request");
            assertThat(ofEngine.get()).as("%s", outcomes).isGreaterThan(REQUESTS / 2);
            assertThat(compared.get()).isGreaterThan(REQUESTS / (2 * BETWEEN_REPETITIONS));
            assertNothingGrows(remains);
        }
    }

    private static void assertNothingGrows(List<Remains> remains) {
        Remains middle = remains.getFirst();
        Remains last = remains.getLast();
        assertThat(last.heap() - middle.heap()).as("growth of the heap in bytes: %s", remains)
                .isLessThan(NOISE_OF_HEAP + MOST_LEFT_BY_A_REQUEST * REQUESTS / 2);
        assertThat(last.threads() - middle.threads()).as("threads more: %s", remains).isLessThan(8);
        assertThat(last.descriptors() - middle.descriptors()).as("descriptors more: %s", remains).isLessThan(16);
    }

    private void sendAll(AtomicLong next, long end, List<ExampleRequest> examples) {
        try (RawConnection connection = new RawConnection(port)) {
            for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
                if (seed % BETWEEN_ATTACKS == 0) {
                    attack(WireAttack.of(seed));
                } else {
                    send(HostileRequest.of(seed, examples), connection);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(HostileRequest request, RawConnection connection) {
        RawAnswer answer = exchange(request, connection);
        String outcome = check(answer, request.method(), request.toString());
        outcomes.merge(outcome, 1, Integer::sum);
        if (isOfEngine(request, answer, outcome)) {
            ofEngine.incrementAndGet();
        }
        if (request.seed() % BETWEEN_REPETITIONS == 1 && !request.isTimed() && answer.status() < 500) {
            RawAnswer again = exchange(request, connection);
            if (again.status() < 500) {
                assertThat(again.isSameAs(answer))
                        .as("the same answer again: %s%n%s%n%s%n%s%n%s", request, answer.headers(), shorten(answer.text()),
                                again.headers(), shorten(again.text()))
                        .isTrue();
                compared.incrementAndGet();
            }
        }
    }

    /** An answer that the client has already is found before anything is computed. */
    static boolean isOfEngine(HostileRequest request, RawAnswer answer, String outcome) {
        return OF_THE_ENGINE.contains(outcome) && request.isOfProgram() && !request.method().equals("HEAD") && answer.status() != 304;
    }

    static RawAnswer exchange(HostileRequest request, RawConnection connection) {
        try {
            return connection.exchange(request.bytes(), request.method().equals("HEAD"));
        } catch (IOException e) {
            throw new AssertionError("no proper answer to " + request, e);
        }
    }

    private void attack(WireAttack attack) {
        try {
            List<RawAnswer> answers = RawConnection.answers(port, attack.bytes(), attack.isIncomplete());
            assertThat(answers).as("%s", attack).hasSizeLessThanOrEqualTo(attack.most());
            for (RawAnswer answer : answers) {
                outcomes.merge(check(answer, "", attack.toString()), 1, Integer::sum);
            }
        } catch (IOException e) {
            if (attack.isOldest()) {
                outcomes.merge("HTTP/0.9", 1, Integer::sum);
            } else {
                throw new AssertionError("no proper answer to " + attack, e);
            }
        }
    }

    /** Sends a head or a body a byte at a time until the service has had enough. */
    private void sendSlowly(long seed) {
        try (RawConnection connection = new RawConnection(port)) {
            Socket socket = connection.open();
            boolean isBody = seed / BETWEEN_SLOW % 2 == 0;
            String head = "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\n"
                    + (isBody ? "Content-Length: 100000\r\n\r\n{" : "A: ");
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 100 && socket.getInputStream().available() == 0; i++) {
                TimeUnit.MILLISECONDS.sleep(100);
                socket.getOutputStream().write(' ');
            }
            socket.shutdownOutput();
            RawAnswer answer = RawAnswer.read(socket.getInputStream(), false);
            if (answer != null) {
                // Nothing is known of a request whose head has not come: chainrule.http.head-time.
                boolean isHeadLate = !isBody && answer.status() == 408 && answer.text().isEmpty();
                outcomes.merge(isHeadLate ? "late head" : check(answer, "", "a slow client, seed " + seed), 1, Integer::sum);
            }
        } catch (IOException _) {
            outcomes.merge("cut off", 1, Integer::sum);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is a proper answer; returns {@code ok} or the code of the problem. */
    static String check(RawAnswer answer, String method, String described) {
        String type = answer.headers().getOrDefault("content-type", "");
        if (answer.status() < 400) {
            assertThat(answer.status()).as(described).matches(status -> status >= 200 && status < 300 || status == 302 || status == 304);
            if (answer.status() == 200 && type.startsWith("application/json") && !answer.headers().containsKey("content-encoding")
                    && !method.equals("HEAD")) {
                assertThat(json(answer, described).isContainer()).as(described).isTrue();
            }
            return "ok";
        }
        assertThat(answer.status()).as("%s%n%s", described, answer.text())
                .matches(status -> status < 500 || status == 503 || status == 504);
        if (method.equals("HEAD")) {
            return "head";
        }
        assertThat(type).as("%s%n%s", described, answer.text()).isEqualTo("application/problem+json");
        if (answer.headers().containsKey("content-encoding")) {
            return "packed";
        }
        JsonNode problem = json(answer, described);
        assertThat(problem.propertyNames()).as(described).contains("type", "title", "status", "detail", "code", "errors");
        assertThat(problem.path("status").asInt()).as(described).isEqualTo(answer.status());
        assertThat(problem.path("errors")).as(described).isNotEmpty();
        assertThat(ProblemType.find(problem.path("code").asString())).as("%s%n%s", described, answer.text()).isPresent();
        assertThat(answer.text()).as(described).doesNotContain("Exception", "tools.jackson", "io.chainrule", "java.lang", "unforeseen",
                "StreamRead",
                "JsonRead", "\\tat ");
        return problem.path("code").asString();
    }

    private static JsonNode json(RawAnswer answer, String described) {
        try {
            return JSON.readTree(answer.text());
        } catch (JacksonException e) {
            throw new AssertionError(described + "\nis answered by what is not JSON: " + shorten(answer.text()), e);
        }
    }

    private static String shorten(String text) {
        return text.length() <= 2_000 ? text : text.substring(0, 2_000) + " … " + text.length();
    }
}
