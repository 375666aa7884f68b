package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Clients that send or read slowly hold no core, and no memory for longer than they may. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"chainrule.http.grace=2s", "chainrule.http.minimum-rate=100", "chainrule.limits.time=60s",
        "chainrule.http.connections-per-address=0"})
class PacedClientsTest extends SocketTest {

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
                assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
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
            await("answers that nobody reads yet").until(() -> budget.used() > 0);
            for (int i = 0; i < 5; i++) {
                assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
            }
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

    /** A body that was refused, whoever refused it, is read to its end no slower than others. */
    @Test
    void aBodyThatWasRefusedMayNotTrickle() throws InterruptedException {
        atOnce(refused -> {
            String[] pathAndStatus = refused.split(", ", -1);
            try (Socket socket = connect()) {
                send(socket, head(pathAndStatus[0], "Content-Encoding: br\r\nContent-Length: 1000000\r\n") + " ");
                assertThat(answer(socket)).endsWith(pathAndStatus[1]);
                assertIsClosedWhileBytesTrickle(socket);
            }
        }, "/v1/gradient, 415", "/nothing, 404", "/actuator/health, 413");
    }

    private static void assertIsClosedWhileBytesTrickle(Socket socket) throws IOException, InterruptedException {
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

    /** Nor may one that nobody asked for, or of which nobody reads anything. */
    @Test
    void aBodyThatIsNotReadMayNotTrickle() throws InterruptedException {
        atOnce(refused -> {
            String[] lineFieldsAndStatus = refused.split(", ", -1);
            try (Socket socket = connect()) {
                send(socket, lineFieldsAndStatus[0] + " HTTP/1.1\r\nHost: localhost\r\n" + lineFieldsAndStatus[1] + "\r\n\r\n1");
                assertThat(answer(socket)).endsWith(lineFieldsAndStatus[2]);
                assertIsClosedWhileBytesTrickle(socket);
            }
        }, "POST /v1/gradient, Content-Length: 600000000, 413", "OPTIONS *, Content-Length: 1000, 404",
                "OPTIONS *, Transfer-Encoding: chunked, 404", "GET /v1/ops/relu, Content-Length: 1000, 200",
                "GET /v1/ops/relu, Expect: 100-continue\r\nContent-Length: 1000, 200");
    }

    /** A client that asks before it sends a body is told at once that the body is not wanted, else to begin. */
    @Test
    void aClientThatAsksWhetherToSendItsBodyIsTold() throws IOException {
        try (Socket socket = connect()) {
            send(socket, head("/v1/gradient", "Expect: 100-continue\r\nContent-Length: 60000000\r\n"));
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 413");
        }
        try (Socket socket = connect()) {
            send(socket, head("/v1/gradient", "Expect: 100-continue\r\nConnection: close\r\nContent-Length: " + TINY.length() + "\r\n"));
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 100");
            send(socket, TINY);
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("HTTP/1.1 200");
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

}
