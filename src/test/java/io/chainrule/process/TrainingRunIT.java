package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The run by which the image's AOT cache is made leaves nothing behind but the cache: above all it opens no store. */
@Timeout(600)
class TrainingRunIT {
    private static final Pattern RUN = Pattern.compile("^RUN [^\\[\n]*(\\[\"java\", \"-XX:AOTCacheOutput=.*])$", Pattern.MULTILINE);

    @TempDir
    private Path folder;

    /** The command of the Dockerfile without the making of the cache, which takes long and is tested with the image. */
    private static List<String> command() throws IOException {
        Matcher run = RUN.matcher(Files.readString(Path.of("Dockerfile")));
        assertThat(run.find()).as("the Dockerfile has a training run").isTrue();
        List<String> words = new ArrayList<>();
        for (String word : JsonMapper.shared().readValue(run.group(1), String[].class)) {
            switch (word) {
                case "java" -> words.addAll(List.of(Processes.java(), "--add-modules", "jdk.incubator.vector"));
                case "app.jar" -> words.add(Processes.jar().getLast());
                case String other when !other.startsWith("-XX:AOTCacheOutput=") -> words.add(other);
                default -> {
                }
            }
        }
        return words;
    }

    @Test
    void opensNoStore() throws IOException, InterruptedException {
        Path work = Files.createDirectory(folder.resolve("work"));
        Path log = folder.resolve("log");
        Process process = Processes.builder(command(), work, Map.of()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).as("it answers an example").contains("\"endpoint\":\"/v1/gradient\"");
        try (Stream<Path> files = Files.walk(work)) {
            assertThat(files).as("the data directory would be in the folder in which it runs").containsExactly(work);
        }
    }
}
