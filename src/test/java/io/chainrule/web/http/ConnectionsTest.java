package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Connections are bounded: those of one address are refused beyond, those of all wait in a line that is bounded, too. */
@Timeout(180)
@ReadsLog
@DirtiesContext
@TestPropertySource(properties = {"chainrule.http.connections-per-address=4", "server.tomcat.max-connections=6",
        "server.tomcat.accept-count=2"})
class ConnectionsTest extends HttpTest {
    private static final String ONE = "127.0.0.2";
    private static final String OTHER = "127.0.0.3";
    private static final String THIRD = "127.0.0.4";
    private static final int OF_ONE = 4;
    private static final int OF_ALL = 6;
    private static final int IN_LINE = 2;
    private static final int PATIENCE = 20_000;

    @Autowired
    private MeterRegistry registry;

    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void nobodyIsConnected() {
        await().until(() -> open() == 0);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private double open() {
        return registry.get("chainrule.connections.open").gauge().value();
    }

    private double refused() {
        return registry.get("chainrule.connections.refused").functionCounter().count();
    }

    /** A connection from one of the addresses of this machine. */
    private Socket connect(String address, int patience) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        connect(socket, address, patience);
        socket.setSoTimeout(PATIENCE);
        return socket;
    }

    private static void ask(Socket socket) throws IOException {
        socket.getOutputStream().write("GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** The beginning of the answer; empty if the service has closed the connection. */
    private static String answer(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        } catch (SocketException _) {
            return "";
        }
    }

    /** One that is kept alive after an answer. */
    private Socket served(String address) throws IOException {
        Socket socket = connect(address, PATIENCE);
        ask(socket);
        assertThat(answer(socket)).isEqualTo("HTTP/1.1 200");
        return socket;
    }

    private boolean isServed(String address) throws IOException {
        Socket socket = connect(address, PATIENCE);
        try {
            ask(socket);
            return !answer(socket).isEmpty();
        } catch (SocketException _) {
            return false;
        }
    }

    @Test
    void anAddressHasOnlySoManyConnections(CapturedOutput log) throws IOException {
        double before = refused();
        Socket first = served(ONE);
        for (int i = 1; i < OF_ONE; i++) {
            served(ONE);
        }
        assertThat(open()).isEqualTo(OF_ONE);
        assertThat(isServed(ONE)).isFalse();
        assertThat(isServed(ONE)).isFalse();
        assertThat(refused() - before).isEqualTo(2);
        assertThat(open()).isEqualTo(OF_ONE);
        served(OTHER);
        assertThat(log.getOut().lines().filter(line -> line.contains("chainrule.http.connections-per-address"))).as("a line for many")
                .singleElement().asString().contains("\"address\":\"" + ONE + "\"", "\"most\":4");
        first.close();
        await().until(() -> open() == OF_ONE);
        served(ONE);
    }

    @Test
    void moreThanTheServiceTakesWaitInABoundedLine() throws IOException {
        Socket first = served(ONE);
        for (int i = 1; i < OF_ALL; i++) {
            served(i < OF_ONE ? ONE : OTHER);
        }
        assertThat(open()).isEqualTo(OF_ALL);
        double before = refused();
        List<Socket> waiting = new ArrayList<>();
        IOException refusal = null;
        while (refusal == null && waiting.size() < 100) {
            try {
                waiting.add(connect(THIRD, 500));
            } catch (IOException e) {
                refusal = e;
            }
        }
        // Linux has one more place in line than it was asked for.
        assertThat(waiting).hasSizeBetween(1, IN_LINE + 1);
        ask(waiting.getFirst());
        assertThat(open()).isEqualTo(OF_ALL);
        assertThat(refused()).isEqualTo(before);
        first.close();
        assertThat(answer(waiting.getFirst())).as("once there is room").isEqualTo("HTTP/1.1 200");
    }
}
