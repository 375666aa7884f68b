package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;

/** The trainings of the README: small networks learn, in seconds, from fixed seeds. */
class TrainedNetworksTest extends HttpTest {
    private JsonNode train(String request) {
        HttpResponse<String> response = post("/v1/train", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static String request(String name) throws IOException {
        try (InputStream file = new ClassPathResource("training/" + name + ".json").getInputStream()) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({"xor, accuracy, 1", "spirals, accuracy, 0.95", "echo, validation_accuracy, 0.99", "digits, validation_accuracy, 0.95"})
    void learn(String name, String metric, double wanted) throws IOException {
        JsonNode answer = train(request(name));
        assertThat(answer.path("stopped_by").asString()).isEqualTo("epochs");
        JsonNode last = answer.path("history").get(answer.path("history").size() - 1);
        assertThat(last.path("metrics").path(metric).asDouble()).as(last.toString()).isGreaterThanOrEqualTo(wanted);
        assertThat(last.path("loss").asDouble()).isLessThan(answer.at("/history/0/loss").asDouble());
    }
}
