package io.chainrule.web.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Clients that were generated from the OpenAPI document, each with the generator's own options, are built with the tools of their language
 * and talk to the service. What each does is in {@code src/test/clients}.
 */
class GeneratedClientsIT extends HttpTest {
    private static final Path CLIENTS = Path.of("target", "clients").toAbsolutePath();

    private String service() {
        return "http://localhost:" + port;
    }

    @Test
    void java() throws IOException, InterruptedException {
        Path client = prepare("java");
        run(Path.of(""), "./mvnw", "-q", "-f", client.resolve("pom.xml").toString(), "-DskipTests", "compile",
                "dependency:copy-dependencies");
        String classes = String.join(File.pathSeparator, "target/classes", "target/dependency/*");
        run(client, Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classes, "Use.java", service());
    }

    @Test
    void python() throws IOException, InterruptedException {
        Path client = prepare("python");
        run(client, "python3", "-m", "venv", "venv");
        run(client, "venv/bin/pip", "-q", "install", ".");
        run(client, "venv/bin/python", "use.py", service());
    }

    @Test
    void typescript() throws IOException, InterruptedException {
        Path client = prepare("typescript");
        run(client, "npm", "install", "--no-audit", "--no-fund");
        run(client, "npx", "tsc");
        run(client, "node", "out/use.js", service());
    }

    /** The generated client with what uses it beside it. */
    private static Path prepare(String language) throws IOException {
        Path client = CLIENTS.resolve(language);
        try (Stream<Path> files = Files.list(Path.of("src", "test", "clients", language))) {
            for (Path file : files.toList()) {
                Files.copy(file, client.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return client;
    }

    private static void run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s%n%s", List.of(command), output).isZero();
    }
}
