package io.chainrule.container;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Processes as an image would start them, with the JDK that runs the tests. */
final class Processes {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private Processes() {}

    /** The launcher of the JDK that runs the tests. */
    static String java() {
        return JAVA_HOME.resolve("bin/java").toString();
    }

    static ProcessBuilder builder(List<String> command, Path folder, Map<String, String> environment) {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        String path = JAVA_HOME.resolve("bin") + File.pathSeparator + System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        return builder;
    }

    /**
     * What to put before a command so that it runs as the image's user. Only root can become somebody else, and only
     * where that user may execute this JDK: else nothing, and the command runs as whoever runs the tests.
     */
    static List<String> as(String user) throws InterruptedException {
        int colon = user.indexOf(':');
        var become = List.of("setpriv", "--reuid=" + user.substring(0, colon), "--regid=" + user.substring(colon + 1), "--clear-groups",
                "--");
        var attempt = new ArrayList<>(become);
        attempt.addAll(List.of(JAVA_HOME.resolve("bin/java").toString(), "-version"));
        try {
            var process = new ProcessBuilder(attempt).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor() == 0 ? become : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
