package io.chainrule.web.security;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** Each client has its quotas, is told what is left of them, and how long to wait. */
@TestPropertySource(properties = "chainrule.security.wrong-keys=5")
class QuotaTest extends SecuredTest {
    private String key(String scopes, String quotas) throws IOException {
        return newKey("{\"owner\": \"q\", \"scopes\": [%s], \"quotas\": %s}".formatted(scopes, quotas));
    }

    private static long retryAfter(HttpResponse<String> response) {
        return Long.parseLong(response.headers().firstValue("Retry-After").orElseThrow());
    }

    @Test
    void soManyRequestsAMinute() throws IOException {
        String key = key("\"compute\"", "{\"requests\": 3}");
        for (int left = 2; left >= 0; left--) {
            HttpResponse<String> response = with(key, "POST", "/v1/gradient", PROGRAM);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("RateLimit-Policy").orElseThrow())
                    .startsWith("\"requests\";q=3;w=60;qu=\"requests\", ");
            assertThat(response.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"requests\";r=" + left + ";t=");
        }
        HttpResponse<String> refused = with(key, "POST", "/v1/gradient", PROGRAM);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(errors(refused)).containsExactly("too-many-requests -");
        assertThat(retryAfter(refused)).isBetween(1L, 20L);
        assertThat(refused.headers().firstValue("RateLimit-Policy").orElseThrow()).startsWith("\"requests\";q=3;w=60;");
        assertThat(refused.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"requests\";r=0;t=");
        assertThat(with(key("\"compute\"", "{\"requests\": 3}"), "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
    }

    /** A request whose cost is not known yet is taken as long as something is left, and what it has cost is charged. */
    @Test
    void soManySecondsOfTheCores() throws IOException {
        String key = key("\"compute\"", "{\"compute_seconds\": 1}");
        String program = "{\"expression\": \"a = broadcast_to(x, shape=[300, 300])\\nf = sum(a @ a @ a @ a @ a)\", \"inputs\": {\"x\": 0.001}, "
                + "\"nodes\": [\"f\"], \"jacobians\": \"none\"}";
        List<Integer> statuses = new ArrayList<>();
        HttpResponse<String> response;
        do {
            response = with(key, "POST", "/v1/gradient", program);
            statuses.add(response.statusCode());
        } while (response.statusCode() == 200 && statuses.size() < 200);
        assertThat(statuses).hasSizeGreaterThan(1);
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(json(response).path("detail").asString()).contains("'compute' of 1000000 microseconds in 3600 s");
        // An hour fills the whole second, so that 0.1 seconds too many take six minutes.
        assertThat(retryAfter(response)).isPositive();
    }

    private static long microsecondsLeft(HttpResponse<String> response) {
        return Long.parseLong(response.headers().firstValue("RateLimit").orElseThrow().replaceAll(".*\"compute\";r=(\\d+);.*", "$1"));
    }

    /** The actuator waits for no permit to compute, so that the time until its answer is what it costs. */
    @Test
    void theTimeOfTheActuatorCounts() throws IOException {
        String key = key("\"metrics\"", "{\"compute_seconds\": 1}");
        assertThat(microsecondsLeft(with(key, "GET", "/actuator/metrics", ""))).isEqualTo(1_000_000);
        await().until(() -> microsecondsLeft(with(key, "GET", "/actuator/metrics", "")) < 1_000_000);
    }

    @Test
    void whatIsRefusedBeforeItBeginsCostsNoTime() throws IOException {
        String key = key("\"metrics\"", "{\"compute_seconds\": 1, \"requests\": 2}");
        for (int i = 0; i < 20; i++) {
            assertThat(with(key, "GET", "/actuator/info", "").statusCode()).isEqualTo(403);
        }
        assertThat(microsecondsLeft(with(key, "GET", "/actuator/metrics", ""))).as("nothing was charged").isEqualTo(1_000_000);
        with(key, "GET", "/actuator/metrics", "");
        int charges = 0;
        long before = 1_000_000;
        for (int i = 0; i < 20; i++) {
            HttpResponse<String> refused = with(key, "GET", "/actuator/metrics", "");
            assertThat(refused.statusCode()).isEqualTo(429);
            long left = microsecondsLeft(refused);
            charges += left < before ? 1 : 0;
            before = left;
        }
        assertThat(charges).as("those of the two that were answered").isLessThanOrEqualTo(2);
    }

    /** Bytes are charged when they have been sent, a moment after the client has read them. */
    @Test
    void soManyBytes() throws IOException {
        String key = key("\"compute\"", "{\"bytes\": 3000}");
        List<Integer> statuses = new ArrayList<>();
        HttpResponse<String> response;
        do {
            response = with(key, "POST", "/v1/gradient", PROGRAM + " ".repeat(1000));
            statuses.add(response.statusCode());
        } while (response.statusCode() == 200 && statuses.size() < 20);
        assertThat(statuses).hasSizeBetween(3, 6).endsWith(429);
        assertThat(json(response).path("detail").asString()).contains("'bytes' of 3000 content-bytes");
    }

    /** Whoever sends a long body that is refused has sent it all the same. */
    @Test
    void bytesOfBodiesThatAreRefusedCount() throws IOException {
        String key = key("\"compute\"", "{\"bytes\": 1000000}");
        HttpResponse<String> refused = send("POST", "/v1/gradient", BodyPublishers.ofString(" ".repeat(2_000_000)), "Authorization",
                "Bearer " + key, "Content-Type", "application/json", "Content-Encoding", "br");
        assertThat(refused.statusCode()).isEqualTo(415);
        await().until(() -> with(key, "POST", "/v1/gradient", PROGRAM).statusCode() == 429);
    }

    @Test
    void soManyTrainingsAtOnce() throws Exception {
        String key = key("\"train\"", "{\"trainings\": 1}");
        String training = "{\"expression\": \"f = sum((x - 3)^2)\", \"inputs\": {\"x\": [1, 2]}, \"wrt\": [\"x\"], \"steps\": %d, "
                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.0001}}";
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Future<Integer> first = pool.submit(() -> with(key, "POST", "/v1/train", training.formatted(100_000)).statusCode());
            int second = 200;
            while (second == 200 && !first.isDone()) {
                second = with(key, "POST", "/v1/train", training.formatted(1)).statusCode();
            }
            assertThat(List.of(first.get(), second)).containsExactlyInAnyOrder(200, 429);
        }
        for (int i = 0; i < 50; i++) {
            String accepted = i % 2 == 0 ? "application/json" : "text/event-stream";
            assertThat(with(key, "POST", "/v1/train", training.formatted(10), "Accept", accepted).statusCode())
                    .as("one that begins when the one before was answered").isEqualTo(200);
        }
    }

    @Test
    void zeroIsNoLimit() throws IOException {
        String key = key("\"compute\"", "{\"requests\": 0, \"bytes\": 0, \"compute_seconds\": 0, \"trainings\": 0}");
        HttpResponse<String> response = with(key, "POST", "/v1/gradient", PROGRAM);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("RateLimit")).isEmpty();
    }

    /** Forty students behind one key, each of whom drags a slider that asks 20 times a second: some seconds of a minute. */
    @Test
    void theDefaultsAdmitAClass() throws Exception {
        String key = key("\"compute\"", "{}");
        int seconds = 3;
        String link = "/v1/gradient?expression=x*y&in.x=2&in.y=3";
        try (ExecutorService pool = Executors.newFixedThreadPool(40)) {
            Callable<Integer> drag = () -> with(key, "GET", link, "").statusCode();
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : pool.invokeAll(Collections.nCopies(40 * 20 * seconds, drag))) {
                statuses.add(answer.get());
            }
            assertThat(statuses).doesNotContain(429);
        }
        String left = with(key, "GET", link, "").headers().firstValue("RateLimit").orElseThrow();
        assertThat(Integer.parseInt(left.replaceAll(".*\"requests\";r=(\\d+);.*", "$1"))).as(left)
                .isGreaterThan(40 * 20 * (60 - seconds));
    }

    /** A key that has been seen is taken all the same: many clients may have one address. */
    @Test
    void tooManyWrongKeysOfAnAddressAreNotLookedUp() throws IOException {
        // A proxy on this machine says for whom it asks.
        String[] client = {"X-Forwarded-For", "203.0.113.9"};
        assertThat(with(firstKey(), "POST", "/v1/keys", "{}", client).statusCode()).isEqualTo(422);
        for (int i = 0; i < 5; i++) {
            assertThat(with("wrong" + i, "GET", "/v1/gradient", "", client).statusCode()).isEqualTo(401);
        }
        HttpResponse<String> refused = with("wrong", "POST", "/v1/gradient", PROGRAM, client);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(retryAfter(refused)).isEqualTo(60);
        String other = key("\"compute\"", "{}");
        assertThat(with(other, "POST", "/v1/gradient", PROGRAM, client).statusCode()).isEqualTo(429);
        assertThat(with(firstKey(), "POST", "/v1/keys", "{}", client).statusCode()).isEqualTo(422);
        assertThat(with(other, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
    }
}
