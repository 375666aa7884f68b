package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Nobody computes for a client that has closed its connection. */
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"chainrule.limits.time=60s", "chainrule.limits.flops=10000000000000"})
class GoneClientsTest extends SocketTest {
    private static final String EVENTS = "Accept: text/event-stream\r\n";

    static String square(int n) {
        return Collections.nCopies(n, Collections.nCopies(n, 0.001)).toString();
    }

    static String longHessian() {
        return """
                {"expression": "y = W @ x\\nfor i in range(300):\\n  y = tanh(W @ y)\\nf = sum(y)", "nodes": "none", "output": "f",
                "wrt": ["x"], "inputs": {"W": %s, "x": %s}}""".formatted(square(300), Collections.nCopies(300, 0.5));
    }

    /** What stands behind the request in the connection does not hide its end. */
    @ParameterizedTest
    @ValueSource(strings = {"", "POST /v1/evaluate HTTP/1.1\r\nHost:"})
    void workEndsWhenItsClientHasGone(String more) throws IOException, InterruptedException {
        assertWorkEndsWithItsClient(request("/v1/evaluate", "", longWork()) + more);
    }

    /** The service sees the same end of what is sent, whether the client would still read or not. */
    @Test
    void aClientThatSaysThatItSendsNoMoreHasGone() throws IOException {
        try (Socket socket = connect()) {
            send(socket, request("/v1/evaluate", "", longWork()));
            socket.shutdownOutput();
            socket.setSoTimeout(30_000);
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).doesNotContain("HTTP/1.1 200");
        }
    }

    static Stream<Arguments> workOfManyRuns() {
        String training = """
                {"expression": "f = sum(W @ W @ W)", "inputs": {"W": %s}, "wrt": ["W"], "epochs": 60000, "optimizer": {"lr": 1e-12}}"""
                .formatted(square(100));
        String jacobian = longHessian().replace("\"output\": \"f\"", "\"of\": [\"y\"], \"mode\": \"reverse\"");
        return Stream.of(Arguments.of("/v1/train", "", training), Arguments.of("/v1/hessian", "", longHessian()),
                Arguments.of("/v1/train", EVENTS, training), Arguments.of("/v1/jacobian", EVENTS, jacobian));
    }

    @ParameterizedTest
    @MethodSource("workOfManyRuns")
    void workOfManyRunsEndsWhenItsClientHasGone(String path, String fields, String body)
            throws IOException, InterruptedException {
        assertWorkEndsWithItsClient(request(path, fields, body));
    }

    /** A client that sends its next request before it has the answer has not gone. */
    @Test
    void aNextRequestIsNoGoodbye() throws IOException {
        String body = "{\"expression\": \"sum(tanh(A @ A))\", \"nodes\": \"none\", \"inputs\": {\"A\": [[1, 2], [3, 4]]}}";
        String request = request("/v1/gradient", "", body);
        String last = request("/v1/gradient", "Connection: close\r\n", body);
        try (Socket socket = connect()) {
            send(socket, request + request + last);
            socket.setSoTimeout(30_000);
            try (InputStream in = socket.getInputStream()) {
                String answers = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
            }
        }
    }
}
