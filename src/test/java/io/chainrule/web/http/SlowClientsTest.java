package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Clients that send or read slowly, or go away, hold no core, and no memory for longer than they may. */
@Timeout(120)
@TestPropertySource(properties = {"chainrule.http.grace=2s", "chainrule.http.minimum-rate=100", "chainrule.limits.time=60s",
        "chainrule.limits.flops=1000000000000"})
class SlowClientsTest extends HttpTest {
    private static final String TINY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";
    /** More clients than Tomcat would have threads. */
    static final int MANY = 300;
    static final long SECOND = 1_000_000_000L;

    @Autowired
    private Budget budget;

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    static String head(String path, String fields) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + fields + "\r\n";
    }

    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    /** Work of many seconds, whatever the machine. */
    static String longWork() {
        String matrix = Base64.getEncoder().encodeToString(new byte[200 * 200 * Double.BYTES]);
        return """
                {"expression": "y = A\\nfor i in range(20000):\\n  y = tanh(y @ A)\\nf = sum(y)", "nodes": "none", "inputs": {"A": {"object_type": "array",
                "shape": [200, 200], "dtype": "float64", "data": {"buffer": "%s", "encoding": "base64"}}}}
                """
                .formatted(matrix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100000\r\n", "Transfer-Encoding: chunked\r\n"})
    void theServiceAnswersWhileManySendTheirBodiesSlowly(String length) throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < MANY; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, head("/v1/gradient", length) + (length.startsWith("T") ? "1\r\n{\r\n" : "{"));
            }
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                assertThat(get("/actuator/health").statusCode()).isEqualTo(200);
                assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
                assertThat(System.nanoTime() - start).isLessThan(5 * SECOND);
            }
            for (int i = 0; i < 4; i++) {
                TimeUnit.MILLISECONDS.sleep(700);
                for (Socket socket : slow) {
                    try {
                        send(socket, length.startsWith("T") ? "1\r\n \r\n" : " ");
                    } catch (SocketException _) {
                        // It was answered, and closed.
                    }
                }
            }
            assertThat(answer(slow.getFirst())).isEqualTo("HTTP/1.1 408");
            assertThat(answer(slow.getLast())).isEqualTo("HTTP/1.1 408");
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertNothingIsReserved(budget);
    }

    /** Those who send headers slowly hold no thread at all. */
    @Test
    void theServiceAnswersWhileManySendTheirHeadersSlowly() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < MANY; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, "POST /v1/gradient HTTP/1.1\r\nHost:");
            }
            assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Answers wait in memory, and their clients are cut off when they read too slowly. */
    @Test
    void theServiceAnswersWhileManyDoNotReadTheirAnswers() throws IOException, InterruptedException {
        String body = "{\"expression\": \"y = zeros(shape=[1000000]) + x\", \"nodes\": \"none\", \"inputs\": {\"x\": 0.123456789012345}}";
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(2_048);
                slow.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                send(socket, head("/v1/evaluate", "Content-Length: " + body.length() + "\r\n") + body);
            }
            for (int i = 0; i < 5; i++) {
                assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
            }
            assertThat(budget.used()).as("answers that nobody reads yet").isPositive();
            assertNothingIsReserved(budget, 40);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Events are written while their work goes on; a client that does not read them holds no permit. */
    @Test
    void theServiceAnswersWhileManyDoNotReadTheirEvents() throws IOException, InterruptedException {
        String body = "{\"expression\": \"y = tanh(ones(shape=[1000, 1000]) @ x)\", \"inputs\": {\"x\": " + Collections.nCopies(1_000, 1e-4)
                + "}}";
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(2_048);
                slow.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                send(socket, head("/v1/jacobian", "Accept: text/event-stream\r\nContent-Length: " + body.length() + "\r\n") + body);
            }
            TimeUnit.SECONDS.sleep(1);
            for (int i = 0; i < 5; i++) {
                assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
                assertThat(post("/v1/gradient", "{\"expression\": \"sum((A @ A)^2)\", \"nodes\": \"none\", \"inputs\": {\"A\": "
                        + Collections.nCopies(100, Collections.nCopies(100, 0.5)) + "}}").statusCode()).isEqualTo(200);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertNothingIsReserved(budget, 20);
    }

    /** What stands behind the request in the connection does not hide its end. */
    @ParameterizedTest
    @ValueSource(strings = {"", "POST /v1/evaluate HTTP/1.1\r\nHost:"})
    void workEndsWhenItsClientHasGone(String more) throws IOException, InterruptedException {
        assertWorkEndsWith(connect(), more, budget);
    }

    /** Sends long work, and {@code more} behind it, and closes the connection when the work has begun. */
    static void assertWorkEndsWith(Socket connection, String more, Budget budget) throws IOException, InterruptedException {
        assertWorkEndsWith(connection, "/v1/evaluate", longWork(), more, budget);
    }

    private static void assertWorkEndsWith(Socket connection, String path, String body, String more, Budget budget)
            throws IOException, InterruptedException {
        try (Socket socket = connection) {
            send(socket, head(path, "Content-Length: " + body.length() + "\r\n") + body + more);
            while (budget.used() == 0) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(budget.used()).as("it is at work").isPositive();
        }
        long start = System.nanoTime();
        assertNothingIsReserved(budget);
        assertThat(System.nanoTime() - start).as("nanoseconds until the work has ended").isLessThan(5 * SECOND);
    }

    private static String square(int n) {
        return Collections.nCopies(n, Collections.nCopies(n, 0.001)).toString();
    }

    private static String longHessian() {
        return """
                {"expression": "y = W @ x\\nfor i in range(300):\\n  y = tanh(W @ y)\\nf = sum(y)", "nodes": "none", "output": "f",
                "wrt": ["x"], "inputs": {"W": %s, "x": %s}}""".formatted(square(300), Collections.nCopies(300, 0.5));
    }

    static Stream<Arguments> workOfManyRuns() {
        String training = """
                {"expression": "f = sum(W @ W @ W)", "inputs": {"W": %s}, "wrt": ["W"], "epochs": 60000, "optimizer": {"lr": 1e-12}}"""
                .formatted(square(100));
        return Stream.of(Arguments.of("/v1/train", training), Arguments.of("/v1/hessian", longHessian()));
    }

    @ParameterizedTest
    @MethodSource("workOfManyRuns")
    void workOfManyRunsEndsWhenItsClientHasGone(String path, String body) throws IOException, InterruptedException {
        assertWorkEndsWith(connect(), path, body, "", budget);
    }

    /** The time of a request is that of all its runs together. */
    @Test
    void workOfManyRunsEndsInTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = post("/v1/hessian", longHessian(), "Content-Type", "application/json", "Prefer", "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(5 * SECOND);
    }

    /** A body that was refused, whoever refused it, is read to its end no slower than others. */
    @ParameterizedTest
    @CsvSource({"/v1/gradient, 415", "/nothing, 404", "/actuator/health, 405"})
    void aBodyThatWasRefusedMayNotTrickle(String path, String status) throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            send(socket, head(path, "Content-Encoding: br\r\nContent-Length: 1000000\r\n") + " ");
            assertThat(answer(socket)).endsWith(status);
            long start = System.nanoTime();
            boolean isOpen = true;
            while (isOpen) {
                TimeUnit.MILLISECONDS.sleep(200);
                try {
                    send(socket, " ");
                } catch (SocketException _) {
                    isOpen = false;
                }
                assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(30 * SECOND);
            }
        }
    }

    /** What the service answers to requests that are sent without waiting for answers, until it closes the connection. */
    private String answers(String requests) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(30_000);
            send(socket, requests);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aShortBodyThatWasRefusedIsReadAndTheNextRequestAnswered() throws IOException {
        String body = " ".repeat(60_000);
        String request = head("/v1/gradient", "Content-Encoding: br\r\nContent-Length: " + body.length() + "\r\n") + body;
        String next = head("/v1/gradient", "Connection: close\r\nContent-Length: " + TINY.length() + "\r\n") + TINY;
        assertThat(answers(request + next)).startsWith("HTTP/1.1 415").contains("HTTP/1.1 200");
    }

    /** Clients send all of it before they look for an answer; a connection that was reset would not have one for them. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 8000000\r\n", "Transfer-Encoding: chunked\r\n"})
    void aLongBodyThatWasRefusedCanBeSentAndEndsTheConnection(String framing) throws IOException {
        long start = System.nanoTime();
        String body = framing.startsWith("Content") ? " ".repeat(8_000_000) : "7a1200\r\n" + " ".repeat(8_000_000) + "\r\n0\r\n\r\n";
        assertThat(answers(head("/v1/gradient", "Content-Encoding: br\r\n" + framing) + body)).startsWith("HTTP/1.1 415")
                .containsIgnoringCase("Connection: close").containsOnlyOnce("HTTP/1.1");
        assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(15 * SECOND);
    }

    /** A client that sends its next request before it has the answer has not gone. */
    @Test
    void aNextRequestIsNoGoodbye() throws IOException {
        String body = "{\"expression\": \"sum(tanh(A @ A))\", \"nodes\": \"none\", \"inputs\": {\"A\": [[1, 2], [3, 4]]}}";
        String request = head("/v1/gradient", "Content-Length: " + body.length() + "\r\n") + body;
        String last = head("/v1/gradient", "Connection: close\r\nContent-Length: " + body.length() + "\r\n") + body;
        try (Socket socket = connect()) {
            send(socket, request + request + last);
            socket.setSoTimeout(30_000);
            try (InputStream in = socket.getInputStream()) {
                String answers = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
            }
        }
    }

    @Test
    void aClientMayWaitForAShorterTime() {
        long start = System.nanoTime();
        HttpResponse<String> response = post("/v1/evaluate", longWork(), "Content-Type", "application/json", "Prefer", "wait=1");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(System.nanoTime() - start).isLessThan(10 * SECOND);
        assertThat(response.headers().firstValue("Preference-Applied")).hasValue("wait=1");
        assertThat(post("/v1/gradient", TINY, "Content-Type", "application/json", "Prefer", "respond-async, wait=100").statusCode())
                .isEqualTo(200);
    }
}
