package io.chainrule.web.v1.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Trainings told by events, of which there may be one at a time here. */
@TestPropertySource(properties = {"chainrule.limits.trainings=1", "chainrule.limits.training-steps=100000000",
        "chainrule.limits.training-flops=1000000000000000", "chainrule.limits.training-time=120s"})
class TrainStreamTest extends HttpTest {
    private static final String[] EVENTS = {"Content-Type", "application/json", "Accept", "text/event-stream"};
    private static final String SHORT = """
            {"expression": "(w - 3)^2", "inputs": {"w": 0}, "wrt": ["w"], "epochs": 20, "optimizer": {"lr": 0.25}}""";
    /** Hundreds of seconds, of steps of many milliseconds. */
    private static final String LONG = """
            {"expression": "f = sum(W @ W @ W)", "inputs": {"W": %s}, "wrt": ["W"], "epochs": 100000, "optimizer": {"lr": 1e-12}}"""
            .formatted(Collections.nCopies(200, Collections.nCopies(200, 0.001)));

    private static final Pattern EVENT = Pattern.compile("event: (\\w+)\ndata: (.*)\n\n");

    @Autowired
    private Budget budget;

    private record Event(String name, JsonNode data) {}

    private static List<Event> events(String stream) {
        List<Event> events = new ArrayList<>();
        Matcher matcher = EVENT.matcher(stream);
        while (matcher.find()) {
            events.add(new Event(matcher.group(1), JSON.readTree(matcher.group(2))));
        }
        assertThat(EVENT.matcher(stream).replaceAll("").replace(":\n\n", "")).as("events and comments only").isEmpty();
        return events;
    }

    @Test
    void tellsOfProgressAndThenTheWholeAnswer() {
        HttpResponse<String> response = post("/v1/train", SHORT, EVENTS);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        List<Event> events = events(response.body());
        assertThat(events).extracting(Event::name).startsWith("progress", "progress").endsWith("done");
        assertThat(events.getFirst().data()).hasToString("{\"steps_done\":0,\"steps_in_all\":20}");
        JsonNode last = events.get(events.size() - 2).data();
        assertThat(last.path("steps_done").asInt()).isEqualTo(20);
        assertThat(last.path("seconds_left").asDouble()).isZero();
        assertThat(last.at("/latest/step").asInt()).isEqualTo(20);
        assertThat(events.getLast().data()).isEqualTo(json(post("/v1/train", SHORT)));
    }

    @Test
    void tellsOfADivergenceWhenItBegins() {
        List<Event> events = events(
                post("/v1/train", SHORT.replace("0.25", "1.25").replace("\"epochs\": 20", "\"epochs\": 60"), EVENTS).body());
        Event told = events.stream().filter(event -> event.name().equals("diagnostic")).findFirst().orElseThrow();
        assertThat(told.data().path("kind").asString()).isEqualTo("divergence");
        assertThat(told.data().at("/numbers/stable_rate").asDouble()).isCloseTo(1, within(1e-6));
        assertThat(events.getLast().data().path("diagnostics").get(0)).isEqualTo(told.data());
    }

    @Test
    void answersWhatIsWrongWithTheRequestByAStatus() {
        HttpResponse<String> response = post("/v1/train", SHORT.replace("20", "0"), EVENTS);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(errors(response)).containsExactly("invalid-value /epochs");
    }

    @Test
    void tellsWhatGoesWrongOnTheWayByAnEvent() {
        Event last = events(post("/v1/train", """
                {"expression": "take(u, floor(w), axis=0) - w", "inputs": {"u": [1, 2], "w": 0}, "wrt": ["w"], "steps": 5,
                 "optimizer": {"lr": 3}}""", EVENTS).body()).getLast();
        assertThat(last.name()).isEqualTo("error");
        assertThat(last.data().path("code").asString()).isEqualTo("invalid-value");
        assertThat(last.data().path("status").asInt()).isEqualTo(422);
    }

    @Test
    void choosesTheFormThatIsMoreWelcome() {
        assertThat(type("*/*")).isEqualTo("application/json");
        assertThat(type("application/json, text/event-stream;q=0.5")).isEqualTo("application/json");
        assertThat(type("application/json;q=0.5, text/event-stream")).startsWith("text/event-stream");
        assertThat(type("text/event-stream, */*")).startsWith("text/event-stream");
    }

    private String type(String accept) {
        return post("/v1/train", SHORT, "Content-Type", "application/json", "Accept", accept).headers().firstValue("Content-Type")
                .orElseThrow();
    }

    @Test
    void aClientThatGoesAwayEndsItsTraining() throws Exception {
        try (Socket socket = new Socket("localhost", port)) {
            byte[] body = LONG.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(("POST /v1/train HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Accept: text/event-stream\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            readUntil(socket, "\"latest\"");

            HttpResponse<String> second = post("/v1/train", SHORT);
            assertThat(second.statusCode()).as("only one training at a time").isEqualTo(503);
            assertThat(json(second).path("code").asString()).isEqualTo("overloaded");
            assertThat(Integer.parseInt(second.headers().firstValue("Retry-After").orElseThrow())).isPositive();
        }
        long closed = System.nanoTime();
        while (post("/v1/train", SHORT).statusCode() != 200) {
            assertThat(System.nanoTime() - closed).as("nanoseconds since the client went").isLessThan(30_000_000_000L);
            Thread.sleep(20);
        }
        assertNothingIsReserved(budget);
    }

    private static void readUntil(Socket socket, String text) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = reader.readLine();
        while (!line.contains(text)) {
            line = reader.readLine();
        }
    }
}
