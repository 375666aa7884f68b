package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.service.run.Budget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to the whole service over real HTTP. It is not warmed up, so that tests find the budget unused. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"chainrule.warm-up=false", "chainrule.data-directory=target/data"})
@Execution(ExecutionMode.SAME_THREAD)
public abstract class HttpTest {
    protected static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @LocalServerPort
    protected int port;

    /** Connects a socket to the service from one of the addresses of this machine; the test is skipped where it has but one. */
    protected final void connect(Socket socket, String address, int patience) throws IOException {
        try {
            socket.bind(new InetSocketAddress(address, 0));
        } catch (SocketException e) {
            assumeTrue(false, "the machine has one loopback address alone: " + e.getMessage());
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), patience);
    }

    protected HttpResponse<String> post(String path, String body, String... headers) {
        return post(path, BodyPublishers.ofString(body), headers);
    }

    protected HttpResponse<String> post(String path, BodyPublisher body, String... headers) {
        return send("POST", path, body, headers.length > 0 ? headers : new String[]{"Content-Type", "application/json"});
    }

    protected HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, BodyPublishers.noBody(), headers);
    }

    protected HttpResponse<String> send(String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    protected static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    /** {@code code pointer} of each error in a problem. */
    protected static List<String> errors(HttpResponse<String> response) {
        return StreamSupport.stream(json(response).path("errors").spliterator(), false)
                .map(error -> error.path("code").asString() + " " + error.path("pointer").asString("-")).toList();
    }

    /** The endpoints that take a program, all of which have examples. */
    protected static Stream<String> endpoints() {
        return Arrays.stream(Objects.requireNonNull(Path.of("src/main/resources/examples").toFile().list())).sorted();
    }

    /** The memory of a request is released when its answer has been sent, a moment after the client has read it. */
    protected static void assertNothingIsReserved(Budget budget) {
        assertNothingIsReserved(budget, 60);
    }

    protected static void assertNothingIsReserved(Budget budget, int seconds) {
        for (int i = 0; i < 100 * seconds && budget.used() != 0; i++) {
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(budget.used()).isZero();
    }
}
