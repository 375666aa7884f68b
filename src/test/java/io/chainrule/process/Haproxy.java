package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** HAProxy as a process, with the configuration that docker-compose.yml gives it. */
public final class Haproxy implements AutoCloseable {
    static final Path CONFIGURATION = Path.of("deploy/haproxy/haproxy.cfg");
    /** Of a line of its log: connections at five places, of which the last is how often the request was sent again; then the queues. */
    private static final Pattern SENT_AGAIN = Pattern.compile(" \\d+/\\d+/\\d+/\\d+/\\+?[1-9]\\d* \\d+/\\d+ ");
    private static final int PATIENCE_SECONDS = 20;

    private final int port;
    private final Path log;
    private final Process process;

    /** @param replicas the ports of all three */
    public Haproxy(Path binary, List<Integer> replicas, Path folder) throws IOException, InterruptedException {
        port = Ports.lasting();
        log = folder.resolve("haproxy.log");
        Map<String, String> variables = new HashMap<>(Map.of("BIND", "127.0.0.1:" + port));
        for (int i = 0; i < replicas.size(); i++) {
            variables.put("REPLICA_" + (i + 1), "127.0.0.1:" + replicas.get(i));
        }
        var command = List.of(binary.toString(), "-db", "-f", CONFIGURATION.toAbsolutePath().toString());
        process = Processes.builder(command, folder, variables).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        awaitReady();
    }

    /** The program, where this machine has it. Debian keeps it where only root looks. */
    public static Optional<Path> binary() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":", -1)), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, "haproxy")).filter(Files::isExecutable).findFirst();
    }

    private void awaitReady() throws IOException, InterruptedException {
        Instant end = Instant.now().plusSeconds(PATIENCE_SECONDS);
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!isReady(client)) {
                boolean mayBecomeReady = process.isAlive() && Instant.now().isBefore(end);
                if (!mayBecomeReady) {
                    process.destroyForcibly();
                }
                assertThat(mayBecomeReady).as("HAProxy sees a replica%n%s", Files.readString(log)).isTrue();
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private boolean isReady(HttpClient client) throws InterruptedException {
        try {
            HttpResponse<Void> response = client.send(HttpRequest.newBuilder(uri("/proxy/health")).build(), BodyHandlers.discarding());
            return response.statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** How many requests it has sent more than once. */
    long sentAgain() throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> SENT_AGAIN.matcher(line).find()).count();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
