package io.chainrule.web.security;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** The actuator on a port of its own asks for keys as well. */
@ReadsLog
@DirtiesContext
@TestPropertySource(properties = {"management.server.port=0", "chainrule.http.connections-per-address=4"})
class ManagementPortTest extends SecuredTest {
    @LocalManagementPort
    private int management;

    @Autowired
    private MeterRegistry registry;

    @Test
    void asksForKeysThereToo() throws IOException {
        assertThat(get("/actuator/health").statusCode()).isEqualTo(404);
        port = management;
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/info").statusCode()).isEqualTo(401);
        assertThat(errors(get("/actuator/prometheus"))).containsExactly("unauthenticated -");
        assertThat(with("wrong", "POST", "/actuator/backup", "").statusCode()).isEqualTo(401);
        assertThat(with(firstKey(), "GET", "/actuator/info", "").statusCode()).isEqualTo(200);
        assertThat(with(firstKey(), "GET", "/actuator/env", "").statusCode()).isEqualTo(403);
    }

    /** One address must not take all of its connections, nor be refused unseen. */
    @Test
    void boundsConnectionsThereToo() throws IOException {
        FunctionCounter refused = registry.get("chainrule.connections.refused").tag("port", "management").functionCounter();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 40 && refused.count() == 0; i++) {
                sockets.add(new Socket(InetAddress.getLoopbackAddress(), management));
                if (i >= 4) {
                    assertThat(isClosed(sockets.getLast())).isTrue();
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        assertThat(refused.count()).isPositive();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException _) {
            return true;
        }
    }

    @Test
    void logsWhatTomcatRefusesThereToo(CapturedOutput log) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), management)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\nRequest-Id: of-management\r\nBad Name: x\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 400");
        }
        await().untilAsserted(() -> assertThat(log.getOut()).contains("\"status\":400"));
    }
}
