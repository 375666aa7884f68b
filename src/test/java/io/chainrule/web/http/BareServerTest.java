package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.problem.Problems;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/** What a connection passes through before the filters: a server with it, and one servlet behind. It is there in a moment. */
class BareServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final WebServer server;

    BareServerTest() {
        HttpProperties properties = new HttpProperties(Duration.ofMillis(200), Duration.ofMillis(300), LONG, 1, Duration.ZERO, 2);
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        HttpConfiguration.connections("bare", properties, FilterOrder.LOG.of(new RequestLog(new RequestTimer(meters)), "/*"), meters)
                .customize(factory);
        server = factory.getWebServer(context -> context.addServlet("all", new HttpServlet() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                answer(request, response);
            }
        }).addMapping("/*"));
        server.start();
    }

    private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getRequestURI()) {
            case "/gone" -> {
                ClientConnection connection = Objects.requireNonNull(ClientConnection.of(request));
                seen.add("gone " + connection.isGone());
                for (int i = 0; i < 1_000 && !connection.isGone(); i++) {
                    sleep(5);
                }
                seen.add("gone " + connection.isGone());
            }
            case "/refuse" -> {
                BooleanSupplier unread = (BooleanSupplier) request.getAttribute(Problems.UNREAD_ATTRIBUTE);
                seen.add("unread " + unread.getAsBoolean());
                response.setStatus(422);
                response.setContentLength(1);
                response.getOutputStream().write('!');
            }
            default -> {
                seen.add("charset " + request.getCharacterEncoding());
                response.getOutputStream().write(request.getInputStream().readAllBytes());
            }
        }
    }

    private static void sleep(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.destroy();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout(30_000);
        sockets.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What is answered until a text comes, or the end. */
    private static String until(Socket socket, String end) throws IOException {
        StringBuilder answer = new StringBuilder();
        for (int next = socket.getInputStream().read(); next >= 0; next = socket.getInputStream().read()) {
            answer.append((char) next);
            if (answer.indexOf(end) >= 0) {
                break;
            }
        }
        return answer.toString();
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void ask(Socket socket) throws IOException {
        send(socket, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfour");
        assertThat(until(socket, "four")).startsWith("HTTP/1.1 200");
    }

    private double meter(String name) {
        return meters.get("chainrule.connections." + name).tag("port", "bare").meter().measure().iterator().next().getValue();
    }

    @Test
    void anAddressHasOnlySoManyConnections() throws IOException {
        ask(connect());
        Socket second = connect();
        ask(second);
        assertThat(meter("open")).isEqualTo(2);
        assertThat(meter("most")).isGreaterThan(2);
        assertThat(rest(connect())).as("is closed at once").isEmpty();
        assertThat(meter("refused")).isOne();
        second.close();
        await().until(() -> meter("open") == 1);
        ask(connect());
        assertThat(meter("refused")).isOne();
    }

    /** A pause between requests is none within a head. */
    @Test
    void aHeadMayTakeSoLong() throws IOException {
        Socket socket = connect();
        for (int i = 0; i < 2; i++) {
            ask(socket);
            sleep(250);
        }
        send(socket, "GET /x HTTP/1.1\r\nHo");
        sleep(250);
        assertThat(meter("slow")).isZero();
        send(socket, "st: localhost\r\n");
        assertThat(rest(socket)).isEqualTo("HTTP/1.1 408 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(meter("slow")).isOne();
    }

    @Test
    void itIsSeenThatAClientGoes() throws Exception {
        Socket socket = connect();
        send(socket, "GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("gone false");
        socket.shutdownOutput();
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("gone true");
    }

    /** What comes meanwhile of the next request is kept for it. */
    @Test
    void aClientThatSendsOnHasNotGone() throws Exception {
        Socket socket = connect();
        send(socket, "GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("gone false");
        send(socket, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfour");
        sleep(30);
        assertThat(seen).isEmpty();
        socket.shutdownOutput();
        assertThat(rest(socket)).endsWith("four");
    }

    /** The rest of a long body that nobody wants ends the connection, and that of a short one does not. */
    @ParameterizedTest
    @CsvSource({"200000, true", "65536, false", "100, false"})
    void theRestOfABodyIsTakenOffTheNetwork(int length, boolean isEnded) throws Exception {
        Socket socket = connect();
        send(socket, "POST /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n" + "x".repeat(length));
        String answer = until(socket, "!");
        assertThat(answer).startsWith("HTTP/1.1 422").endsWith("!");
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("unread " + isEnded);
        if (isEnded) {
            assertThat(rest(socket)).isEmpty();
        } else {
            ask(socket);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a%41   | 200
            /%c0%af | 400
            /%ff    | 400
            """)
    void anAddressThatIsNotUtf8IsRefusedAndCounted(String address, int status) throws Exception {
        Socket socket = connect();
        send(socket, "GET " + address + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(rest(socket)).startsWith("HTTP/1.1 " + status);
        assertThat(seen).hasSize(status == 200 ? 1 : 0);
    }

    /** Spring would fail by a charset that cannot be one; one that only nobody knows is refused later. */
    @ParameterizedTest
    @CsvSource({"'\"x y\"', UTF-8", "none, none", "ISO-8859-1, ISO-8859-1"})
    void aCharsetThatCannotBeOneIsLeftOut(String charset, String read) throws Exception {
        Socket socket = connect();
        send(socket, "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json; charset=" + charset
                + "\r\n\r\n");
        rest(socket);
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualToIgnoringCase("charset " + read);
    }
}
