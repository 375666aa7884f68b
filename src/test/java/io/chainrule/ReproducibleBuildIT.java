package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two builds of the same sources, in different folders and at different times, make the same bytes. */
@Tag("fortress")
@Timeout(1_800)
class ReproducibleBuildIT {
    private static final String SBOM = "META-INF/sbom/application.cdx.json";
    private static final List<String> SOURCES = List.of("mvnw", "pom.xml", ".mvn", "src/main");

    @TempDir
    private Path temporary;

    @Test
    void twoBuildsHaveTheSameBytes() throws IOException, InterruptedException {
        Path one = copied("first");
        Path other = copied("a-second-one");
        Path first = build(one);
        Path second = build(other);
        assertThat(entries(first)).as("the bill of materials, which Maven leaves out with -o").containsKey(SBOM);
        assertThat(entries(second)).as("the files in the jar that differ").containsExactlyInAnyOrderEntriesOf(entries(first));
        assertThat(Files.mismatch(first, second)).as("the first byte that differs").isEqualTo(-1);
    }

    private Path copied(String name) throws IOException {
        Path folder = temporary.resolve(name);
        for (String source : SOURCES) {
            copy(Path.of(source), folder.resolve(source));
        }
        return folder;
    }

    private static Path build(Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("./mvnw", "-B", "-q", "package", "-Dmaven.test.skip=true", "-Dcommit=" + "0123456789".repeat(4)));
        String repository = System.getProperty("localRepository");
        if (repository != null) {
            command.add("-Dmaven.repo.local=" + repository);
        }
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        try (var files = Files.list(folder.resolve("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("chainrule-.*\\.jar")).findFirst().orElseThrow();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                Files.createDirectories(Files.isDirectory(path) ? target : target.getParent());
                if (!Files.isDirectory(path)) {
                    Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** The checksum and time of each file in a jar. */
    private static Map<String, String> entries(Path jar) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (ZipFile file = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : file.stream().map(ZipEntry.class::cast).toList()) {
                entries.put(entry.getName(), entry.getCrc() + " " + entry.getLastModifiedTime() + " " + length(file, entry));
            }
        }
        return entries;
    }

    private static int length(ZipFile file, ZipEntry entry) throws IOException {
        try (InputStream in = file.getInputStream(entry)) {
            return in.readAllBytes().length;
        }
    }
}
