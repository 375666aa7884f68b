package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Spans are sent by OTLP to the endpoint that is configured. */
@DirtiesContext
class TraceExportTest extends HttpTest {
    private static final BlockingQueue<String> RECEIVED = new LinkedBlockingQueue<>();
    private static final HttpServer COLLECTOR = collector();

    private static HttpServer collector() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/traces", exchange -> {
                RECEIVED.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @DynamicPropertySource
    static void export(DynamicPropertyRegistry properties) {
        properties.add("management.opentelemetry.tracing.export.otlp.endpoint",
                () -> "http://localhost:" + COLLECTOR.getAddress().getPort() + "/v1/traces");
        properties.add("management.opentelemetry.tracing.export.schedule-delay", () -> "50ms");
        properties.add("management.tracing.export.enabled", () -> "true");
        properties.add("management.tracing.sampling.probability", () -> "1");
    }

    @AfterAll
    static void stop() {
        COLLECTOR.stop(0);
    }

    @Test
    void sendsTheSpansOfARequestWhoseClientWantsItTraced() throws InterruptedException {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        get("/v1/ops/relu", "traceparent", "00-" + "a".repeat(32) + "-00f067aa0ba902b7-00");
        post("/v1/evaluate", "{\"expression\": \"x\", \"inputs\": {\"x\": 1}}", "Content-Type", "application/json", "traceparent",
                "00-" + trace + "-00f067aa0ba902b7-01");
        StringBuilder all = new StringBuilder();
        while (all.indexOf("POST /v1/evaluate") < 0) {
            String batch = RECEIVED.poll(30, TimeUnit.SECONDS);
            assertThat(batch).isNotNull();
            all.append(batch);
        }
        assertThat(all).contains("read", "compile", "run", "write", "chainrule",
                new String(HexFormat.of().parseHex(trace), StandardCharsets.ISO_8859_1)).doesNotContain("GET /v1/ops");
    }
}
