package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The core as an artifact: the Java programs of README.md run with its jar alone, and print what stands below them. */
class CoreJarIT {
    private static final String JAR = System.getProperty("chainrule.core.jar");
    private static final Pattern EXAMPLE = Pattern.compile("```java\n([^`]*void main\\(\\)[^`]*)```\n\n```text\n([^`]*)```\n");

    static Stream<MatchResult> examples() throws IOException {
        return EXAMPLE.matcher(Files.readString(Path.of("README.md"))).results();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void runsWhatTheReadmeShows(MatchResult example, @TempDir Path folder) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("Example.java"), example.group(1));
        run(folder, "javac", "-Xlint:all", "-Werror", "-cp", JAR, "-d", folder.toString(), source.toString());
        assertThat(run(folder, "java", "-cp", JAR + File.pathSeparator + folder, "Example")).isEqualTo(example.group(2));
    }

    /** What a tool of the JDK prints in a process whose class path is only what {@code command} says. */
    private static String run(Path folder, String tool, String... command) throws IOException, InterruptedException {
        Path out = folder.resolve(tool + ".out");
        Path errors = folder.resolve(tool + ".err");
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()), Stream.of(command)).toList());
        builder.environment().remove("CLASSPATH");
        int code = builder.redirectOutput(out.toFile()).redirectError(errors.toFile()).start().waitFor();
        assertThat(code).as(Files.readString(errors)).isZero();
        return Files.readString(out);
    }

    @Test
    void theReadmeShowsExamples() throws IOException {
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void holdsTheCoreAndNothingElse() throws IOException {
        try (JarFile jar = new JarFile(JAR)) {
            List<String> files = jar.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName).toList();
            assertThat(files).contains("io/chainrule/core/Program.class")
                    .allMatch(name -> name.startsWith("io/chainrule/core/") || name.startsWith("META-INF/"));
            assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name")).isEqualTo("io.chainrule.core");
        }
    }
}
