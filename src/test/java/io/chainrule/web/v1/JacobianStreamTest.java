package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Jacobians told by events, where an answer may have 10,000 entries. */
@TestPropertySource(properties = {"chainrule.limits.jacobian-entries=10000", "chainrule.limits.time=120s"})
class JacobianStreamTest extends HttpTest {
    private static final String[] EVENTS = {"Content-Type", "application/json", "Accept", "text/event-stream"};
    private static final Pattern EVENT = Pattern.compile("event: (\\w+)\ndata: (.*)\n\n");

    @Autowired
    private Budget budget;

    private record Event(String name, JsonNode data) {}

    private static List<Event> events(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        List<Event> events = new ArrayList<>();
        Matcher matcher = EVENT.matcher(response.body());
        while (matcher.find()) {
            events.add(new Event(matcher.group(1), JSON.readTree(matcher.group(2))));
        }
        assertThat(EVENT.matcher(response.body()).replaceAll("")).as("events only").isEmpty();
        return events;
    }

    /** The entries of a block by their indices. */
    private static Map<String, Double> entries(JsonNode indices, JsonNode values) {
        Map<String, Double> entries = new HashMap<>();
        for (int i = 0; i < indices.size(); i++) {
            assertThat(entries.put(indices.get(i).toString(), values.get(i).asDouble())).as("each entry once").isNull();
        }
        return entries;
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{\"expression\": \"y = tanh(W @ x) * x[:2]\\nz = sum(y) * W\", \"inputs\": {\"W\": [[1, 2, 3], [0.5, -1, 2]], \"x\": [0.1, 0.2, 0.3]}, \"of\": [\"y\", \"z\"]}",
            "{\"expression\": \"y = cumsum(x^2)\", \"inputs\": {\"x\": [1, 2, 3, 4]}, \"mode\": \"forward\"}",
            "{\"expression\": \"y = x^2\\nz = x * w\", \"inputs\": {\"x\": [1, 2, 3], \"w\": 2, \"u\": 1}, \"pairs\": {\"z\": [\"w\", \"u\"], \"y\": [\"x\"]}}",
            "{\"expression\": \"y = sin(x) * x[0]\", \"inputs\": {\"x\": [[1, 2, 3], [4, 5, 6]]}, \"batch\": [\"x\"]}"})
    void aStreamHasTheEntriesOfTheAnswerAsAWhole(String body) {
        JsonNode whole = json(post("/v1/jacobian", body.substring(0, body.length() - 1) + ", \"format\": \"coo\"}"));
        List<Event> events = events(post("/v1/jacobian", body, EVENTS));
        assertThat(events).extracting(Event::name).startsWith("begin", "entries").endsWith("done");
        JsonNode begin = events.getFirst().data();
        assertThat(begin.path("mode")).isEqualTo(whole.path("mode"));
        assertThat(begin.path("passes")).isEqualTo(whole.path("passes"));
        assertThat(events.getLast().data().path("values")).isEqualTo(whole.path("values"));
        Map<String, Map<String, Double>> streamed = new HashMap<>();
        events.stream().filter(event -> event.name().equals("entries")).map(Event::data)
                .forEach(data -> streamed.computeIfAbsent(data.path("of") + " by " + data.path("wrt"), _ -> new HashMap<>())
                        .putAll(entries(data.path("indices"), data.path("values"))));
        int count = 0;
        for (Map.Entry<String, JsonNode> row : whole.path("jacobians").properties()) {
            for (Map.Entry<String, JsonNode> block : row.getValue().properties()) {
                assertThat(begin.path("shapes").path(row.getKey()).path(block.getKey())).isEqualTo(block.getValue().path("shape"));
                Map<String, Double> expected = entries(block.getValue().path("indices"), block.getValue().path("values"));
                assertThat(streamed.getOrDefault("\"" + row.getKey() + "\" by \"" + block.getKey() + "\"", Map.of())).isEqualTo(expected);
                count += expected.size();
            }
        }
        assertThat(begin.path("entries").asInt()).isEqualTo(count);
    }

    private static String layer(int n) {
        String row = IntStream.range(0, n).mapToObj(i -> "0.0" + i % 10).collect(Collectors.joining(", ", "[", "]"));
        return "{\"expression\": \"y = tanh(outer(x, x) @ x)\", \"inputs\": {\"x\": " + row + "}";
    }

    @Test
    void aStreamMayHaveMoreEntriesThanAnAnswer() {
        HttpResponse<String> refused = post("/v1/jacobian", layer(300) + ", \"format\": \"coo\"}");
        assertThat(refused.body()).contains("limit-exceeded");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("ask for a stream of entries (\"Accept: text/event-stream\")");
        List<Event> events = events(post("/v1/jacobian", layer(300) + "}", EVENTS));
        int entries = events.stream().filter(event -> event.name().equals("entries")).mapToInt(event -> event.data().path("values").size())
                .sum();
        assertThat(entries).isEqualTo(90_000).isEqualTo(events.getFirst().data().path("entries").asInt());
        assertThat(events.stream().filter(event -> event.name().equals("entries")).mapToInt(event -> event.data().path("values").size()))
                .as("a bounded number at a time").allMatch(size -> size <= 8192);
        assertNothingIsReserved(budget);
    }

    @Test
    void whatIsWrongIsAnsweredWithAStatus() {
        HttpResponse<String> tooMany = post("/v1/jacobian", layer(900) + "}", EVENTS);
        assertThat(tooMany.statusCode()).isEqualTo(422);
        assertThat(tooMany.body()).contains("limit-exceeded");
        HttpResponse<String> dense = post("/v1/jacobian", layer(3) + ", \"format\": \"dense\"}", EVENTS);
        assertThat(dense.statusCode()).isEqualTo(422);
        assertThat(json(dense).at("/errors/0/pointer").asString()).isEqualTo("/format");
        HttpResponse<String> unknown = post("/v1/jacobian", layer(3) + ", \"of\": [\"q\"]}", EVENTS);
        assertThat(unknown.statusCode()).isEqualTo(422);
        assertThat(unknown.body()).contains("unknown-node");
    }
}
