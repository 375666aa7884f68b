package io.chainrule.benchmark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** A process that serves HTTP on loopback. */
final class Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE = 5;
    /** The processor time of a second, in nanoseconds, from which on a process is not idle. */
    private static final double BUSY = 5e7;

    /** Without the offer to change to HTTP/2, with which uvicorn does not get along. */
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final int port;
    private final long start = System.nanoTime();
    private final Path log;

    private Server(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** Starts a command that is told its port. */
    static Server start(Path folder, String name, IntFunction<List<String>> command) throws IOException {
        return start(Path.of("").toAbsolutePath(), folder, name, command);
    }

    /** Starts a command, with {@code where} as its folder and its log in {@code folder}. */
    static Server start(Path where, Path folder, String name, IntFunction<List<String>> command) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path log = folder.resolve(name.replaceAll("\\W+", "-") + ".log");
        Process process = new ProcessBuilder(command.apply(port)).directory(where.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        return new Server(process, port, log);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** Waits until a GET of {@code path} is answered with 200, and returns the nanoseconds since the start. */
    double awaitAnswer(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(path))).build();
        while (true) {
            try {
                if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                    return System.nanoTime() - start;
                }
            } catch (IOException _) {
                // It does not listen yet.
            }
            if (!process.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IOException("no server is ready; see " + log.getFileName());
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE);
        }
    }

    String post(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, json);
    }

    String put(String path, String json) throws IOException, InterruptedException {
        return send("PUT", path, json);
    }

    String get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    private String send(String method, String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(path))).header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json)).build();
        var response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    /** Waits until the process takes hardly any processor time, since what it does in the background after its start is done. */
    void awaitIdle() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        double before = 0;
        double now = processorTime();
        while (now - before > BUSY) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IOException("the server is never idle; see " + log.getFileName());
            }
            TimeUnit.SECONDS.sleep(1);
            before = now;
            now = processorTime();
        }
    }

    /** The processor time that the process has taken, in nanoseconds. */
    double processorTime() {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    /** The most memory that the process has had so far, in bytes, as Linux tells it. */
    double mostMemory() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
            String line = lines.filter(each -> each.startsWith("VmHWM")).findFirst().orElseThrow();
            return 1024 * Double.parseDouble(line.replaceAll("\\D", ""));
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
