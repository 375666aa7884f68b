package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A client that is never too slow for its rate may all the same take only so long in all. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"chainrule.http.head-time=2s", "chainrule.http.body-time=2s", "chainrule.http.answer-time=2s",
        "chainrule.http.grace=60s", "chainrule.http.minimum-rate=1", "server.tomcat.connection-timeout=3s"})
class ClientTimesTest extends SocketTest {
    @Autowired
    private MeterRegistry registry;

    @Test
    void aBodyMayTakeSoLongInAll() throws InterruptedException {
        atOnce(framing -> {
            boolean isChunked = framing.startsWith("T");
            try (Socket socket = connect()) {
                long start = System.nanoTime();
                send(socket, head("/v1/gradient", framing) + (isChunked ? "1\r\n{\r\n" : "{"));
                drip(socket, isChunked ? "1\r\n \r\n" : " ");
                assertThat(System.nanoTime() - start).as("nanoseconds").isGreaterThan(2 * SECOND);
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 408");
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("all of it within 2 s (chainrule.http.body-time)", "1 bytes a second (chainrule.http.minimum-rate)",
                                " bytes in 2");
            }
        }, "Content-Length: 100000\r\n", "Transfer-Encoding: chunked\r\n");
        assertNothingIsReserved(budget);
    }

    /** What stands between the chunks of a body, or behind them, is a part of it. */
    @Test
    void theFramesOfABodyMayTakeSoLongInAll() throws InterruptedException {
        atOnce(frame -> {
            try (Socket socket = connect()) {
                long start = System.nanoTime();
                send(socket, head("/v1/gradient", "Transfer-Encoding: chunked\r\n") + "1\r\n{\r\n" + frame);
                drip(socket, "x");
                assertThat(System.nanoTime() - start).as("nanoseconds").isGreaterThan(2 * SECOND);
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 408");
            }
        }, "1;a=", "0\r\nX: ");
        assertNothingIsReserved(budget);
    }

    /** The answer is the same where the rest of the body is not even dripped. */
    @Test
    void aBodyThatStopsIsTooSlow() throws InterruptedException {
        atOnce(stopping -> {
            try (Socket socket = connect()) {
                send(socket, "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + stopping);
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 408");
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("\"code\":\"request-timeout\"");
            }
        }, "Content-Length: 100000\r\n\r\n{", "Content-Length: 1\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\n{",
                "Transfer-Encoding: chunked\r\n\r\n");
        assertNothingIsReserved(budget);
    }

    /** A first request on its connection, or one after another that came in time. */
    @Test
    void aHeadMayTakeSoLongInAll() throws InterruptedException {
        double closed = registry.get("chainrule.connections.slow").functionCounter().count();
        atOnce(before -> {
            try (Socket socket = connect()) {
                send(socket, before);
                if (!before.isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(2_500);
                    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200");
                    socket.getInputStream().skipNBytes(socket.getInputStream().available());
                }
                long start = System.nanoTime();
                send(socket, "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\nX: ");
                drip(socket, "x");
                assertThat(System.nanoTime() - start).as("nanoseconds").isGreaterThan(2 * SECOND);
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 408");
            }
        }, "", "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(registry.get("chainrule.connections.slow").functionCounter().count()).isEqualTo(closed + 2);
    }

    /** That time is for the head alone, and its connection's next request has a time of its own. */
    @Test
    void headsThatComeInTimeAreAnswered() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            for (int i = 0; i < 8; i++) {
                send(socket, "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\nX: ");
                TimeUnit.MILLISECONDS.sleep(300);
                send(socket, "y\r\n\r\n");
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 200");
                TimeUnit.MILLISECONDS.sleep(100);
                socket.getInputStream().skipNBytes(socket.getInputStream().available());
            }
        }
    }

    /** That time is for the body alone. */
    @Test
    void aBodyThatComesInTimeIsAnswered() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            send(socket, head("/v1/gradient", "Content-Length: " + TINY.length() + "\r\n"));
            for (int at = 0; at < TINY.length(); at++) {
                send(socket, TINY.substring(at, at + 1));
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    void anAnswerMayTakeSoLongInAll() throws IOException, InterruptedException {
        String body = "{\"expression\": \"y = zeros(shape=[1000000]) + x\", \"nodes\": \"none\", \"inputs\": {\"x\": 0.123456789012345}}";
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(2_048);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            send(socket, request("/v1/evaluate", "", body));
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 200");
            assertThat(budget.used()).as("bytes of the answer").isGreaterThan(10_000_000);
            long start = System.nanoTime();
            while (budget.used() > 0) {
                assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(20 * SECOND);
                assertThat(socket.getInputStream().readNBytes(2_000)).as("it is read all the time").hasSize(2_000);
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(System.nanoTime() - start).as("nanoseconds").isGreaterThan(SECOND);
            assertThat(restOf(socket)).as("bytes that were sent before it was cut off").isLessThan(10_000_000);
        }
    }

    /** How much more comes before the end of the connection. */
    private static long restOf(Socket socket) throws IOException {
        long count = 0;
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(new byte[65_536])) {
                count += read;
            }
        } catch (SocketException _) {
            // It was reset.
        }
        return count;
    }
}
