package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.TestFolder;
import io.chainrule.core.language.Language;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.v1.training.TrainRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Requests of jobs, which may be longer than others. */
@DirtiesContext
class JobRequestsTest extends JobsHttpTest {
    private static final int SAMPLES = 20_000;

    @Autowired
    private Budget budget;

    @Autowired
    private JobRequests requests;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "job-requests-");
        properties.add("chainrule.limits.body-bytes", () -> "100000");
        properties.add("chainrule.limits.shared-bytes", () -> "200000000");
        properties.add("chainrule.jobs.request-bytes", () -> "500000");
    }

    /** The mean of x is 0.5, which is where the mean loss is smallest. */
    private static String training(int samples) {
        ByteBuffer x = ByteBuffer.allocate(Double.BYTES * samples).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < samples; i++) {
            x.putDouble(i % 2);
        }
        return """
                {"expression": "(w - x)^2", "wrt": ["w"], "batch": ["x"], "batch_size": %1$d, "steps": 1, "optimizer": {"type": "sgd", "lr": 0.5},
                 "inputs": {"w": 0, "x": {"dtype": "float64", "shape": [%1$d], "data": {"encoding": "base64", "buffer": "%2$s"}}}}"""
                .formatted(samples, Base64.getEncoder().encodeToString(x.array()));
    }

    @Test
    void aJobMayHaveALongerRequestThanOtherRequests() {
        String training = training(SAMPLES);
        HttpResponse<String> atOnce = post("/v1/train", training);
        assertThat(atOnce.statusCode()).isEqualTo(413);
        assertThat(json(atOnce).at("/errors/0/expected").asString()).isEqualTo("at most 100000 bytes (chainrule.limits.body-bytes)");
        assertThat(result("train", training).at("/parameters/w").asDouble()).isCloseTo(0.5, within(1e-12));
        assertNothingIsReserved(budget);
    }

    @Test
    void aRequestOfAJobHasALimitOfItsOwn() {
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"train\", \"request\": " + training(3 * SAMPLES) + "}");
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo("at most 500000 bytes (chainrule.jobs.request-bytes)");
        assertNothingIsReserved(budget);
    }

    /** Each attempt reads the request, which takes three times its bytes. */
    @Test
    void anAttemptTakesTheMemoryForReadingItsRequest() throws InterruptedException {
        String training = training(SAMPLES);
        JobCall call = new JobCall("ann", false, Language.EN, Map.of(), training);
        CountDownLatch isTaken = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread other = Thread.ofVirtual().start(() -> {
            try (var _ = budget.reserve(budget.total() - 2L * training.length())) {
                isTaken.countDown();
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(isTaken.await(1, TimeUnit.MINUTES)).isTrue();
        assertThatThrownBy(() -> requests.accepted(call, TrainRequest.class)).isInstanceOf(OverloadedException.class);
        mayEnd.countDown();
        other.join();
        assertThat(requests.accepted(call, TrainRequest.class).inputs()).containsKeys("w", "x");
        assertNothingIsReserved(budget);
    }
}
