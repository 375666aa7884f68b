package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.StringReader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.io.Resource;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The ledger over HTTP, in all its forms. */
class ExplainTest extends HttpTest {
    private static final String NORM = "\"expression\": \"q = W @ x\\nf = sum(q^2)\", "
            + "\"inputs\": {\"W\": [[0.1, 0.5], [-0.3, 0.8]], \"x\": [0.2, 0.4]}";
    private static final String JSON_TYPE = "application/json";

    static Stream<Resource> examples() throws IOException {
        return ExamplesTest.examples();
    }

    /** Contributions add up to the gradients to the last digit, and these are those of /v1/gradient, and of the lecture. */
    @ParameterizedTest
    @MethodSource("examples")
    void ledgersOfTheLectureAreRightToTheLastDigit(Resource file) throws IOException {
        JsonNode example = JSON.readTree(file.getInputStream());
        JsonNode expected = example.path("expect");
        for (String gates : List.of("as_written", "expand", "collapse")) {
            ObjectNode request = ((ObjectNode) example.path("request")).deepCopy().put("gates", gates);
            JsonNode gradient = json(post("/v1/gradient", request.toString()));
            JsonNode answer = json(post("/v1/explain", request.toString()));
            assertThat(answer.path("gradients")).as(answer.toString()).isEqualTo(gradient.path("gradients"));
            assertThat(answer.path("value")).isEqualTo(gradient.path("value"));
            for (JsonNode entry : answer.path("ledger")) {
                String id = entry.path("node").asString();
                JsonNode node = StreamSupport.stream(gradient.path("nodes").spliterator(), false)
                        .filter(each -> each.path("id").asString().equals(id)).findFirst().orElseThrow();
                assertThat(entry.path("gradient")).isEqualTo(node.path("gradient"));
                if (!entry.path("contributions").isEmpty()) {
                    assertThat(sum(entry.path("contributions"))).as(id).isEqualTo(numbers(node.path("gradient")));
                }
                JsonNode told = expected.path("nodes").path(id).path("gradient");
                if (!told.isMissingNode()) {
                    List<Double> wanted = numbers(told);
                    List<Double> found = numbers(entry.path("gradient"));
                    for (int i = 0; i < wanted.size(); i++) {
                        assertThat(found.get(i)).isCloseTo(wanted.get(i), within(1e-12 * Math.max(1, Math.abs(wanted.get(i)))));
                    }
                }
            }
        }
    }

    private static List<Double> sum(JsonNode contributions) {
        List<Double> sum = numbers(contributions.get(0).path("contribution"));
        for (int k = 1; k < contributions.size(); k++) {
            List<Double> more = numbers(contributions.get(k).path("contribution"));
            sum.replaceAll(new java.util.function.UnaryOperator<>() {
                private int i;

                @Override
                public Double apply(Double value) {
                    return value + more.get(i++);
                }
            });
        }
        return sum;
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        if (array.isArray()) {
            array.forEach(item -> numbers.addAll(numbers(item)));
        } else {
            numbers.add(array.asDouble());
        }
        return numbers;
    }

    @Test
    void anEntryHasTheFieldsOfTheContract() {
        JsonNode ledger = json(post("/v1/explain", "{" + NORM + "}")).path("ledger");
        assertThat(StreamSupport.stream(ledger.spliterator(), false).map(entry -> entry.path("node").asString()))
                .containsExactly("f", "pow_1", "q", "x", "W");
        JsonNode form = ledger.get(4).path("contributions").get(0);
        assertThat(form.path("to").asString()).isEqualTo("q");
        assertThat(form.path("operand").asInt()).isZero();
        assertThat(form.path("local").path("form").asString()).isEqualTo("∂f/∂W = (∂f/∂q) xᵀ");
        assertThat(form.path("local").path("shapes").asString()).isEqualTo("[2]·[2]ᵀ → [2, 2]");
        assertThat(ledger.get(2).path("contributions").get(0).path("local").toString())
                .isEqualTo("[0.44000000000000006,0.5200000000000001]");
        assertThat(ledger.get(2).path("latex").asString()).startsWith("\\frac{\\partial f}{\\partial q} = ");
        assertThat(ledger.get(2).path("mathml").asString()).startsWith("<math ");
    }

    @Test
    void aContributionOfAnElementwiseGateHasItsDerivative() {
        JsonNode ledger = json(post("/v1/explain", "{\"expression\": \"f = sigmoid(x) * y\", \"inputs\": {\"x\": 1, \"y\": 2}}"))
                .path("ledger");
        JsonNode derivative = ledger.findValues("contributions").stream().map(each -> each.path(0))
                .filter(each -> each.path("to").asString().equals("sigmoid_1")).findFirst().orElseThrow().path("derivative");
        assertThat(derivative.path("form").asString()).isEqualTo(
                "∂sigmoid₁/∂x = σ(x) (1 − σ(x)) = 0.731059 (1 − 0.731059) = 0.196612");
        assertThat(derivative.path("latex").asString()).startsWith("\\frac{\\partial ");
        assertThat(derivative.path("mathml").asString()).startsWith("<math ");
        assertThat(ledger.findValues("derivative")).as("of a product nothing is to be told").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            value = {"*/* | application/json", "application/json | application/json", "text/html | text/html;charset=UTF-8",
                    "text/markdown | text/markdown;charset=UTF-8", "text/html,application/xhtml+xml,*/*;q=0.8 | text/html;charset=UTF-8",
                    "text/markdown;q=0.5, application/json | application/json", "text/* | text/markdown;charset=UTF-8"})
    void theFormFollowsAccept(String accept, String type) {
        HttpResponse<String> response = post("/v1/explain", "{" + NORM + "}", "Content-Type", JSON_TYPE, "Accept", accept);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains(type);
        assertThat(String.join(",", response.headers().allValues("Vary")).toLowerCase(java.util.Locale.ROOT)).contains("accept",
                "accept-language");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"en | | en", "ko | | ko", "ko-KR,ko;q=0.9,en;q=0.8 | | ko", "fr, ko;q=0.5 | | ko", "fr | | en",
            "de, en;q=0.1, ko;q=0.2 | | ko", "nonsense;;q= | | en", "ko | en | en", "en | ko | ko"})
    void theLanguageIsThatOfTheRequestOrElseOfTheHeader(String header, String lang, String language) {
        String field = lang == null ? "" : ", \"lang\": \"" + lang + "\"";
        HttpResponse<String> response = post("/v1/explain", "{" + NORM + field + "}", "Content-Type", JSON_TYPE, "Accept-Language", header);
        assertThat(response.headers().firstValue("Content-Language")).contains(language);
        assertThat(json(response).path("text").asString()).contains(language.equals("ko") ? "연쇄 법칙" : "chain rule");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json;q=0", "image/png", "text/plain", "application/json;q=0, text/*;q=0"})
    void aFormThatIsNotWantedIsNotAnswered(String accept) {
        HttpResponse<String> response = post("/v1/explain", "{" + NORM + "}", "Content-Type", JSON_TYPE, "Accept", accept);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(406);
        assertThat(errors(response)).containsExactly("not-acceptable -");
    }

    private static final String SAMPLES = "\"expression\": \"p = dot(w, x)\\nf = (p - y)^2\", \"inputs\": {\"w\": [1, 2], "
            + "\"x\": [[1, 0], [2, -1], [3, 1]], \"y\": [1, 2, 3]}, \"wrt\": [\"w\"], \"batch\": [\"x\", \"y\"]";

    @ParameterizedTest
    @CsvSource({"mean, 3", "sum, 1"})
    void aStepOfAMiniBatchIsMadeWithTheReducedGradient(String reduce, double divisor) {
        JsonNode answer = json(
                post("/v1/explain", "{" + SAMPLES + ", \"reduce\": \"" + reduce + "\", \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.01}}"));
        JsonNode plain = json(post("/v1/gradient", "{" + SAMPLES + ", \"reduce\": \"" + reduce + "\"}"));
        assertThat(answer.path("gradients")).isEqualTo(plain.path("gradients"));
        assertThat(answer.path("value")).isEqualTo(plain.path("value"));
        // The gradient of (w·x − y)² by w is 2 (w·x − y) x, here with w·x − y of 0, −2 and 2.
        assertAre(numbers(answer.path("gradients").path("w")), (-8 + 12) / divisor, (4 + 4) / divisor);
        assertAre(numbers(answer.path("step").path("parameters").path("w")), 1 - 0.04 / divisor, 2 - 0.08 / divisor);
        JsonNode entry = StreamSupport.stream(answer.path("ledger").spliterator(), false)
                .filter(each -> each.path("node").asString().equals("w")).findFirst().orElseThrow();
        List<Double> each = numbers(entry.path("contributions").get(0).path("contribution"));
        assertThat(each).containsExactly(0.0, 0.0, -8.0, 4.0, 12.0, 4.0);
        assertThat(answer.path("text").asString())
                .contains(reduce.equals("mean") ? "the means over the samples" : "the sums over the samples");
    }

    private static void assertAre(List<Double> found, double... expected) {
        assertThat(found).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found.get(i)).isCloseTo(expected[i], within(1e-12));
        }
    }

    @Test
    void anEntryOfASampleExplainsThatSampleAlone() {
        JsonNode answer = json(post("/v1/explain", "{" + SAMPLES + ", \"entry\": \"w[2,1]\", \"node\": \"w\"}"));
        assertThat(answer.path("value").asDouble()).isEqualTo(4);
        assertThat(answer.path("entry").path("index").toString()).isEqualTo("[1]");
        assertThat(answer.path("entry").path("gradient").asDouble()).isEqualTo(4);
        assertThat(answer.path("paths").path("total").asDouble()).isEqualTo(12 * 12 + 4 * 4);
        assertThat(answer.path("text").asString()).contains("Of the samples, number 2, counted from 0, is explained alone.");
        assertThat(json(post("/v1/explain", "{" + SAMPLES + ", \"entry\": \"y[-1]\"}")).path("entry").path("gradient").asDouble())
                .isEqualTo(-4);
    }

    @Test
    void anEntryOfASampleIsNamedAsItWasWritten() {
        assertThat(json(post("/v1/explain", "{" + SAMPLES + ", \"entry\": \"w[2,0,1]\"}")).path("detail").asString())
                .isEqualTo("'w[2,0,1]' is no entry of 'w', which has shape [2] in each sample");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "f = relu(x) | kink | 'f' (relu)는 원소 1개가 꺾이는 점에 있어 도함수가 하나로 정해지지 않으므로 관례를 따른다(0에서 도함수는 0).",
            "f = log(x) * y | non-finite | 'log_1' (log)은 값이 유한하지 않은 첫 노드이다(x = 0.0일 때).",
            "f = x * y | zero-gradient | 이 값에서 y의 기울기는 0이다. 기울기는 'f' (mul)에서 사라진다(0이 곱해진다).",
            "f = floor(x) + y | zero-derivative | x에서 출력에 이르는 모든 경로는 'floor_1' (floor)처럼 도함수가 0인 연산을 지난다."})
    void diagnosticsOfAKoreanAnswerAreKorean(String expression, String kind, String message) {
        JsonNode answer = json(post("/v1/explain",
                "{\"expression\": \"" + expression + "\", \"inputs\": {\"x\": 0, \"y\": 3}, \"lang\": \"ko\"}"));
        assertThat(StreamSupport.stream(answer.path("diagnostics").spliterator(), false)
                .filter(each -> each.path("kind").asString().equals(kind)).map(each -> each.path("message").asString()).findFirst())
                .as(answer.path("diagnostics").toString()).contains(message);
    }

    @Test
    void namesThatWouldLookTheSameAreToldApart() {
        String latex = json(post("/v1/explain", "{\"expression\": \"f = x1 * x_1\", \"inputs\": {\"x1\": 2, \"x_1\": 3}}"))
                .path("ledger").toString();
        assertThat(latex).contains("\\\\partial x_{1}", "\\\\partial \\\\mathrm{x\\\\_1}");
    }

    @Test
    void partsOfAGateHaveTheirOwnForms() {
        JsonNode ledger = json(post("/v1/explain", "{\"expression\": \"f = sum(glu(v))\", \"inputs\": {\"v\": [2, 3]}}")).path("ledger");
        assertThat(StreamSupport.stream(ledger.get(2).path("contributions").spliterator(), false)
                .map(each -> each.path("local").path("form").asString()).distinct()).hasSizeGreaterThan(1)
                .allSatisfy(form -> assertThat(form).startsWith("(∂f/∂v)_{"));
    }

    @Test
    void errorsAreProblemsWhateverIsAccepted() {
        HttpResponse<String> response = post("/v1/explain", "{\"expression\": \"f = x +\"}", "Content-Type", JSON_TYPE, "Accept",
                "text/html");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"\"node\": \"z\" | unknown-node /node", "\"entry\": \"W[2,0]\" | invalid-value /entry",
            "\"entry\": \"V[0]\" | unknown-node /entry", "\"level\": \"long\" | invalid-value /level",
            "\"lang\": \"fr\" | invalid-value /lang",
            "\"optimizer\": \"bfgs\" | invalid-value /optimizer", "\"batch\": [\"x\"], \"node\": \"x\" | invalid-value /node",
            "\"batch\": [\"x\"], \"optimizer\": \"sgd\" | invalid-value /optimizer",
            "\"batch\": [\"x\"], \"reduce\": \"mean\", \"entry\": \"x[0]\" | invalid-value /reduce",
            "\"batch\": [\"x\"], \"entry\": \"x[9,0]\" | invalid-value /entry",
            "\"batch\": [\"x\"], \"entry\": \"x\" | invalid-value /entry",
            "\"batch\": [\"x\"], \"reduce\": \"mean\", \"nodes\": \"all\" | invalid-value /nodes",
            "\"levels\": 1 | unknown-field /levels"})
    void refusesWhatItCannotExplain(String field, String error) {
        HttpResponse<String> response = post("/v1/explain", "{" + NORM + ", " + field + "}");
        assertThat(response.statusCode()).as(response.body()).isBetween(400, 422);
        assertThat(errors(response)).containsExactly(error);
    }

    @Test
    void aNameIsNoLineAndNoLinkOfMarkdown() {
        String request = "{\"graph\": {\"nodes\": [{\"id\": \"a\\n\\n# Title http://a.example www.a.example @user\", \"op\": \"exp\","
                + " \"inputs\": [\"x\"]}]}, \"inputs\": {\"x\": 2}, \"node\": \"x\", \"entry\": \"x\"}";
        HttpResponse<String> response = post("/v1/explain", request, "Content-Type", JSON_TYPE, "Accept", "text/markdown");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        String outsideFormulas = response.body().replaceAll("(?m)^```math\n[^\n]*\n```$", "");
        assertThat(outsideFormulas).doesNotContain("http://", "www.", "@user").doesNotContainPattern("(?m)^\\s*\\\\?# ?Title");
    }

    @ParameterizedTest
    @CsvSource({"text/html, en", "text/html, ko", "text/markdown, en"})
    void namesAreEscaped(String accept, String lang) throws Exception {
        String hostile = "<script>alert(1)</script> & [x](javascript:y) ```\\n*\\u202e'\\\"";
        String request = "{\"graph\": {\"nodes\": [{\"id\": \"%1$s\", \"op\": \"exp\", \"inputs\": [\"x\"]}, ".formatted(hostile)
                + "{\"id\": \"f\", \"op\": \"mul\", \"inputs\": [\"%1$s\", \"x\"]}]}, \"inputs\": {\"x\": 2}, \"lang\": \"%2$s\"}"
                        .formatted(hostile, lang);
        HttpResponse<String> response = post("/v1/explain", request, "Content-Type", JSON_TYPE, "Accept", accept);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        String outsideFormulas = response.body().replaceAll("(?m)^```math\n[^\n]*\n```$", "");
        assertThat(outsideFormulas).doesNotContain("<script", "\u202e");
        assertThat(response.body()).doesNotContain("\u202e");
        if (accept.equals("text/markdown")) {
            assertThat(outsideFormulas).doesNotContain("[x](", "```");
        }
        if (accept.equals("text/html")) {
            assertThat(document(response.body()).getElementsByTagName("script").getLength()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"en, The gradient of f", "ko, f의 기울기"})
    void thePageIsWellFormedAndAccessible(String lang, String title) throws Exception {
        HttpResponse<String> response = post("/v1/explain",
                "{" + NORM + ", \"lang\": \"" + lang + "\", \"entry\": \"x[0]\", \"node\": \"W\","
                        + " \"optimizer\": \"sgd\"}",
                "Content-Type", JSON_TYPE, "Accept", "text/html");
        org.w3c.dom.Document page = document(response.body());
        assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo(lang);
        assertThat(page.getElementsByTagName("title").item(0).getTextContent()).isEqualTo(title);
        assertThat(page.getElementsByTagName("h1").getLength()).isEqualTo(1);
        assertThat(page.getElementsByTagName("math").getLength()).isGreaterThan(3);
        assertThat(page.getElementsByTagName("style").item(0).getTextContent()).as("brackets stretch in fonts for formulas only")
                .contains("math{font-family:\"Latin Modern Math\"");
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow()).contains("default-src 'none'", "sandbox");
    }

    /** The page, all of whose elements but a few in its head are closed, as a document. */
    private static org.w3c.dom.Document document(String html) throws ParserConfigurationException, SAXException, IOException {
        String xml = html.replace("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    @Test
    void aNetworkIsExplainedByLayer() {
        JsonNode answer = json(post("/v1/explain",
                """
                        {"network": {"input": {"name": "x", "shape": [2]},
                          "layers": [{"type": "dense", "name": "hidden", "units": 3, "activation": "tanh"}, {"type": "dense", "name": "out", "units": 1}],
                          "loss": {"type": "mse", "target": "y"}},
                         "inputs": {"x": [[0, 1], [1, 1]], "y": [[1], [0]]}, "optimizer": {"type": "sgd", "lr": 0.001}}"""));
        JsonNode layers = answer.path("layers");
        assertThat(layers.get(0).path("name").asString()).isEqualTo("out");
        assertThat(StreamSupport.stream(layers.get(1).path("forms").spliterator(), false)
                .map(form -> form.path("form").asString() + "; " + form.path("shapes").asString()))
                .containsExactly(
                        "∂loss/∂(hidden/linear₁) = (∂loss/∂hidden) ⊙ (1 − tanh²(hidden/linear₁)); [2, 3] → [2, 3]",
                        "∂loss/∂x = (∂loss/∂(hidden/linear₁)) hidden.weightᵀ; [2, 3]·[2, 3]ᵀ → [2, 2]",
                        "∂loss/∂hidden.weight = xᵀ (∂loss/∂(hidden/linear₁)); [2, 2]ᵀ·[2, 3] → [2, 3]",
                        "∂loss/∂hidden.bias = ∑(∂loss/∂(hidden/linear₁)); [2, 3] → [3]");
        JsonNode step = answer.path("step");
        double squares = numbers(answer.path("gradients").path("hidden.weight")).stream().mapToDouble(g -> g * g).sum();
        assertThat(step.path("changes").path("hidden.weight").asDouble()).isCloseTo(0.001 * Math.sqrt(squares), within(1e-15));
        double all = StreamSupport.stream(answer.path("gradients").spliterator(), false).flatMap(each -> numbers(each).stream())
                .mapToDouble(g -> g * g).sum();
        assertThat(step.path("predicted").asDouble()).isCloseTo(-0.001 * all, within(1e-12));
        assertThat(step.path("actual").asDouble()).isCloseTo(step.path("predicted").asDouble(), within(1e-2 * 0.001 * all));
        assertThat(step.path("after").asDouble() - step.path("before").asDouble()).isEqualTo(step.path("actual").asDouble());
    }

    private static final String LAYERS = """
            {"network": {"input": {"name": "x", "shape": [3, 2]}, "layers": [{"type": "simple_rnn", "name": "r", "units": 2},
              {"type": "dense", "name": "out", "units": 1, "activation": "tanh"}],
              "loss": {"type": "mse", "target": "y"}, "regularization": {"l2": 0.1}},
             "inputs": {"x": [[[1, 2], [0, 1], [2, 1]]], "y": [[1]]}, "lang": "%s", "nodes": "%s"}""";

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "en | out | For out/linear_1: ∂loss/∂(out/linear₁) = (∂loss/∂out) ⊙ (1 − tanh²(out/linear₁)), shapes [1, 1] → [1, 1].",
            "ko | out | out/linear_1에 대하여 ∂loss/∂(out/linear₁) = (∂loss/∂out) ⊙ (1 − tanh²(out/linear₁)), 형상은 [1, 1] → [1, 1]이다.",
            "en | out | From outside the layer out.weight gets ∂loss/∂out.weight += (∂loss/∂(loss/square₃)) ⊙ 2 out.weight, shapes [2, 1] → [2, 1].",
            "ko | out | 층 바깥에서 out.weight에 더해지는 것은 ∂loss/∂out.weight += (∂loss/∂(loss/square₃)) ⊙ 2 out.weight, 형상은 [2, 1] → [2, 1]이다.",
            "en | r | For r.bias: ∂loss/∂r.bias = ∑_t (∂loss/∂u_t) (∂u_t/∂r.bias), shapes",
            "en | r | Here u_t are the nodes of the layer that read r.bias: ",
            "en | r | The layer reads x 3 times, and the gradients that come back add up: (∂loss/∂x)_{:, 0} += ∂loss/∂(r/index",
            "ko | r | 층은 x를 3번 읽으며, 되돌아오는 기울기를 모두 더한다. (∂loss/∂x)_{:, 0} += ∂loss/∂(r/index"})
    void aLayerIsToldWithItsActivationItsPenaltyAndAllItsSteps(String lang, String name, String sentence) {
        JsonNode layers = json(post("/v1/explain", LAYERS.formatted(lang, "all"))).path("layers");
        assertThat(layers).filteredOn(layer -> layer.path("name").asString().equals(name))
                .extracting(layer -> layer.path("text").asString()).singleElement().asString().contains(sentence);
    }

    @Test
    void theStepsOfARecurrentLayerAreInTheirOrder() {
        JsonNode layers = json(post("/v1/explain", LAYERS.replace("simple_rnn", "lstm").formatted("en", "all"))).path("layers");
        assertThat(layers.get(1).path("text").asString()).contains("that read r.bias: r/lstm_cell_1, r/lstm_cell_2, r/lstm_cell_3");
    }

    @Test
    void aLayerThatDoesNothingHandsTheGradientOn() {
        JsonNode layers = json(post("/v1/explain", """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "batch_norm", "name": "bn"},
                  {"type": "dropout", "name": "d", "rate": 0.5}], "loss": {"type": "mse", "target": "y"}},
                 "inputs": {"x": [[1, 2], [0, 1]], "y": [[1, 0], [0, 0]]}, "nodes": "all"}""")).path("layers");
        assertThat(layers).extracting(layer -> layer.path("text").asString()).satisfiesExactly(
                dropout -> assertThat(dropout).contains("∂loss/∂bn = ∂loss/∂d,"),
                norm -> assertThat(norm).contains("the input minus the mean, divided by the standard deviation"));
    }

    /** The steps' shares of a gradient are all of it where nothing else reads the node. */
    @Test
    void theSharesOfStepsAddUp() {
        JsonNode layers = json(post("/v1/explain", LAYERS.formatted("en", "all"))).path("layers");
        String text = layers.get(1).path("text").asString();
        for (String node : List.of("x", "r.bias")) {
            String steps = text.replaceAll(".*The layer reads " + node + " 3 times", "").replaceAll("In parentheses.*", "");
            double all = Pattern.compile("\\((-?[0-9.]+) %\\)").matcher(steps).results()
                    .mapToDouble(share -> Double.parseDouble(share.group(1)))
                    .sum();
            assertThat(all).as(steps).isCloseTo(100, within(0.02));
        }
    }

    @ParameterizedTest
    @CsvSource({"text/html, none", "text/markdown, none", "text/html, all", "text/markdown, all"})
    void theHeadingOfLayersStandsWhereThereAreLayers(String type, String nodes) {
        String page = post("/v1/explain", LAYERS.formatted("ko", nodes), "Content-Type", JSON_TYPE, "Accept", type).body();
        assertThat(page.contains("층별로 보기")).isEqualTo(nodes.equals("all"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "relu | 50, -50, -50 | en | 2 of the 3 units of h are dead: they are 0 for all samples, so that no gradient passes them.",
            "relu | 50, -50, -50 | ko | h의 유닛 3개 가운데 2개는 모든 표본에서 0인 죽은 유닛이라서 기울기가 지나가지 못한다.",
            "sigmoid | 50, 50, 50 | en | 3 of the 3 elements of h are saturated: the slope there is nearly 0, so that hardly any gradient passes.",
            "sigmoid | 50, 50, 50 | ko | h의 원소 3개 가운데 3개는 포화되어 기울기가 거의 0이므로 상류 기울기가 거의 지나가지 못한다."})
    void tellsUnitsThatPassNoGradient(String activation, String bias, String lang, String note) {
        JsonNode answer = json(post("/v1/explain", """
                {"network": {"input": {"name": "x", "shape": [2]},
                  "layers": [{"type": "dense", "name": "h", "units": 3, "activation": "%s"}, {"type": "dense", "name": "out", "units": 1}],
                  "loss": {"type": "mse", "target": "y"}}, "parameters": {"h.bias": [%s]},
                 "inputs": {"x": [%s], "y": [%s]}, "lang": "%s"}""".formatted(activation, bias,
                String.join(", ", Collections.nCopies(12, "[0, 1]")), String.join(", ", Collections.nCopies(12, "[1]")), lang)));
        assertThat(answer.path("text").asString()).contains(note);
    }

    @Test
    void documentationShowsTheDerivationThatIsAnswered() throws IOException {
        String docs = Files.readString(Path.of("docs/explain.md"));
        for (String lang : List.of("en", "ko")) {
            String text = json(post("/v1/explain", "{" + NORM + ", \"lang\": \"" + lang + "\"}")).path("text").asString();
            List<String> forms = text.lines().filter(line -> line.startsWith("  ") && line.contains("→ [2") && !line.contains("pow"))
                    .map(String::strip).toList();
            assertThat(forms).hasSize(2);
            assertThat(docs).contains(String.join("\n", forms));
        }
    }

    @Test
    void aLedgerThatWouldBeTooLargeIsRefusedBeforeItIsComputed() {
        HttpResponse<String> response = post("/v1/explain",
                "{\"expression\": \"x = ones(shape=[3000, 3000])\\nfor i in 0:20\\n  x = x * a\\nf = sum(x)\", \"inputs\": {\"a\": 1}}");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(errors(response)).containsExactly("limit-exceeded -");
    }
}
