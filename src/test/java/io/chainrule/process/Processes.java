package io.chainrule.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Processes as an image would start them, with the JDK that runs the tests. */
public final class Processes {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private Processes() {}

    /** The launcher of the JDK that runs the tests. */
    public static String java() {
        return JAVA_HOME.resolve("bin/java").toString();
    }

    /** The command that runs the jar that was built. */
    static List<String> jar(String... properties) {
        return command(List.of("--add-modules", "jdk.incubator.vector", "-jar", builtJar()), properties);
    }

    static String builtJar() {
        return Path.of(System.getProperty("chainrule.jar", "target/chainrule.jar")).toAbsolutePath().toString();
    }

    static List<String> command(List<String> options, String... properties) {
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx512m"));
        command.addAll(options);
        command.addAll(List.of(properties));
        return command;
    }

    public static ProcessBuilder builder(List<String> command, Path folder, Map<String, String> environment) {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        String path = JAVA_HOME.resolve("bin") + File.pathSeparator + System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        return builder;
    }
}
