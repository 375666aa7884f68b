package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import tools.jackson.databind.JsonNode;

/** What README.md sends is answered, with what it says. */
class ReadmeTest extends HttpTest {
    private static final Pattern CURL = Pattern.compile(
            "```sh\ncurl -s localhost:8080(/v1/\\w+) [^\n]*-d '(\\{.*?\n\\})'(?: \\| jq -c '([^']*)')?\n```\n(?:\n```json\n(.*?)```\n)?",
            Pattern.DOTALL);

    private static final Pattern TASKS = Pattern.compile("more than (\\d+), (\\d+) and (\\d+) of 100 cases that it has not seen:"
            + "\n\n```sh\nfor task in ([\\w ]+); do\n  curl -s localhost:8080(/v1/\\w+) [^\n]*-d @(\\S+)");

    @Autowired
    private ApplicationContext context;

    static Stream<MatchResult> curls() throws IOException {
        return CURL.matcher(Files.readString(Path.of("README.md"))).results();
    }

    @ParameterizedTest
    @MethodSource("curls")
    void answersAsItSays(MatchResult curl) {
        HttpResponse<String> response = post(curl.group(1), curl.group(2));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = json(response);
        if (curl.group(1).equals("/v1/train")) {
            JsonNode history = answer.path("history");
            assertThat(history.get(history.size() - 1).at("/metrics/accuracy").asDouble()).as(curl.group(2)).isEqualTo(1);
        }
        if (curl.group(4) != null) {
            List<JsonNode> shown = new ArrayList<>();
            if (curl.group(3) == null) {
                shown.add(answer);
            } else {
                answer.path("layers").forEach(shown::add);
                shown.add(answer.path("totals"));
            }
            assertThat(parts(curl.group(4))).isEqualTo(shown);
        }
    }

    /** What is said of the trainings whose requests are files: how many of 100 cases that they have not seen are right. */
    @Test
    void trainsAsWellAsItSays() throws IOException {
        MatchResult told = TASKS.matcher(Files.readString(Path.of("README.md"))).results().findFirst().orElseThrow();
        String[] tasks = told.group(4).split(" ");
        assertThat(tasks).hasSize(3);
        for (int i = 0; i < tasks.length; i++) {
            HttpResponse<String> response = post(told.group(5), Files.readString(Path.of(told.group(6).replace("$task", tasks[i]))));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode history = json(response).path("history");
            assertThat(100 * history.get(history.size() - 1).at("/metrics/validation_accuracy").asDouble()).as(tasks[i])
                    .isGreaterThan(Double.parseDouble(told.group(i + 1)));
        }
    }

    private static List<JsonNode> parts(String text) {
        List<JsonNode> parts = new ArrayList<>();
        JSON.readerFor(JsonNode.class).<JsonNode>readValues(text).forEachRemaining(parts::add);
        return parts;
    }

    @Test
    void showsThatNetworksLearn() throws IOException {
        assertThat(curls().map(curl -> curl.group(1))).contains("/v1/gradient", "/v1/graph", "/v1/train");
    }

    @ParameterizedTest
    @ValueSource(strings = {"layers", "losses", "initializers"})
    void namesAllThatACatalogueHas(String catalogue) throws IOException {
        MatchResult row = row(catalogue + " \\| `([\\w ]+)` ");
        assertThat(row.group(1).split(" ")).as("the row of " + catalogue).containsExactlyInAnyOrderElementsOf(names(catalogue));
    }

    @Test
    void namesAllOptimizers() throws IOException {
        assertThat(row("`POST /v1/train` \\|(.*)").group(1).toLowerCase(Locale.ROOT)).contains(names("optimizers"));
    }

    /** {@code shared-bytes} is a share of the heap unless it is set. */
    @Test
    void tellsEveryPropertyWithItsDefault() throws IOException {
        Map<String, String> defaults = ServiceProperties.defaults(context);
        defaults.put("chainrule.limits.shared-bytes", "6/10");
        assertThat(ServiceProperties.told(Path.of("README.md"), "chainrule.")).isEqualTo(defaults);
    }

    /** They are told once more where quotas are described. */
    @Test
    void theGuideToSecurityTellsTheSameQuotas() throws IOException {
        Map<String, String> quotas = ServiceProperties.defaults(context).subMap("chainrule.quotas.", "chainrule.quotas.~");
        assertThat(ServiceProperties.told(Path.of("docs/security.md"), "chainrule.")).hasSizeGreaterThan(4).isEqualTo(quotas);
    }

    private static MatchResult row(String cells) throws IOException {
        return Pattern.compile("^\\| " + cells + "\\|$", Pattern.MULTILINE).matcher(Files.readString(Path.of("README.md"))).results()
                .findFirst().orElseThrow();
    }

    private List<String> names(String catalogue) {
        return StreamSupport.stream(json(get("/v1/" + catalogue)).spliterator(), false).map(type -> type.path("name").asString()).toList();
    }
}
