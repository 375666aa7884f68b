package io.chainrule.web.security;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Who asks is what a proxy says, if it is one that the operator has named; what others say of themselves is not believed. */
@ReadsLog
@DirtiesContext
@TestPropertySource(properties = {"server.tomcat.remoteip.internal-proxies=127\\.0\\.0\\.[23]", "chainrule.quotas.requests=3",
        "chainrule.limits.time=60s"})
class ForwardedAddressesTest extends HttpTest {
    private static final String PROXY = "127.0.0.2";
    private static final String PROXY_BEFORE = "127.0.0.3";
    private static final String OTHER = "127.0.0.4";
    private static final String FOR = "X-Forwarded-For: ";

    /** The status of what an address of this machine asks for. */
    private int status(String from, String path, String... fields) throws IOException {
        try (Socket socket = new Socket()) {
            connect(socket, from, 0);
            String host = String.join("", fields).contains("Host: ") ? "" : "Host: localhost\r\n";
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\n" + host + String.join("\r\n", fields)
                    + (fields.length > 0 ? "\r\n" : "") + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return Integer.parseInt(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).substring(9, 12));
        }
    }

    private List<Integer> statuses(String from, String... forwarded) throws IOException {
        List<Integer> statuses = new ArrayList<>();
        for (String one : forwarded) {
            statuses.add(status(from, "/v1/ops/relu", FOR + one));
        }
        return statuses;
    }

    @Test
    void eachClientOfAProxyHasQuotasOfItsOwn() throws IOException {
        assertThat(statuses(PROXY, "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1")).containsExactly(200, 200, 200, 429);
        assertThat(statuses(PROXY, "192.0.2.2")).containsExactly(200);
    }

    @Test
    void whoIsNoProxyHasNoMoreForNamingOthers() throws IOException {
        assertThat(statuses(OTHER, "198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4")).containsExactly(200, 200, 200, 429);
        assertThat(statuses(PROXY, "198.51.100.1")).as("the one that was named has lost nothing").containsExactly(200);
    }

    /** Each proxy adds the address that asked it; what stands before the first of them the client has made up. */
    @Test
    void whatAClientSaysBeforeItsProxyIsNotBelieved() throws IOException {
        assertThat(statuses(PROXY, "203.0.113.1, 203.0.113.9", "203.0.113.2, 203.0.113.9, " + PROXY_BEFORE, "203.0.113.3, 203.0.113.9",
                "203.0.113.9")).containsExactly(200, 200, 200, 429);
    }

    /** The name is the one that the client has called, which a page of another site cannot choose, whoever passes it on. */
    @Test
    void noForwardedNameOpensTheService() throws IOException {
        assertThat(status(PROXY, "/v1/ops", "Host: evil.example", "X-Forwarded-Host: localhost", FOR + "192.0.2.3")).isEqualTo(403);
        assertThat(status(OTHER, "/v1/ops", "Host: evil.example", "X-Forwarded-Host: localhost")).isEqualTo(403);
    }

    /** What this machine alone may see is not for the clients of its proxies, whatever they say. */
    @Test
    void nobodyBecomesThisMachineByAHeader() throws IOException {
        assertThat(status(OTHER, "/actuator/info")).isEqualTo(200);
        assertThat(status(PROXY, "/actuator/info", FOR + "127.0.0.1")).isEqualTo(403);
        assertThat(status(OTHER, "/actuator/info", FOR + "127.0.0.1")).isEqualTo(403);
    }

    @Test
    void theLogNamesWhoAsked(CapturedOutput log) throws IOException {
        status(PROXY, "/v1/ops/relu", FOR + "192.0.2.77", "Request-Id: passed.on");
        status(OTHER, "/v1/ops/relu", FOR + "192.0.2.77", "Request-Id: made.up");
        assertThat(line(log, "passed.on")).contains("\"client\":\"192.0.2.77\"");
        assertThat(line(log, "made.up")).contains("\"client\":\"" + OTHER + "\"").doesNotContain("192.0.2.77");
    }

    private static String line(CapturedOutput log, String id) {
        return await()
                .until(() -> log.getOut().lines().filter(line -> line.contains("\"" + id + "\"")).toList(), lines -> !lines.isEmpty())
                .getFirst();
    }
}
