package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The jar that was built, taken apart as in the image, with an AOT cache. It needs a third of the processor's time that the jar needs to
 * start, partly because C1 alone compiles it. It has no vectors, which are slow without C2. It is for tests that start many services, and
 * not for those that take times or compare bits.
 */
final class Application {
    private static final Path FOLDER = Path.of("target/application").toAbsolutePath();
    private static final String JAR = FOLDER.resolve("app.jar").toString();
    private static final Path CACHE = FOLDER.resolve("app.aot");

    private static boolean isMade;

    private Application() {}

    /** The command that runs the application, which is made when it is first needed, once for all tests. */
    static synchronized List<String> command(String... properties) throws IOException, InterruptedException {
        if (!isMade) {
            make();
            isMade = true;
        }
        // Without this mode a service that cannot use the cache would start without it, and slowly.
        return command("-XX:AOTCache=", List.of("-XX:AOTMode=on"), properties);
    }

    private static List<String> command(String cache, List<String> more, String... properties) {
        List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", cache + CACHE));
        options.addAll(more);
        options.addAll(List.of("-jar", JAR));
        return Processes.command(options, properties);
    }

    private static void make() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        Files.deleteIfExists(CACHE);
        run(List.of(Processes.java(), "-Djarmode=tools", "-jar", Processes.builtJar(), "extract", "--force", "--destination",
                FOLDER.toString(), "--application-filename", "app.jar"));
        run(command("-XX:AOTCacheOutput=", List.of("-Dchainrule.warm-up=exit"), "--server.port=0"));
        assertThat(CACHE).exists();
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Path log = FOLDER.resolve("made.log");
        Process process = Processes.builder(command, FOLDER, Map.of()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("%s ends%n%s", command, Files.readString(log)).isTrue();
            assertThat(process.exitValue()).as("%s%n%s", command, Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
