package io.chainrule.web.v1.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/render}: the answer of {@code /v1/gradient} as a picture. */
class RenderTest extends HttpTest {
    private static final String NEURON = """
            "expression": "f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))", "inputs": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}""";
    private static final String SQUARE = """
            "expression": "q = W @ x\\nf = sum(q^2)", "inputs": {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}""";
    private static final String NETWORK = """
            "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "hidden", "units": 3, "activation": "tanh"},
              {"type": "dense", "name": "out", "units": 1}], "loss": {"type": "mse", "target": "y"}, "regularization": {"l2": 0.001}},
            "initializer": {"scheme": "he_normal", "seed": 7}, "inputs": {"x": [[0, 1], [1, 1]], "y": [[1], [0]]}""";

    private static List<Element> nodes(String svg) throws Exception {
        NodeList groups = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)))
                .getElementsByTagName("g");
        List<Element> nodes = new ArrayList<>();
        for (int i = 0; i < groups.getLength(); i++) {
            Element group = (Element) groups.item(i);
            if (group.getAttribute("class").startsWith("node")) {
                nodes.add(group);
            }
        }
        return nodes;
    }

    private static String title(Element node) {
        return node.getElementsByTagName("title").item(0).getTextContent();
    }

    @ParameterizedTest
    @ValueSource(strings = {NEURON, SQUARE, NEURON + ", \"gates\": \"collapse\"", SQUARE + ", \"gates\": \"expand\"",
            "\"expression\": \"f = softmax(x)[0]\", \"inputs\": {\"x\": [1, 2, 3]}, \"gates\": \"expand\"",
            NETWORK + ", \"clusters\": \"none\"", SQUARE + ", \"output\": \"q\", \"cotangent\": [1, 10]",
            "\"expression\": \"(w * x - y)^2\", \"inputs\": {\"w\": 2, \"x\": [1, 2], \"y\": [3, 4]}, \"batch\": [\"x\", \"y\"]"})
    void tellsInTooltipsWhatTheGradientAnswers(String program) throws Exception {
        HttpResponse<String> picture = post("/v1/render", "{" + program + "}");
        assertThat(picture.statusCode()).as(picture.body()).isEqualTo(200);
        JsonNode answer = json(post("/v1/gradient", "{" + program.replaceAll(", \"clusters\": \"none\"", "") + "}"));
        List<Element> drawn = nodes(picture.body()).stream().filter(node -> !node.getAttribute("class").contains("literal")).toList();
        assertThat(drawn).hasSameSizeAs(answer.path("nodes"));
        for (int i = 0; i < drawn.size(); i++) {
            JsonNode node = answer.path("nodes").get(i);
            assertThat(drawn.get(i).getAttribute("data-node")).isEqualTo(node.path("id").asString());
            assertThat(drawn.get(i).getAttribute("data-op")).isEqualTo(node.path("op").asString());
            String[] lines = title(drawn.get(i)).split("\n", -1);
            assertThat(numbers(lines[1].replaceFirst("value ", ""))).isEqualTo(numbers(node.path("value").toString()));
            assertThat(numbers(lines[2].replaceFirst("gradient ", ""))).isEqualTo(numbers(node.path("gradient").toString()));
        }
    }

    /** The shortest text of each number, and the brackets between them. */
    private static String numbers(String text) {
        return Pattern.compile("-?\\d[\\d.]*(?:E-?\\d+)?").matcher(text.replace(" ", ""))
                .replaceAll(number -> String.valueOf(Double.parseDouble(number.group()) + 0.0));
    }

    @Test
    void drawsNetworksByLayers() throws Exception {
        List<Element> nodes = nodes(post("/v1/render", "{" + NETWORK + "}").body());
        assertThat(nodes).extracting(node -> node.getAttribute("data-node") + " " + node.getAttribute("data-op"))
                .containsExactlyInAnyOrder("x input", "hidden dense", "out dense", "y input", "loss cluster");
        assertThat(nodes).extracting(RenderTest::title).anyMatch(title -> title.startsWith("hidden = dense [2, 3]\n9 parameters, ‖∂‖ "))
                .anyMatch(title -> title.contains("4 parameters"));
    }

    @ParameterizedTest
    @CsvSource({"svg, image/svg+xml, <svg ", "dot, text/vnd.graphviz;charset=UTF-8, digraph ",
            "mermaid, text/vnd.mermaid;charset=UTF-8, flowchart ",
            "tikz, text/x-tex;charset=UTF-8, \\begin{tikzpicture}"})
    void answersTheFormatThatIsAskedFor(String format, String type, String beginning) {
        HttpResponse<String> response = post("/v1/render", "{" + NEURON + ", \"format\": \"" + format + "\"}");
        assertThat(response.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(response.headers().firstValue("Content-Security-Policy"))
                .hasValue("default-src 'none'; style-src 'unsafe-inline'; sandbox");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.body()).startsWith(beginning);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image/svg+xml                            |       | image/svg+xml
            image/png                                |       | image/png
            text/vnd.graphviz                        |       | text/vnd.graphviz;charset=UTF-8
            text/vnd.mermaid                         |       | text/vnd.mermaid;charset=UTF-8
            text/x-tex                               |       | text/x-tex;charset=UTF-8
            application/x-tex                        |       | application/x-tex;charset=UTF-8
            */*                                      |       | image/svg+xml
            image/*                                  |       | image/svg+xml
            image/svg+xml;q=0, image/*               |       | image/png
            image/svg+xml;q=0.2, image/png;q=0.8     |       | image/png
            text/vnd.mermaid;q=0.5, */*;q=0.1        |       | text/vnd.mermaid;charset=UTF-8
            image/png                                | dot   | text/vnd.graphviz;charset=UTF-8
            application/json                         | svg   | image/svg+xml
            application/json                         |       | application/problem+json
            image/gif, image/png;q=0                 |       | application/problem+json
            nonsense                                 |       | application/problem+json
            """)
    void answersTheFormatThatIsAccepted(String accept, @Nullable String format, String type) {
        HttpResponse<String> response = post("/v1/render", "{" + NEURON + (format == null ? "" : ", \"format\": \"" + format + "\"") + "}",
                "Content-Type", "application/json", "Accept", accept);
        assertThat(response.headers().firstValue("Content-Type")).as(response.body()).hasValue(type);
        if (type.contains("problem")) {
            assertThat(response.statusCode()).isEqualTo(406);
            assertThat(json(response).at("/errors/0/expected").asString()).contains("image/svg+xml", "image/png", "application/x-tex");
            assertThat(json(response).at("/errors/0/actual").asString()).isEqualTo(accept);
        } else {
            assertThat(response.headers().firstValue("Vary").orElseThrow()).containsIgnoringCase("accept");
        }
    }

    @Test
    void speaksTheLanguageThatIsAskedFor() {
        HttpResponse<String> asked = post("/v1/render", "{" + NEURON + ", \"lang\": \"ko\"}");
        assertThat(asked.body()).contains("f의 회로", "xml:lang=\"ko\"");
        assertThat(asked.headers().firstValue("Content-Language")).hasValue("ko");
        assertThat(post("/v1/render", "{" + NEURON + "}", "Content-Type", "application/json", "Accept-Language", "ko").body())
                .isEqualTo(asked.body());
        assertThat(post("/v1/render", "{" + NETWORK + ", \"lang\": \"ko\"}").body()).contains("매개변수 9개, ‖∂‖ ");
    }

    @Test
    void answersAnImage() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/render"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{" + NEURON + ", \"format\": \"png\", \"theme\": \"dark\"}")).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            assertThat(response.headers().firstValue("Content-Type")).hasValue("image/png");
            assertThat(response.body()).startsWith(0x89, 'P', 'N', 'G');
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "step": -1                          | 422 | invalid-value /step
            "digits": 0                         | 422 | invalid-value /digits
            "digits": 18                        | 422 | invalid-value /digits
            "digits": 2.5                       | 400 | wrong-type /digits
            "theme": "blue"                     | 422 | invalid-value /theme
            "lang": "fr"                        | 422 | invalid-value /lang
            "format": "gif"                     | 422 | invalid-value /format
            "clusters": true                    | 400 | wrong-type /clusters
            "colour": "red"                     | 400 | unknown-field /colour
            "nodes": ["nowhere"]                | 422 | unknown-node /nodes/0
            "output": "q", "gradients": true    | 422 | not-scalar -
            """)
    void refusesOptionsThatItDoesNotHave(String option, int status, String error) {
        HttpResponse<String> response = post("/v1/render", "{" + SQUARE + ", " + option + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(errors(response)).first().asString().startsWith(error.replace(" -", ""));
    }

    @Test
    void refusesMorePartsThanItCanShow() {
        String many = "{\"expression\": \"f = sum([x * i for i in range(700)])\", \"inputs\": {\"x\": 2}, \"clusters\": \"none\", \"format\": \"dot\"}";
        HttpResponse<String> response = post("/v1/render", many);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains("chainrule.limits.picture-parts");
        assertThat(post("/v1/render", many.replace("\"none\"", "\"auto\"")).statusCode()).isEqualTo(200);
    }

    /** Each of 200 statements reads others at random: drawn in parts, and refused where every gate is to be laid out and wired. */
    @Test
    void drawsDenseProgramsWithinTheDeadline() {
        Random random = new Random(3);
        String dense = IntStream.range(1, 200).mapToObj(i -> "\\nh" + i + " = h" + random.nextInt(i) + " * h" + random.nextInt(i) + " + h"
                + random.nextInt(i)).collect(Collectors.joining("", "h0 = x * 2", ""));
        assertThat(post("/v1/render", "{\"expression\": \"" + dense + "\", \"inputs\": {\"x\": 0.1}}").statusCode()).isEqualTo(200);
        String all = IntStream.range(1, 100).mapToObj(i -> "\\nh" + i + " = max(stack(["
                + IntStream.range(0, i).mapToObj(k -> "h" + k).collect(Collectors.joining(", ")) + "]))")
                .collect(Collectors.joining("", "h0 = x * 2", ""));
        String body = "{\"expression\": \"" + all + "\", \"inputs\": {\"x\": 0.1}, \"clusters\": ";
        assertThat(post("/v1/render", body + "\"auto\"}").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = post("/v1/render", body + "\"none\"}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("picture-parts", "cross");
        assertThat(json(refused).at("/errors/0/hint").asString()).contains("\"clusters\": \"auto\"");
    }

    @Test
    void drawsAnArrayWithoutGradients() {
        assertThat(post("/v1/render", "{" + SQUARE + ", \"output\": \"q\", \"gradients\": false}").statusCode()).isEqualTo(200);
    }

    @Test
    void drawsNodesThatAreNotListedWithoutNumbers() throws Exception {
        List<Element> nodes = nodes(post("/v1/render", "{" + NEURON + ", \"nodes\": [\"w0\"]}").body());
        assertThat(nodes.stream().filter(node -> title(node).contains("gradient"))).extracting(node -> node.getAttribute("data-node"))
                .containsExactly("w0");
    }

    /** The README's picture is the one that its command makes. */
    @Test
    void drawsThePictureOfTheReadme() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        MatchResult command = Pattern
                .compile("localhost:8080(/v1/render.svg) --data-urlencode 'expression=([^']*)' \\\\\n((?: +-d \\S+)+) -o (\\S+)")
                .matcher(readme).results().findFirst().orElseThrow();
        String query = "expression=" + URLEncoder.encode(command.group(2), StandardCharsets.UTF_8)
                + command.group(3).replaceAll("\\s+-d ", "&");
        assertThat(readme).contains("](" + command.group(4) + ")");
        assertThat(get(command.group(1) + "?" + query).body()).isEqualTo(Files.readString(Path.of(command.group(4))));
    }
}
