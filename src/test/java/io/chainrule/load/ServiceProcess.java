package io.chainrule.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The service, started from the classes that are tested, and what Linux tells of its process. */
final class ServiceProcess implements AutoCloseable {
    private static final Pattern DURATION = Pattern.compile("\"status\":(\\d+),.*\"service_ms\":([0-9.E-]+)");
    /** Linux counts the time of processes in hundredths of a second. */
    private static final double TICKS_A_SECOND = 100;

    final int port;
    private final Process process;
    private final Path log;

    /** @param prefix what the command begins with, as {@code taskset -c 0} */
    ServiceProcess(Path folder, List<String> prefix, String... options) throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        log = folder.resolve("service.log");
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", classPath(), "io.chainrule.ChainruleApplication", "--server.port=" + port));
        process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            awaitReady();
        } catch (AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(":", -1)).filter(entry -> !entry.contains("test-classes")).collect(Collectors.joining(":"));
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!isReady()) {
            assertThat(process.isAlive() && System.nanoTime() < end).as("the service becomes ready; its log is %s", log).isTrue();
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private boolean isReady() {
        try {
            URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness");
            return ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private Path proc(String name) {
        return Path.of("/proc", String.valueOf(process.pid()), name);
    }

    /** The seconds of processors that it has used. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    int descriptors() throws IOException {
        try (Stream<Path> files = Files.list(proc("fd"))) {
            return (int) files.count();
        }
    }

    int threads() throws IOException {
        return (int) status("Threads");
    }

    /** The most memory that it has had, in MB. */
    double mostMegabytes() throws IOException {
        return status("VmHWM") / 1024.0;
    }

    private long status(String name) throws IOException {
        String line = Files.readAllLines(proc("status")).stream().filter(l -> l.startsWith(name + ":")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    /** The milliseconds that the service itself took for each answer of this status. */
    double[] milliseconds(int status) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(DURATION::matcher).filter(Matcher::find).filter(found -> Integer.parseInt(found.group(1)) == status)
                    .mapToDouble(found -> Double.parseDouble(found.group(2))).sorted().toArray();
        }
    }

    boolean hasLogged(String text) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.anyMatch(line -> line.contains(text));
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
