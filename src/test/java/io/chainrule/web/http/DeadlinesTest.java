package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.context.TestPropertySource;

/** A client may say that it waits for less time than the service would take, and is answered by then. */
@Timeout(120)
@TestPropertySource(properties = {"chainrule.limits.time=60s", "chainrule.limits.flops=10000000000000"})
class DeadlinesTest extends SocketTest {
    private HttpResponse<String> waiting(String path, String body, String preference) {
        return post(path, body, "Content-Type", "application/json", "Prefer", preference);
    }

    @Test
    void aClientMayWaitForAShorterTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = waiting("/v1/evaluate", longWork(), "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
        assertThat(response.headers().firstValue("Preference-Applied")).hasValue("wait=1");
        assertThat(waiting("/v1/gradient", TINY, "respond-async, wait=100").statusCode()).isEqualTo(200);
    }

    /** Of many that ask at once those are refused that could not be done in time, and told how many wait. */
    @Test
    void whatCouldNotBeDoneInTimeIsRefused() throws InterruptedException, ExecutionException {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                answers.add(clients.submit(() -> waiting("/v1/evaluate", longWork(), "wait=4")));
            }
        }
        List<HttpResponse<String>> refused = new ArrayList<>();
        for (Future<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isIn(503, 504);
            if (answer.get().statusCode() == 503) {
                refused.add(answer.get());
            }
        }
        assertThat(refused).isNotEmpty().allSatisfy(response -> {
            assertThat(Integer.parseInt(response.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 60);
            assertThat(response.body()).contains("\"code\":\"overloaded\"")
                    .containsPattern("all cores are at work, and (1 request waits|\\d+ requests wait) for one; try again in \\d+ s");
        });
    }

    /** The time of a request is that of all its runs together. */
    @Test
    void workOfManyRunsEndsInTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = waiting("/v1/hessian", GoneClientsTest.longHessian(), "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
    }

    /** What a line of a long program may be depends on all other lines. */
    @Test
    void aGradeOfManyLinesEndsInTime() {
        String lines = IntStream.range(1, 12_000).mapToObj(i -> "y%d = sin(y%d)".formatted(i, i - 1)).collect(Collectors.joining("\\n"));
        String claims = IntStream.range(1, 12_000).mapToObj(i -> "dy%d = y%d".formatted(i, i)).collect(Collectors.joining("\\n"));
        String body = "{\"expression\": \"y0 = x\\n" + lines + "\\n" + claims + "\", \"inputs\": {\"x\": 1}}";
        long start = System.nanoTime();
        HttpResponse<String> response = waiting("/v1/grade", body, "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
    }

    /** Names are read in ways that take longer than in proportion, but for such as nobody writes. */
    @ParameterizedTest
    @CsvSource({"/v1/gradient, a, ~ + x, 422", "/v1/gradient, np., ~sin(x), 422", "/v1/grade, d, 'f = x * x; ~ = x', 422"})
    void longNamesAreReadSoon(String path, String part, String program, int status) {
        String expression = program.replace("~", part.repeat(2_000_000 / part.length()));
        long start = System.nanoTime();
        HttpResponse<String> response = waiting(path, "{\"expression\": \"" + expression + "\", \"inputs\": {\"x\": 1}}", "wait=50");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
    }

    /**
     * A derivative of high order takes many seconds to be simplified and written. That its time is over is found soon, where a machine has
     * time for it: of some tries the best counts.
     */
    @Test
    void derivativesAreNotSimplifiedAndWrittenForLonger() {
        String body = "{\"expression\": \"tanh(x) * exp(sin(x^2)) / log(x)\", \"order\": 10}";
        double soonest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 10 && soonest > 1.5; i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = waiting("/v1/derivative", body, "wait=1");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
            soonest = Math.min(soonest, (System.nanoTime() - start) / 1e9);
        }
        assertThat(soonest).as("seconds").isBetween(1.0, 1.5);
    }
}
