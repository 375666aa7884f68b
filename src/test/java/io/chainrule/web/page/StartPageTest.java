package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.context.support.StaticWebApplicationContext;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.servlet.resource.ResourceHttpRequestHandler;
import tools.jackson.databind.json.JsonMapper;

/** The page as it is put together at the start of the service. */
class StartPageTest {
    private static final Path FOLDER = Path.of("src/main/resources/page");

    private final PageFiles files = new PageFiles();
    private final ImportMap imports = ImportMap.ofWebJars();

    @Test
    void theVersionIsADigestOfAllFiles() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (String path : all.filter(Files::isRegularFile).map(file -> FOLDER.relativize(file).toString())
                    .collect(Collectors.toCollection(TreeSet::new))) {
                digest.update(path.getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(FOLDER.resolve(path)));
            }
        }
        assertThat(files.version()).isEqualTo(HexFormat.of().formatHex(digest.digest()).substring(0, 16));
        assertThat(files.text("js/main.js")).isEqualTo(Files.readString(FOLDER.resolve("js/main.js")));
        assertThatThrownBy(() -> files.text("js/none.js")).hasMessage("the page has no file js/none.js");
    }

    @Test
    void librariesAreFoundByTheirNames() {
        assertThat(imports.modules()).containsKeys("uplot").allSatisfy((name, address) -> {
            assertThat(address).matches("/webjars/[^/]+/[^/]*\\d[^/]*/[^.].*\\.m?js");
            assertThat(imports.source(address)).as(name).isNotBlank();
        });
        assertThat(new JsonMapper().readTree(imports.text()).path("imports").properties())
                .map(entry -> Map.entry(entry.getKey(), entry.getValue().asString().substring(1)))
                .containsExactlyInAnyOrderElementsOf(imports.modules().entrySet());
    }

    private static List<String> preloaded(String html, String attributes) {
        return html.lines().filter(line -> line.matches(".*<link rel=\"modulepreload\" href=\"[^\"]*\"" + attributes + ">.*"))
                .map(line -> line.replaceAll(".*href=\"[.]([^\"]*)\".*", "$1")).toList();
    }

    /** A browser that finds a module only when it has read another one waits for each in turn. */
    @Test
    void modulesAreAskedForAhead() {
        StartPage page = StartPage.of(files, imports);
        String folder = "/page/" + files.version() + "/";
        List<String> first = preloaded(page.html(), "");
        List<String> later = preloaded(page.html(), " fetchpriority=\"low\"");
        assertThat(first).doesNotHaveDuplicates().contains(folder + "js/main.js", folder + "js/dom.js")
                .doesNotContain(folder + "js/circuit-view.js").allSatisfy(address -> assertThat(address).startsWith("/"));
        assertThat(later).contains(folder + "js/circuit-view.js").doesNotContainAnyElementsOf(first);
        String plots = String.valueOf(imports.modules().get("uplot"));
        assertThat(page.html()).contains(imports.text(), plots.substring(0, plots.lastIndexOf('/')) + "/")
                .doesNotContain("{version}", "{imports}", "{preloads}", "{plots}");
        assertThat(page.version()).isEqualTo(files.version());
    }

    @Test
    void onlyItsOwnScriptsRun() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(imports.text().getBytes(StandardCharsets.UTF_8));
        assertThat(StartPage.of(files, imports).policy()).startsWith("default-src 'none'; script-src 'self' 'sha256-"
                + Base64.getEncoder().encodeToString(digest) + "'; style-src 'self';");
    }

    @Test
    void thePageIsAskedForAnewAndItsFilesAreKept() throws Exception {
        PageController controller = new PageController();
        MockHttpServletResponse response = new MockHttpServletResponse();
        response.setHeader("Content-Security-Policy", "of other answers");
        ResponseEntity<String> page = controller.page(response);
        assertThat(response.getHeaders("Content-Security-Policy")).containsExactly(StartPage.of(files, imports).policy());
        assertThat(page.getHeaders().getETag()).isEqualTo("W/\"" + files.version() + "\"");
        assertThat(page.getHeaders().getCacheControl()).isEqualTo("no-cache");
        assertThat(page.getHeaders().getContentType()).hasToString("text/html;charset=UTF-8");
        assertThat(page.getBody()).isEqualTo(StartPage.of(files, imports).html());

        ResourceHandlerRegistry registry = new ResourceHandlerRegistry(new StaticWebApplicationContext(), new MockServletContext());
        controller.addResourceHandlers(registry);
        SimpleUrlHandlerMapping mapping = ReflectionTestUtils.invokeMethod(registry, "getHandlerMapping");
        assertThat(Objects.requireNonNull(mapping).getUrlMap())
                .containsOnlyKeys("/page/" + files.version() + "/**", "/webjars/**").allSatisfy((_, handler) -> {
                    ResourceHttpRequestHandler kept = (ResourceHttpRequestHandler) handler;
                    assertThat(Objects.requireNonNull(kept.getCacheControl()).getHeaderValue())
                            .isEqualTo("max-age=31536000, public, immutable");
                });
    }
}
