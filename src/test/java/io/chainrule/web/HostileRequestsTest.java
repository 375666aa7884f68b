package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Thousands of bodies that are nearly right: whatever comes, the answer is a result or a problem in the agreed form. */
class FuzzTest extends HttpTest {
    private static final int BODIES = 5_000;
    private static final long SEED = 20_250_917;

    @Autowired
    private Budget budget;

    private record Seed(String path, JsonNode body) {}

    private static List<Seed> seeds() throws IOException {
        List<Seed> seeds = new ArrayList<>();
        Resource[] files = new PathMatchingResourcePatternResolver().getResources("classpath*:examples/*/*.json");
        // In an order that is the same on every file system: the seed then draws the same bodies.
        Arrays.sort(files, Comparator.comparing(Resource::getDescription));
        for (Resource file : files) {
            String operation = file.getURI().toString().replaceAll(".*/([a-z]+)/[^/]+$", "$1");
            seeds.add(new Seed("/v1/" + operation, JSON.readTree(file.getContentAsByteArray()).path("request")));
        }
        return seeds;
    }

    @Test
    void answersWhateverItIsSent() throws IOException {
        List<Seed> seeds = seeds();
        assertThat(seeds).hasSizeGreaterThan(10);
        Random random = new Random(SEED);
        BodyMutator mutator = new BodyMutator(random);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < BODIES; i++) {
            Seed seed = seeds.get(random.nextInt(seeds.size()));
            byte[] body = mutator.mutate(seed.body());
            HttpResponse<String> response = post(seed.path(), BodyPublishers.ofByteArray(body), "Content-Type", "application/json");
            String described = "body " + i + " to " + seed.path() + ": " + shorten(new String(body, StandardCharsets.UTF_8)) + "\n"
                    + shorten(response.body());
            outcomes.merge(check(response, described), 1, Integer::sum);
        }
        assertThat(outcomes).as("the mutations reach deep and shallow").containsKeys("ok", "malformed-json", "unknown-field", "wrong-type",
                "invalid-value", "syntax-error", "unknown-op", "missing-input", "shape-mismatch", "limit-exceeded");
        assertThat(outcomes.get("ok")).isGreaterThan(BODIES / 50);
        assertNothingIsReserved(budget);
    }

    private static String check(HttpResponse<String> response, String described) {
        if (response.statusCode() == 200) {
            boolean isJson = response.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
            assertThat(isJson ? json(response).isObject() : !response.body().isBlank()).as(described).isTrue();
            return "ok";
        }
        assertThat(response.statusCode()).as(described).matches(status -> status >= 400 && status < 500 || status == 503 || status == 504);
        assertThat(response.headers().firstValue("Content-Type")).as(described).hasValue("application/problem+json");
        ObjectNode problem = (ObjectNode) json(response);
        assertThat(problem.propertyNames()).as(described).contains("type", "title", "status", "detail", "code", "errors");
        assertThat(problem.path("status").asInt()).isEqualTo(response.statusCode());
        assertThat(problem.path("errors")).as(described).isNotEmpty();
        assertThat(response.body()).as(described).doesNotContain("Exception", "tools.jackson", "io.chainrule", "java.lang", "unforeseen",
                "StreamRead", "JsonRead",
                "\\tat ");
        return problem.path("code").asString();
    }

    private static String shorten(String text) {
        return text.length() <= 2_000 ? text : text.substring(0, 2_000) + " … " + text.length();
    }
}
