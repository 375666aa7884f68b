package io.chainrule.service.bulk;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.run.OperatorException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process that has Spark do the work of a job. It takes lines of JSON and answers with lines of JSON, and ends when its input ends, so
 * that none is left when the service has gone.
 */
final class SparkDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SparkDriver.class);
    private static final String MAIN = "io.chainrule.spark.Driver";
    /** The name under which Spark itself looks for the secret. */
    private static final String SECRET = "_SPARK_AUTH_SECRET";
    /** The driver gets nothing else of the environment, in which the service may have been given secrets. */
    private static final List<String> KEPT = List.of("PATH", "HOME", "USER", "LANG", "LC_", "TZ", "TMPDIR", "JAVA_HOME", "SPARK_",
            "HADOOP_", "YARN_", "AWS_", "KUBERNETES_", "KRB5");
    /** Those that Spark's own scripts open for Java 17 and later. */
    private static final List<String> OPENED = List.of("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net",
            "java.nio", "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
            "sun.security.action", "sun.util.calendar");
    private static final int TOLD = 20;
    private static final int MOST_WAITING = 4;
    private static final long PATIENCE = 5;
    private static final long MOST_SECONDS_TO_SEND = 60;
    /** The driver ends after 90 s of silence, which is more than this and {@link #MOST_SECONDS_TO_SEND} together. */
    private static final long SECONDS_BETWEEN_SIGNS = 10;
    private static final String LOOPBACK = "127.0.0.1";
    /** What is written is read whatever its length. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build()).build();

    private final Process process;
    private final BufferedWriter in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Deque<String> told = new ArrayDeque<>();
    private final Thread reader;
    private final Thread logger;
    private final Thread signs;

    /** Starts the process. Throws {@link OperatorException} if there is none. */
    SparkDriver(SparkProperties properties) {
        ProcessBuilder builder = new ProcessBuilder(command(properties));
        builder.environment().keySet().removeIf(name -> KEPT.stream().noneMatch(name::startsWith));
        String secret = properties.secret();
        if (secret != null) {
            builder.environment().put(SECRET, secret);
        }
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new OperatorException("the Spark driver could not be started: " + e.getMessage(), e);
        }
        in = process.outputWriter(StandardCharsets.UTF_8);
        reader = Thread.ofVirtual().name("spark-results").start(() -> each(process.inputReader(StandardCharsets.UTF_8), this::take));
        logger = Thread.ofVirtual().name("spark-log").start(() -> each(process.errorReader(StandardCharsets.UTF_8), this::log));
        signs = Thread.ofVirtual().name("spark-signs").start(this::giveSigns);
        send("session", session(properties));
    }

    private static List<String> command(SparkProperties properties) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + properties.driverMemory());
        // By default the JVM writes its warnings to the standard output, where the answers of the driver are read.
        command.addAll(List.of("-XX:+DisplayVMOutputToStderr", "-Xlog:disable", "-Xlog:all=warning:stderr"));
        command.addAll(options().toList());
        command.addAll(List.of("-cp",
                String.join(File.pathSeparator, classPath(properties.part(), properties.jars(), System.getenv())), MAIN));
        return command;
    }

    /** The class path also has the folders of Hadoop's configuration, since Hadoop looks for its files there. */
    static List<String> classPath(Path jar, Path folder, Map<String, String> environment) {
        return Stream.concat(Stream.of(jar.toString(), folder.resolve("*").toString()),
                Stream.of("HADOOP_CONF_DIR", "YARN_CONF_DIR").map(environment::get).filter(each -> each != null && !each.isBlank()))
                .toList();
    }

    /** What the JVMs of driver and executors need. */
    private static Stream<String> options() {
        return Stream.concat(Stream.of("--add-modules=jdk.incubator.vector", "-XX:+IgnoreUnrecognizedVMOptions"),
                OPENED.stream().map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED"));
    }

    static Map<String, String> session(SparkProperties properties) {
        Map<String, String> session = new HashMap<>();
        session.put("spark.app.name", "chainrule");
        session.put("spark.ui.enabled", "false");
        session.put("spark.authenticate", "true");
        if (properties.isLocal()) {
            // Otherwise it opens its ports to other machines.
            session.put("spark.driver.host", LOOPBACK);
            session.put("spark.driver.bindAddress", LOOPBACK);
        }
        session.putAll(properties.properties());
        session.put("spark.master", Objects.requireNonNull(properties.master()));
        session.put("spark.jars", properties.part().toUri().toString());
        session.merge("spark.executor.extraJavaOptions", String.join(" ", options().toList()), (own, ours) -> ours + " " + own);
        return session;
    }

    /** Does something with a line that may wait. */
    private interface Lines {
        void put(String line) throws InterruptedException;
    }

    private static void each(BufferedReader from, Lines to) {
        try (from) {
            for (String line = from.readLine(); line != null; line = from.readLine()) {
                to.put(line);
            }
        } catch (IOException e) {
            LOG.debug("The output of a Spark driver ended", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes a line as an answer if it is an object of JSON. Other lines, such as those that native libraries write, are logged. */
    private void take(String line) throws InterruptedException {
        if (line.startsWith("{")) {
            lines.put(line);
        } else {
            log(line);
        }
    }

    /** Tells the driver that the service lives, whatever the job waits for: a driver that hears nothing gives the cluster to others. */
    private void giveSigns() {
        try {
            while (!process.waitFor(SECONDS_BETWEEN_SIGNS, TimeUnit.SECONDS)) {
                send("alive", true);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.debug("A Spark driver takes nothing any more", e);
        }
    }

    private void log(String line) {
        LOG.debug("Spark: {}", line);
        synchronized (told) {
            told.addLast(line);
            if (told.size() > TOLD) {
                told.removeFirst();
            }
        }
    }

    /** Sends a line. Throws {@link OperatorException} if the process has ended, or does not read. */
    void send(String kind, Object content) {
        String line = JSON.writeValueAsString(Map.of(kind, content));
        FutureTask<Boolean> writing = new FutureTask<>(() -> {
            // A sign must not come into the middle of a command.
            synchronized (in) {
                in.write(line);
                in.newLine();
                in.flush();
            }
            return true;
        });
        Thread.ofVirtual().name("spark-commands").start(writing);
        try {
            writing.get(MOST_SECONDS_TO_SEND, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Whoever closes the stream would wait for the lock that the writing thread has.
            process.destroyForcibly();
            throw fault("it takes nothing any more", e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted(e);
        }
    }

    /**
     * Returns what came, or null if nothing has within so many milliseconds.
     *
     * @param dataset the name of what is read
     * @throws ProblemException for what is wrong with the data set
     * @throws IllegalStateException if Spark or the driver fails, rather than the program or a row
     */
    @Nullable
    JsonNode receive(long milliseconds, String dataset) {
        String line = next(milliseconds);
        if (line == null) {
            if (reader.isAlive() || !lines.isEmpty()) {
                return null;
            }
            throw fault("its process has ended", null);
        }
        JsonNode content = JSON.readTree(line);
        if (content.has("fault")) {
            throw fault(content.path("fault").asString(), null);
        }
        JsonNode problem = content.get("problem");
        if (problem != null) {
            String place = problem.path("place").asStringOpt().orElse(null);
            String message = problem.path("message").asString();
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, place == null ? "data set '" + dataset + "': " + message : message)
                    .at(place == null ? null : Place.setting(place))
                    .expected(problem.path("expected").asStringOpt().orElse(null), problem.path("actual").asStringOpt().orElse(null))
                    .hint(problem.path("hint").asStringOpt().orElse(null)));
        }
        return content;
    }

    private @Nullable String next(long milliseconds) {
        try {
            return lines.poll(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("the work was interrupted", e);
    }

    private OperatorException fault(String message, @Nullable Exception cause) {
        try {
            // What it said last tells why it ended.
            logger.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        synchronized (told) {
            return new OperatorException("the Spark driver failed: " + message + "\n" + String.join("\n", told), cause);
        }
    }

    /** Ends the process. */
    @Override
    public void close() {
        signs.interrupt();
        reader.interrupt();
        try {
            in.close();
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException _) {
            process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
