package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages for maintainers name exists: types, packages, files. */
class DocsTest {
    private static final Path PACKAGES = Path.of("src/main/java/io/chainrule");
    private static final Pattern FENCE = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TYPE = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:\\.\\w+)*(?:\\(.*?\\))?`");
    private static final Pattern PACKAGE = Pattern.compile("`((?:core|service|web)(?:\\.[a-z]\\w*)*)`");
    private static final Pattern FILE = Pattern.compile("(?:]\\(|`)((?:\\.\\./|src/|docs/)[\\w./-]+|[\\w-]+\\.md)[)`]");
    private static final Pattern DECLARATION = Pattern.compile("\\b(?:class|record|interface|enum) (\\w+)");
    private static final Set<String> DECLARED = declared();

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(docs.filter(page -> page.toString().endsWith(".md")).toList().stream(),
                    Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md"), Path.of("SECURITY.md")));
        }
    }

    private static Set<String> declared() {
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            List<Path> java = sources.filter(file -> file.toString().endsWith(".java")).toList();
            Stream.Builder<String> names = Stream.builder();
            for (Path file : java) {
                DECLARATION.matcher(Files.readString(file)).results().forEach(found -> names.add(found.group(1)));
            }
            return names.build().collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void names_only_what_exists(Path page) throws IOException {
        String text = FENCE.matcher(Files.readString(page)).replaceAll("");
        assertThat(found(TYPE, text)).as("types").filteredOn(type -> !DECLARED.contains(type) && !isOfJava(type)).isEmpty();
        assertThat(found(PACKAGE, text)).as("packages").filteredOn(name -> !Files.isDirectory(PACKAGES.resolve(name.replace('.', '/'))))
                .isEmpty();
        assertThat(found(FILE, text)).as("files").filteredOn(file -> !Files.exists(file.startsWith("src/") || file.startsWith("docs/")
                ? Path.of(file)
                : page.resolveSibling(file))).isEmpty();
    }

    private static boolean isOfJava(String type) {
        try {
            Class.forName("java.lang." + type);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult result) -> result.group(1)).distinct().toList();
    }
}
