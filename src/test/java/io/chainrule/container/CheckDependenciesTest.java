package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code scripts/check-dependencies.py} makes of a bill of materials and of what the database answers. */
class CheckDependenciesTest {
    private static final String BILL = """
            {"bomFormat": "CycloneDX", "components": [
              {"name": "a", "purl": "pkg:maven/org.example/a@1.0?type=jar"},
              {"name": "b", "purl": "pkg:maven/org.example/b@2.0?type=jar", "components": [{"name": "c", "purl": "pkg:maven/org.example/c@3.0"}]},
              {"name": "a again", "purl": "pkg:maven/org.example/a@1.0?type=jar"}]}
            """;

    @TempDir
    private Path temporary;

    private record Result(int status, String output) {}

    @BeforeEach
    void needsPython() {
        assumeTrue(Stream.of(System.getenv("PATH").split(":", -1)).anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3"))));
    }

    private Result check(String bill, String answer) throws IOException, InterruptedException {
        Path file = Files.writeString(temporary.resolve("bill.json"), bill);
        Path answers = Files.writeString(temporary.resolve("answer.json"), answer);
        Process process = new ProcessBuilder(
                List.of("python3", "scripts/check-dependencies.py", file.toString(), "--answer", answers.toString()))
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    @Test
    void namesWhatIsVulnerable() throws IOException, InterruptedException {
        Result result = check(BILL, """
                {"results": [{}, {"vulns": [{"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z"}, {"id": "CVE-2"}]}, {}]}""");
        assertThat(result.output()).isEqualTo("""
                pkg:maven/org.example/b@2.0 https://osv.dev/GHSA-1 https://osv.dev/CVE-2
                1 of 3 components have known vulnerabilities
                """);
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void saysThatNothingIsKnown() throws IOException, InterruptedException {
        Result result = check(BILL, "{\"results\": [{}, {}, {}]}");
        assertThat(result.output()).isEqualTo("0 of 3 components have known vulnerabilities\n");
        assertThat(result.status()).isZero();
    }

    /** An answer that does not fit is no good news. */
    @Test
    void cannotTellWhereAnswersAreMissing() throws IOException, InterruptedException {
        assertThat(check(BILL, "{\"results\": [{}]}").status()).isEqualTo(2);
        assertThat(check(BILL, "{\"code\": 3}").status()).isEqualTo(2);
        assertThat(check("{\"bomFormat\": \"CycloneDX\", \"components\": []}", "{\"results\": []}").status()).isEqualTo(2);
        assertThat(check("{}", "{\"results\": []}").status()).isEqualTo(2);
        assertThat(check("nonsense", "{\"results\": []}").status()).isEqualTo(2);
    }
}
