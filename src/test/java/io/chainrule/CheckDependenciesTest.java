package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

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
        return run(bill, "--answer", Files.writeString(temporary.resolve("answer.json"), answer).toString());
    }

    private Result run(String bill, String... options) throws IOException, InterruptedException {
        Path file = Files.writeString(temporary.resolve("bill.json"), bill);
        List<String> command = new ArrayList<>(List.of("python3", "scripts/check-dependencies.py", file.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
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

    /** A stand-in for the database: it answers what it has been told to, in order, and then that it cannot. */
    private Result ask(List<String> questions, String... answers) throws IOException, InterruptedException {
        HttpServer database = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        database.createContext("/v1/querybatch", exchange -> {
            questions.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            boolean isTold = questions.size() <= answers.length;
            byte[] answer = (isTold ? answers[questions.size() - 1] : "{}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(isTold ? 200 : 503, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        database.start();
        try {
            return run(BILL, "--database", "http://127.0.0.1:" + database.getAddress().getPort() + "/v1/querybatch");
        } finally {
            database.stop(0);
        }
    }

    @Test
    void asksForEachComponentOnceAndForFurtherPages() throws IOException, InterruptedException {
        List<String> questions = new ArrayList<>();
        Result result = ask(questions, """
                {"results": [{}, {"vulns": [{"id": "GHSA-1"}], "next_page_token": "more"}, {}]}""", """
                {"results": [{"vulns": [{"id": "GHSA-2"}]}]}""");
        assertThat(questions).hasSize(2);
        JsonMapper json = JsonMapper.shared();
        assertThat(json.readTree(questions.getFirst())).isEqualTo(json.readTree("""
                {"queries": [{"package": {"purl": "pkg:maven/org.example/a@1.0"}}, {"package": {"purl": "pkg:maven/org.example/b@2.0"}},
                             {"package": {"purl": "pkg:maven/org.example/c@3.0"}}]}"""));
        assertThat(json.readTree(questions.getLast())).isEqualTo(json.readTree("""
                {"queries": [{"package": {"purl": "pkg:maven/org.example/b@2.0"}, "page_token": "more"}]}"""));
        assertThat(result.output()).startsWith("pkg:maven/org.example/b@2.0 https://osv.dev/GHSA-1 https://osv.dev/GHSA-2\n");
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void cannotTellWhereTheDatabaseIsAway() throws IOException, InterruptedException {
        Result result = ask(new ArrayList<>());
        assertThat(result.output()).contains("cannot tell", "503");
        assertThat(result.status()).isEqualTo(2);
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
