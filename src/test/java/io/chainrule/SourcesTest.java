package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files are short, and so are the lines of their comments, which the formatter leaves alone. */
class SourcesTest {
    private static final int MOST_LINES = 300;
    private static final int MOST_LINES_OF_KERNELS = 500;
    private static final int MOST_COLUMNS = 140;

    private static List<Path> sources(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("src/main/java")) {
            int most = file.startsWith("src/main/java/io/chainrule/core/kernel") ? MOST_LINES_OF_KERNELS : MOST_LINES;
            if (Files.readAllLines(file).size() > most) {
                tooLong.add(file.toString());
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void linesOfCommentsAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("src")) {
            for (String line : Files.readAllLines(file)) {
                String text = line.strip();
                if ((text.startsWith("*") || text.startsWith("/*") || text.startsWith("//")) && line.length() > MOST_COLUMNS) {
                    tooLong.add(file + ": " + text);
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }
}
