package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.test.context.TestPropertySource;

/** A client may say that it waits for less time than the service would take, and is answered by then. */
@Timeout(120)
@TestPropertySource(properties = {"chainrule.limits.time=60s", "chainrule.limits.flops=1000000000000"})
class DeadlinesTest extends SocketTest {
    private HttpResponse<String> waiting(String path, String body, String preference) {
        return post(path, body, "Content-Type", "application/json", "Prefer", preference);
    }

    @Test
    void aClientMayWaitForAShorterTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = waiting("/v1/evaluate", longWork(), "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(10 * SECOND);
        assertThat(response.headers().firstValue("Preference-Applied")).hasValue("wait=1");
        assertThat(waiting("/v1/gradient", TINY, "respond-async, wait=100").statusCode()).isEqualTo(200);
    }

    /** The time of a request is that of all its runs together. */
    @Test
    void workOfManyRunsEndsInTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = waiting("/v1/hessian", GoneClientsTest.longHessian(), "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(5 * SECOND);
    }

    /**
     * A derivative of high order takes many seconds to be simplified and written. That its time is over is found soon, where a machine has
     * time for it: of some tries the best counts.
     */
    @Test
    void derivativesAreNotSimplifiedAndWrittenForLonger() {
        String body = "{\"expression\": \"tanh(x) * exp(sin(x^2)) / log(x)\", \"order\": 10}";
        double soonest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 3 && soonest > 1.5; i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = waiting("/v1/derivative", body, "wait=1");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
            soonest = Math.min(soonest, (System.nanoTime() - start) / 1e9);
        }
        assertThat(soonest).as("seconds").isBetween(1.0, 1.5);
    }
}
