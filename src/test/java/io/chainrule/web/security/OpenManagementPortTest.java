package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * What protects an open service from pages of other sites stands before the actuator's own port, too: also where the service itself answers
 * to any name, since other machines reach it.
 */
@DirtiesContext
@TestPropertySource(properties = {"management.server.port=0", "server.address=0.0.0.0"})
class OpenManagementPortTest extends HttpTest {
    @LocalManagementPort
    private int management;

    @Test
    void answersThisMachineAlone() throws IOException {
        port = management;
        assertThat(get("/actuator/info").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/info").headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(get("/actuator/info", "X-Forwarded-For", "203.0.113.9").statusCode()).isEqualTo(403);
        assertThat(send("POST", "/actuator/backup", BodyPublishers.noBody(), "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "GET /actuator/info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 403");
        }
    }

    /** Tomcat's own pages would have none of the headers. */
    @Test
    void answersWhatTheServerRefusesAsTheServiceDoes() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), management)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 400")
                    .contains("application/problem+json", "X-Content-Type-Options: nosniff", "Request-Id: ");
        }
    }
}
