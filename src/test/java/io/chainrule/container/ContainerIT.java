package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.container.Dockerfile.Instruction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Builds the image into a folder, as far as that goes without a container engine, and runs what it would run. */
class ContainerIT {
    private static final String GRADIENT = """
            {"expression": "q = x + y\\nf = q * z", "inputs": {"x": -2, "y": 5, "z": -4}}
            """;

    @TempDir
    private static Path temporary;
    private static StageFolder image;
    private static Path tmp;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        // The image's user has to get in.
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        var dockerfile = Dockerfile.read(Path.of("Dockerfile"));
        var build = new StageFolder(temporary.resolve("build"), Map.of(), ContainerIT::isDoneByThisBuild);
        Path target = Files.createDirectories(build.root().resolve("build/target"));
        Path jar = Path.of(System.getProperty("chainrule.jar"));
        Files.copy(jar, target.resolve(jar.getFileName()));
        build.carryOut(dockerfile.stage("build"));

        image = new StageFolder(temporary.resolve("root"), Map.of("build", build), ContainerIT::installsFontsOrMakesTheVolume)
                .carryOut(dockerfile.last());
        assertThat(ComposeFile.read().tmpfs()).containsExactly("/tmp");
        tmp = Files.createDirectory(image.rooted("/tmp"));
        Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
        forbidWriting();
    }

    /** The jar comes from the build that runs this test, so whatever makes it in the image needs no doing. */
    private static boolean isDoneByThisBuild(Instruction instruction) {
        return switch (instruction.keyword()) {
            case "COPY" -> Stream.of("mvnw pom.xml ./", ".mvn .mvn", "src/main src/main").anyMatch(instruction.arguments()::equals);
            case "RUN" -> Stream.of("apt-get update ", "./mvnw ").anyMatch(instruction.arguments()::startsWith);
            default -> false;
        };
    }

    /** Fonts are those of the machine that runs this test, and only root may give a folder away. */
    private static boolean installsFontsOrMakesTheVolume(Instruction instruction) {
        return instruction.keyword().equals("RUN") && Stream.of("apt-get update ", "install -d ")
                .anyMatch(instruction.arguments()::startsWith);
    }

    private static void forbidWriting() throws IOException {
        try (var paths = Files.walk(image.root())) {
            for (var path : (Iterable<Path>) paths.filter(path -> !path.startsWith(tmp))::iterator) {
                var permissions = Files.isDirectory(path) ? "r-xr-xr-x" : "r--r--r--";
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
            }
        }
    }

    @Test
    void answersAndStopsGracefully() throws IOException, InterruptedException {
        var before = filesThatStay();
        try (var service = start(image.entrypoint())) {
            service.awaitReady();
            assertThat(service.healthcheck()).isZero();
            var response = service.post("/v1/gradient", GRADIENT);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertProductOfSum(response.body());

            assertThat(image.stopSignal()).isEqualTo("SIGTERM");
            try (var socket = service.connect()) {
                var body = GRADIENT.getBytes(StandardCharsets.UTF_8);
                var out = socket.getOutputStream();
                out.write("""
                        POST /v1/gradient HTTP/1.1
                        Host: localhost
                        Content-Type: application/json
                        Content-Length: %d
                        Expect: 100-continue
                        Connection: close

                        """.formatted(body.length).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
                out.write(body, 0, 10);
                var in = socket.getInputStream();
                assertThat(new String(in.readNBytes("HTTP/1.1 100".length()), StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 100");

                service.terminate();
                service.awaitLog("Commencing graceful shutdown");
                out.write(body, 10, body.length - 10);
                var answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).contains("HTTP/1.1 200").contains("\"gradients\"");
            }
            assertThat(service.exitCode()).isEqualTo(128 + 15);
            assertThat(service.healthcheck()).isNotZero();
            assertThat(service.log()).contains("Graceful shutdown complete").doesNotContain("[aot]", "[cds]");
        }
        assertThat(filesThatStay()).isEqualTo(before);
    }

    private static void assertProductOfSum(String body) {
        JsonNode answer = JsonMapper.shared().readTree(body);
        assertThat(answer.at("/value").asDouble()).isEqualTo(-12, within(1e-12));
        assertThat(answer.at("/gradients/x").asDouble()).isEqualTo(-4, within(1e-12));
        assertThat(answer.at("/gradients/y").asDouble()).isEqualTo(-4, within(1e-12));
        assertThat(answer.at("/gradients/z").asDouble()).isEqualTo(3, within(1e-12));
    }

    /** The whole root file system but for what is a tmpfs, with times: nothing of it may change. */
    private static Map<String, String> filesThatStay() throws IOException {
        try (var paths = Files.walk(image.root())) {
            var files = new TreeMap<String, String>();
            paths.filter(path -> !path.startsWith(tmp)).forEach(path -> files.put(path.toString(), lastModified(path)));
            return files;
        }
    }

    private static String lastModified(Path path) {
        try {
            return Files.getLastModifiedTime(path).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void runsWithItsCacheAndTheVectorModule() throws IOException, InterruptedException {
        String incubator = "Using incubator modules: jdk.incubator.vector";
        assertThat(image.outputs()).hasSize(1).first().asString().contains(incubator);
        Path classes = tmp.resolve("classes.log");
        // Refuses to start where the default would go on without the cache.
        var options = new String[]{"-XX:AOTMode=on", "-XX:MaxRAM=1g", "-Xlog:gc+init", "-Xlog:class+load:file=" + classes};
        try (var service = start(image.entrypoint(), options)) {
            service.awaitReady();
            assertThat(service.log()).contains(incubator).doesNotContain("[aot]", "[cds]");
            // What the limits' defaults were made for.
            assertThat(service.log()).containsPattern("Heap Max Capacity: (51[2-9]|5[2-9]\\d|6\\d\\d)M");
            var loaded = Files.readAllLines(classes);
            var fromCache = loaded.stream().filter(line -> line.endsWith("source: shared objects file")).toList();
            long fromFiles = loaded.stream().filter(line -> line.contains("source: file:") || line.contains("source: jrt:")).count();
            assertThat(fromCache.size()).isGreaterThan((int) (9 * fromFiles));
            assertThat(fromCache.stream().filter(line -> line.contains(" io.chainrule.")).count()).isGreaterThan(50);
        }
    }

    @Test
    void tellsHowLongItTakesToStart() throws IOException, InterruptedException {
        var plain = image.entrypoint().stream().filter(word -> !word.startsWith("-XX:AOTCache=")).toList();
        assertThat(plain).hasSize(image.entrypoint().size() - 1);
        for (int run = 1; run <= 2; run++) {
            System.out.printf("start %d: %d ms with the AOT cache, %d ms without%n", run, millis(image.entrypoint()), millis(plain));
        }
    }

    private static long millis(List<String> entrypoint) throws IOException, InterruptedException {
        try (var service = start(entrypoint)) {
            return service.awaitReady().toMillis();
        }
    }

    private static RunningService start(List<String> entrypoint, String... options) throws IOException, InterruptedException {
        return new RunningService(image, entrypoint, tmp, options);
    }
}
