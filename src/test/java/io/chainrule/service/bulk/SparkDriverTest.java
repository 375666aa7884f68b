package io.chainrule.service.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.process.Processes;
import io.chainrule.process.SparkCluster;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process that has Spark work ends after an error, or when it no longer hears the service, in place of waiting for it. */
@Tag("spark")
@Timeout(120)
class SparkDriverTest {
    private static final long PATIENCE = 60;
    private static final Path JARS = SparkCluster.HOME.resolve("jars");

    /** @param jars those that it has beside its own */
    private static Process started(String jars) throws IOException {
        String path = SparkCluster.HOME.resolve("chainrule-spark.jar") + File.pathSeparator + jars;
        return Processes.builder(List.of(Processes.java(), "-Xmx32m", "-cp", path, "io.chainrule.spark.Driver"), Path.of("."), Map.of())
                .redirectError(Redirect.DISCARD).start();
    }

    /** Hadoop would use its defaults without its configuration. */
    @Test
    void theConfigurationOfHadoopIsOnTheClassPath() {
        Path jar = Path.of("chainrule-spark.jar");
        assertThat(SparkDriver.classPath(jar, Path.of("jars"), Map.of())).containsExactly("chainrule-spark.jar",
                Path.of("jars", "*").toString());
        assertThat(SparkDriver.classPath(jar, Path.of("jars"), Map.of("HADOOP_CONF_DIR", "/etc/hadoop", "YARN_CONF_DIR", "")))
                .endsWith("/etc/hadoop").hasSize(3);
    }

    @Test
    void aLineForWhichThereIsNoMemoryEndsIt() throws IOException, InterruptedException {
        Process driver = started(JARS.resolve("*").toString());
        try (OutputStream commands = driver.getOutputStream()) {
            assertThatThrownBy(() -> {
                while (true) {
                    commands.write(new byte[1 << 20]);
                }
            }).isInstanceOf(IOException.class);
            assertThat(driver.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
        } finally {
            driver.destroyForcibly();
        }
    }

    private static String withoutSpark() throws IOException {
        try (Stream<Path> jars = Files.list(JARS)) {
            return jars.map(Path::toString).filter(jar -> jar.matches(".*/(jackson|scala-library)-[^/]*")).sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    @Test
    void anErrorIsToldAndEndsIt() throws IOException, InterruptedException {
        Process driver = started(withoutSpark());
        try (Writer commands = driver.outputWriter(); BufferedReader told = driver.inputReader()) {
            commands.write("{\"session\": {}}\n");
            commands.flush();
            assertThat(told.readLine()).startsWith("{\"fault\":\"java.lang.NoClassDefFoundError");
            assertThat(driver.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
        } finally {
            driver.destroyForcibly();
        }
    }

    /** A service that hangs keeps its end of the pipe open. */
    @Test
    @Timeout(300)
    void itEndsWhenNothingIsHeardOfTheService() throws IOException, InterruptedException {
        Process driver = started(withoutSpark());
        try (Writer commands = driver.outputWriter()) {
            assertThat(driver.waitFor(PATIENCE, TimeUnit.SECONDS)).isFalse();
            commands.write("{\"alive\": true}\n");
            commands.flush();
            assertThat(driver.waitFor(PATIENCE, TimeUnit.SECONDS)).as("it was heard of").isFalse();
            assertThat(driver.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
        } finally {
            driver.destroyForcibly();
        }
    }
}
