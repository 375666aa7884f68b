package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A standalone cluster of Apache Spark on this machine: a master, and workers of one core each, as processes. */
public final class SparkCluster implements AutoCloseable {
    /** Where the profile {@code spark} puts Spark, and what runs there. */
    public static final Path HOME = Path.of(System.getProperty("chainrule.spark.home", "target/spark")).toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ADDRESS = "127.0.0.1";
    private static final String DEPLOY = "org.apache.spark.deploy.";
    private static final List<String> OPENED = List.of("java.lang", "java.lang.invoke", "java.io", "java.net", "java.nio", "java.util",
            "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar");

    private final Path folder;
    private final int port;
    private final Process master;
    private final List<Process> workers = new ArrayList<>();

    /** @param secret that whoever comes has to know */
    public SparkCluster(Path folder, String secret) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("cluster.conf"), "spark.authenticate true\nspark.authenticate.secret " + secret + "\n");
        port = freePort();
        master = start("master", DEPLOY + "master.Master", "--host", ADDRESS, "--port", String.valueOf(port), "--webui-port",
                String.valueOf(freePort()));
        await("master", "I have been elected leader");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Process start(String name, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Processes.java(), "-Xmx256m"));
        OPENED.forEach(opened -> command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED"));
        command.addAll(List.of("-cp", HOME.resolve("jars") + "/*", main));
        command.addAll(List.of(arguments));
        // In front of what follows the options, as the URL of the master does.
        command.addAll(command.indexOf(main) + 1, List.of("--properties-file", folder.resolve("cluster.conf").toString()));
        return Processes
                .builder(command, folder,
                        Map.of("SPARK_HOME", HOME.toString(), "SPARK_SCALA_VERSION", "2.13", "SPARK_LOCAL_IP", ADDRESS))
                .redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile()).start();
    }

    /** Waits until a process says so; one that does not is ended with all others. */
    private void await(String name, String text) throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        while (!log(name).contains(text)) {
            if (Instant.now().isAfter(end)) {
                close();
            }
            assertThat(Instant.now()).as("%s: %s%n%s", name, text, log(name)).isBefore(end);
            sleep();
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public String log(String name) throws IOException {
        Path log = folder.resolve(name + ".log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Starts another worker; returns its number, from 0. */
    public int addWorker() throws IOException {
        int number = workers.size();
        String name = "worker" + number;
        workers.add(start(name, DEPLOY + "worker.Worker", "--host", ADDRESS, "-c", "1", "-m", "700m", "--webui-port",
                String.valueOf(freePort()), "--work-dir", folder.resolve(name).toString(), url()));
        await(name, "Successfully registered with master");
        return number;
    }

    public String url() {
        return "spark://" + ADDRESS + ":" + port;
    }

    /** The processes of a worker that run tasks. */
    public List<ProcessHandle> executors(int worker) {
        return workers.get(worker).descendants().toList();
    }

    /** Ends a worker and what it runs, as the end of its machine would. */
    public void kill(int worker) {
        List<ProcessHandle> all = Stream.concat(workers.get(worker).descendants(), Stream.of(workers.get(worker).toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        workers.get(worker).onExit().join();
    }

    @Override
    public void close() {
        for (int i = 0; i < workers.size(); i++) {
            kill(i);
        }
        master.destroyForcibly();
    }
}
