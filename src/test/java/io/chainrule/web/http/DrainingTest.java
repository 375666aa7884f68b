package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ChainruleApplication;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The end of the service: nothing that it took is lost. */
@Timeout(300)
class DrainingTest {
    private static final String TRAINING = """
            {"expression": "f = sum(W @ W @ W)", "inputs": {"W": %s}, "wrt": ["W"], "epochs": 60000, "optimizer": {"lr": 1e-12}}"""
            .formatted(Collections.nCopies(100, Collections.nCopies(100, 0.001)));

    private final HttpClient client = HttpClient.newHttpClient();

    private CompletableFuture<HttpResponse<String>> send(String port, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
        return client.sendAsync(body.isEmpty()
                ? request.build()
                : request.POST(BodyPublishers.ofString(body)).header("Content-Type", "application/json").build(), BodyHandlers.ofString());
    }

    @Test
    void readinessGoesFirstAndTrainingsAnswerWithWhatTheyHave() throws InterruptedException {
        ConfigurableApplicationContext service = SpringApplication.run(ChainruleApplication.class, "--server.port=0",
                "--chainrule.warm-up=false", "--chainrule.drain-delay=6s");
        String port = Objects.requireNonNull(service.getEnvironment().getProperty("local.server.port"));
        assertThat(send(port, "/actuator/health/readiness", "").join().statusCode()).isEqualTo(200);
        CompletableFuture<HttpResponse<String>> training = send(port, "/v1/train", TRAINING);
        Gauge trainings = service.getBean(MeterRegistry.class).get("chainrule.trainings.active").gauge();
        await().until(() -> trainings.value() == 1);
        assertThat(training).isNotDone();
        Thread end = Thread.ofPlatform().start(service::close);
        await().until(() -> send(port, "/actuator/health/readiness", "").join().statusCode() == 503);
        assertThat(send(port, "/v1/gradient", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}").join().statusCode())
                .as("requests are still taken until everybody has seen that").isEqualTo(200);
        assertThat(training).isNotDone();
        HttpResponse<String> answer = training.join();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode result = new JsonMapper().readTree(answer.body());
        assertThat(result.path("stopped_by").asString()).isEqualTo("shutdown");
        assertThat(result.path("steps").asLong()).isPositive();
        assertThat(result.path("parameters").path("W").size()).isEqualTo(100);
        end.join();
    }

    /** Spring's tests stop services that they do not use, and start them again. */
    @Test
    void aServiceThatIsStartedAgainIsReady() {
        try (ConfigurableApplicationContext service = SpringApplication.run(ChainruleApplication.class, "--server.port=0",
                "--chainrule.warm-up=false")) {
            service.stop();
            service.start();
            String port = Objects.requireNonNull(service.getEnvironment().getProperty("local.server.port"));
            assertThat(send(port, "/actuator/health/readiness", "").join().statusCode()).isEqualTo(200);
        }
    }
}
