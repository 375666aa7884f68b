package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** An open service that other machines may reach, as in a container, called by names that the operator has given. */
@DirtiesContext
@TestPropertySource(properties = {"server.address=0.0.0.0", "chainrule.security.hosts=localhost, Chain.example"})
class PublishedTest extends HttpTest {
    @ParameterizedTest
    @CsvSource({"chain.example, 200", "CHAIN.EXAMPLE:8080, 200", "localhost, 200", "evil.example, 403", "chain.example.evil, 403"})
    void answersToItsNames(String host, int status) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "GET /v1/ops HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 " + status);
        }
    }
}
