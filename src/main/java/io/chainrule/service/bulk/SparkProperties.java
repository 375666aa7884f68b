package io.chainrule.service.bulk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Apache Spark as a second engine of jobs.
 *
 * @param master the cluster, as Spark names it: {@code spark://host:7077}, {@code yarn}, {@code k8s://…}, or {@code local[4]} for threads
 *        of one process; null for no such engine
 * @param home where Spark is: the folder of its jars, or the one around it
 * @param jar Chainrule's part that runs there; null for {@code chainrule-spark.jar} in {@code home}
 * @param secret which the cluster knows, too: Spark refuses whoever does not; null where it makes its own, as on YARN
 * @param driverMemory of the process that each job starts, as {@code 1g}
 * @param properties further properties of Spark
 */
@ConfigurationProperties("chainrule.jobs.spark")
public record SparkProperties(@Nullable String master, @Nullable Path home, @Nullable Path jar, @Nullable String secret,
        @DefaultValue("1g") String driverMemory, @DefaultValue Map<String, String> properties) {
    private static final String PREFIX = "chainrule.jobs.spark.";
    private static final String JAR = "chainrule-spark.jar";
    private static final String CORE = "spark-core_*.jar";
    private static final String AUTHENTICATE = "spark.authenticate";
    private static final Pattern MEMORY = Pattern.compile("[1-9]\\d*[kmg]");

    /** Throws {@link IllegalArgumentException} if Spark cannot be started as it is configured. */
    public SparkProperties {
        properties = Map.copyOf(properties);
        if (master != null && home == null) {
            throw new IllegalArgumentException(PREFIX + "home is needed beside " + PREFIX + "master: the folder where Spark is");
        }
        if (master != null && master.startsWith("spark:") && secret == null && !"false".equals(properties.get(AUTHENTICATE))) {
            throw new IllegalArgumentException(PREFIX + "secret is needed for the cluster " + master
                    + ": the one that its master and workers have; or " + PREFIX + "properties with " + AUTHENTICATE
                    + "=false where nobody else reaches the cluster");
        }
        if (!MEMORY.matcher(driverMemory).matches()) {
            throw new IllegalArgumentException(PREFIX + "driver-memory is a number and k, m or g, as 1g, not '" + driverMemory + "'");
        }
        if (master != null) {
            checkFiles(Objects.requireNonNull(home), jar);
        }
    }

    /** Checks the files when the service starts. Without this check jobs would fail, after several attempts. */
    private static void checkFiles(Path home, @Nullable Path jar) {
        Path folder = jars(home);
        if (!hasSpark(folder)) {
            throw new IllegalArgumentException(PREFIX + "home is the folder of Spark's jars, or the one around it: there is no " + CORE
                    + " in " + folder);
        }
        Path part = part(home, jar);
        if (!Files.isRegularFile(part)) {
            throw new IllegalArgumentException(PREFIX + "jar, or " + JAR + " in " + PREFIX
                    + "home, is Chainrule's part for Spark: there is no file " + part);
        }
    }

    private static boolean hasSpark(Path folder) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, CORE)) {
            return found.iterator().hasNext();
        } catch (IOException _) {
            return false;
        }
    }

    private static Path jars(Path home) {
        Path inner = home.resolve("jars");
        return (Files.isDirectory(inner) ? inner : home).toAbsolutePath();
    }

    private static Path part(Path home, @Nullable Path jar) {
        return (jar == null ? home.resolve(JAR) : jar).toAbsolutePath();
    }

    /** Whether there is such an engine. */
    public boolean isOn() {
        return master != null;
    }

    /** The folder of Spark's jars, where there is such an engine. */
    Path jars() {
        return jars(Objects.requireNonNull(home));
    }

    /** The jar of Chainrule's part, where there is such an engine. */
    Path part() {
        return part(Objects.requireNonNull(home), jar);
    }

    /** Whether Spark uses this machine alone. */
    boolean isLocal() {
        return master != null && master.startsWith("local");
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "SparkProperties[" + master + ", " + home + "]";
    }
}
