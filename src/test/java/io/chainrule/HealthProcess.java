package io.chainrule;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The command {@code health} in a JVM of its own, as a container runs it.
 *
 * @param status of the process
 * @param output what it said
 */
public record HealthProcess(int status, String output) {
    public static HealthProcess run(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx16m",
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), ChainruleApplication.class.getName(), HealthCommand.NAME,
                file.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new HealthProcess(process.waitFor(), output);
    }
}
