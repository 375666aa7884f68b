package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which requests the proxy may send again follows from what they are; {@code ReplicasIT} tries the proxy itself. */
class ProxyConfigurationTest {
    private final String configuration;

    ProxyConfigurationTest() throws IOException {
        configuration = Files.readString(Path.of("deploy/haproxy/haproxy.cfg"));
    }

    private Stream<MatchResult> found(String pattern) {
        return Pattern.compile(pattern, Pattern.MULTILINE).matcher(configuration).results();
    }

    /** A new endpoint that computes has to be named there, and one that does something else must not be. */
    @Test
    void postsThatComputeMayBeRepeated() {
        List<String> told = found("^ *acl computes path (.*)$").flatMap(line -> Stream.of(line.group(1).split(" "))).toList();
        List<String> computing = AccessTable.rows().stream()
                .filter(row -> row.method().equals(HttpMethod.POST) && (row.access() == Access.COMPUTE || row.access() == Access.TRAIN))
                .map(row -> row.pattern().getPatternString()).toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(computing);
    }

    @Test
    void othersAreNot() {
        assertThat(found("disable-l7-retry (.*)$").map(rule -> rule.group(1)))
                .containsExactly("unless reads or posts computes or puts model !conditional or posts jobs has_key");
        Pattern model = Pattern.compile(found("^ *acl model path_reg (.*)$").findFirst().orElseThrow().group(1));
        assertThat("/v1/models/digits").matches(model);
        assertThat(Stream.of("/v1/models/digits/aliases/prod", "/v1/models/digits:3", "/v1/models/digits/undelete", "/v1/keys"))
                .allSatisfy(path -> assertThat(path).doesNotMatch(model));
    }

    /** The lines of a section, without comments. */
    private List<String> section(String name) {
        return found("^" + name + "\\n((?: .*\\n|\\n)*)").findFirst().orElseThrow().group(1).lines().map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
    }

    private static List<String> servers(List<String> section) {
        return section.stream().filter(line -> line.startsWith("server ")).map(line -> line.split(" ", -1)[1] + line.split(" ", -1)[2])
                .toList();
    }

    /** A body that is longer than a buffer is not waited for, and not sent again once some of it has been. */
    @Test
    void filesPassAsTheyComeAndOnce() {
        assertThat(section("frontend clients")).contains("use_backend uploads if { method PUT } { path_beg /v1/datasets/ }");
        List<String> uploads = section("backend uploads");
        assertThat(uploads).contains("retry-on conn-failure").doesNotContain("option http-buffer-request");
        assertThat(section("defaults")).doesNotContain("option http-buffer-request").noneMatch(line -> line.startsWith("retry-on"));
        assertThat(servers(uploads)).hasSize(3).isEqualTo(servers(section("backend replicas")));
    }

    /** What the proxy itself answers is a problem as the service's are. */
    @Test
    void itsOwnAnswersAreProblems() {
        List<MatchResult> answers = found("^ *http-error status (\\d+) content-type \"application/problem\\+json\" string '(.*)'").toList();
        assertThat(answers).hasSize(4);
        for (MatchResult answer : answers) {
            JsonNode problem = JsonMapper.shared().readTree(answer.group(2));
            assertThat(problem.path("status").asString()).isEqualTo(answer.group(1));
            // The service itself never loses a replica.
            if (!answer.group(1).equals("502")) {
                ProblemType type = ProblemType.of(problem.path("code").asString());
                assertThat(problem.path("type").asString()).isEqualTo(type.uri());
                assertThat(problem.path("title").asString()).isEqualTo(type.text().title());
                assertThat(type.status()).isEqualTo(problem.path("status").asInt());
            }
        }
    }
}
