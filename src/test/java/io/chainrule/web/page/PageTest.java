package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.training.Training;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The page as it comes over the wire, and what its files hold. */
class PageTest extends HttpTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Path FOLDER = Path.of("src/main/resources/page");
    private static final Pattern ADDRESS = Pattern.compile("(?:href|src)=\"[.](/[^\"]+[.](?:js|css|svg))\"|:\"[.](/webjars/[^\"]+)\"");

    private static List<Path> files(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static Stream<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult match) -> match.group(1));
    }

    private static String group(MatchResult match) {
        return match.group(1) == null ? match.group(2) : match.group(1);
    }

    /** All that the page loads, at once or later. */
    private Set<String> loaded() throws IOException {
        String page = get("/").body();
        Set<String> addresses = ADDRESS.matcher(page).results().map(PageTest::group).collect(Collectors.toCollection(TreeSet::new));
        String folder = matches(Pattern.compile("(/page/\\w+/)"), page).findFirst().orElseThrow();
        files(".js").forEach(file -> addresses.add(folder + FOLDER.relativize(file)));
        files(".json").forEach(file -> addresses.add(folder + FOLDER.relativize(file)));
        return addresses;
    }

    @Test
    void asksAheadForTheModulesThatItStartsWith() {
        List<String> ahead = matches(Pattern.compile("<link rel=\"modulepreload\" href=\"(.*?)\""), get("/").body())
                .map(address -> address.replaceFirst("^[.]/page/\\w+/", "")).toList();
        assertThat(ahead).doesNotHaveDuplicates()
                .contains("js/main.js", "js/circuit-view.js", "js/panels.js", "js/dom.js")
                .doesNotContain("js/networks.js", "js/stored.js", "js/panel-check.js", "js/editor.js")
                .noneMatch(address -> address.contains("codemirror") || address.contains("uplot"));
    }

    @Test
    void letsNothingInButItsOwn() throws NoSuchAlgorithmException {
        HttpResponse<String> page = get("/");
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy)
                .contains("default-src 'none'", "style-src 'self';", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
                        "frame-ancestors 'none'")
                .doesNotContain("unsafe", "http:", "https:", "*");
        String map = matches(Pattern.compile("<script type=\"importmap\">(.*?)</script>"), page.body()).findFirst().orElseThrow();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(map.getBytes(StandardCharsets.UTF_8));
        assertThat(policy).contains("script-src 'self' 'sha256-" + Base64.getEncoder().encodeToString(digest) + "';");
        assertThat(page.body()).as("no placeholder is left").doesNotContain("{version}", "{imports}", "{preloads}", "{plots}");
    }

    @Test
    void mayBeKeptByBrowsers() throws IOException {
        HttpResponse<String> page = get("/");
        String tag = page.headers().firstValue("ETag").orElseThrow();
        assertThat(get("/", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(loaded()).hasSizeGreaterThan(40).allSatisfy(address -> {
            HttpResponse<String> file = get(address);
            assertThat(file.statusCode()).as(address).isEqualTo(200);
            assertThat(file.headers().firstValue("Cache-Control").orElseThrow()).contains("max-age=31536000", "immutable");
        });
    }

    @Test
    void isLessThanAMegabyteInAll() throws IOException {
        int size = 0;
        for (String address : loaded()) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(packed)) {
                new ByteArrayInputStream(get(address).body().getBytes(StandardCharsets.UTF_8)).transferTo(out);
            }
            size += packed.size();
        }
        assertThat(size).isLessThan(1_000_000);
    }

    @ParameterizedTest
    @CsvSource({"gzip, gzip", "'deflate, gzip;q=0.5, br', gzip", "x-gzip, gzip", "gzip;q=0,", "'br, gzip;q=0.0', ", "identity,"})
    void sendsItsFilesCompressedToThoseWhoReadThat(String accepted, @Nullable String encoding) throws Exception {
        for (String file : loaded().stream().filter(address -> address.contains("codemirror__view") || address.endsWith("en.json"))
                .toList()) {
            URI address = URI.create("http://localhost:" + port + file);
            HttpResponse<byte[]> answer = CLIENT.send(HttpRequest.newBuilder(address).header("Accept-Encoding", accepted).build(),
                    BodyHandlers.ofByteArray());
            assertThat(answer.headers().firstValue("Content-Encoding").orElse(null)).isEqualTo(encoding);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith(file.endsWith(".js") ? "text/javascript" : "application/json");
            assertThat(answer.headers().allValues("Vary")).anyMatch("Accept-Encoding"::equalsIgnoreCase);
            InputStream body = new ByteArrayInputStream(answer.body());
            assertThat(encoding == null ? body : new GZIPInputStream(body))
                    .hasBinaryContent(get(file).body().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void knowsNoOtherFiles() {
        assertThat(get("/webjars/nosuch.js", "Accept-Encoding", "gzip").statusCode()).isEqualTo(404);
        assertThat(get("/webjars/..%2f..%2f..%2fapplication.yaml", "Accept-Encoding", "gzip").statusCode()).isIn(400, 404);
    }

    @Test
    void namesNoOtherOrigin() throws IOException {
        for (Path file : files("")) {
            if (Files.isRegularFile(file)) {
                assertThat(Files.readString(file).replace("http://www.w3.org/2000/svg", "")).as(file.toString()).doesNotContain("http://",
                        "https://");
            }
        }
    }

    @Test
    void buildsNoHtmlFromText() throws IOException {
        for (Path file : files(".js")) {
            assertThat(Files.readString(file)).as(file.toString()).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML",
                    "document.write", "eval(");
            assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThan(300);
        }
    }

    private static JsonNode messages(String language) throws IOException {
        return JSON.readTree(Files.readString(FOLDER.resolve("messages/" + language + ".json")));
    }

    @Test
    void saysTheSameInBothLanguages() throws IOException {
        JsonNode english = messages("en");
        JsonNode korean = messages("ko");
        assertThat(korean.propertyNames()).containsExactlyElementsOf(english.propertyNames());
        Pattern parameter = Pattern.compile("\\{(\\w+)}");
        for (String key : english.propertyNames()) {
            assertThat(matches(parameter, korean.path(key).asString()).sorted().distinct().toList()).as(key)
                    .isEqualTo(matches(parameter, english.path(key).asString()).sorted().distinct().toList());
            assertThat(korean.path(key).asString()).as(key).isNotBlank();
        }
    }

    /** Keys that are put together, as {@code tab.…}, need at least one message of that beginning. */
    @Test
    void hasAMessageForEachKey() throws IOException {
        JsonNode english = messages("en");
        List<String> keys = new ArrayList<>();
        english.propertyNames().forEach(keys::add);
        for (Path file : files(".js")) {
            String code = Files.readString(file);
            assertThat(matches(Pattern.compile("\\bt\\('([^']+)'"), code)).as(file.toString()).isSubsetOf(keys);
            assertThat(matches(Pattern.compile("\\bt\\(`([a-z]+[.])\\$"), code)).as(file.toString())
                    .allMatch(beginning -> keys.stream().anyMatch(key -> key.startsWith(beginning)));
        }
    }

    @Test
    void saysWhyTrainingsAndFitsEnd() throws IOException {
        assertThat(messages("en").propertyNames()).containsAll(
                Stream.concat(Stream.of(Training.StoppedBy.values()).map(Training.StoppedBy::id),
                        Stream.of(Lbfgs.Stop.values()).map(stop -> stop.name().toLowerCase(Locale.ROOT)))
                        .map("stopped."::concat).toList());
    }

    static Stream<JsonNode> examples() throws IOException {
        return JSON.readTree(Files.readString(FOLDER.resolve("gallery.json"))).valueStream()
                .flatMap(group -> group.path("examples").valueStream());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void showsExamplesThatRun(JsonNode example) throws IOException {
        var request = JSON.createObjectNode();
        for (String key : List.of("expression", "inputs", "cotangent")) {
            if (example.has(key)) {
                request.set(key, example.path(key));
            }
        }
        assertThat(post("/v1/gradient", request.toString()).statusCode()).as(example.toString()).isEqualTo(200);
        assertThat(messages("en").has("example." + example.path("name").asString())).as("a name for it").isTrue();
        if (example.has("backward")) {
            request.put("expression", example.path("expression").asString() + "\n" + example.path("backward").asString());
            assertThat(json(post("/v1/grade", request.toString())).path("passed").asBoolean()).as("the backward pass").isTrue();
        }
    }

    @Test
    void drawsActivationsOfTheCatalogue() throws IOException {
        List<String> ops = json(get("/v1/ops")).valueStream().map(op -> op.path("name").asString()).toList();
        assertThat(JSON.readTree(Files.readString(FOLDER.resolve("activations.json"))).valueStream()
                .flatMap(group -> group.path("functions").valueStream()).map(each -> each.path("name").asString())).hasSizeGreaterThan(20)
                .isSubsetOf(ops);
    }
}
