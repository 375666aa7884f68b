package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** What the guides to models, data sets and jobs send is answered, with what they show, in the order in which they stand. */
@DirtiesContext
class GuidesTest extends JobsHttpTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```\n(?:\n```json\n(.*?)```\n)?", Pattern.DOTALL);
    /** Where the guide to data sets has files that are there already. */
    private static final String DATA = "file:/data/";

    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        folder = TestFolder.add(properties, "guides-");
        properties.add("chainrule.datasets.roots", () -> "file:" + folder);
        Files.writeString(folder.resolve("trips.csv"), "x,label\n1,downtown\nNA,airport\n2.25,station\n");
    }

    @ParameterizedTest
    @CsvSource({"models, 5", "datasets, 2", "jobs, 7"})
    void commandsAreAnswered(String guide, int commands) throws IOException, InterruptedException {
        String text = Files.readString(Path.of("docs", guide + ".md")).replace(DATA, "file:" + folder + "/");
        int sent = 0;
        Set<String> files = new HashSet<>();
        for (MatchResult block : (Iterable<MatchResult>) BLOCK.matcher(text).results()::iterator) {
            for (Curl curl : Curl.of(block.group(1))) {
                assertThat(files).as("files that the guide has made")
                        .containsAll(curl.isFile() ? List.of(Objects.requireNonNull(curl.data())) : List.of());
                HttpResponse<byte[]> answer = curl.send(port, folder);
                if (curl.output() != null) {
                    files.add(curl.output());
                }
                String body = new String(answer.body(), StandardCharsets.UTF_8);
                assertThat(answer.statusCode()).as(curl + " " + body).isBetween(200, 202);
                if (curl.path().equals("/v1/jobs")) {
                    JsonNode job = ended(JSON.readTree(body).path("id").asString());
                    assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
                }
                if (block.group(2) != null) {
                    assertShown(JSON.readTree(block.group(2)), JSON.readTree(body.lines().findFirst().orElseThrow()));
                }
                sent++;
            }
        }
        assertThat(sent).as("commands of the guide").isEqualTo(commands);
    }

    /** What is shown is what is answered; digests are shown as {@code …}, and times are other ones. */
    private static void assertShown(JsonNode shown, JsonNode answered) {
        assertThat(answered.propertyNames()).containsExactlyInAnyOrderElementsOf(shown.propertyNames());
        for (String name : List.copyOf(shown.propertyNames())) {
            JsonNode value = shown.path(name);
            if (name.endsWith("_at")) {
                assertThat(Instant.parse(answered.path(name).asString())).isAfter(Instant.parse(value.asString()));
            } else if (!value.asString("").equals("…")) {
                assertThat(answered.path(name)).as(name).isEqualTo(value);
            }
        }
    }
}
