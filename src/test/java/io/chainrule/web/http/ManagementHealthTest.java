package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.HealthProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Health on a port of its own: whoever fills the service's port cannot keep an operator from it. */
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"management.server.port=0", "server.tomcat.max-connections=50", "chainrule.limits.time=60s",
        "chainrule.limits.flops=10000000000000", "chainrule.health-file=target/health-of-management"})
class ManagementHealthTest extends SocketTest {
    /** Twice as many clients as the port serves at once. The others wait in its queue; if that were full, connecting would wait, too. */
    private static final int TWICE_AS_MANY = 100;

    @LocalManagementPort
    private int managementPort;

    private int status(int ofPort, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + ofPort + path)).build(), BodyHandlers.ofString())
                    .statusCode();
        }
    }

    @Test
    void healthStandsOnItsOwnPortAlone() throws IOException, InterruptedException {
        assertThat(status(managementPort, "/actuator/health/readiness")).isEqualTo(200);
        assertThat(status(managementPort, "/v1/ops")).isEqualTo(404);
        assertThat(status(port, "/actuator/health")).isEqualTo(404);
        assertThat(status(port, "/v1/ops")).isEqualTo(200);
    }

    @Test
    void theHealthCommandAsksThatPort() throws IOException, InterruptedException {
        Path file = Path.of("target/health-of-management");
        assertThat(file).hasContent("http://127.0.0.1:" + managementPort + "/actuator/health/readiness");
        HealthProcess health = HealthProcess.run(file);
        assertThat(health.status()).as(health.output()).isZero();
    }

    @Test
    void healthIsAnsweredWhileThePortOfTheServiceIsFull() throws IOException, InterruptedException {
        String work = longWork();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < TWICE_AS_MANY; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(socket);
                send(socket, i < 4
                        ? head("/v1/evaluate", "Content-Length: " + work.length() + "\r\n") + work
                        : head("/v1/gradient", "Content-Length: 100000\r\n") + "{");
            }
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                assertThat(status(managementPort, "/actuator/health/liveness")).isEqualTo(200);
                assertThat(System.nanoTime() - start).isLessThan(20 * SECOND);
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
