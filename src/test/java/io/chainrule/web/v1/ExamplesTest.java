package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;

/** The worked examples, most of them from a well-known lecture on backpropagation, to 1e-12. */
class ExamplesTest extends HttpTest {

    static Stream<Resource> examples() throws IOException {
        return Arrays.stream(new PathMatchingResourcePatternResolver().getResources("classpath:examples/*.json"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void holds(Resource file) {
        JsonNode example = read(file);
        HttpResponse<String> response = post(example.path("endpoint").asString(), example.path("request").toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = json(response);
        JsonNode expected = example.path("expect");
        assertClose(answer.path("value"), expected.path("value"));
        expected.path("gradients").forEachEntry((name, gradient) -> assertClose(answer.path("gradients").path(name), gradient));
        expected.path("hessians").forEachEntry((a, row) -> row
                .forEachEntry((b, hessian) -> assertClose(answer.path("hessians").path(a).path(b), hessian)));
        expected.path("nodes").forEachEntry((id, node) -> {
            JsonNode found = find(answer.path("nodes"), "id", id);
            node.forEachEntry((field, value) -> assertClose(found.path(field), value));
        });
        for (JsonNode jacobian : expected.path("jacobians")) {
            JsonNode found = StreamSupport.stream(answer.path("jacobians").spliterator(), false)
                    .filter(each -> each.path("node").equals(jacobian.path("node")) && each.path("wrt").equals(jacobian.path("wrt")))
                    .findFirst().orElseThrow();
            assertThat(found.path("shape")).isEqualTo(jacobian.path("shape"));
            assertClose(found.path("value"), jacobian.path("value"));
        }
    }

    private static JsonNode find(JsonNode list, String field, String value) {
        return StreamSupport.stream(list.spliterator(), false).filter(each -> each.path(field).asString().equals(value)).findFirst()
                .orElseThrow();
    }

    private static void assertClose(JsonNode actual, JsonNode expected) {
        assertThat(actual.isArray()).isEqualTo(expected.isArray());
        if (expected.isArray()) {
            assertThat(actual.size()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertClose(actual.get(i), expected.get(i));
            }
        } else {
            double wanted = expected.asDouble();
            assertThat(actual.asDouble()).isCloseTo(wanted, within(1e-12 * Math.max(1, Math.abs(wanted))));
        }
    }

    private static JsonNode read(Resource file) {
        try {
            return JSON.readTree(file.getContentAsByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
