package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.container.Dockerfile.Instruction;
import io.chainrule.process.Processes;
import io.chainrule.process.RunningService;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
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
    private static StageFolder build;
    private static StageFolder image;
    private static Rooted container;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        assumeTrue(Rooted.isPossible(), "the image is made of this system: see CONTRIBUTING.md");
        var dockerfile = Dockerfile.read(Path.of("Dockerfile"));
        build = new StageFolder(temporary.resolve("build"), Map.of(), ContainerIT::isDoneByThisBuild);
        Path target = Files.createDirectories(build.root().resolve("build/target"));
        Path jar = Path.of(System.getProperty("chainrule.jar"));
        Files.copy(jar, target.resolve(jar.getFileName()));
        build.carryOut(dockerfile.stage("build"));

        image = new StageFolder(temporary.resolve("root"), Map.of("build", build), instruction -> false).carryOut(dockerfile.last());
        var writable = new ArrayList<>(ComposeFile.read().tmpfs());
        // In place of the volume.
        writable.add("/data:mode=700,exec");
        container = image.container(writable);
    }

    /** The jar comes from the build that runs this test, so whatever makes it in the image needs no doing. */
    private static boolean isDoneByThisBuild(Instruction instruction) {
        return switch (instruction.keyword()) {
            case "COPY" -> Stream.of("mvnw pom.xml ./", ".mvn .mvn", "src/main src/main").anyMatch(instruction.arguments()::equals);
            case "RUN" -> Stream.of("apt-get update ", "./mvnw ").anyMatch(instruction.arguments()::startsWith);
            default -> false;
        };
    }

    @Test
    void answersAndStopsGracefully() throws IOException, InterruptedException {
        try (var service = start(image.entrypoint())) {
            service.awaitReady();
            assertThat(healthcheck(service)).isZero();
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
                assertThat(healthcheck(service)).isNotZero();
                out.write(body, 10, body.length - 10);
                var answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).contains("HTTP/1.1 200").contains("\"gradients\"");
            }
            assertThat(service.exitCode()).isEqualTo(128 + 15);
            assertThat(service.log()).contains("Graceful shutdown complete").doesNotContain("[aot]", "[cds]");
        }
    }

    private static void assertProductOfSum(String body) {
        JsonNode answer = JsonMapper.shared().readTree(body);
        assertThat(answer.at("/value").asDouble()).isEqualTo(-12, within(1e-12));
        assertThat(answer.at("/gradients/x").asDouble()).isEqualTo(-4, within(1e-12));
        assertThat(answer.at("/gradients/y").asDouble()).isEqualTo(-4, within(1e-12));
        assertThat(answer.at("/gradients/z").asDouble()).isEqualTo(3, within(1e-12));
    }

    private static int healthcheck(RunningService service) throws IOException, InterruptedException {
        // Flags that the service's JVM gets would end this one.
        return beside(service, image.healthcheck(), Map.of("JDK_JAVA_OPTIONS", "-XX:+UseZGC -Xms512m"));
    }

    private static int beside(RunningService service, List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        return Processes.builder(container.beside(service.pid(), command), Path.of("."), variables).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    @Test
    void hasNoShell() throws IOException {
        try (var programs = Files.list(image.rooted("/usr/bin")); var files = Files.walk(image.root())) {
            assertThat(programs.map(Path::getFileName)).containsExactly(Path.of("env"));
            assertThat(files.filter(Files::isRegularFile).map(file -> file.getFileName().toString())).isNotEmpty().doesNotContain("sh",
                    "bash",
                    "dash", "busybox", "perl", "apt", "dpkg");
        }
    }

    @Test
    void isNotRootAndKeepsOthersOutOfItsData() throws IOException {
        assertThat(container.user()).isEqualTo("10001:10001");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.rooted("/data")))).isEqualTo("rwx------");
        if (Rooted.IS_ROOT) {
            assertThat(Files.getAttribute(image.rooted("/data"), "unix:uid")).isEqualTo(10001);
            assertThat(Files.getAttribute(image.rooted("/app/app.jar"), "unix:uid")).isEqualTo(0);
        }
    }

    /** Layers whose files have not changed are the same again. */
    @Test
    void copiesFilesOfOneTime() throws IOException {
        try (var paths = Files.walk(image.rooted("/opt/java/lib")); var jars = Files.walk(image.rooted("lib"))) {
            assertThat(Stream.concat(paths, jars).map(ContainerIT::lastModified)).containsOnly("2026-01-01T00:00:00Z");
        }
    }

    private static String lastModified(Path path) {
        try {
            return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void hasTheModulesThatTheJarsNeed() throws IOException {
        var found = new StringWriter();
        var jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        String libraries;
        try (var jars = Files.list(image.rooted("lib"))) {
            libraries = jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
        int status = jdeps.run(new PrintWriter(found), new PrintWriter(found), "--ignore-missing-deps", "--print-module-deps",
                "--recursive",
                "--multi-release", "25", "--class-path", libraries, image.rooted("app.jar").toString());
        assertThat(status).as(found.toString()).isZero();
        assertThat(modules()).contains(found.toString().strip().split(","));
    }

    private static String[] modules() throws IOException {
        var release = new Properties();
        release.load(new StringReader(Files.readString(image.rooted("/opt/java/release"))));
        return release.getProperty("MODULES").replace("\"", "").split(" ");
    }

    /** Its jars come with the cluster. */
    @Test
    void hasNoSpark() throws IOException {
        try (var jars = Files.list(image.rooted("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()).toList()).hasSizeGreaterThan(50)
                    .noneMatch(jar -> jar.startsWith("spark") || jar.startsWith("scala"));
        }
    }

    /** Spark, whose jars are mounted, does not start without it. */
    @Test
    void hasTheModuleThatTellsSparkItsUser() throws IOException {
        assertThat(modules()).contains("jdk.security.auth");
    }

    /** Without a font for them, different letters would be the same empty boxes. */
    @Test
    void drawsLettersInHangulAndHasJcmd() throws IOException, InterruptedException {
        try (var service = start(image.entrypoint())) {
            service.awaitReady();
            // The runbook asks so.
            var jcmd = List.of("jcmd", String.valueOf(service.pid()), "GC.heap_info");
            assertThat(beside(service, jcmd, Map.of("PATH", image.environment().get("PATH")))).isZero();
            assertThat(picture(service, "산")).isNotEqualTo(picture(service, "물")).isEqualTo(picture(service, "산"));
        }
    }

    /** Libraries that pack rows bring native code, and nothing in the folder of temporary files is executed. */
    @Test
    void writesParquet() throws IOException, InterruptedException {
        try (var service = start(image.entrypoint())) {
            service.awaitReady();
            assertThat(service.putAs("text/csv", "/v1/datasets/rows", "x\n1\n2\n").statusCode()).isEqualTo(201);
            var accepted = service.post("/v1/jobs", "{\"kind\": \"map\", \"request\": {\"dataset\": \"rows\", \"expression\": \"x^2\", "
                    + "\"save_as\": \"squares\", \"format\": \"parquet\"}}");
            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
            String path = accepted.headers().firstValue("Location").orElseThrow();
            JsonNode job;
            do {
                Thread.sleep(100);
                job = JsonMapper.shared().readTree(service.get(path).body());
            } while (job.path("attempts").asInt() < 2 && !job.has("ended_at"));
            assertThat(job.path("status").asString()).as(service.log()).isEqualTo("succeeded");
        }
    }

    private static String picture(RunningService service, String name) throws IOException, InterruptedException {
        var answer = service.post("/v1/render", "{\"expression\": \"%s\", \"inputs\": {\"%s\": 2}}".formatted(name, name), "Accept",
                "image/png");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("PNG");
        return answer.body();
    }

    /** What the service has further modules for: a database in its volume, and TLS. */
    @Test
    void keepsKeysAndSpeaksTls() throws IOException, InterruptedException {
        Path keystore = temporary.resolve("tls.p12");
        var keytool = List.of("keytool", "-genkeypair", "-alias", "web", "-keyalg", "EC", "-dname", "CN=web", "-validity", "2",
                "-storetype",
                "PKCS12", "-storepass", "changeit", "-keystore", keystore.toString());
        var made = Processes.builder(keytool, Path.of("."), Map.of()).redirectErrorStream(true).start();
        assertThat(made.waitFor()).as(new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isZero();
        String bundle = "SPRING_SSL_BUNDLE_JKS_WEB_KEYSTORE_";
        var variables = Map.of("CHAINRULE_SECURITY_MODE", "api-key", "MANAGEMENT_SERVER_PORT", "0", "MANAGEMENT_SERVER_SSL_BUNDLE", "web",
                bundle + "LOCATION", "base64:" + Base64.getEncoder().encodeToString(Files.readAllBytes(keystore)), bundle + "PASSWORD",
                "changeit", bundle + "TYPE", "PKCS12");
        try (var service = start(image.entrypoint(), variables)) {
            for (int check = 1; healthcheck(service) != 0; check++) {
                assertThat(check).as(service.log()).isLessThan(200);
            }
            assertThat(service.root().resolve("tmp/health")).content().startsWith("https://");
            assertThat(service.get("/v1/keys").statusCode()).isEqualTo(401);
            String key = Files.readString(service.root().resolve("data/first-key")).strip();
            var keys = service.get("/v1/keys", "Authorization", "Bearer " + key);
            assertThat(keys.statusCode()).as(keys.body()).isEqualTo(200);
            assertThat(keys.body()).contains("first key");
        }
    }

    @Test
    void runsWithItsCacheAndTheVectorModule() throws IOException, InterruptedException {
        String incubator = "Using incubator modules: jdk.incubator.vector";
        assertThat(image.outputs()).hasSize(1).first().asString().contains(incubator);
        // Refuses to start where the default would go on without the cache.
        var options = new String[]{"-XX:AOTMode=on", "-XX:MaxRAM=1g", "-Xlog:gc+init", "-Xlog:class+load"};
        try (var service = start(image.entrypoint(), options)) {
            service.awaitReady();
            assertThat(service.log()).contains(incubator).doesNotContain("[aot]", "[cds]");
            // What the limits' defaults were made for.
            assertThat(service.log()).containsPattern("Heap Max Capacity: (51[2-9]|5[2-9]\\d|6\\d\\d)M");
            var loaded = service.log().lines().filter(line -> line.contains("[class,load]")).toList();
            var fromCache = loaded.stream().filter(line -> line.endsWith("source: shared objects file")).toList();
            long fromFiles = loaded.stream().filter(line -> line.contains("source: file:") || line.contains("source: jrt:")).count();
            assertThat(fromCache.size()).isGreaterThan((int) (9 * fromFiles));
            assertThat(fromCache.stream().filter(line -> line.contains(" io.chainrule.")).count()).isGreaterThan(50);
        }
    }

    private static RunningService start(List<String> entrypoint, String... options) throws IOException {
        return start(entrypoint, options.length == 0 ? Map.of() : Map.of("JAVA_TOOL_OPTIONS", String.join(" ", options)));
    }

    private static RunningService start(List<String> entrypoint, Map<String, String> variables) throws IOException {
        var environment = new HashMap<>(image.environment());
        environment.putAll(variables);
        return new RunningService(container.command(entrypoint), Path.of("."), environment, Files.createTempFile("chainrule", ".log"));
    }
}
