package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The service in a process of its own: as a container of the image would run it, but for its port, or from the jar. */
public final class RunningService implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final Path output;
    private final Process process;
    private final Instant start;

    /** @param output what gets the log: a file, or a device that takes no more */
    public RunningService(List<String> command, Path folder, Map<String, String> environment, Path output) throws IOException {
        this(command, folder, environment, output, Ports.lasting());
    }

    RunningService(List<String> command, Path folder, Map<String, String> environment, Path output, int port) throws IOException {
        this.port = port;
        var variables = new HashMap<>(environment);
        variables.put("SERVER_PORT", String.valueOf(port));
        this.output = output;
        start = Instant.now();
        process = Processes.builder(command, folder, variables).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    /** How long it took from the start to the first yes. One that does not become ready is ended. */
    public Duration awaitReady() throws IOException, InterruptedException {
        while (!isReady()) {
            boolean mayBecomeReady = process.isAlive() && Instant.now().isBefore(start.plus(PATIENCE));
            if (!mayBecomeReady) {
                process.destroyForcibly();
            }
            assertThat(mayBecomeReady).as("becomes ready%n%s", log()).isTrue();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return Duration.between(start, Instant.now());
    }

    boolean isReady() throws InterruptedException {
        try {
            return get("/actuator/health/readiness").statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    public String log() throws IOException {
        return Files.isRegularFile(output) ? Files.readString(output) : "";
    }

    public void awaitLog(String text) throws IOException, InterruptedException {
        var deadline = Instant.now().plus(PATIENCE);
        while (!log().contains(text)) {
            assertThat(Instant.now()).as("%s%n%s", text, log()).isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    public HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return client.send(with(headers, HttpRequest.newBuilder(uri(path))).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String json, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri(path)).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
        return client.send(with(headers, request).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> put(String path, String json, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri(path)).header("Content-Type", "application/json").PUT(BodyPublishers.ofString(json));
        return client.send(with(headers, request).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> putAs(String type, String path, String body) throws IOException, InterruptedException {
        return putAs(type, path, BodyPublishers.ofString(body));
    }

    HttpResponse<String> putAs(String type, String path, BodyPublisher body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).header("Content-Type", type).PUT(body).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> delete(String path, String... headers) throws IOException, InterruptedException {
        return client.send(with(headers, HttpRequest.newBuilder(uri(path)).DELETE()).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder with(String[] headers, HttpRequest.Builder request) {
        return headers.length == 0 ? request : request.headers(headers);
    }

    public Socket connect() throws IOException {
        return new Socket("localhost", port);
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    public long pid() {
        return process.pid();
    }

    /** Its file system as it sees it, mounts included. */
    public Path root() {
        return Path.of("/proc", String.valueOf(process.pid()), "root");
    }

    public void terminate() {
        process.destroy();
    }

    /** Ends the process as SIGKILL does. */
    public void kill() {
        process.destroyForcibly();
    }

    public int exitCode() throws IOException, InterruptedException {
        assertThat(process.waitFor(PATIENCE)).as("ends%n%s", log()).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        client.close();
        if (Files.isRegularFile(output)) {
            Files.delete(output);
        }
    }
}
