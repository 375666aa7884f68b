package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pieces of {@code scripts/mutation.sh}: no class is forgotten, and no test that is gone is named. */
class MutationPiecesTest {
    private static final List<String> CHANGED = List.of("core.autodiff.", "core.op.", "core.rewrite.", "core.simplify.", "service.",
            "web.");

    private record Piece(String name, List<String> classes, List<String> tests) {
        static Piece of(String line) {
            String[] parts = line.trim().split(" +", -1);
            List<String> tests = new ArrayList<>(List.of(parts[2].split(",", -1)));
            tests.addAll(parts.length > 3 ? List.of(parts[3].split(",", -1)) : List.of());
            return new Piece(parts[0], List.of(parts[1].split(",", -1)), tests);
        }
    }

    private static List<Piece> pieces() throws IOException {
        Process script = new ProcessBuilder("sh", "scripts/mutation.sh", "--pieces").redirectErrorStream(true).start();
        String lines = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return lines.lines().map(Piece::of).toList();
    }

    private static List<String> classes(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("package-info.java"))
                    .map(file -> Path.of(folder).relativize(file).toString().replace(".java", "").replace('/', '.')).toList();
        }
    }

    private static boolean matches(String pattern, String name) {
        return name.matches(pattern.replace(".", "\\.").replace("$", "\\$").replace("*", ".*"));
    }

    @Test
    void every_class_belongs_to_one_piece() throws IOException {
        List<Piece> pieces = pieces();
        List<String> changed = classes("src/main/java").stream()
                .filter(name -> CHANGED.stream().anyMatch(start -> name.startsWith("io.chainrule." + start))).toList();
        assertThat(changed).hasSizeGreaterThan(300).allSatisfy(name -> assertThat(
                pieces.stream().filter(piece -> piece.classes().stream().anyMatch(pattern -> matches(pattern, name))).map(Piece::name))
                .as(name).hasSize(1));
    }

    @Test
    void every_test_that_is_named_exists() throws IOException {
        List<String> tests = classes("src/test/java");
        assertThat(pieces().stream().flatMap(piece -> piece.tests().stream())
                .filter(pattern -> tests.stream().noneMatch(name -> matches(pattern, name)))).isEmpty();
    }

    @Test
    void the_document_tells_the_score_of_pieces_that_there_are() throws IOException {
        List<String> names = pieces().stream().map(Piece::name).toList();
        List<String> lines = Files.readAllLines(Path.of("docs/testing.md"));
        List<String> told = lines.stream().filter(line -> line.matches("\\| `[a-z.0-9]+` \\| .*")).map(line -> line.split("`", -1)[1])
                .toList();
        assertThat(told).isNotEmpty().isSubsetOf(names).doesNotHaveDuplicates();
    }
}
