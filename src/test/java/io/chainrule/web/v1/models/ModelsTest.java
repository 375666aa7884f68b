package io.chainrule.web.v1.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Models that are stored and called, with the embedded database. */
@DirtiesContext
class ModelsTest extends HttpTest {
    /** The database is one for all tests of a class, so that each takes names of its own. */
    private static final AtomicInteger NAMES = new AtomicInteger();

    private static final String PARAMETERS = "\"W\": [[0.5, -1, 2], [1, 0.25, -0.5]], \"b\": [0.1, -0.2]";
    private static final String PROGRAM = "\"expression\": \"h = tanh(W @ x + b)\\nf = sum(h * h)\"";
    private static final String DEFINITION = "{" + PROGRAM + ", \"inputs\": {" + PARAMETERS + "}}";
    private static final String X = "\"x\": [1, 2, -0.5]";

    final String name = "model_" + NAMES.incrementAndGet();

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "models-");
    }

    HttpResponse<String> put(String model, String body) {
        return send("PUT", "/v1/models/" + model, BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private HttpResponse<String> stored(String body) {
        HttpResponse<String> response = put(name, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return response;
    }

    private JsonNode answered(String path, String body) {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private JsonNode found(String path) {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private int status(String method, String path) {
        return send(method, path, BodyPublishers.noBody()).statusCode();
    }

    @Test
    void valuesForWhichAModelWasNotMadeAreToldOf() {
        stored("{" + PROGRAM + ", \"inputs\": {" + PARAMETERS + "}, \"declares\": {\"x\": {\"shape\": [3], \"range\": [-1, 1]}}}");
        String inside = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, -1, 0.5]}}";
        assertThat(answered("/v1/gradient", inside).path("diagnostics")).isEmpty();
        JsonNode told = answered("/v1/gradient", inside.replace("[1, -1, 0.5]", "[1, -3, 1.5]")).path("diagnostics").get(0);
        assertThat(told.path("kind").asString()).isEqualTo("out-of-range");
        assertThat(told.path("node").asString()).isEqualTo("x");
        assertThat(told.path("numbers").toString()).contains("\"count\":2", "\"worst\":-3", "\"low\":-1", "\"high\":1");
        assertThat(told.path("message").asString()).isEqualTo(
                "2 of the 3 values of x are outside of -1 to 1, for which the model was made; the farthest is -3");
    }

    /** Samples come with a request, and what a model keeps does not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            evaluate | "model": "%1$s", "batch": ["W"]                           | invalid-value /batch/0
            gradient | "model": "%1$s", "batch": ["x", "W"], "reduce": "mean"    | invalid-value /batch/1
            explain  | "model": "%1$s", "batch": ["W"], "entry": "W[1]"          | invalid-value /batch/0
            evaluate | "expression": "%1$s(x)", "batch": ["%1$s.W"]              | invalid-value /batch/0
            evaluate | "expression": "2 * %1$s(x)", "batch": ["%1$s.W"]          | invalid-value /batch/0
            """)
    void aValueThatAModelKeepsCarriesNoSamples(String path, String request, String error) {
        stored("{\"expression\": \"y = sum(x * W) / len(W)\", \"inputs\": {\"W\": [[1, 1], [2, 2], [3, 3], [4, 4]]}, "
                + "\"declares\": {\"x\": {\"shape\": []}}}");
        HttpResponse<String> refused = post("/v1/" + path, "{" + request.formatted(name) + ", \"inputs\": {\"x\": "
                + (request.contains("\"x\"") ? "[1, 2, 3, 4]" : "1") + "}}");
        assertThat(errors(refused)).as(refused.body()).containsExactly(error);
        assertThat(refused.body()).contains("the model keeps the value of '", "', so it cannot carry samples");
    }

    /** A training is told of the values that it is validated with, too. */
    @Test
    void valuesForValidationAreComparedWithTheRange() {
        stored("{\"expression\": \"(w * x - y)^2\", \"inputs\": {\"w\": 1}, \"declares\": {\"x\": {\"range\": [-1, 1]}}}");
        JsonNode answer = answered("/v1/train", "{\"model\": \"" + name
                + "\", \"inputs\": {\"x\": [0.5, 1], \"y\": [1, 2]}, \"batch\": [\"x\", "
                + "\"y\"], \"validation\": {\"inputs\": {\"x\": [5, 0], \"y\": [1, 1]}}, \"epochs\": 1, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.1}}");
        assertThat(answer.path("diagnostics")).extracting(found -> found.path("kind").asString() + " " + found.path("message").asString())
                .contains("out-of-range 1 of the 4 values of x are outside of -1 to 1, for which the model was made; the farthest is 5");
    }

    @Test
    void aModelIsStoredAndShown() {
        HttpResponse<String> response = stored("""
                {"expression": "h = tanh(W @ x + b)\\nf = sum(h * h)", "inputs": {%s}, "description": "two units",
                "declares": {"x": {"shape": [3], "range": [-1, 1], "text": "a point"}}, "outputs": {"h": "the units"},
                "licence": "CC-BY-4.0", "tags": ["small", "first"]}""".formatted(PARAMETERS));
        assertThat(response.headers().firstValue("Location").orElseThrow()).endsWith("/v1/models/" + name + ":1");
        JsonNode model = json(response);
        assertThat(model.path("name").asString()).isEqualTo(name);
        assertThat(model.path("version").asInt()).isEqualTo(1);
        assertThat(model.path("inputs").toString()).isEqualTo("{\"x\":{\"shape\":[3],\"range\":[-1.0,1.0],\"text\":\"a point\"}}");
        assertThat(model.path("output_shape").toString()).isEqualTo("[]");
        assertThat(model.path("kept").toString()).isEqualTo("{\"W\":[2,3],\"b\":[2]}");
        assertThat(model.path("outputs").toString()).isEqualTo("{\"h\":\"the units\"}");
        assertThat(model.path("tags").toString()).isEqualTo("[\"first\",\"small\"]");
        assertThat(model.path("licence").asString()).isEqualTo("CC-BY-4.0");
        assertThat(model.path("program").path("graph").path("output").asString()).isEqualTo("f");
        assertThat(model.path("program").path("graph").propertyNames()).as("no second names").containsExactly("nodes", "output");
        for (String reference : List.of(name, name + ":1", name + "@latest")) {
            assertThat(found("/v1/models/" + reference)).isEqualTo(model);
        }
    }

    @Test
    void aCallGivesTheOtherInputsAlone() {
        stored(DEFINITION);
        JsonNode written = answered("/v1/gradient", "{" + PROGRAM + ", \"inputs\": {" + PARAMETERS + ", " + X + "}}");
        JsonNode called = answered("/v1/gradient", "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}}");
        assertThat(called.path("value")).isEqualTo(written.path("value"));
        assertThat(called.path("gradients").propertyNames()).containsExactly("x");
        assertThat(called.path("gradients").path("x")).isEqualTo(written.path("gradients").path("x"));
        assertThat(StreamSupport.stream(called.path("nodes").spliterator(), false).map(node -> node.path("id").asString()))
                .containsExactly("x", "matmul_1", "add_1", "h", "mul_1", "f");
        JsonNode byParameter = answered("/v1/gradient",
                "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}, \"wrt\": [\"W\"], \"nodes\": [\"b\"]}");
        assertThat(byParameter.path("gradients").path("W")).isEqualTo(written.path("gradients").path("W"));
        assertThat(byParameter.path("nodes").path(0).path("value").toString()).isEqualTo("[0.1,-0.2]");
    }

    /** A model stands wherever a program does, with the same answer; so does the version that an alias names. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            evaluate   | "nodes": ["h"]                   | value, nodes
            gradient   | "nodes": ["h"]                   | value, gradients, nodes, jacobians
            explain    | "nodes": ["h"]                   | value, gradients
            vjp        | "cotangents": {"h": [1, 2]}      | values, gradients
            jvp        | "tangents": {"x": [1, 0, 2]}     | values, tangents
            jacobian   | "of": ["h"]                      | values, jacobians
            hessian    | "format": "dense"                | value, gradients, hessians
            hvp        | "vectors": {"x": [1, 0, 2]}      | value, gradients, products
            check      | "order": 2                       | passed, checks
            derivative | "form": "stable"                 | derivatives
            grade      | "answers": {"x": [0.27, 0, 0]}   | passed, lines
            render     | "format": "dot"                  |
            """)
    void aModelStandsWhereverAProgramDoes(String endpoint, String fields, @Nullable String compared) {
        stored(DEFINITION);
        String request = "{\"model\": \"%s\", \"inputs\": {" + X + "}, " + fields + "}";
        HttpResponse<String> called = post("/v1/" + endpoint, request.formatted(name));
        assertThat(move("prod", 1, "If-None-Match", "*").statusCode()).isEqualTo(200);
        stored(DEFINITION.replace("0.25", "0.5"));
        HttpResponse<String> byAlias = post("/v1/" + endpoint, request.formatted(name + "@prod"));
        assertThat(byAlias.body()).isEqualTo(called.body());
        String wrt = endpoint.equals("vjp") || endpoint.equals("jvp") || endpoint.equals("render") || endpoint.equals("grade")
                ? ""
                : ", \"wrt\": [\"x\"]";
        HttpResponse<String> written = post("/v1/" + endpoint,
                "{" + PROGRAM + ", \"inputs\": {" + PARAMETERS + ", " + X + "}, " + fields + wrt + "}");
        assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
        assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
        for (String field : compared == null ? new String[0] : compared.split(", ", -1)) {
            JsonNode expected = json(written).path(field);
            JsonNode answered = json(called).path(field);
            if (field.equals("gradients") && expected.isObject()) {
                expected = expected.path("x");
                answered = answered.path("x");
            }
            assertThat(expected.isMissingNode()).as(field).isFalse();
            assertThat(answered).as(field).isEqualTo(expected);
        }
        if (endpoint.equals("render")) {
            // The numbers of what the model keeps are not drawn.
            assertThat(linesWithoutKept(called)).isEqualTo(linesWithoutKept(written)).hasSizeGreaterThan(10);
        }
    }

    private static List<String> linesWithoutKept(HttpResponse<String> drawn) {
        return drawn.body().lines().filter(line -> !line.contains("label=\"W") && !line.contains("label=\"b")).toList();
    }

    /** What is asked of a value that a model keeps is answered as for one that the request gives. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            explain  | "entry": "w[1]"                                | entry
            explain  | "entry": " w [-1]", "gates": "collapse"        | entry
            explain  | "node": "w"                                    | paths, ledger
            explain  | "node": "w", "entry": "w[0]", "level": "short" | paths, entry
            explain  | "wrt": ["w"], "entry": "w[0]"                  | entry, gradients
            gradient | "wrt": ["w"]                                   | nodes, gradients
            render   | "wrt": ["w"], "format": "mermaid"              |
            render   | "wrt": ["w"], "format": "dot"                  |
            """)
    void aKeptValueThatIsNamedIsTold(String endpoint, String asked, @Nullable String compared) {
        String program = "\"expression\": \"p = dot(w, x)\\nloss = (p - t)^2\"";
        String values = "\"w\": [0.5, 0.25]";
        stored("{" + program + ", \"inputs\": {" + values + "}}");
        String given = "\"x\": [1, 2], \"t\": 3";
        HttpResponse<String> called = post("/v1/" + endpoint,
                "{\"model\": \"" + name + "\", \"inputs\": {" + given + "}, " + asked + "}");
        HttpResponse<String> written = post("/v1/" + endpoint,
                "{" + program + ", \"inputs\": {" + values + ", " + given + "}, " + asked + "}");
        assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
        if (compared == null) {
            assertThat(called.body()).isEqualTo(written.body());
        }
        for (String field : compared == null ? new String[0] : compared.split(", ", -1)) {
            assertThat(json(called).path(field)).as(field).isEqualTo(json(written).path(field)).isNotEmpty();
        }
    }

    /** Values of models that are called, of those that these call, and of networks. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "expression": "line(u)^2"  | "u": [1, 2]                        | line.w        | 1
            "expression": "twice(u)^2" | "u": [1, 2]                        | twice.line.w  | 1
            "model": "twice"           | "x": [1, 2]                        | line.w        | 1
            "model": "net"             | "x": [[1, 2, -0.5]], "y": [[1, 0]] | hidden.weight | 0,1
            """)
    void anEntryOfAKeptValueIsExplained(String program, String inputs, String value, String entry) {
        Function<String, String> named = text -> text.replaceAll("line|twice|net\\b", name + "_$0");
        put(name + "_line", "{\"expression\": \"dot(w, x) + b\", \"inputs\": {\"w\": [0.5, 0.25], \"b\": 1}}");
        put(name + "_twice", named.apply("{\"expression\": \"c * line(x)\", \"inputs\": {\"c\": 2}}"));
        put(name + "_net", "{" + NETWORK + "}");
        String request = named.apply("{" + program + ", \"inputs\": {" + inputs + "}, ");
        JsonNode told = answered("/v1/explain", request + "\"entry\": \"" + named.apply(value) + "[" + entry + "]\"}").path("entry");
        JsonNode gradient = answered("/v1/gradient", request + "\"wrt\": [\"" + named.apply(value) + "\"]}")
                .path("gradients").path(named.apply(value));
        assertThat(told.path("gradient")).isEqualTo(gradient.at("/" + entry.replace(',', '/')));
        assertThat(answered("/v1/explain", request + "\"node\": \"" + named.apply(value) + "\"}").path("paths").isEmpty()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            plot  |           | "ranges": {"x": [-2, 2]}
            plot  |           | "ranges": {"x": [-2, 2], "y": [1, 3]}, "theme": "dark"
            graph | "x": 0.5, | "lang": "en"
            """)
    void aModelIsDrawnAsItsProgramIs(String endpoint, @Nullable String given, String fields) {
        String program = "\"expression\": \"p = x^2\\nh = a * p\\ns = sin(h)\\nr = " + (fields.contains("y") ? "b * y" : "-b")
                + "\\nf = s + r\"";
        stored("{" + program + ", \"inputs\": {\"a\": 2, \"b\": -1}}");
        String others = given == null ? "" : given;
        HttpResponse<String> called = post("/v1/" + endpoint,
                "{\"model\": \"" + name + "\", \"inputs\": {" + others.replace(",", "") + "}, " + fields + "}");
        HttpResponse<String> written = post("/v1/" + endpoint,
                "{" + program + ", \"inputs\": {" + others + "\"a\": 2, \"b\": -1}, " + fields + "}");
        assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
        assertThat(called.body()).isEqualTo(written.body());
    }

    @Test
    void anOpOfTheSameNameWins() {
        HttpResponse<String> model = send("PUT", "/v1/models/tanh", BodyPublishers.ofString("{\"expression\": \"y = 100 * x\"}"),
                "Content-Type", "application/json");
        assertThat(model.statusCode()).as(model.body()).isIn(200, 201);
        HttpResponse<String> called = post("/v1/evaluate", "{\"expression\": \"tanh(x)\", \"inputs\": {\"x\": 1}}");
        assertThat(json(called).path("value").asDouble()).as(called.body()).isCloseTo(Math.tanh(1), within(1e-15));
        HttpResponse<String> byName = post("/v1/evaluate", "{\"model\": \"tanh\", \"inputs\": {\"x\": 3}}");
        assertThat(json(byName).path("value").asDouble()).as(byName.body()).isEqualTo(300);
    }

    /** A text calls models by names that are otherwise refused; functions that the notation reads win, as ops do. */
    @ParameterizedTest
    @CsvSource({"net, 300", "model, 300", "network, 300", "loss, 300", "c, 300", "map, 300", "filter, 300", "lg, 300", "grad, 300",
            "tg, -0.1425",
            "tr, 3", "real, 3", "product, 3", "len, 1"})
    void whichNamesCallAModel(String called, double value) {
        assertThat(put(called, "{\"expression\": \"y = 100 * x\"}").statusCode()).isIn(200, 201);
        String x = called.equals("tr") ? "[[3]]" : called.equals("product") || called.equals("len") ? "[3]" : "3";
        JsonNode answer = answered("/v1/evaluate", "{\"expression\": \"" + called + "(x)\", \"inputs\": {\"x\": " + x + "}}");
        assertThat(answer.path("value").asDouble()).isCloseTo(value, within(1e-4));
        assertThat(status("DELETE", "/v1/models/" + called)).isEqualTo(204);
    }

    /** What a called model keeps is a number to whoever writes the lines of a backward pass. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            dfdu = dfdq * 10 * u  | right
            dfdu = dfdq * 5 * u   | wrong
            dfdu = 2 * 10 * u     | wrong
            """)
    void aBackwardPassThroughAModelIsMarked(String line, String verdict) {
        stored("{\"expression\": \"x * a * x\", \"inputs\": {\"a\": 5}}");
        JsonNode grade = answered("/v1/grade", "{\"expression\": \"q = " + name + "(u)\\nf = q * v\\ndfdq = v\\n" + line
                + "\", \"inputs\": {\"u\": 3, \"v\": 2}}");
        assertThat(grade.at("/lines/0/verdict").asString()).as(grade.toString()).isEqualTo("right");
        assertThat(grade.at("/lines/1/verdict").asString()).as(grade.toString()).isEqualTo(verdict);
    }

    /** A loss need not use all values that its models keep. */
    @Test
    void aKeptValueIsNoInputThatIsUnused() {
        stored(DEFINITION);
        JsonNode trained = answered("/v1/train", "{\"expression\": \"f(t) = " + name
                + "(t)\\n(w * x - 1)^2\", \"inputs\": {\"w\": 0, \"x\": 1, \"z\": 2}, \"wrt\": [\"w\"], \"steps\": 2}");
        assertThat(trained.path("diagnostics").findValuesAsString("node")).containsExactly("z");
    }

    /** A mistake in what a request gives to a model is not told of a program that the request does not have. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            net   | "x": [[1, 2, 3]], "y": [[1, 2, 3]] | shape-mismatch /model
            graph | "x": [1, 2]                        | shape-mismatch /model
            text  | "x": [1, 2], "z": [1, 2, 3]        | shape-mismatch /model
            """)
    void whatDoesNotFitAModelIsToldOfTheModel(String model, String inputs, String error) {
        put(name + "_net", "{" + NETWORK + "}");
        put(name + "_graph", "{\"graph\": {\"nodes\": [{\"id\": \"y\", \"op\": \"matmul\", \"inputs\": [\"W\", \"x\"]}]}, "
                + "\"inputs\": {\"W\": [[1, 2, 3]]}, \"declares\": {\"x\": {}}}");
        put(name + "_text", "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + x[i]\\ny = x * z\\nt * y\", "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        HttpResponse<String> response = post("/v1/evaluate", "{\"model\": \"" + name + "_" + model + "\", \"inputs\": {" + inputs + "}}");
        assertThat(errors(response)).as(response.body()).containsExactly(error);
        assertThat(json(response).at("/errors/0").has("line")).isFalse();
        assertThat(json(response).at("/errors/0/message").asString().contains("(line 3 of the model)")).isEqualTo(model.equals("text"));
    }

    /** Where a model needs a shape, its callers are told to say which it is. */
    @ParameterizedTest
    @ValueSource(strings = {"net", "text"})
    void aShapeThatACalledModelNeedsIsDeclared(String model) {
        put(name + "_net", "{" + NETWORK + "}");
        put(name + "_text", "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + x[i]\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String calls = "{\"expression\": \"2 * " + name + "_" + model + "(u)\"";
        JsonNode refused = json(put(name, calls + "}"));
        assertThat(refused.at("/errors/0/pointer").asString()).as(refused.toString()).isEqualTo("/expression");
        assertThat(refused.at("/errors/0/hint").asString())
                .isEqualTo("the shape of its 'x' is not known; give the values of the inputs, or declare their shapes, "
                        + "those of a model that a training stores in its 'save_as'");
        stored(calls + ", \"declares\": {\"u\": {\"shape\": [3]}}}");
    }

    @Test
    void aTextCallsAModelAsAFunction() {
        stored(DEFINITION.replace("f = sum(h * h)", "f = h * h"));
        JsonNode called = answered("/v1/gradient", "{\"expression\": \"u = 2 * x\\ny = %s(u)[1] + sum(%s(x))\", \"inputs\": {%s}}"
                .formatted(name, name, X));
        JsonNode written = answered("/v1/gradient", """
                {"expression": "u = 2 * x\\nh = tanh(W @ u + b)\\nk = tanh(W @ x + b)\\ny = (h * h)[1] + sum(k * k)", "inputs": {%s, %s}}"""
                .formatted(PARAMETERS, X));
        assertThat(called.path("value")).isEqualTo(written.path("value"));
        assertThat(called.path("gradients").path("x")).isEqualTo(written.path("gradients").path("x"));
        assertThat(called.path("gradients").propertyNames()).containsExactly("x");
        JsonNode byParameter = answered("/v1/gradient", "{\"expression\": \"sum(%s(x))\", \"inputs\": {%s}, \"wrt\": [\"%s.b\"]}"
                .formatted(name, X, name));
        assertThat(byParameter.path("gradients").path(name + ".b").size()).isEqualTo(2);
    }

    private double value(String expression) {
        return answered("/v1/evaluate", "{\"expression\": \"" + expression + "\"}").path("value").asDouble();
    }

    /** Arguments stand as in {@code declares}, then as the program reads them; the parameters of a definition come first. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            y - 2 * x                             | "x": {}, "y": {}                             | x, y    | 0
            y - 2 * x                             | "y": {}, "x": {}                             | y, x    | -3
            y - 2 * x                             | "x": {}                                      | x, y    | 0
            y - 2 * x                             |                                              | y, x    | -3
            y - 2 * x                             | "x": {"shape": []}, "y": {"shape": []}       | x, y    | 0
            f(y, x) = y - 2 * x                   | "x": {}, "y": {}                             | y, x    | -3
            f(y, x) = 2 * x                       |                                              | y, x    | 4
            f(y, x) = 2 * x                       | "x": {}, "y": {}                             | y, x    | 4
            f(x, y) = 2 * x                       | "y": {"shape": []}                           | x, y    | 2
            f(x, y) = mean(x) * len(x)            | "x": {"shape": ["n"]}                        | x, y    | 1
            t = y\\nfor i in 0:len(x): t = t - 2 * x[i]\\nt | "x": {"shape": ["n"]}, "y": {} | x, y    | 0
            """)
    void argumentsStandInTheOrderOfWhatIsDeclared(String expression, @Nullable String declares, String order, double value) {
        JsonNode model = json(
                stored("{\"expression\": \"" + expression + "\", \"declares\": {" + (declares == null ? "" : declares) + "}}"));
        List<String> inputs = List.of(order.split(", ", -1));
        assertThat(model.path("inputs").propertyNames()).containsExactlyElementsOf(inputs);
        String first = expression.contains("len(x)") ? "[1]" : "1";
        assertThat(value(name + "(" + first + ", 2)")).isEqualTo(value);
        put(name + "_copy", "{\"model\": \"" + name + "\", \"declares\": {\"" + inputs.getLast() + "\": {\"text\": \"some\"}}}");
        assertThat(value(name + "_copy(" + first + ", 2)")).as("a copy is called as its model is").isEqualTo(value);
    }

    /** A definition has all its parameters, as a text that is written out has inputs that it does not read. */
    @Test
    void anArgumentThatIsNotReadIsTaken() {
        String rhs = "{\"expression\": \"f(t, y) = -2 * y\"}";
        stored(rhs);
        assertThat(value("y0 = 3\\ny0 + 0.5 * " + name + "(9, y0)")).isZero();
        assertThat(value(name + "(y=3, t=9)")).isEqualTo(-6);
        JsonNode called = answered("/v1/gradient", "{\"model\": \"" + name + "\", \"inputs\": {\"t\": 9, \"y\": 3}}");
        assertThat(called.path("gradients").toString()).isEqualTo("{\"t\":0.0,\"y\":-2.0}");
        assertThat(called.at("/diagnostics/0/kind").asString()).isEqualTo("unused-input");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"y\": 3}}").path("value").asInt()).isEqualTo(-6);
        assertThat(put(name, rhs).statusCode()).as("the same again").isEqualTo(200);
        assertThat(put(name, rhs.replace("}", ", \"output\": \"f\"}")).statusCode()).as("its output by its name").isEqualTo(200);
        assertThat(errors(put(name, rhs.replace("}", ", \"declares\": {\"z\": {}}}")))).containsExactly("unknown-node /declares/z");
        assertThat(errors(put(name, rhs.replace("}", ", \"inputs\": {\"t\": 1}}")))).containsExactly("unknown-node /inputs/t");
    }

    @Test
    void anotherOrderOfArgumentsIsANewVersion() {
        String model = "{\"expression\": \"y - 2 * x\", \"declares\": {%s}}";
        assertThat(put(name, model.formatted("\"x\": {}, \"y\": {}")).statusCode()).isEqualTo(201);
        assertThat(put(name, model.formatted("\"x\": {}, \"y\": {}")).statusCode()).isEqualTo(200);
        assertThat(value(name + "(1, 2)")).isEqualTo(0);
        HttpResponse<String> other = put(name, model.formatted("\"y\": {}, \"x\": {}"));
        assertThat(other.statusCode()).as(other.body()).isEqualTo(201);
        assertThat(json(other).path("version").asInt()).isEqualTo(2);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + ":1\", \"inputs\": {\"x\": 1, \"y\": 2}}").path("value").asInt())
                .isZero();
    }

    @Test
    void whatIsStoredAgainIsNoNewVersion() {
        stored(DEFINITION);
        HttpResponse<String> again = put(name, DEFINITION);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).path("version").asInt()).isEqualTo(1);
        HttpResponse<String> other = put(name, DEFINITION.replace("0.25", "0.5"));
        assertThat(other.statusCode()).isEqualTo(201);
        assertThat(json(other).path("version").asInt()).isEqualTo(2);
        assertThat(put(name, DEFINITION).statusCode()).isEqualTo(201);
        JsonNode versions = found("/v1/models/" + name + "/versions?limit=2");
        assertThat(versions.path("models").path(0).path("version").asInt()).isEqualTo(3);
        assertThat(versions.path("next").asString()).isEqualTo("2");
        assertThat(found("/v1/models/" + name + "/versions?limit=2&after=2").path("models").size()).isEqualTo(1);
        assertThat(versions.path("models").path(0).path("sha256"))
                .isEqualTo(found("/v1/models/" + name + ":1").path("sha256"));
    }

    private HttpResponse<String> move(String alias, int version, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "Content-Type";
        all[1] = "application/json";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return send("PUT", "/v1/models/" + name + "/aliases/" + alias, BodyPublishers.ofString("{\"version\": " + version + "}"), all);
    }

    @Test
    void anAliasIsMovedByWhoKnowsWhatItNames() {
        stored(DEFINITION);
        stored(DEFINITION.replace("0.25", "0.5"));
        assertThat(errors(move("prod", 1))).containsExactly("precondition-failed -");
        assertThat(move("prod", 1, "If-None-Match", "*").statusCode()).isEqualTo(200);
        assertThat(errors(move("prod", 2, "If-None-Match", "*"))).containsExactly("precondition-failed -");
        HttpResponse<String> now = get("/v1/models/" + name + "/aliases/prod");
        assertThat(now.headers().firstValue("ETag")).contains("\"1\"");
        assertThat(move("prod", 2, "If-Match", "\"2\"").statusCode()).isEqualTo(412);
        assertThat(move("prod", 2, "If-Match", "\"1\"").statusCode()).isEqualTo(200);
        assertThat(errors(move("prod", 3, "If-Match", "*"))).containsExactly("not-found /version");
        assertThat(move("latest", 1, "If-Match", "\"2\"").statusCode()).isEqualTo(200);
        assertThat(found("/v1/models/" + name + "/aliases").path("aliases").toString()).isEqualTo("{\"latest\":1,\"prod\":2}");
        assertThat(found("/v1/models/" + name).path("version").asInt()).isEqualTo(1);
        assertThat(found("/v1/models/" + name + "@prod").path("version").asInt()).isEqualTo(2);
        stored(DEFINITION.replace("0.25", "0.75"));
        assertThat(found("/v1/models/" + name).path("version").asInt()).isEqualTo(3);
        assertThat(send("DELETE", "/v1/models/" + name + "/aliases/prod", BodyPublishers.noBody(), "If-Match", "\"2\"").statusCode())
                .isEqualTo(204);
        assertThat(get("/v1/models/" + name + "@prod").statusCode()).isEqualTo(404);
    }

    /** The advice is what can be done, whatever is there. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            PUT    | /none              | {"expression": "x"} | *   | If-None-Match: * stores what is new
            PUT    |                    | {"expression": "x"} | "7" | GET it again, and send its ETag, with its quotes, as If-Match
            PUT    | /aliases/new       | {"version": 1}      | *   | If-None-Match: * makes a new alias
            PUT    | /aliases/latest    | {"version": 1}      | "7" | GET it again, and send its ETag as If-Match
            DELETE | /aliases/new       |                     | *   | GET /v1/models/NAME/aliases lists all
            DELETE | /aliases/latest    |                     |     | the alias 'latest' cannot be removed
            """)
    void whatDoesNotHoldIsToldWithWhatToDo(String method, @Nullable String path, @Nullable String body, @Nullable String ifMatch,
            String hint) {
        stored(DEFINITION);
        String address = "/v1/models/" + name + (path == null ? "" : path.replace("/none", "_none"));
        HttpResponse<String> refused = send(method, address, BodyPublishers.ofString(body == null ? "" : body),
                Stream.concat(Stream.of("Content-Type", "application/json"),
                        ifMatch == null ? Stream.empty() : Stream.of("If-Match", ifMatch)).toArray(String[]::new));
        JsonNode error = json(refused).path("errors").get(0);
        assertThat(refused.statusCode()).isEqualTo(ifMatch == null ? 422 : 412);
        assertThat(error.path(ifMatch == null ? "message" : "hint").asString()).isEqualTo(hint.replace("NAME", name));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"PUT | If-Match, or If-None-Match: * for a new alias", "DELETE | If-Match"})
    void whoDoesNotSayWhatAnAliasNamesIsToldHow(String method, String expected) {
        stored(DEFINITION);
        HttpResponse<String> refused = send(method, "/v1/models/" + name + "/aliases/prod", BodyPublishers.ofString("{\"version\": 1}"),
                "Content-Type", "application/json");
        assertThat(refused.statusCode()).isEqualTo(412);
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo(expected);
    }

    @Test
    void ofAModelThatIsNotThereNoAliasIsMade() {
        assertThat(errors(move("prod", 1, "If-None-Match", "*"))).containsExactly("not-found -");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "description": "LONG"                | /description       | 'description' is too long
            "description": "a\\u0007"            | /description       | 'description' has a character that no text may have
            "tags": ["Two words"]                | /tags/0            | 'Two words' cannot be a tag
            "declares": {"x": {"range": [1, 0]}} | /declares/x/range  | 'range' is not two numbers in their order
            """)
    void whatIsWrongWithAFieldIsSaid(String field, String pointer, String message) {
        HttpResponse<String> refused = put(name, "{" + PROGRAM + ", \"inputs\": {" + PARAMETERS + "}, "
                + field.replace("LONG", "a".repeat(20_000)) + "}");
        assertThat(errors(refused)).containsExactly("invalid-value " + pointer);
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo(message);
    }

    /** Each of them is a row, and a file of a model has no more. */
    @Test
    void aModelKeepsSoManyValues() {
        HttpResponse<String> refused = put(name, "{\"expression\": \"" + IntStream.rangeClosed(0, 10_000).mapToObj(i -> "a" + i)
                .collect(Collectors.joining(" + ")) + "\", \"inputs\": {"
                + IntStream.rangeClosed(0, 10_000).mapToObj(i -> "\"a" + i + "\": " + i).collect(Collectors.joining(", ")) + "}}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo("a model keeps the values of too many inputs");
        assertThat(json(refused).at("/errors/0/actual").asString()).isEqualTo("10001");
    }

    /** If-Match has a list of entity tags, one of which has to be the alias's (RFC 9110, 13.1.1). Weak tags never are. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "1"                | 200
            "2", "1"           | 200
            "2","3" ,, "1",    | 200
            "a, b", "1"        | 200
            *                  | 200
            "2", "3"           | 412
            W/"1"              | 412
            W/"1", "2"         | 412
            "1, 2"             | 412
            "1" "2"            | 412
            "1", 2             | 412
            1                  | 412
            "2", *             | 412
            """)
    void anAliasIsMovedByWhoNamesWhatItMayName(String tags, int status) {
        stored(DEFINITION);
        stored(DEFINITION.replace("0.25", "0.5"));
        assertThat(move("prod", 1, "If-None-Match", "*").statusCode()).isEqualTo(200);
        assertThat(move("prod", 2, "If-Match", tags).statusCode()).isEqualTo(status);
        assertThat(found("/v1/models/" + name + "@prod").path("version").asInt()).isEqualTo(status == 200 ? 2 : 1);
    }

    private static void assertFailed(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(412);
        assertThat(response.body()).contains("precondition-failed");
    }

    private HttpResponse<String> put(String body, String header, String value) {
        return send("PUT", "/v1/models/" + name, BodyPublishers.ofString(body), "Content-Type", "application/json", header, value);
    }

    @Test
    void aModelIsStoredOrDeletedOnlyAsTheClientSays() throws Exception {
        String path = "/v1/models/" + name;
        String other = DEFINITION.replace("0.25", "0.5");
        assertFailed(put(DEFINITION, "If-Match", "*"));
        assertThat(get(path).statusCode()).isEqualTo(404);
        HttpResponse<String> first = put(DEFINITION, "If-None-Match", "*");
        assertThat(first.statusCode()).isEqualTo(201);
        assertFailed(put(DEFINITION, "If-None-Match", "*"));
        assertFailed(put(other, "If-None-Match", "*"));
        assertFailed(put(other, "If-Match", "\"2\""));
        assertFailed(put(other, "If-Match", "1"));
        assertThat(found(path + "/versions").path("models")).hasSize(1);
        String tag = get(path).headers().firstValue("ETag").orElseThrow();
        assertThat(tag).isEqualTo(get(path + "/aliases/latest").headers().firstValue("ETag").orElseThrow());
        assertThat(first.headers().firstValue("ETag")).contains(tag);
        assertThat(put(name, DEFINITION).headers().firstValue("ETag")).contains(tag);
        assertThat(get(path, "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(put(other, "If-Match", tag).statusCode()).isEqualTo(201);
        assertFailed(put(DEFINITION, "If-Match", tag));
        String ofFile = get(path + "/export").headers().firstValue("ETag").orElseThrow();
        assertThat(put(DEFINITION, "If-Match", ofFile).statusCode()).isEqualTo(201);
        assertFailed(send("DELETE", path + ":2", BodyPublishers.noBody(), "If-Match", "\"3\""));
        assertFailed(send("DELETE", path, BodyPublishers.noBody(), "If-Match", "\"2\""));
        assertThat(found(path + "/versions").path("models")).noneMatch(version -> version.has("deleted_at")).hasSize(3);
        assertThat(send("DELETE", path + ":2", BodyPublishers.noBody(), "If-Match", "\"2\"").statusCode()).isEqualTo(204);
        assertThat(send("DELETE", path, BodyPublishers.noBody(), "If-Match", "\"3\"").statusCode()).isEqualTo(204);
        assertThat(send("DELETE", path, BodyPublishers.noBody(), "If-Match", "\"3\"").statusCode()).isEqualTo(404);
        assertThat(put(DEFINITION, "If-None-Match", "*").statusCode()).isEqualTo(201);
    }

    /** Of clients that change one version at once, one does. */
    @Test
    void ofThoseWhoChangeAModelAtOnceOneDoes() throws Exception {
        stored(DEFINITION);
        try (ExecutorService clients = Executors.newFixedThreadPool(6)) {
            List<Future<HttpResponse<String>>> all = IntStream.range(0, 6)
                    .mapToObj(i -> clients.submit(() -> put(DEFINITION.replace("0.25", "0.5" + i), "If-Match", "\"1\""))).toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<HttpResponse<String>> response : all) {
                statuses.add(response.get().statusCode());
            }
            assertThat(statuses).containsExactlyInAnyOrder(201, 412, 412, 412, 412, 412);
        }
        assertThat(found("/v1/models/" + name).path("version").asInt()).isEqualTo(2);
    }

    /** What is wrong is told where it stands, with words for a model. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "inputs": {"x": [1, 2, 3]}           | invalid-value /inputs/x            | 'x' is data
            "parameters": {"x": [1, 2, 3]}       | invalid-value /parameters/x        | 'x' is data
            "inputs": {"y": [1, 2]}              | invalid-value /inputs/y            | 'y' is data
            "inputs": {"hiden.bias": [1, 2]}     | unknown-node /inputs/hiden.bias    | has no parameter 'hiden.bias'
            "parameters": {"hiden.bias": [1, 2]} | unknown-node /parameters/hiden.bias | has no parameter 'hiden.bias'
            "inputs": {"out.bias": [5, 6]}, "parameters": {"out.bias": [7, 8]} | invalid-value /parameters/out.bias | among the inputs
            """)
    void whatANetworkDoesNotKeepIsToldWhereItStands(String values, String error, String message) {
        HttpResponse<String> refused = put(name, "{" + NETWORK + ", " + values + "}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly(error);
        assertThat(json(refused).path("detail").asString()).contains(message);
    }

    @Test
    void aLongListOfTagsIsRead() {
        stored(DEFINITION);
        assertThat(move("latest", 1, "If-Match", ",".repeat(12_000) + "\"1\"").statusCode()).isEqualTo(200);
    }

    @Test
    void ofAModelThatIsNotThereNothingIsRemoved() {
        String missing = "/v1/models/" + name + "/aliases/";
        for (String alias : List.of("prod", "latest")) {
            assertThat(errors(send("DELETE", missing + alias, BodyPublishers.noBody(), "If-Match", "\"1\"")))
                    .containsExactly("not-found -");
        }
        stored(DEFINITION);
        assertThat(errors(send("DELETE", missing + "prod", BodyPublishers.noBody(), "If-Match", "\"1\"")))
                .containsExactly("precondition-failed -");
    }

    @Test
    void whatIsDeletedComesBack() {
        stored(DEFINITION);
        stored(DEFINITION.replace("0.25", "0.5"));
        assertThat(status("DELETE", "/v1/models/" + name + ":1")).isEqualTo(204);
        assertThat(get("/v1/models/" + name + ":1").statusCode()).isEqualTo(404);
        assertThat(status("DELETE", "/v1/models/" + name + ":1")).isEqualTo(404);
        assertThat(get("/v1/models/" + name).statusCode()).isEqualTo(200);
        assertThat(status("DELETE", "/v1/models/" + name)).isEqualTo(204);
        HttpResponse<String> gone = post("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}}");
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(errors(gone)).containsExactly("not-found /model");
        assertThat(hint(gone)).isEqualTo("it has been deleted; POST /v1/models/" + name + "/undelete brings it back");
        assertThat(hint(get("/v1/models/" + name))).isEqualTo(hint(gone));
        assertThat(hint(get("/v1/models/" + name + ":1")))
                .isEqualTo("it has been deleted; POST /v1/models/" + name + ":1/undelete brings it back");
        assertThat(hint(get("/v1/models/" + name + "@latest"))).isEqualTo(hint(gone));
        assertThat(hint(post("/v1/evaluate", "{\"model\": \"" + name + ":3\"}"))).isEqualTo("GET /v1/models lists the models");
        assertThat(hint(get("/v1/models/" + name + ":3"))).isEmpty();
        String call = "{\"expression\": \"" + name + "(x)\", \"inputs\": {" + X;
        assertThat(errors(post("/v1/evaluate", call + "}}"))).containsExactly("unknown-op /expression");
        assertThat(hint(post("/v1/evaluate", call + "}}")))
                .isEqualTo("a model of this name has been deleted; POST /v1/models/" + name + "/undelete brings it back");
        assertThat(hint(post("/v1/evaluate", call + ", \"" + name + "\": 2}}"))).startsWith("'" + name + "' is a value");
        assertThat(hint(post("/v1/evaluate", "{\"graph\": {\"nodes\": [{\"id\": \"y\", \"op\": \"" + name
                + ":1\", \"inputs\": [\"x\"]}]}, \"inputs\": {" + X + "}}")))
                .isEqualTo("a model of this name has been deleted; POST /v1/models/" + name + ":1/undelete brings it back");
        assertThat(hint(post("/v1/evaluate", call.replace(name, name + "_none") + "}}"))).doesNotContain("deleted");
        put("net", DEFINITION);
        assertThat(status("DELETE", "/v1/models/net")).isEqualTo(204);
        assertThat(hint(post("/v1/evaluate", call.replace(name, "net") + "}}"))).as("a name that other libraries have")
                .isEqualTo("a model of this name has been deleted; POST /v1/models/net/undelete brings it back");
        assertThat(found("/v1/models?prefix=" + name).path("models").size()).isZero();
        assertThat(found("/v1/models?deleted=true&prefix=" + name).path("models")).singleElement()
                .extracting(model -> model.path("name").asString() + ":" + model.path("version").asInt() + model.has("deleted_at"))
                .isEqualTo(name + ":2true");
        assertThat(found("/v1/models/" + name + "/versions").path("models").path(0).has("deleted_at")).isTrue();
        assertThat(status("POST", "/v1/models/" + name + "/undelete")).isEqualTo(204);
        assertThat(found("/v1/models/" + name + ":1").path("version").asInt()).isEqualTo(1);
        answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}}");
        assertThat(status("POST", "/v1/models/" + name + "/undelete")).as("once more").isEqualTo(204);
        assertThat(status("POST", "/v1/models/" + name + ":1/undelete")).isEqualTo(204);
        assertThat(status("POST", "/v1/models/" + name + ":3/undelete")).isEqualTo(404);
        assertThat(status("POST", "/v1/models/" + name + "_none/undelete")).isEqualTo(404);
    }

    /** A text in which the name means something else would be refused after an undelete, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            POST | /v1/evaluate | NAME = 2*x\\ny = NAME(3)          | "inputs": {"x": 1}    | 'NAME' is a value; | NAME = 2*x\\ny = NAME*(3)
            POST | /v1/evaluate | y = NAME(x)\\nNAME(u) = u^2\\ny   | "inputs": {"x": 1}    | it is defined further down, |
            POST | /v1/evaluate | import numpy as NAME\\ny = NAME(x) | "inputs": {"x": 1}    | GET /v1/ops lists  |
            POST | /v1/evaluate | from own import net\\ny = net(x)   | "inputs": {"x": 1}    | no stored model has this name; |
            PUT  | /v1/models/x | y = NAME(3)                       | "declares": {"NAME": {}} | 'NAME' is a value; |
            """)
    void aNameThatATextGivesIsNoDeletedModel(String method, String path, String expression, String field, String hint,
            @Nullable String fixed) {
        for (String deleted : List.of(name, "net")) {
            put(deleted, DEFINITION);
            assertThat(status("DELETE", "/v1/models/" + deleted)).isEqualTo(204);
        }
        String body = ("{\"expression\": \"" + expression + "\", " + field + "}").replace("NAME", name);
        HttpResponse<String> refused = send(method, path, BodyPublishers.ofString(body), "Content-Type", "application/json");
        assertThat(errors(refused)).as(refused.body()).containsExactly("unknown-op /expression");
        assertThat(hint(refused)).startsWith(hint.replace("NAME", name));
        if (fixed != null) {
            assertThat(json(refused).path("fixed_expression").asString(""))
                    .isEqualTo(fixed.replace("NAME", name).replace("\\n", "\n"));
        }
    }

    private String hint(HttpResponse<String> refused) {
        return json(refused).at("/errors/0/hint").asString("");
    }

    /** Only where nothing else is left of a model; pages and filters are those of other lists. */
    @Test
    void whatIsDeletedIsListed() {
        for (String end : List.of("a", "b", "c", "d")) {
            put(name + end, DEFINITION.replace("}}", "}, \"tags\": [\"" + end + "\"]}"));
            put(name + end, DEFINITION.replace("}}", "}, \"tags\": [\"new\"]}"));
            status("DELETE", "/v1/models/" + name + end + (end.equals("b") ? ":1" : ""));
        }
        JsonNode first = found("/v1/models?deleted=true&limit=2&prefix=" + name);
        assertThat(first.path("models")).extracting(model -> model.path("name").asString()).containsExactly(name + "a", name + "c");
        assertThat(found("/v1/models?deleted=true&limit=2&after=" + first.path("next").asString() + "&prefix=" + name).path("models"))
                .extracting(model -> model.path("name").asString()).containsExactly(name + "d");
        assertThat(found("/v1/models?deleted=true&tag=new&prefix=" + name).path("models")).hasSize(3);
        assertThat(found("/v1/models?deleted=true&tag=a&prefix=" + name).path("models")).isEmpty();
        assertThat(found("/v1/models?deleted=false&prefix=" + name).path("models")).hasSize(1);
        move(name + "b", "old", 2);
        status("DELETE", "/v1/models/" + name + "b:2");
        assertThat(hint(get("/v1/models/" + name + "b@old")))
                .isEqualTo("it has been deleted; POST /v1/models/" + name + "b:2/undelete brings it back");
    }

    private void move(String model, String alias, int version) {
        send("PUT", "/v1/models/" + model + "/aliases/" + alias, BodyPublishers.ofString("{\"version\": " + version + "}"), "Content-Type",
                "application/json", "If-None-Match", "*");
    }

    @Test
    void listsHavePagesAndFilters() {
        for (String end : List.of("a", "b", "c_d")) {
            put(name + end,
                    DEFINITION.replace("}}", "}, \"tags\": [\"" + name + "\", \"" + end + "\"], \"description\": \"" + end + "\"}"));
        }
        JsonNode first = found("/v1/models?prefix=" + name + "&limit=2");
        assertThat(first.path("models").path(0).path("description").asString()).isEqualTo("a");
        assertThat(first.path("models").size()).isEqualTo(2);
        assertThat(first.path("next").asString()).isEqualTo(name + "b");
        JsonNode second = found("/v1/models?prefix=" + name + "&limit=2&after=" + first.path("next").asString());
        assertThat(second.path("models").path(0).path("name").asString()).isEqualTo(name + "c_d");
        assertThat(second.has("next")).isFalse();
        assertThat(found("/v1/models?tag=c_d&prefix=" + name).path("models").size()).isEqualTo(1);
        assertThat(found("/v1/models?tag=cxd&prefix=" + name).path("models").size()).isZero();
        assertThat(found("/v1/models?tag=" + name).path("models").size()).isEqualTo(3);
        put(name + "b", DEFINITION.replace("}}", "}, \"licence\": \"CC-BY 4.0_a\"}"));
        JsonNode licensed = found("/v1/models?licence=CC-BY%204.0_a&prefix=" + name).path("models");
        assertThat(licensed).singleElement().extracting(model -> model.path("name").asString() + " " + model.path("licence").asString())
                .isEqualTo(name + "b CC-BY 4.0_a");
        assertThat(found("/v1/models?licence=CC-BY%204.0xa&prefix=" + name).path("models").size()).isZero();
        for (String wrong : List.of("?limit=0", "?limit=abc", "?limit=99999999999", "/" + name + "a/versions?after=x")) {
            HttpResponse<String> refused = get("/v1/models" + wrong);
            assertThat(errors(refused)).containsExactly("invalid-value -");
            assertThat(json(refused).at("/errors/0/parameter").asString()).isIn("limit", "after");
        }
        assertThat(get("/v1/models/" + name + "/versions").statusCode()).isEqualTo(404);
    }

    private static String graph(String op, String output) {
        return """
                "graph": {"nodes": [{"id": "u", "op": "mul", "inputs": ["x", 2]}, {"id": "h", "op": "%s", "inputs": ["u"]},
                {"id": "f", "op": "sum", "inputs": ["h"]}], "output": "%s"}""".formatted(op, output);
    }

    /** A node of a graph whose op is a model is what a call in a text is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            evaluate   |          | "nodes": "all"               | value
            gradient   | :1       | "jacobians": "none"          | value, gradients
            gradient   | @latest  | "nodes": "none"              | value, gradients
            explain    |          | "nodes": ["h"]               | value, gradients
            vjp        | :1       | "cotangents": {"h": [1, 2]}  | values, gradients
            jvp        |          | "tangents": {"x": [1, 0, 2]} | values, tangents
            jacobian   |          | "of": ["h"]                  | values, jacobians
            hessian    | @latest  | "format": "dense"            | value, gradients, hessians
            hvp        |          | "vectors": {"x": [1, 0, 2]}  | value, gradients, products
            check      |          | "order": 1                   | passed, checks
            derivative |          | "form": "stable"             | derivatives
            graph      |          | "gates": "as_written"        | cost
            render     |          | "format": "dot"              |
            train      |          | "wrt": ["x"], "steps": 2, "optimizer": {"type": "sgd", "lr": 0.1} | parameters
            """)
    void aGraphCallsAModel(String endpoint, @Nullable String which, String fields, @Nullable String compared) {
        stored(DEFINITION.replace("f = sum(h * h)", ""));
        String asked = ", \"inputs\": {" + X + "}, " + fields + "}";
        HttpResponse<String> called = post("/v1/" + endpoint, "{" + graph(name + (which == null ? "" : which), "f") + asked);
        HttpResponse<String> written = post("/v1/" + endpoint, "{\"expression\": \"u = x * 2\\nh = " + name + "(u)\\nf = sum(h)\"" + asked);
        assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
        assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
        for (String field : compared == null ? new String[0] : compared.split(", ", -1)) {
            assertThat(json(called).path(field)).as(field).isEqualTo(json(written).path(field));
        }
    }

    /** Of a graph that is kept with its models, another node may be the output; what only the others read is not asked for. */
    @Test
    void aGraphThatIsKeptHasAnotherOutput() {
        stored("{\"expression\": \"m = sum(x) / len(x)\\ny = (x - m) * c\", \"inputs\": {\"c\": 10}, \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String nodes = """
                {"graph": {"nodes": [{"id": "a", "op": "NAME:1", "inputs": ["x"]}, {"id": "d", "op": "sub", "inputs": ["a", "t"]},
                {"id": "b", "op": "NAME:1", "inputs": ["d"]}]}, "declares": {"x": {"shape": ["n"]}, "t": {"shape": ["n"]}}}"""
                .replace("NAME", name);
        assertThat(put(name + "_graph", nodes).statusCode()).isEqualTo(201);
        JsonNode other = json(put(name + "_other", "{\"model\": \"" + name + "_graph\", \"output\": \"a\"}"));
        assertThat(other.path("inputs").propertyNames()).as(other.toString()).containsExactly("x");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_other\", \"inputs\": {\"x\": [1, 2, 6]}}").path("value").toString())
                .isEqualTo("[-20.0,-10.0,30.0]");
    }

    /** A name that some lengths give no value is no input, and neither is a parameter of a function in the text. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            if len(x) > 1:\\n  m = sum(x) / len(x)\\nf = m               | `x`
            for i in range(1, len(x)):\\n  d = x[i] - x[i - 1]\\nf = d / len(x) | `x`
            def act(y):\\n  return tanh(y)\\nf = act(w * sum(x) / len(x)) | `x`
            def f(x):\\n  if len(x) > 1:\\n    m = sum(x) / len(x)\\n  return m | `x`
            def f(x):\\n  for i in range(1, len(x)):\\n    d = x[i] - x[i - 1]\\n  return d / len(x) | `x`
            def f(x):\\n  if len(x) > 1:\\n    m = sum(x) / len(x)\\n  return m\\nf(2 * x) | `x`
            """)
    void whatIsNoInputIsNotAskedFor(String text, String inputs) {
        String said = ", \"declares\": {\"x\": {\"shape\": [\"n\"]}}" + (text.contains("w *") ? ", \"inputs\": {\"w\": 1}" : "") + "}";
        JsonNode made = json(put(name, "{\"expression\": \"" + text + "\"" + said));
        assertThat(made.path("inputs").propertyNames()).as(made.toString()).containsExactly(inputs);
        answered("/v1/evaluate", "{\"expression\": \"" + name + "(u)\", \"inputs\": {\"u\": [1, 2, 4]}}");
        assertThat(put(name + "_copy", "{\"model\": \"" + name + "\"}").statusCode()).isEqualTo(201);
        JsonNode caller = json(
                put(name + "_caller", "{\"expression\": \"2 * " + name + "(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}"));
        assertThat(caller.path("inputs").propertyNames()).as("of a text that calls it").containsExactly(inputs);
        answered("/v1/evaluate", "{\"expression\": \"" + name + "_caller(u)\", \"inputs\": {\"u\": [1, 2, 4]}}");
    }

    /** A stored model contains the models that it calls. By now their names may stand for others. */
    @Test
    void aTrainedModelHasTheModelsThatItHad() {
        String unit = name + "_unit";
        put(unit, "{\"expression\": \"tanh(a * z)\", \"inputs\": {\"a\": 1}}");
        stored("{\"expression\": \"y = sum(" + unit + "(x)) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        put(unit, "{\"expression\": \"relu(b * z)\", \"inputs\": {\"b\": 1}}");
        JsonNode trained = answered("/v1/train",
                "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, -2]}, \"wrt\": [\"" + unit
                        + ".a\"], \"steps\": 3, \"save_as\": {\"name\": \"" + name
                        + "_trained\"}}");
        double a = trained.at("/parameters/" + unit + ".a").asDouble();
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_trained\", \"inputs\": {\"x\": [0.5]}}").path("value").asDouble())
                .as(trained.toString()).isCloseTo(Math.tanh(a * 0.5), within(1e-15));
    }

    /** The parameter would be lost. */
    @Test
    void aTrainingBySecondNamesIsNotSaved() {
        HttpResponse<String> refused = post("/v1/train", """
                {"expression": "v = w\\np = v*x\\nloss = (p - y)^2", "inputs": {"x": [1, 2], "y": [3, 6], "w": 0}, "batch": ["x", "y"],
                "wrt": ["v"], "epochs": 2, "save_as": {"name": "%s", "output": "p"}}""".formatted(name));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /wrt/0");
        stored("{\"expression\": \"v = w\\nf = (v*x - 1)^2\", \"inputs\": {\"w\": 0}}");
        assertThat(errors(post("/v1/train", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 1}, \"wrt\": [\"v\"], \"steps\": 5, "
                + "\"save_as\": {\"name\": \"" + name + "\"}}"))).as("by a second name that a model keeps")
                .containsExactly("invalid-value /wrt/0");
        HttpResponse<String> forgotten = post("/v1/train", """
                {"expression": "p = w*x\\nloss = (p - y)^2", "inputs": {"x": [1, 2], "y": [3, 6]}, "batch": ["x", "y"],
                "wrt": ["w"], "epochs": 2, "save_as": {"name": "%s", "output": "p"}}""".formatted(name));
        assertThat(errors(forgotten)).as("a value that was forgotten").containsExactly("missing-input /expression");
    }

    @Test
    void aGradientOfAModelIsAFunction() {
        stored("{\"expression\": \"u^3\"}");
        assertThat(answered("/v1/gradient", "{\"expression\": \"jax.grad(" + name + ")(x)\", \"inputs\": {\"x\": 2}}").at("/gradients/x")
                .asDouble()).isEqualTo(12);
    }

    /** A text gives some names a meaning of its own unless they are inputs. A model has its inputs, whether a call gives them or not. */
    @Test
    void aModelReadsTheInputsThatItHas() {
        stored("{\"expression\": \"y = sum(x^2) / len(x) + e\", \"declares\": {\"x\": {\"shape\": [\"n\"]}, \"e\": {\"range\": [0, 1]}}}");
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2]}}")))
                .containsExactly("missing-input /model");
        assertThat(
                answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2], \"e\": 1}}").path("value").asDouble())
                .isEqualTo(3.5);
        assertThat(answered("/v1/derivative", "{\"model\": \"" + name + "\", \"shapes\": {\"x\": [2]}}").at("/derivatives/e/expression")
                .asString())
                .isEqualTo("1");
        put(name + "_last",
                "{\"expression\": \"c = 2\\nf(x, y) = c * y^2 + sum(x) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}, \"y\": {\"range\": [-4, 4]}}}");
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + name + "_last\", \"inputs\": {\"x\": [1, 2]}}")))
                .containsExactly("missing-input /model");
        assertThat(get("/v1/plot.svg?model=" + name + "_last&in.x=[1,2,3]").statusCode()).isEqualTo(200);
        put(name + "_euler", "{\"expression\": \"y = e * sum(x) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_euler\", \"inputs\": {\"x\": [1, 3], \"e\": 5}}").path("value")
                .asDouble())
                .as("another input changes nothing").isEqualTo(2 * Math.E);
    }

    /** Also where the training begins with what the model keeps. */
    @Test
    void aTrainingOfATextReadsTheInputsThatItHas() {
        String euler = "{\"expression\": \"y = sum(w * x^2) / len(x) + e\", \"inputs\": {\"w\": 1}, \"declares\": {\"x\": {\"shape\": [\"n\"]}%s}}";
        String train = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2]%s}, \"wrt\": [\"w\"], \"steps\": 1}";
        stored(euler.formatted(", \"e\": {\"range\": [0, 1]}"));
        assertThat(errors(post("/v1/train", train.formatted("")))).containsExactly("missing-input /model");
        assertThat(answered("/v1/train", train.formatted(", \"e\": 0.5")).at("/history/0/loss").asDouble()).isEqualTo(3);
        stored(euler.formatted(""));
        assertThat(answered("/v1/train", train.formatted("")).at("/history/0/loss").asDouble()).isEqualTo(2.5 + Math.E);
        assertThat(answered("/v1/train", train.formatted(", \"e\": 0.5")).at("/history/0/loss").asDouble()).isEqualTo(2.5 + Math.E);
        stored("{\"expression\": \"c = 0.5\\nloss(x, w, t) = c * sum((w * x - t)^2) / len(x)\", \"inputs\": {\"w\": 1}, "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}, \"t\": {\"shape\": [\"n\"]}}}");
        assertThat(errors(post("/v1/train", train.formatted("")))).containsExactly("missing-input /model");
        assertThat(answered("/v1/train", train.formatted(", \"t\": [1, 2]")).at("/history/0/loss").asDouble()).isZero();
    }

    @Test
    void aNodeOfAModelIsNoInput() {
        stored("{\"expression\": \"h = tanh(w * x)\\nk = h\\ny = sum(k)\", \"inputs\": {\"w\": 2}, \"declares\": {\"x\": {\"shape\": [2]}}}");
        for (String given : List.of("h", "y")) {
            assertThat(errors(post("/v1/gradient",
                    "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2], \"" + given + "\": [0, 0]}}")))
                    .containsExactly("unknown-node /inputs/" + given);
        }
        assertThat(errors(post("/v1/train", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2], \"h\": [0, 0]}, \"steps\": 1}")))
                .containsExactly("unknown-node /inputs/h");
        for (String path : List.of("/v1/derivative", "/v1/graph")) {
            for (String given : List.of("h", "k")) {
                assertThat(errors(post(path, "{\"model\": \"" + name + "\", \"shapes\": {\"x\": [2], \"" + given + "\": [2]}}")))
                        .as("a node, or a second name of one").containsExactly("unknown-node /shapes/" + given);
            }
        }
    }

    /** The shape that a model declares is that of a sample; nobody has said how many there are. A number cannot be samples. */
    @ParameterizedTest
    @CsvSource({"/v1/graph, missing-input", "/v1/derivative, shape-mismatch"})
    void samplesOfAModelHaveToBeGiven(String path, String error) {
        stored("{\"expression\": \"sum(x^2)\", \"declares\": {\"x\": {\"shape\": [2]}}}");
        String more = "\"batch\": [\"x\"], \"reduce\": \"mean\"";
        for (String program : List.of("\"expression\": \"sum(x^2)\"", "\"model\": \"" + name + "\"")) {
            assertThat(errors(post(path, "{" + program + ", " + more + "}"))).singleElement().asString().startsWith(error + " ");
        }
        assertThat(post(path, "{\"model\": \"" + name + "\", \"shapes\": {\"x\": [5, 2]}, " + more + "}").statusCode()).isEqualTo(200);
    }

    @Test
    void aNodeOfATextIsNoInput() {
        stored("{\"expression\": \"h = tanh(w * x)\\nv = x\\ny = sum(h) / len(v)\", \"inputs\": {\"w\": 2}, \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        for (String given : List.of("h", "v", "y")) {
            String request = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2], \"" + given + "\": [0, 0]}}";
            for (String path : List.of("/v1/gradient", "/v1/evaluate")) {
                assertThat(errors(post(path, request))).as(request).containsExactly("unknown-node /inputs/" + given);
            }
        }
    }

    /** Long arrays read it as an input, for which short ones have a value. */
    @Test
    void aTextGivesAnInputAValueThatItsCallLeavesOut() {
        stored("{\"expression\": \"if len(x) < 10:\\n  s = 1\\ny = s * sum(x) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String request = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": %s}}";
        assertThat(answered("/v1/evaluate", request.formatted("[1, 2, 3]")).path("value").asDouble()).isEqualTo(2);
        stored("{\"expression\": \"if len(x) < 10:\\n  s = 1\\ny = s * sum(x) / len(x)\", "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}, \"s\": {\"shape\": []}}}");
        for (String path : List.of("/v1/graph", "/v1/derivative")) {
            HttpResponse<String> described = post(path, "{\"model\": \"" + name + "\", \"shapes\": {\"x\": [3]}}");
            assertThat(described.statusCode()).as(described.body()).isEqualTo(200);
        }
        assertThat(errors(post("/v1/evaluate", request.formatted("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"))))
                .containsExactly("missing-input /model");
        stored("{\"expression\": \"if len(x) < 10:\\n  e = 1\\ny = e * sum(x) / len(x)\", "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}, \"e\": {\"range\": [0, 1]}}}");
        assertThat(errors(post("/v1/evaluate", request.formatted("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]")))).as("no constant")
                .containsExactly("missing-input /model");
    }

    /** Nobody has tried such lengths when the model was stored. */
    @Test
    void aTextMayReadAnInputOnlyWhereAnArrayIsVeryLong() {
        stored("{\"expression\": \"y = sum(x)\\nif len(x) > 100:\\n  y = k * sum(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String ones = "1" + ", 1".repeat(100);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [" + ones + "], \"k\": 2}}").path("value")
                .asDouble()).isEqualTo(202);
    }

    /** A definition gives its inputs another order than they are declared in; its program needs an axis that is no longer than another. */
    @Test
    void aModelIsImportedWhateverTheOrderOfItsAxes() throws Exception {
        JsonNode made = json(put(name, "{\"expression\": \"f(signal, kernel) = sum(signal[:len(kernel)] * kernel)\", "
                + "\"declares\": {\"kernel\": {\"shape\": [\"k\"]}, \"signal\": {\"shape\": [\"n\"]}}}"));
        assertThat(made.path("inputs").propertyNames()).as(made.toString()).containsExactly("signal", "kernel");
        put(name + "_again", "{\"model\": \"" + name + "\"}");
        assertThat(json(get("/v1/models/" + name + "_again")).path("sha256")).isEqualTo(made.path("sha256"));
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_again\", \"inputs\": {\"signal\": [1, 2, 3], \"kernel\": [1, 10]}}")
                .path("value").asDouble()).isEqualTo(21);
        put(name + "_two", "{\"expression\": \"f(k1, s, k2) = sum(s[:len(k1)] * k1) + sum(s[:len(k2)] * k2)\", "
                + "\"declares\": {\"k1\": {\"shape\": [\"a\"]}, \"k2\": {\"shape\": [\"b\"]}, \"s\": {\"shape\": [\"n\"]}}}");
        HttpResponse<String> again = put(name + "_three", "{\"model\": \"" + name + "_two\"}");
        assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    }

    /** The formula of a mean has it. */
    @Test
    void aDerivativeNeedsTheLengthOfAnInput() {
        stored("{\"expression\": \"mean(x^2)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        assertThat(errors(post("/v1/derivative", "{\"model\": \"" + name + "\"}"))).containsExactly("missing-input /shapes/x");
        assertThat(answered("/v1/derivative", "{\"model\": \"" + name + "\", \"shapes\": {\"x\": [4]}}").at("/derivatives/x/expression")
                .asString()).isEqualTo("0.5 * x");
        assertThat(errors(post("/v1/plot", "{\"model\": \"" + name + "\"}"))).containsExactly("not-scalar /model");
    }

    /** Positions are all that some languages have. */
    @Test
    void codeHasTheArgumentsOfAModelInItsOrderAndThenWhatItKeeps() {
        stored("{\"expression\": \"a * x + b\", \"inputs\": {\"a\": 2}, \"declares\": {\"b\": {}, \"x\": {}}}");
        assertThat(answered("/v1/derivative", "{\"model\": \"" + name + "\", \"format\": \"numpy\"}").path("code").asString())
                .contains("(b, x, a)");
    }

    /** The program is the same function of it, also where some lengths do not read it. */
    @Test
    void theDerivativeByAKeptValueThatIsNotReadIsZero() {
        stored("{\"expression\": \"s = 0 * sum(x)\\nfor i in range(1, len(x)):\\n  s = s + w * x[i] * x[i - 1]\\ns\", \"inputs\": {\"w\": 0.5}, "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String request = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": %s}, \"wrt\": [\"w\"]%s}";
        assertThat(answered("/v1/gradient", request.formatted("[3, 2]", "")).at("/gradients/w").asDouble()).isEqualTo(6);
        assertThat(answered("/v1/gradient", request.formatted("[3]", "")).at("/gradients/w").asDouble()).isZero();
        assertThat(answered("/v1/hessian", request.formatted("[3]", "")).toString()).contains("\"w\"");
        assertThat(answered("/v1/check", request.formatted("[3]", "")).path("passed").asBoolean()).isTrue();
        assertThat(answered("/v1/hvp", request.formatted("[3]", ", \"vectors\": {\"w\": 1}")).toString()).contains("\"w\"");
    }

    /** Only short arrays read it, and a function has a variable of its own of that name. */
    @Test
    void anInputMayHaveTheNameOfAVariableOfAFunction() {
        JsonNode made = json(
                put(name, "{\"expression\": \"def act(u):\\n  w = tanh(u)\\n  return w\\ny = act(x) / len(x)\\nif len(x) == 1: y = y * w\""
                        + ", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}"));
        assertThat(made.path("inputs").propertyNames()).as(made.toString()).containsExactly("x", "w");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [0.5], \"w\": 3}}").path("value").get(0)
                .asDouble())
                .isEqualTo(3 * Math.tanh(0.5));
    }

    /** Such a graph is kept as it was sent, with the numbers of the request. */
    @Test
    void aGraphThatIsKeptHasInputsWithShapes() {
        stored("{\"expression\": \"sum(x) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String graph = """
                {"graph": {"nodes": [{"id": "w", "op": "input", "shape": [3]}, {"id": "a", "op": "%s", "inputs": ["x"]},
                {"id": "s", "op": "sum", "inputs": ["w"], "attributes": {%s}}, {"id": "f", "op": "mul", "inputs": ["a", "s"]}]},
                "declares": {"x": {"shape": ["n"]}}}""";
        JsonNode made = json(put(name + "_graph", graph.formatted(name, "\"axis\": 0, \"keepdims\": false")));
        assertThat(made.at("/program/graph/nodes/0/shape").toString()).as(made.toString()).isEqualTo("[3]");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_graph\", \"inputs\": {\"x\": [1, 2], \"w\": [1, 2, 3]}}")
                .path("value").asDouble()).isEqualTo(9);
        assertThat(put(name + "_graph", graph.formatted(name, "\"keepdims\": false, \"axis\": 0")).statusCode())
                .as("attributes in another order").isEqualTo(200);
    }

    /** What another output does not call may call that model. */
    @Test
    void modelsThatAnOutputDoesNotNeedAreNotCalled() {
        stored("{\"expression\": \"sum(x) / len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        put(name + "_b", "{\"expression\": \"x * len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        put(name + "_both", """
                {"graph": {"nodes": [{"id": "a", "op": "NAME", "inputs": ["x"]}, {"id": "b", "op": "NAME_b", "inputs": ["x"]},
                {"id": "d", "op": "mul", "inputs": ["a", "b"]}]}, "declares": {"x": {"shape": ["n"]}}}""".replace("NAME", name));
        JsonNode first = json(put(name + "_first", "{\"model\": \"" + name + "_both\", \"output\": \"a\"}"));
        assertThat(first.path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        HttpResponse<String> other = put(name + "_b",
                "{\"expression\": \"" + name + "_first(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        assertThat(other.statusCode()).as(other.body()).isEqualTo(201);
    }

    /** The same of what is stored as nodes. */
    @ParameterizedTest
    @ValueSource(strings = {"\"expression\": \"a = NAME(x)\\nb = NAME_b(x)\\na * b\"",
            "\"graph\": {\"nodes\": [{\"id\": \"a\", \"op\": \"NAME\", \"inputs\": [\"x\"]}, {\"id\": \"b\", \"op\": \"NAME_b\", \"inputs\": [\"x\"]}, "
                    + "{\"id\": \"d\", \"op\": \"mul\", \"inputs\": [\"a\", \"b\"]}]}, \"declares\": {\"x\": {}}"})
    void modelsThatNodesDoNotNeedAreNotCalled(String program) {
        stored("{\"expression\": \"x^2\"}");
        put(name + "_b", "{\"expression\": \"v * x\", \"inputs\": {\"v\": 3}}");
        String both = "{" + program.replace("NAME", name);
        assertThat(json(put(name + "_all", both + "}")).path("calls").toString())
                .isEqualTo("[\"" + name + "\",\"" + name + "_b\"]");
        assertThat(json(put(name + "_first", both + ", \"output\": \"a\"}")).path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        assertThat(errors(put(name, "{\"expression\": \"" + name + "_first(x)\"}"))).containsExactly("cycle /expression");
        assertThat(errors(put(name, "{\"model\": \"" + name + "_first\"}"))).containsExactly("cycle /model");
        assertThat(errors(put(name + "_b", "{\"expression\": \"" + name + "_all(x)\"}"))).containsExactly("cycle /expression");
        HttpResponse<String> other = put(name + "_b", "{\"expression\": \"" + name + "_first(x)\"}");
        assertThat(other.statusCode()).as(other.body()).isEqualTo(201);
    }

    /** Names that were made of the nodes of a graph count those that are left out, too. */
    @Test
    void aGraphThatIsKeptHasItsLastNodeAsOutput() {
        stored("{\"expression\": \"m = sum(x) / len(x)\\ny = (x - m) * c\", \"inputs\": {\"c\": 10}, \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        put(name + "_graph", """
                {"graph": {"nodes": [{"id": "a", "op": "NAME:1", "inputs": ["x"]}, {"id": "b", "op": "NAME:1", "inputs": ["z"]},
                {"id": "d", "op": "sub", "inputs": ["a", "b"]}]}, "declares": {"x": {"shape": ["n"]}, "z": {"shape": ["n"]}}}"""
                .replace("NAME", name));
        JsonNode other = json(put(name + "_other", "{\"model\": \"" + name + "_graph\", \"output\": \"b\"}"));
        assertThat(other.path("inputs").propertyNames()).as(other.toString()).containsExactly("z");
    }

    /** A training has run its graph, so that a name without a node is an input, and no mistake. */
    @Test
    void aTrainedGraphNeedsNoNodesForInputs() {
        JsonNode trained = answered("/v1/train", """
                {"graph": {"nodes": [{"id": "p", "op": "mul", "inputs": ["x", "w"]}, {"id": "d", "op": "sub", "inputs": ["p", "y"]},
                {"id": "l", "op": "pow", "inputs": ["d", 2]}]}, "inputs": {"x": 2, "y": 3, "w": 1}, "wrt": ["w"], "steps": 2,
                "save_as": {"name": "%s", "output": "p"}}""".formatted(name));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        double w = trained.at("/parameters/w").asDouble();
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 5}}").path("value").asDouble())
                .isEqualTo(5 * w);
        assertThat(errors(put(name, "{\"graph\": {\"nodes\": [{\"id\": \"p\", \"op\": \"exp\", \"inputs\": [\"x\"]}]}}")))
                .as("of a model that is put it may be one").containsExactly("unknown-node /graph/nodes/0/inputs/0");
    }

    /** What a model keeps that is called for some lengths alone is kept, too. */
    @Test
    void aModelThatIsCalledForSomeLengths() {
        stored("{\"expression\": \"w * x\", \"inputs\": {\"w\": 3}}");
        JsonNode made = json(
                put(name + "_main", "{\"expression\": \"if len(x) < 3:\\n  y = NAME(x)\\nelse:\\n  y = x / len(x)\\nf = sum(y)\", "
                        .replace("NAME", name) + "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}"));
        assertThat(made.path("kept").propertyNames()).as(made.toString()).containsExactly(name + ".w");
        String call = "{\"model\": \"" + name + "_main\", \"inputs\": {\"x\": %s}}";
        assertThat(answered("/v1/evaluate", call.formatted("[1, 2]")).path("value").asInt()).isEqualTo(9);
        assertThat(answered("/v1/evaluate", call.formatted("[1, 2, 3]")).path("value").asInt()).isEqualTo(2);
    }

    /** The second name of a node is the one that it is stored by, if it is asked for. */
    @Test
    void aNodeHasTheNameThatIsAskedFor() {
        String text = "{\"expression\": \"p = sigmoid(x)\\nq = p\\nl = (q - t)^2\", %s}";
        JsonNode made = json(put(name, text.formatted("\"outputs\": {\"q\": \"the prediction\"}")));
        assertThat(made.at("/outputs/q").asString()).as(made.toString()).isEqualTo("the prediction");
        JsonNode answer = answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 0, \"t\": 1}, \"nodes\": [\"q\"]}");
        assertThat(answer.at("/nodes/0/value").asDouble()).as(answer.toString()).isEqualTo(0.5);
        JsonNode copy = json(put(name + "_q", "{\"model\": \"" + name + "\", \"output\": \"q\"}"));
        assertThat(copy.at("/program/graph/output").asString()).as(copy.toString()).isEqualTo("q");
        assertThat(json(put(name, text.formatted("\"outputs\": {\"p\": \"1\", \"q\": \"2\"}"))).path("outputs").toString())
                .as("both are its names").isEqualTo("{\"p\":\"1\",\"q\":\"2\"}");
    }

    /** Also that of the output, by which answers call it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            h = tanh(w * x)\\ny = h               | y
            h = tanh(w * x)\\ny = h\\nz = y       | z
            def f(x):\\n  h = tanh(w * x)\\n  y = h\\n  return h | f
            y = w * x\\nh = y\\ny = tanh(h)\\nh = y | h
            y = h = tanh(w * x)\\nh              | output
            """)
    void aModelHasTheNamesThatItsTextGives(String text, String output) {
        JsonNode made = json(stored("{\"expression\": \"" + text + "\", \"inputs\": {\"w\": 2}}"));
        assertThat(made.at("/program/graph/output").asString()).as(made.toString()).isEqualTo(output);
        String program = "{\"expression\": \"" + text + "\", \"inputs\": {\"w\": 2, \"x\": 1}";
        for (String asked : List.of("", ", \"output\": \"y\"", ", \"output\": \"h\"", ", \"nodes\": [\"y\", \"h\"]")) {
            JsonNode called = answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 1}" + asked + "}");
            JsonNode direct = answered("/v1/evaluate", program + asked + "}");
            assertThat(called.path("output")).as(asked).isEqualTo(direct.path("output"));
            assertThat(called.path("value")).as(asked).isEqualTo(direct.path("value"));
            if (asked.contains("nodes")) {
                assertThat(called.path("nodes")).isEqualTo(direct.path("nodes"));
            }
        }
        assertThat(put(name, "{\"model\": \"" + name + "\"}").statusCode()).as("the same again").isEqualTo(200);
        assertThat(put(name + "_y", "{\"model\": \"" + name + "\", \"output\": \"y\"}").statusCode()).isEqualTo(201);
    }

    /** A list of nodes may have them, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "y": "f", "v": "x" | `-`
            "y": "g"           | unknown-node /graph/aliases/y
            "f": "x"           | duplicate-id /graph/aliases/f
            "u": "f"           | duplicate-id /inputs/u
            "y": null          | wrong-type /graph/aliases/y
            """)
    void aSecondNameIsThatOfANode(String aliases, String error) {
        HttpResponse<String> response = post("/v1/evaluate", "{\"graph\": {\"nodes\": [{\"id\": \"f\", \"op\": \"exp\", \"inputs\": "
                + "[\"x\"]}], \"aliases\": {" + aliases + "}}, \"output\": \"" + (error.equals("-") ? "y" : "f")
                + "\", \"inputs\": {\"x\": 0, \"u\": 1}}");
        if (error.equals("-")) {
            assertThat(json(response).path("output").asString()).as(response.body()).isEqualTo("y");
        } else {
            assertThat(errors(response)).as(response.body()).containsExactly(error);
        }
    }

    /** It has no value of its own, which is told where the name is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            PUT  | /v1/models/second | "declares": {"x": {}, "y": {}}
            POST | /v1/graph         | "shapes": {"x": [], "y": []}
            POST | /v1/derivative    | "shapes": {"x": [], "y": []}
            """)
    void aSecondNameHasNoShape(String method, String path, String more) {
        HttpResponse<String> refused = send(method, path, BodyPublishers.ofString("{\"graph\": {\"nodes\": [{\"id\": \"f\", \"op\": "
                + "\"exp\", \"inputs\": [\"x\"]}], \"output\": \"f\", \"aliases\": {\"y\": \"f\"}}, " + more + "}"), "Content-Type",
                "application/json");
        assertThat(errors(refused)).as(refused.body()).containsExactly("duplicate-id /graph/aliases/y");
        assertThat(json(refused).path("detail").asString()).isEqualTo("'y' is a second name of 'f' and has a value or a shape, too");
    }

    /** A second name has no line of its own, so that what it claims would be lost. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            dfdz = q\\ndfdq = x\\ndfdx = dfdq * 1 | invalid-value /model, invalid-value /model
            dfdq = 1 * z\\ndfdx = dfdq * 1         | ``
            w = f + 1                               | invalid-value /model
            """)
    void claimsThatAModelDoesNotKeepAreNotLostWithoutAWord(String lines, String told) {
        stored("{\"expression\": \"q = x + y\\nf = q * z\\n" + lines + "\"}");
        HttpResponse<String> grade = post("/v1/grade", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": -2, \"y\": 5, \"z\": -4}}");
        assertThat(told.isEmpty() ? List.of() : List.of(told.split(", ", -1))).as(grade.body())
                .isEqualTo(grade.statusCode() == 200 ? List.of() : errors(grade));
    }

    /** They are kept as values, which a call leaves out. */
    @Test
    void defaultsOfADefinitionAreKept() {
        String definition = "{\"expression\": \"def f(u, k=2, j=7):\\n  return u * k\"%s}";
        JsonNode made = json(stored(definition.formatted("")));
        assertThat(made.path("kept").toString()).isEqualTo("{\"k\":[]}");
        assertThat(made.path("inputs").propertyNames()).containsExactly("u");
        assertThat(value(name + "(3)")).isEqualTo(6);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"u\": 3}}").path("value").asInt()).isEqualTo(6);
        stored(definition.formatted(", \"inputs\": {\"k\": 5}"));
        assertThat(value(name + "(3)")).isEqualTo(15);
        assertThat(json(stored(definition.formatted(", \"declares\": {\"k\": {}}"))).path("inputs").propertyNames())
                .containsExactly("u", "k");
        assertThat(value(name + "(3, 4)")).isEqualTo(12);
    }

    /** A value that a training gives and does not change is no default: it is data, as that of any other input. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "w"      |              | w    | x, k
            "w", "k" |              | w, k | x
            "w"      | , "j": 1     | w    | x, k, j
            """)
    void aDefaultThatATrainingReplacesIsNotKept(String wrt, @Nullable String more, String kept, String inputs) {
        JsonNode trained = answered("/v1/train",
                """
                        {"expression": "def f(w, x, k=2, j=7):\\n  return (w*x - k)^2", "inputs": {"w": 0, "x": 1, "k": 2%s}, "wrt": [%s], "steps": 1,
                        "save_as": {"name": "%s"}}"""
                        .formatted(more == null ? "" : more, wrt, name));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        JsonNode model = found("/v1/models/" + name);
        assertThat(model.path("kept").propertyNames()).containsExactlyInAnyOrder(kept.split(", ", -1));
        assertThat(model.path("inputs").propertyNames()).containsExactly(inputs.split(", ", -1));
    }

    /** An argument that the body gives another value is an argument still, and no name of a node. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            def f(x, h):\\n  h = x\\n  return h * 2                        | x, h | 3   | 6
            def f(x, h):\\n  h = 5 * x\\n  return h                        | x, h | 3   | 15
            def f(x, h):\\n  h = x                                         | x, h | 3   | 3
            def h(x, h):\\n  h = 5 * x\\n  return h + x                    | x, h | 3   | 18
            def f(x, h=0):\\n  h = 5 * x\\n  return h                      | x    | 3   | 15
            def f(x, h=2):\\n  return h * x                               | x    | 3   | 6
            def f(x, h):\\n  h = sum(x) / len(x)\\n  return h              | x, h | [3, 5] | 4
            def f(x, h=2):\\n  if len(x) > 1: h = len(x) * 5\\n  return sum(h * x) | x | [3, 5] | 80
            def f(x, h=2):\\n  if len(x) > 1: h = len(x) * 5\\n  return sum(h * x) | x | [3]    | 6
            """)
    void aDefinitionMayGiveItsParametersOtherValues(String text, String inputs, String x, double value) {
        String declares = text.contains("len") ? ", \"declares\": {\"x\": {\"shape\": [\"n\"]}}" : "";
        JsonNode made = json(stored("{\"expression\": \"" + text + "\"" + declares + "}"));
        assertThat(made.path("inputs").propertyNames()).containsExactlyElementsOf(List.of(inputs.split(", ", -1)));
        assertThat(put(name + "_copy", "{\"model\": \"" + name + "\"}").statusCode()).isEqualTo(201);
        boolean hasTwo = inputs.contains("h");
        for (String model : List.of(name, name + "_copy")) {
            assertThat(value(model + "(" + x + (hasTwo ? ", 4)" : ")"))).as(model).isEqualTo(value);
            for (String given : hasTwo ? List.of("", ", \"h\": 4") : List.of("")) {
                JsonNode answer = answered("/v1/gradient", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": " + x + given + "}}");
                assertThat(answer.path("value").asDouble()).as(given).isEqualTo(value);
                assertThat(answer.at("/gradients/h").asDouble(0)).as("h is not read").isZero();
            }
        }
    }

    /** A definition behind other statements is the program only where each parameter has a value, and a default is none. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            y = x^2\\ndef g(x, k=2):\\n  return x * k | "x": {}          | x    | (3)    | 9
            y = x^2\\ndef g(x, k=2):\\n  return x * k |                  | x    | (3)    | 9
            y = x^2\\ndef g(x, k=2):\\n  return x * k | "x": {}, "k": {} | x, k | (3, 5) | 15
            y = x^2\\ng(u) = u + 1                    |                  | x    | (3)    | 9
            y = x^2\\ng(u) = u + 1                    | "u": {}          | u, x | (3, 5) | 4
            c = 4\\ndef g(x, k=2):\\n  return x * k + c | "x": {}          | ``   | ()     | 4
            """)
    void aDefaultDoesNotDecideWhichProgramIsStored(String text, @Nullable String declares, String inputs, String arguments, double value) {
        HttpResponse<String> made = put(name, "{\"expression\": \"" + text + "\", \"declares\": {" + (declares == null ? "" : declares)
                + "}}");
        if (inputs.isEmpty()) {
            assertThat(errors(made)).as("the program is the constant").containsExactly("unknown-node /declares/x");
            return;
        }
        assertThat(json(made).path("inputs").propertyNames()).as(made.body()).containsExactlyElementsOf(List.of(inputs.split(", ", -1)));
        assertThat(json(made).path("kept")).isEmpty();
        assertThat(value(name + arguments)).isEqualTo(value);
    }

    /** A call of a text that is kept gives all that it reads, and more names than its definition at the end had when it was stored. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            y = u * sum(x) / len(x)\\ng(u) = u + 1               | "x": {"shape": ["n"]}           | x, u | 9
            y = u * sum(x) / len(x)\\ndef g(u):\\n  return u + 1 | "x": {"shape": ["n"]}           | x, u | 9
            u * sum(x) / len(x)\\n  g(u) = u + 1  # none         | "x": {"shape": ["n"]}           | x, u | 9
            y = u * sum(x) / len(x)\\ng(u) = u + 1               | "x": {"shape": [3]}             | x, u | 9
            y = u * sum(x) / len(x)\\ng(u) = u / len(x) + 3      | "x": {"shape": ["n"]}, "u": {"shape": []} | u, x | 4
            y = u * sum(x) / len(x)\\ng(u) = u + 1 \\\\\\r       | "x": {"shape": ["n"]}           | x, u | 9
            """)
    void aTextThatIsKeptStaysTheProgramThatWasStored(String text, String declares, String inputs, double value) {
        JsonNode made = json(stored("{\"expression\": \"" + text + "\", \"declares\": {" + declares + "}}"));
        assertThat(made.path("inputs").propertyNames()).containsExactlyElementsOf(List.of(inputs.split(", ", -1)));
        assertThat(made.path("program").has("expression")).as(made.toString()).isEqualTo(declares.contains("\"n\""));
        assertThat(put(name + "_copy", "{\"model\": \"" + name + "\"}").statusCode()).isEqualTo(201);
        for (String model : List.of(name, name + "_copy")) {
            JsonNode answer = answered("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": [1, 2, 6], \"u\": 3}}");
            assertThat(answer.path("value").asDouble()).as(model).isEqualTo(value);
            assertThat(value(model + "(x=[1, 2, 6], u=3)")).isEqualTo(value);
        }
    }

    /** The program is the one that has been trained: all parameters of the definition had values, also those that are not kept. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "x": 3, "y": 6                 | ``
            "x": [1, 2, 3], "y": [2, 4, 6] | , "batch": ["x", "y"]
            """)
    void aTrainedDefinitionBehindOtherStatementsIsStored(String data, String more) {
        JsonNode trained = answered("/v1/train", """
                {"expression": "c = 2\\ndef loss(w, x, y):\\n  return (c*w*x - y)^2", "inputs": {"w": 0.1, %s}, "wrt": ["w"], "steps": 5,
                "save_as": {"name": "%s"}%s}""".formatted(data, name, more));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        JsonNode model = found("/v1/models/" + name);
        assertThat(model.path("kept").propertyNames()).containsExactly("w");
        assertThat(model.path("inputs").propertyNames()).containsExactly("x", "y");
        double residual = 2 * trained.at("/parameters/w").asDouble() * 3 - 6;
        assertThat(value(name + "(3, 6)")).isEqualTo(residual * residual);
    }

    /** A parameter with a default that the definition does not read, and one of full-width letters, are parameters of it all the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            (w, x, k=2): | "k": 3, | w, k | w
            (ｗ, x):     | ``      | ｗ   | ｗ
            """)
    void aTrainedDefinitionIsStoredWithAllItsParameters(String parameters, String given, String kept, String trained) {
        answered("/v1/train", """
                {"expression": "c = 2\\ndef loss%s\\n  return sum((c*w*x)^2) / len(x)", "inputs": {%s "x": [[1, 2, 3]], "%s": 1},
                "batch": ["x"], "wrt": ["%s"], "steps": 1, "optimizer": {"type": "sgd", "lr": 0}, "save_as": {"name": "%s",
                "declares": {"x": {"shape": ["n"]}}}}""".formatted(parameters, given, trained, trained, name));
        assertThat(found("/v1/models/" + name).path("kept").propertyNames()).containsExactlyInAnyOrder(kept.split(", ", -1));
        assertThat(value(name + "([1, 2])")).isEqualTo(10);
    }

    /** The definition at the end is the program where its parameter is declared, also with other letters of the same name. */
    @Test
    void aParameterOfFullWidthLettersIsAnInput() {
        stored("{\"expression\": \"c = 2\\nf(ａ) = c*ａ^2\", \"declares\": {\"ａ\": {}}}");
        assertThat(value(name + "(3)")).isEqualTo(18);
        put(name + "_wide", "{\"expression\": \"y = 2 * ｘ - ｚ\", \"declares\": {\"ｚ\": {}, \"ｘ\": {}}}");
        assertThat(value(name + "_wide(ｘ=3, z=1)")).as("by keywords").isEqualTo(5);
        put(name + "_both", "{\"graph\": {\"nodes\": [{\"id\": \"y\", \"op\": \"sub\", \"inputs\": [\"ｘ\", \"x\"]}]}, "
                + "\"declares\": {\"ｘ\": {}, \"x\": {}}}");
        assertThat(value(name + "_both(1, x=2)")).as("beside an input of plain letters").isEqualTo(-1);
    }

    /** What the service adds to a text that is kept is not told of. */
    @Test
    void aTextThatEndsWithinADefinitionIsToldOfItsEnd() {
        HttpResponse<String> wrong = put(name, "{\"expression\": \"y = sum(x)\\nf(a) = (a + 1\"}");
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body()).contains("the end of the text").doesNotContain("pass");
    }

    @Test
    void aModelHasToReadWhatIsTrained() {
        HttpResponse<String> lost = post("/v1/train", """
                {"expression": "def f(w, v):\\n  return (w - 1)^2", "inputs": {"w": 0, "v": 1}, "wrt": ["w", "v"], "steps": 1,
                "save_as": {"name": "%s"}}""".formatted(name));
        assertThat(errors(lost)).as(lost.body()).containsExactly("invalid-value /wrt/1");
        assertThat(lost.body()).contains("the model would not read 'v', which is trained");
    }

    /** The shape that the node of an input has is that of the arguments. */
    @Test
    void theShapeOfANodeIsDeclared() {
        JsonNode made = json(stored("{\"graph\": {\"nodes\": [{\"id\": \"x\", \"op\": \"input\", \"shape\": [3]}, "
                + "{\"id\": \"y\", \"op\": \"mul\", \"inputs\": [\"x\", \"x\"]}]}}"));
        assertThat(made.at("/inputs/x/shape").toString()).isEqualTo("[3]");
        assertThat(post("/v1/evaluate", "{\"expression\": \"" + name + "(u)\", \"inputs\": {\"u\": [1, 2]}}").statusCode()).isEqualTo(422);
        assertThat(answered("/v1/evaluate", "{\"expression\": \"" + name + "(u)\", \"inputs\": {\"u\": [1, 2, 3]}}").path("value"))
                .hasSize(3);
    }

    /** Members of JSON objects have no order, but declared inputs are arguments in theirs. */
    @Test
    void theOrderOfMembersMakesNoVersion() {
        String model = "{\"expression\": \"h = a * x\\nk = h + b\\nk^2\", \"inputs\": {%s}, \"outputs\": {%s}}";
        JsonNode first = json(put(name, model.formatted("\"a\": 1, \"b\": 2", "\"h\": \"1\", \"k\": \"2\"")));
        HttpResponse<String> again = put(name, model.formatted("\"b\": 2, \"a\": 1", "\"k\": \"2\", \"h\": \"1\""));
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(json(again)).isEqualTo(first);
    }

    /** A version or an alias that is not there is told, and not how it could be called. */
    @Test
    void aVersionThatIsNotThereIsNotRecommended() {
        stored("{\"expression\": \"2 * x\", \"declares\": {\"x\": {}}}");
        JsonNode text = json(post("/v1/evaluate", "{\"expression\": \"" + name + ":99(x)\", \"inputs\": {\"x\": 5}}"));
        assertThat(text.at("/errors/0/hint").asString()).as(text.toString()).isEqualTo("there is no '" + name + ":99'");
        JsonNode graph = json(post("/v1/evaluate", "{\"graph\": {\"nodes\": [{\"id\": \"y\", \"op\": \"" + name
                + ":99\", \"inputs\": [\"x\"]}]}, \"inputs\": {\"x\": 5}}"));
        assertThat(graph.at("/errors/0/hint").asString()).as(graph.toString()).contains("no such version or alias");
    }

    @Test
    void aGraphThatCallsAModelIsStoredButCallsNotItself() {
        stored(DEFINITION.replace("f = sum(h * h)", ""));
        String outer = name + "_outer";
        JsonNode made = json(put(outer, "{" + graph(name + ":1", "f") + ", \"declares\": {\"x\": {\"shape\": [3]}}}"));
        assertThat(made.path("kept").propertyNames()).as(made.toString()).containsExactlyInAnyOrder(name + ":1.W", name + ":1.b");
        assertThat(made.path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        JsonNode before = answered("/v1/evaluate", "{" + graph(name, "f") + ", \"inputs\": {" + X + "}}").path("value");
        stored(DEFINITION.replace("f = sum(h * h)", "").replace("0.25", "4"));
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + outer + "\", \"inputs\": {" + X + "}}").path("value")).isEqualTo(before);
        assertThat(answered("/v1/evaluate", "{" + graph(name + ":1", "f") + ", \"inputs\": {" + X + "}}").path("value")).isEqualTo(before);
        assertThat(answered("/v1/evaluate", "{" + graph(name, "f") + ", \"inputs\": {" + X + "}}").path("value")).isNotEqualTo(before);
        String declared = ", \"declares\": {\"x\": {\"shape\": [3]}}}";
        assertThat(errors(put(name, "{" + graph(outer, "f") + declared))).containsExactly("cycle /graph");
        assertThat(errors(put(outer, "{" + graph(outer + "@latest", "f") + declared))).containsExactly("cycle /graph");
        assertThat(errors(post("/v1/evaluate", "{" + graph(name + "_other", "f") + ", \"inputs\": {" + X + "}}")))
                .containsExactly("unknown-op /graph/nodes/1/op");
        assertThat(errors(post("/v1/evaluate", "{" + graph(name, "f") + ", \"inputs\": {" + X + ", \"" + name + ".b\": [1, 2]}}")))
                .containsExactly("invalid-value /inputs/" + name + ".b");
    }

    @Test
    void aModelIsMadeOfOthersButNotOfItself() {
        stored(DEFINITION.replace("f = sum(h * h)", ""));
        String outer = name + "_outer";
        JsonNode made = json(put(outer, "{\"expression\": \"s * sum(" + name + "(x))\", \"inputs\": {\"s\": 3}}"));
        assertThat(made.path("kept").propertyNames()).containsExactlyInAnyOrder("s", name + ".W", name + ".b");
        assertThat(made.path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        JsonNode before = answered("/v1/evaluate", "{\"model\": \"" + outer + "\", \"inputs\": {" + X + "}}").path("value");
        stored(DEFINITION.replace("f = sum(h * h)", "").replace("0.25", "4"));
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + outer + "\", \"inputs\": {" + X + "}}").path("value")).isEqualTo(before);
        HttpResponse<String> circle = put(name, "{\"expression\": \"" + outer + "(x)\"}");
        assertThat(errors(circle)).containsExactly("cycle /expression");
        assertThat(circle.body()).contains(name + " → " + outer + " → " + name);
        assertThat(errors(put(outer, "{\"expression\": \"" + outer + "(x)\"}"))).containsExactly("cycle /expression");
    }

    private static final String NETWORK = """
            "network": {"input": {"name": "x", "shape": [3]}, "layers": [{"type": "dense", "name": "hidden", "units": 4, "activation": "tanh"},
            {"type": "dense", "name": "out", "units": 2, "initializer": {"scheme": "he_normal"}}], "loss": {"type": "mse", "target": "y"}}""";

    @Test
    void aNetworkIsStoredWithItsParameters() {
        JsonNode model = json(stored("{" + NETWORK + ", \"initializer\": {\"scheme\": \"glorot_normal\", \"seed\": 5}}"));
        assertThat(model.path("kept").toString())
                .isEqualTo("{\"hidden.weight\":[3,4],\"hidden.bias\":[4],\"out.weight\":[4,2],\"out.bias\":[2]}");
        assertThat(model.path("output_shape").toString()).isEqualTo("[\"batch\",2]");
        String data = "\"x\": [[1, 2, -0.5], [0, 1, 1]]";
        JsonNode written = answered("/v1/gradient",
                "{" + NETWORK + ", \"initializer\": {\"scheme\": \"glorot_normal\", \"seed\": 5}, \"inputs\": {" + data
                        + ", \"y\": [[1, 0], [0, 1]]}, \"nodes\": [\"out\"], \"wrt\": [\"x\"]}");
        JsonNode called = answered("/v1/gradient", "{\"model\": \"" + name + "\", \"inputs\": {" + data
                + ", \"y\": [[1, 0], [0, 1]]}, \"nodes\": [\"out\"]}");
        assertThat(called.path("value")).isEqualTo(written.path("value"));
        assertThat(called.path("gradients").path("x")).isEqualTo(written.path("gradients").path("x"));
        assertThat(called.path("nodes")).isEqualTo(written.path("nodes"));
        JsonNode predicted = answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + data + "}}");
        assertThat(predicted.path("value")).isEqualTo(written.path("nodes").path(0).path("value"));
        JsonNode one = answered("/v1/evaluate", "{\"expression\": \"" + name + "(x)[1]\", \"inputs\": {" + X + "}}");
        assertThat(one.path("value")).isEqualTo(predicted.path("value").path(0).path(1));
    }

    /** What is declared of a network says nothing that its layers do not say, and refuses neither samples nor batches. */
    @ParameterizedTest
    @ValueSource(strings = {"[3]", "[\"n\", 3]"})
    void aNetworkWhoseInputIsDeclaredIsCalledForASampleAndForABatch(String shape) {
        JsonNode model = json(stored("{" + NETWORK + ", \"declares\": {\"x\": {\"shape\": " + shape
                + ", \"range\": [-9, 9], \"text\": \"a point\"}, \"y\": {\"shape\": [2]}}}"));
        assertThat(model.path("inputs").toString()).isEqualTo("{\"x\":{\"range\":[-9.0,9.0],\"text\":\"a point\"},\"y\":{}}");
        JsonNode batch = answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [[1, 2, -0.5], [0, 1, 1]]}}")
                .path("value");
        assertThat(answered("/v1/evaluate", "{\"expression\": \"" + name + "(x)\", \"inputs\": {" + X + "}}").path("value"))
                .isEqualTo(batch.path(0));
        answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [[1, 2, -0.5]], \"y\": [[1, 0]]}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "x": {"shape": [7]}      | shape-mismatch /declares/x/shape
            "y": {"shape": ["n", 3]} | shape-mismatch /declares/y/shape
            "z": {"text": "some"}    | unknown-node /declares/z
            """)
    void whatIsDeclaredOfANetworkHasToFit(String declares, String error) {
        assertThat(errors(put(name, "{" + NETWORK + ", \"declares\": {" + declares + "}}"))).containsExactly(error);
    }

    /** Names of nodes are checked as those of texts and graphs are. */
    @Test
    void outputsOfANetworkAreItsNodes() {
        String outputs = "\"outputs\": {\"hiden\": \"units\"}";
        HttpResponse<String> refused = put(name, "{" + NETWORK + ", " + outputs + "}");
        assertThat(errors(refused)).as(refused.body()).containsExactly("unknown-node /outputs/hiden");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("did you mean 'hidden'?");
        String training = "{" + NETWORK
                + ", \"inputs\": {\"x\": [[1, 2, -0.5]], \"y\": [[1, 0]]}, \"epochs\": 1, \"save_as\": {\"name\": \""
                + name + "\", %s}}";
        assertThat(errors(post("/v1/train", training.formatted(outputs)))).containsExactly("unknown-node /save_as/outputs/hiden");
        String right = outputs.replace("hiden", "hidden");
        assertThat(json(stored("{" + NETWORK + ", " + right + "}")).path("outputs").propertyNames()).containsExactly("hidden");
        assertThat(answered("/v1/train", training.formatted(right)).at("/saved/version").asInt()).isEqualTo(2);
    }

    private static final String NOISY = """
            "network": {"input": {"name": "x", "shape": [3]}, "layers": [{"type": "dense", "name": "hidden", "units": 4},
            {"type": "batch_norm", "name": "norm"}, {"type": "dropout", "name": "drop", "rate": 0.5},
            {"type": "dense", "name": "out", "units": 2}], "loss": {"type": "mse", "target": "y"}}""";

    /** A network that is stored is run as in training, with masks of the seed that the request names, as one that is written out. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            evaluate | "training": true                                       | value
            evaluate | "training": true, "seed": 7                            | value
            gradient | "training": true, "seed": 7, "wrt": ["hidden.weight"]  | value, gradients
            gradient | "seed": 7, "wrt": ["hidden.weight"]                    | value, gradients
            jacobian | "training": true, "seed": 7, "wrt": ["x"]              | jacobians
            check    | "training": true, "seed": 7, "wrt": ["out.bias"]       | passed
            train    | "seed": 7, "steps": 3                                  | parameters, history
            train    | "seed": 8, "steps": 3                                  | parameters, history
            """)
    void aStoredNetworkIsRunAsInTraining(String endpoint, String asked, String compared) {
        stored("{" + NOISY + ", \"initializer\": {\"seed\": 5}}");
        String inputs = ", \"inputs\": {\"x\": [[1, 2, -0.5], [0, 1, 1], [2, 0, 3]], \"y\": [[1, 0], [0, 1], [1, 1]]}, " + asked + "}";
        JsonNode written = answered("/v1/" + endpoint, "{" + NOISY + ", \"initializer\": {\"seed\": 5}" + inputs);
        JsonNode called = answered("/v1/" + endpoint, "{\"model\": \"" + name + "\"" + inputs);
        for (String field : compared.split(", ", -1)) {
            assertThat(called.path(field)).as(field).isEqualTo(written.path(field));
        }
        String plain = "{\"model\": \"" + name + "\"" + inputs.replace(asked, "\"arrays\": \"nested\"");
        JsonNode value = answered("/v1/evaluate", plain).path("value");
        JsonNode drawn = answered("/v1/evaluate", plain.replaceAll("}$", ", \"training\": true}")).path("value");
        assertThat(drawn).as("what is stored is run as it was").isNotEqualTo(value);
    }

    /** The parameters are kept, and a copy stays the network that it is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            evaluate | net  | "parameters": {"out.bias": [1, 2]} | invalid-value /parameters
            evaluate | net  | "initializer": {"seed": 1}         | invalid-value /initializer
            evaluate | line | "training": true                   | invalid-value /training
            evaluate | line | "seed": 1                          | invalid-value /seed
            PUT      | net  | "seed": 1                          | invalid-value /seed
            PUT      | net  | "inputs": {"out.bias": [5, 6]}, "parameters": {"out.bias": [7, 8]} | invalid-value /parameters/out.bias
            """)
    void whatANetworkThatIsStoredDoesNotTake(String way, String model, String field, String error) {
        put(name + "_net", "{" + NOISY + "}");
        put(name + "_line", "{\"expression\": \"w * x\", \"inputs\": {\"w\": 2}}");
        String body = "{\"model\": \"" + name + "_" + model + "\", " + field + "}";
        assertThat(errors(way.equals("PUT") ? put(name, body) : post("/v1/" + way, body))).containsExactly(error);
    }

    @Test
    void aTrainingBeginsWithTheValuesOfAModel() {
        stored("{" + NETWORK + ", \"seed\": 3}");
        String data = "\"inputs\": {\"x\": [[1, 2, -0.5], [0, 1, 1]], \"y\": [[1, 0], [0, 1]]}, \"epochs\": 5}";
        JsonNode trained = answered("/v1/train", "{\"model\": \"" + name + "\", " + data);
        JsonNode written = answered("/v1/train", "{" + NETWORK + ", \"seed\": 3, " + data);
        assertThat(trained.path("parameters")).isEqualTo(written.path("parameters"));
        assertThat(trained.path("history")).isEqualTo(written.path("history"));
        put(name + "_line", "{\"expression\": \"mean((w * x + b - y)^2)\", \"inputs\": {\"w\": 0, \"b\": 1}}");
        JsonNode line = answered("/v1/train", "{\"model\": \"" + name + "_line\", \"inputs\": {\"x\": [0, 1, 2], \"y\": [1, 3, 5]}, "
                + "\"steps\": 500, \"optimizer\": {\"type\": \"adam\", \"lr\": 0.05}}");
        assertThat(line.path("parameters").propertyNames()).containsExactlyInAnyOrder("w", "b");
        assertThat(line.path("parameters").path("w").asDouble()).isBetween(1.9, 2.1);
    }

    @Test
    void aLinkCallsAModel() {
        stored("{\"expression\": \"a * x^2\", \"inputs\": {\"a\": 3}, \"declares\": {\"x\": {\"shape\": []}}}");
        assertThat(found("/v1/gradient?model=" + name + "&in.x=2").path("gradients").path("x").asDouble()).isEqualTo(12);
        HttpResponse<String> picture = get("/v1/render.svg?model=" + name + "&in.x=2");
        assertThat(picture.statusCode()).isEqualTo(200);
        HttpResponse<String> curve = get("/v1/plot.svg?model=" + name);
        assertThat(curve.statusCode()).as(curve.body()).isEqualTo(200);
        assertThat(curve.body()).startsWith("<svg").contains("and its derivative");
        String tag = picture.headers().firstValue("ETag").orElseThrow();
        assertThat(get("/v1/render.svg?model=" + name + "&in.x=2", "If-None-Match", tag).statusCode()).isEqualTo(304);
        stored("{\"expression\": \"a * x^2\", \"inputs\": {\"a\": 4}, \"declares\": {\"x\": {\"shape\": []}}}");
        assertThat(get("/v1/render.svg?model=" + name + "&in.x=2", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    /** A text calls what 'latest' names. One that means another version is told how to call that. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            evaluate   | NAME@prod(x)           | @prod | 1
            gradient   | y = 3 * NAME @prod(x)  | @prod | 9
            hessian    | y = sin(x)\\nNAME@dev(x) | @dev  | 1
            derivative | NAME@prod(x)           | @prod | 1
            graph      | NAME:1(x)              | :1    | 1
            check      | NAME: 1(x)             | :1    | 1
            """)
    void aCallOfAnotherVersionIsToldHowToBeMade(String endpoint, String text, String reference, int column) {
        stored("{\"expression\": \"2 * x\"}");
        stored("{\"expression\": \"3 * x\"}");
        for (String alias : List.of("prod", "dev")) {
            send("PUT", "/v1/models/" + name + "/aliases/" + alias, BodyPublishers.ofString("{\"version\": 1}"), "Content-Type",
                    "application/json", "If-None-Match", "*");
        }
        HttpResponse<String> refused = post("/v1/" + endpoint, "{\"expression\": \"" + text.replace("NAME", name) + "\""
                + (endpoint.equals("derivative") ? "" : ", \"inputs\": {\"x\": 5}") + "}");
        assertThat(errors(refused)).as(refused.body()).containsExactly("unknown-op /expression");
        JsonNode error = json(refused).at("/errors/0");
        assertThat(error.path("column").asInt()).isEqualTo(column);
        assertThat(error.path("message").asString()).contains("'latest'", name + reference);
        assertThat(error.path("hint").asString()).contains("PUT /v1/models/…", "{\"model\": \"" + name + reference + "\"}");
        assertThat(put(name + "_pinned", "{\"model\": \"" + name + reference + "\"}").statusCode()).isEqualTo(201);
        assertThat(answered("/v1/evaluate", "{\"expression\": \"" + name + "_pinned(x)\", \"inputs\": {\"x\": 5}}").path("value").asInt())
                .isEqualTo(10);
    }

    /** A product with an input that has the name of a model is a product, and what is wrong elsewhere is told as ever. */
    @Test
    void aProductIsNoCallOfAVersion() {
        stored("{\"expression\": \"2 * x\"}");
        send("PUT", "/v1/models/" + name + "/aliases/exp", BodyPublishers.ofString("{\"version\": 1}"), "Content-Type",
                "application/json", "If-None-Match", "*");
        String product = "{\"expression\": \"" + name + " @ exp(x)\", \"inputs\": {\"x\": [0, 0], \"" + name + "\": [1, 2]}}";
        assertThat(answered("/v1/evaluate", product).path("value").asInt()).isEqualTo(3);
        assertThat(errors(post("/v1/evaluate", product.replace("[1, 2]", "[1, 2, 3]")))).containsExactly("shape-mismatch /expression");
        HttpResponse<String> other = post("/v1/evaluate", "{\"expression\": \"" + name + " @ tanh(x)\", \"inputs\": {\"x\": [0, 0]}}");
        assertThat(errors(other)).as(other.body()).containsExactly("missing-input /expression");
        assertThat(json(other).at("/errors/0/hint").asString()).isEqualTo("add \"" + name + "\" to inputs");
    }

    /** A text that depends on the lengths of free axes has another output, too, and reads no more than that needs. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    m = x / len(x)\\nl = sum((m - y)^2)                      | m | "x": [1, 2]           | [0.5,1.0] | m = x / len(x)
                    t = 0\\nfor i in 0:len(x): t = t + x[i]\\nl = t * y[0]   | t | "x": [1, 2]           | 3.0 | t = 0\\nfor i in 0:len(x): t = t + x[i]\\nt
                    t = 0\\nfor i in 0:len(x):\\n  t = t + x[i]\\n  s = t * y[0]\\nl = s | t | "x": [1, 2], "y": [7, 8] | 3.0 | t = 0\\nfor i in 0:len(x):\\n  t = t + x[i]\\n  s = t * y[0]\\nt
                    p = sum(x)\\nl = p * mean(y) * len(x)                    | p | "x": [1, 2]           | 3.0 | ``
                    p = sum(x) / len(x); l = p - y                           | p | "x": [1, 2]           | 1.5 | p = sum(x) / len(x)
                    h = x / len(x)\\nif len(x) <= 2: h = h * 0\\nl = h - y | h | "x": [1, 2]           | [0.0,0.0] | h = x / len(x)\\nif len(x) <= 2: h = h * 0\\nh
                    a = b = x / len(x)\\nl = a - y                          | a | "x": [1, 2]           | [0.5,1.0] | a = b = x / len(x)\\na
                    """)
    void aTextHasAnotherOutput(String text, String output, String inputs, String value, String stored) {
        put(name + "_whole", "{\"expression\": \"" + text
                + "\", \"declares\": {\"x\": {\"shape\": [\"n\"]}, \"y\": {\"shape\": [\"n\"]}}}");
        HttpResponse<String> copied = put(name, "{\"model\": \"" + name + "_whole\", \"output\": \"" + output + "\"}");
        assertThat(copied.statusCode()).as(copied.body()).isEqualTo(201);
        assertThat(json(copied).at("/program/expression").asString("")).as(copied.body()).isEqualTo(stored.replace("\\n", "\n"));
        JsonNode answer = answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + inputs + "}}");
        assertThat(answer.path("value").toString()).isEqualTo(value);
        assertThat(answer.path("output").asString()).as("a last line without a name has this one")
                .isEqualTo(stored.endsWith("\\n" + output) ? "output" : output);
        assertThat(json(copied).at("/program/graph/output").asString(output)).isEqualTo(output);
    }

    /** A node without a name cannot be the last line of a text. */
    @Test
    void anOutputThatATextCannotNameIsRefused() {
        HttpResponse<String> refused = put(name, "{\"expression\": \"f(a) = 2 * a / len(a)\\ny = f(x) + 1\", \"output\": \"div_1\", "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        assertThat(errors(refused)).as(refused.body()).containsExactly("invalid-value /output");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("leave 'output' out here, and give it in each call");
    }

    /** What a training has been told by its targets alone is not asked of calls. */
    @Test
    void aTrainedTextAnswersANode() {
        JsonNode trained = answered("/v1/train",
                """
                        {"expression": "p = w * x / len(x)\nl = sum((p - y)^2)", "inputs": {"x": [[1, 2], [3, 4]], "y": [[1, 2], [3, 4]], "w": 0},
                         "batch": ["x", "y"], "wrt": ["w"], "steps": 1, "save_as": {"name": "%s", "output": "p", "declares": {"x": {"shape": ["n"]}}}}"""
                        .formatted(name).replace("\nl", "\\nl"));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": [1, 2, 3]}}").path("value")).hasSize(3);
    }

    /** A text that depends on the lengths of free axes stays a text, and its models stay what they were. */
    @Test
    void aProgramForArraysOfAnyLength() {
        stored("{\"expression\": \"s * x\", \"inputs\": {\"s\": 2}}");
        String loop = name + "_loop";
        HttpResponse<String> response = put(loop, """
                {"expression": "t = 0\\nfor i in 0:len(x): t = t + %s(x[i])\\nt / len(x)", "declares": {"x": {"shape": ["n"]}}}"""
                .formatted(name));
        assertThat(json(response).path("program").has("expression")).as(response.body()).isTrue();
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + loop + "\", \"inputs\": {\"x\": [1, 2, 6]}}").path("value").asDouble())
                .isEqualTo(6);
        stored("{\"expression\": \"s * x\", \"inputs\": {\"s\": 5}}");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + loop + "\", \"inputs\": {\"x\": [1, 2]}}").path("value").asDouble())
                .isEqualTo(3);
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + loop + "\", \"inputs\": {\"x\": 1}}")))
                .containsExactly("shape-mismatch /inputs/x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                                      | `invalid-value `
            {"expression": "x", "graph": {"nodes": []}}                                             | `invalid-value `
            {"expression": "x +"}                                                                   | syntax-error /expression
            {"expression": "W @ x", "inputs": {"V": [1]}}                                           | unknown-node /inputs/V
            {"expression": "2 * x", "declares": {"y": {"shape": [2]}}}                              | unknown-node /declares/y
            {"expression": "2 * x", "declares": {"y": {"text": "some"}}}                            | unknown-node /declares/y
            {"expression": "W @ x", "inputs": {"W": [[1, 2]]}, "declares": {"x": {"shape": [3]}}}   | shape-mismatch /expression
            {"expression": "2 * x", "outputs": {"z": "some"}}                                       | unknown-node /outputs/z
            {"expression": "2 * x", "output": "z"}                                                  | unknown-node /output
            {"expression": "2 * x", "declares": {"x": {"shape": ["2n"]}}}                           | invalid-value /declares/x/shape/0
            {"expression": "2 * x", "declares": {"x": {"shape": [-1]}}}                             | invalid-value /declares/x/shape/0
            {"expression": "2 * x", "declares": {"x": {"range": [1, 0]}}}                           | invalid-value /declares/x/range
            {"expression": "2 * x", "tags": ["a b"]}                                                | invalid-value /tags/0
            {"expression": "2 * x", "wrt": ["x"]}                                                   | unknown-field /wrt
            {"graph": {"nodes": [{"id": "y", "op": "sinn", "inputs": ["x"]}]}, "declares": {"x": {}}} | unknown-op /graph/nodes/0/op
            {"model": "no_such_model"}                                                              | not-found /model
            {"expression": "W * x", "inputs": {"W": [1], "x": 2}, "declares": {"x": {"shape": [3]}}} | shape-mismatch /declares/x/shape
            """)
    void whatCannotBeStoredIsToldWithItsPlace(String body, String error) {
        assertThat(errors(put(name, body))).containsExactly(error);
        assertThat(get("/v1/models/" + name).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"Digits", "1st", "a-b", "a:1", "ä"})
    void aNameIsAWordOfSmallLetters(String illegal) {
        HttpResponse<String> response = put(illegal.replace("ä", "%C3%A4"), DEFINITION);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains("[a-z][a-z0-9_]{0,62}");
    }

    @ParameterizedTest
    @CsvSource({"63, 201", "64, 422"})
    void aNameHasAtMost63Letters(int length, int status) {
        String longest = (name + "_").repeat(length).substring(0, length);
        HttpResponse<String> response = put(longest, DEFINITION);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        HttpResponse<String> called = post("/v1/evaluate", "{\"model\": \"" + longest + "\", \"inputs\": {" + X + "}}");
        assertThat(called.statusCode()).as(called.body()).isEqualTo(status == 201 ? 200 : 404);
        assertThat(get("/v1/models/" + longest).statusCode()).isEqualTo(status == 201 ? 200 : 404);
    }

    @Test
    void aValueThatIsKeptIsNotGiven() {
        stored(DEFINITION);
        HttpResponse<String> given = post("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + X + ", \"b\": [1, 2]}}");
        assertThat(errors(given)).containsExactly("invalid-value /inputs/b");
        assertThat(hint(given)).isEqualTo("leave it out; PUT /v1/models/… with \"model\" and another value stores the model with that");
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {}}"))).containsExactly("missing-input -");
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + name + "\", \"expression\": \"x\"}"))).containsExactly("invalid-value ");
        HttpResponse<String> parameters = post("/v1/evaluate", "{\"model\": \"" + name + "\", \"parameters\": {\"b\": [1, 2]}}");
        assertThat(errors(parameters)).containsExactly("invalid-value /parameters");
        assertThat(hint(parameters)).isEqualTo(hint(given));
    }

    /** Whoever trains elsewhere sends the new values alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            gate | "inputs": {"b": [5, 6]}                                  | b
            net  | "parameters": {"out.bias": [5, 6]}                       | out.bias
            net  | "inputs": {"out.bias": [5, 6]}                           | out.bias
            both | "inputs": {"gate.b": [5, 6]}                             | gate.b
            """)
    void aModelIsStoredWithOtherValues(String model, String values, String changed) {
        put(name + "_gate", DEFINITION);
        put(name + "_net", "{" + NETWORK + "}");
        put(name + "_both", "{\"expression\": \"2 * " + name + "_gate(x)\"}");
        Function<String, String> named = text -> text.replace("gate.", name + "_gate.");
        JsonNode before = found("/v1/models/" + name + "_" + model);
        JsonNode made = json(put(name, "{\"model\": \"" + name + "_" + model + "\", " + named.apply(values) + "}"));
        assertThat(made.path("kept")).as(made.toString()).isEqualTo(before.path("kept"));
        assertThat(made.path("program")).isEqualTo(before.path("program"));
        String inputs = model.equals("net") ? "\"x\": [[1, 2, -0.5]]" : X;
        String call = "{\"model\": \"%s\", \"inputs\": {" + inputs + "}, \"nodes\": [\"%s\"]}";
        String other = model.equals("net") ? "hidden.bias" : named.apply(model.equals("both") ? "gate.W" : "W");
        assertThat(answered("/v1/evaluate", call.formatted(name, named.apply(changed))).at("/nodes/0/value").toString())
                .isEqualTo("[5.0,6.0]");
        assertThat(answered("/v1/evaluate", call.formatted(name, other)).at("/nodes/0/value"))
                .isEqualTo(answered("/v1/evaluate", call.formatted(name + "_" + model, other)).at("/nodes/0/value"));
        assertThat(put(name, "{\"model\": \"" + name + "\", " + named.apply(values) + "}").statusCode()).as("the same").isEqualTo(200);
    }

    /** What a request does not say of a model that is stored again stays; what is empty there is cleared. */
    @Test
    void aModelThatIsStoredAgainKeepsWhatIsSaidOfIt() {
        String words = "\"outputs\": {\"h\": \"the units\", \"f\": \"their sum\"}, \"description\": \"two units\", "
                + "\"licence\": \"CC0-1.0\", \"tags\": [\"a\", \"b\"]}";
        JsonNode first = json(stored(DEFINITION.replace("}}", "}, " + words)));
        assertThat(put(name, "{\"model\": \"" + name + "\"}").statusCode()).isEqualTo(200);
        JsonNode mended = json(stored("{\"model\": \"" + name + "\", \"description\": \"typo mended\"}"));
        assertThat(mended.path("description").asString()).isEqualTo("typo mended");
        JsonNode trained = answered("/v1/train", "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}, \"steps\": 1, "
                + "\"save_as\": {\"name\": \"" + name + "_trained\", \"tags\": [\"c\"]}}");
        JsonNode saved = found("/v1/models/" + trained.at("/saved/name").asString());
        for (String field : List.of("licence", "outputs")) {
            assertThat(mended.path(field)).as(field).isEqualTo(first.path(field));
            assertThat(saved.path(field)).as(field).isEqualTo(first.path(field));
        }
        assertThat(mended.path("tags")).isEqualTo(first.path("tags"));
        assertThat(saved.path("tags").toString()).isEqualTo("[\"c\"]");
        assertThat(saved.path("description").asString()).isEqualTo("typo mended");
        assertThat(json(put(name + "_h", "{\"model\": \"" + name + "\", \"output\": \"h\"}")).path("outputs").toString())
                .as("of nodes that are still there").isEqualTo("{\"h\":\"the units\"}");
        JsonNode bare = json(stored("{\"model\": \"" + name + "\", \"description\": \"\", \"licence\": \"\", \"tags\": [], "
                + "\"outputs\": {}}"));
        assertThat(bare.has("description") || bare.has("licence")).as(bare.toString()).isFalse();
        assertThat(bare.path("outputs").size() + bare.path("tags").size()).isZero();
    }

    /** A text is stored as the nodes that it means for some shape, which other shapes may give another meaning. */
    @Test
    void whatIsNotSaidOfAnInputStaysAsItWas() {
        stored("{\"expression\": \"sum(x)/len(x)\", \"declares\": {\"x\": {\"shape\": [2], \"range\": [0, 5]}}}");
        JsonNode copy = json(put(name + "_copy", "{\"model\": \"" + name + "\", \"declares\": {\"x\": {\"text\": \"samples\"}}}"));
        assertThat(copy.path("inputs").toString()).isEqualTo("{\"x\":{\"shape\":[2],\"range\":[0.0,5.0],\"text\":\"samples\"}}");
        assertThat(errors(post("/v1/evaluate", "{\"model\": \"" + name + "_copy\", \"inputs\": {\"x\": [1, 2, 3]}}")))
                .containsExactly("shape-mismatch /inputs/x");
        put(name + "_mean", "{\"expression\": \"mean(x, axis=1)\", \"declares\": {\"x\": {\"shape\": [\"n\", \"m\"]}}}");
        JsonNode narrow = json(put(name + "_narrow", "{\"model\": \"" + name + "_mean\", \"declares\": {\"x\": {\"shape\": [\"k\", 4]}}}"));
        assertThat(narrow.at("/inputs/x/shape").toString()).as(narrow.toString()).isEqualTo("[\"k\",4]");
        put(name + "_text", "{\"expression\": \"sum(x)/len(x)\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        JsonNode read = json(put(name + "_read", "{\"model\": \"" + name + "_text\", \"declares\": {\"x\": {\"shape\": [3, 2]}}}"));
        assertThat(read.at("/inputs/x/shape").toString()).as("a text is read anew").isEqualTo("[3,2]");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_read\", \"inputs\": {\"x\": [[1, 2], [3, 4], [5, 6]]}}")
                .path("value").asDouble()).isEqualTo(7);
    }

    /** Nodes that were made for a value of some length stay so where the value is given by calls from now on. */
    @Test
    void aValueThatIsKeptNoMoreHasTheShapeThatItHad() {
        stored("{\"expression\": \"(sum(w) / len(w) * x - y)^2\", \"inputs\": {\"w\": [1, 2]}}");
        String train = "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 1, \"y\": 2}, \"steps\": 1, \"save_as\": {\"name\": \"" + name
                + "_open\", \"declares\": {\"w\": {%s}}}}";
        answered("/v1/train", train.formatted("\"text\": \"weights\""));
        assertThat(found("/v1/models/" + name + "_open").at("/inputs/w").toString()).isEqualTo("{\"shape\":[2],\"text\":\"weights\"}");
        assertThat(errors(post("/v1/train", train.formatted("\"shape\": [3]"))))
                .containsExactly("shape-mismatch /save_as/declares/w/shape");
    }

    /** Nodes are right for the shapes alone for which they were made, also where a training begins with what they keep. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    mean    | "inputs": {"x": [1, 2, 3, 4], "y": [1, 2, 3, 4]}                            | shape-mismatch /inputs/x, shape-mismatch /inputs/y
                    mean    | "inputs": {"x": [[1, 2], [3, 4]], "y": [[1, 2], [3, 4]]}, "batch": ["x", "y"] | 7.5
                    mean    | "inputs": {"x": [[1], [2]], "y": [[1, 2], [3, 4]]}, "batch": ["x", "y"]     | shape-mismatch /inputs/x
                    mean    | "inputs": {"x": [1, 2], "y": [1, 2], "w": [0, 0]}                           | shape-mismatch /inputs/w
                    weights | "inputs": {"w": [1, 1, 1, 1], "x": 1, "y": 2}                               | shape-mismatch /inputs/w
                    weights | "inputs": {"w": [3, 1], "x": 1, "y": 2}                                     | 0
                    free    | "inputs": {"w": [1, 2], "x": [[1, 1], [2, 2], [3, 3]]}                      | 14
                    calls   | "inputs": {"UNIT.a": [1, 2], "x": [1, 2]}                                   | shape-mismatch /inputs/UNIT.a
                    calls   | "inputs": {"UNIT.a": 2, "x": [1, 2]}                                        | 3
                    """)
    void aTrainingIsOfTheShapesForWhichAModelWasMade(String model, String inputs, String expected) {
        String unit = name + "_unit";
        put(unit, "{\"expression\": \"a * z\", \"inputs\": {\"a\": 1}}");
        String free = "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}";
        stored(switch (model) {
            case "mean" -> "{\"expression\": \"sum((w*x - y)^2) / len(x)\", \"inputs\": {\"w\": 0}, "
                    + "\"declares\": {\"x\": {\"shape\": [2]}, \"y\": {\"shape\": [2]}}}";
            case "weights" -> "{\"expression\": \"(sum(w)/len(w)*x - y)^2\", \"inputs\": {\"w\": [1, 2]}}";
            case "free" -> "{\"expression\": \"sum(w * x^2) / len(x)\", \"inputs\": {\"w\": 1}, " + free;
            default -> "{\"expression\": \"sum(" + unit + "(x)) / len(x)\", " + free;
        });
        HttpResponse<String> answer = post("/v1/train",
                "{\"model\": \"" + name + "\", " + inputs.replace("UNIT", unit) + ", \"wrt\": [\""
                        + (model.equals("calls") ? unit + ".a" : "w") + "\"], \"steps\": 1}");
        if (answer.statusCode() == 200) {
            assertThat(json(answer).at("/history/0/loss").asDouble()).isEqualTo(Double.parseDouble(expected));
        } else {
            assertThat(errors(answer)).as(answer.body()).containsExactly(expected.replace("UNIT", unit).split(", ", -1));
        }
    }

    @Test
    void aCopyIsStoredUnderAnotherName() {
        stored(DEFINITION.replace("}}", "}, \"declares\": {\"x\": {\"shape\": [3], \"text\": \"a point\"}}}"));
        JsonNode copy = json(put(name + "_copy", "{\"model\": \"" + name + ":1\", \"description\": \"the same\"}"));
        assertThat(copy.path("description").asString()).isEqualTo("the same");
        assertThat(copy.path("inputs").path("x").path("text").asString()).isEqualTo("a point");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_copy\", \"inputs\": {" + X + "}}").path("value"))
                .isEqualTo(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}}").path("value"));
    }

    @Test
    void aTrainingIsStored() {
        String training = """
                {"expression": "p = scale * (w * x + b)\\nloss = (p - y)^2", "inputs": {"x": [0, 1, 2, 3], "y": [1, 3, 5, 7], "w": 0, "b": 0,
                "scale": 1}, "batch": ["x", "y"], "wrt": ["w", "b"], "steps": 50, "save_as": {"name": "%s", "output": "p",
                "declares": {"x": {"shape": [], "text": "where"}}}}"""
                .formatted(name);
        JsonNode trained = answered("/v1/train", training);
        assertThat(trained.path("saved").toString()).isEqualTo("{\"name\":\"" + name + "\",\"version\":1}");
        JsonNode model = found("/v1/models/" + name);
        assertThat(model.path("inputs").toString()).isEqualTo("{\"x\":{\"shape\":[],\"text\":\"where\"}}");
        assertThat(model.path("kept").propertyNames()).containsExactlyInAnyOrder("w", "b", "scale");
        double expected = trained.path("parameters").path("w").asDouble() * 10 + trained.path("parameters").path("b").asDouble();
        JsonNode called = answered("/v1/gradient", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 10}}");
        assertThat(called.path("value").asDouble()).isEqualTo(expected);
        String network = "{" + NETWORK + ", \"inputs\": {\"x\": [[1, 2, -0.5], [0, 1, 1]], \"y\": [[1, 0], [0, 1]]}, \"epochs\": 5, "
                + "\"save_as\": {\"name\": \"" + name + "\", \"description\": \"layers\"}}";
        JsonNode layers = answered("/v1/train", network);
        assertThat(layers.path("saved").path("version").asInt()).isEqualTo(2);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + ":2\", \"inputs\": {\"x\": [[1, 2, -0.5]]}, \"nodes\": "
                + "[\"hidden.weight\"]}").path("nodes").path(0).path("value")).isEqualTo(layers.path("parameters").path("hidden.weight"));
    }

    /** Where the loss is not finite before a step has changed anything, there is nothing to store. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            l = log(w)\\nf = l       | -1 | 1     | 0
            l = log(w)\\nf = l + w   | 1  | 1     | 1
            f = 1e10 * w             | 0  | 1e308 | 1
            """)
    void aTrainingThatHasFoundNothingIsNotStored(String expression, double start, String rate, int steps) {
        JsonNode trained = answered("/v1/train", """
                {"expression": "%s", "inputs": {"w": %s}, "wrt": ["w"], "steps": 5, "optimizer": {"lr": %s}, "save_as": {"name": "%s"}}"""
                .formatted(expression, start, rate, name));
        assertThat(trained.path("stopped_by").asString()).as(trained.toString()).isEqualTo("non_finite");
        assertThat(trained.path("steps").asInt()).isEqualTo(steps);
        assertThat(trained.at("/parameters/w").asDouble()).isEqualTo(start);
        assertThat(trained.at("/saved/version").isMissingNode()).as(trained.toString()).isTrue();
        assertThat(trained.at("/saved/errors/0/message").asString()).contains("initial");
        assertThat(get("/v1/models/" + name).statusCode()).isEqualTo(404);
    }

    /** A model that needs the shape of what it reads gets that of a sample, where a training with samples is stored. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            net  |
            net  | "declares": {"x": {"text": ""}}
            text |
            """)
    void aTrainingThatCallsAModelIsStored(String model, @Nullable String declares) {
        put(name + "_net", "{" + NETWORK + "}");
        put(name + "_text", "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + v * x[i]\\nstack(t, -t)\", \"inputs\": {\"v\": 1}, "
                + "\"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String called = name + "_" + model;
        JsonNode trained = answered("/v1/train",
                """
                        {"expression": "z = %s(x)\\nloss = cross_entropy(z, y)", "inputs": {"x": [[1, 2, 3], [0, 1, 0], [-1, 0, 2]], "y": [0, 1, 1]},
                        "batch": ["x", "y"], "wrt": ["%s.%s"], "steps": 3, "save_as": {"name": "%s", "output": "z"%s}}"""
                        .formatted(called, called, model.equals("net") ? "hidden.weight" : "v", name,
                                declares == null ? "" : ", " + declares));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        JsonNode stored = found("/v1/models/" + name);
        assertThat(stored.path("inputs").propertyNames()).containsExactly("x");
        assertThat(stored.at("/inputs/x/shape").toString()).isEqualTo("[3]");
        assertThat(stored.path("output_shape").toString()).isEqualTo("[2]");
        answered("/v1/gradient", "{\"expression\": \"sum(" + name + "([1, 2, 3]))\"}");
    }

    /** Where nothing tells what a sample is, the client is told where to say it. */
    @Test
    void aTrainingThatCallsANetworkWithoutSamplesNeedsAShape() {
        put(name + "_net", "{" + NETWORK + "}");
        String training = """
                {"expression": "z = %s_net(x)\\nloss = sum(z^2)", "inputs": {"x": [[1, 2, 3], [0, 1, 0]]}, "wrt": ["%s_net.hidden.weight"],
                "steps": 3, "save_as": {"name": "%s", "output": "z"%s}}""";
        HttpResponse<String> refused = post("/v1/train", training.formatted(name, name, name, ""));
        assertThat(errors(refused)).containsExactly("shape-mismatch /expression");
        assertThat(json(refused).at("/errors/0/hint").asString()).contains("or declare their shapes", "'save_as'");
        answered("/v1/train", training.formatted(name, name, name, ", \"declares\": {\"x\": {\"shape\": [2, 3]}}"));
    }

    /** What a training of some values stores keeps also those that were kept before and that it does not change. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "expression": "(w * gate(x) - y)^2" | "w": 0, "x": 1, "y": 2   | "w" | w, gate.v     | x, y
            "expression": "(w * gate(x) - y)^2" | "w": 0, "x": 1, "y": 2   | "w", "gate.v" | w, gate.v | x, y
            "model": "line"                     | "x": 1, "y": 2           | "w" | w, b          | x, y
            "model": "line"                     | "x": 1, "y": 2           | "w", "b" | w, b     | x, y
            "model": "line"                     | "x": 1, "y": 2           | "w", "x" | w, b, x  | y
            "model": "bare"                     | "w": 0, "b": 1, "x": 1, "y": 2 | "w" | w       | x, b, y
            "model": "loop"                     | "w": 0, "x": [1, 3], "y": 2    | "w" | w       | y, x
            """)
    void aTrainingOfSomeValuesKeepsTheOthers(String program, String inputs, String wrt, String kept, String open) {
        put(name + "_gate", "{\"expression\": \"tanh(v * x)\", \"inputs\": {\"v\": 0.75}}");
        put(name + "_line", "{\"expression\": \"(w * x + b - y)^2\", \"inputs\": {\"w\": 0.5, \"b\": 1}}");
        put(name + "_bare", "{\"expression\": \"(w * x + b - y)^2\", \"declares\": {\"x\": {}}}");
        put(name + "_loop", "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + w * x[i]\\nt / len(x) - y\", "
                + "\"declares\": {\"y\": {}, \"x\": {\"shape\": [\"n\"]}}}");
        Function<String, String> named = text -> text.replaceAll("gate|line|bare|loop", name + "_$0");
        JsonNode trained = answered("/v1/train", named.apply("{" + program + ", \"wrt\": [" + wrt + "], \"inputs\": {" + inputs
                + "}, \"steps\": 3, \"save_as\": {\"name\": \"") + name + "\"}}");
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(1);
        JsonNode model = found("/v1/models/" + name);
        assertThat(model.path("kept").propertyNames()).containsExactlyInAnyOrder(named.apply(kept).split(", ", -1));
        assertThat(model.path("inputs").propertyNames()).containsExactly(open.split(", ", -1));
    }

    /** What is trained further stays what it was: its models, its words of inputs, and their order. */
    @Test
    void aModelThatIsTrainedIsStoredWithWhatItHad() {
        stored("{\"expression\": \"s * x\", \"inputs\": {\"s\": 2}}");
        String sum = name + "_sum";
        assertThat(put(sum,
                """
                        {"expression": "t = 0\\nfor i in 0:len(x): t = t + %s(x[i])\\np = w * t / len(x) + b\\n(p - y)^2", "inputs": {"w": 0.5, "b": 1},
                        "declares": {"y": {"shape": []}, "x": {"shape": ["n"], "range": [0, 9], "text": "some"}}}"""
                        .formatted(name))
                .statusCode())
                .isEqualTo(201);
        JsonNode trained = answered("/v1/train", """
                {"model": "%s", "inputs": {"x": [1, 2], "y": 8}, "wrt": ["w"], "steps": 200, "optimizer": {"type": "sgd", "lr": 0.01},
                "save_as": {"name": "%s", "description": "trained"}}""".formatted(sum, sum));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(2);
        JsonNode model = found("/v1/models/" + sum);
        for (String field : List.of("inputs", "kept", "calls", "output_shape", "program")) {
            assertThat(model.path(field)).as(field).isEqualTo(found("/v1/models/" + sum + ":1").path(field));
        }
        assertThat(model.path("description").asString()).isEqualTo("trained");
        JsonNode called = answered("/v1/gradient",
                "{\"model\": \"" + sum + "\", \"inputs\": {\"x\": [1, 2], \"y\": 0}, \"wrt\": [\"w\", \"b\"]}");
        double w = trained.at("/parameters/w").asDouble();
        assertThat(called.path("value").asDouble()).isCloseTo((3 * w + 1) * (3 * w + 1), within(1e-12));
        assertThat(errors(post("/v1/train", """
                {"model": "%s", "inputs": {"x": [1, 2], "y": 8}, "wrt": ["w"], "steps": 2, "save_as": {"name": "%s"}}"""
                .formatted(sum, name)))).as("it would call itself").containsExactly("cycle /model");
    }

    /** With another output a model may not read all inputs that it had; those that it reads are still said to be what they were. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    train           | "model": "line", "inputs": {"x": [1, 2], "y": [3, 5]}, "batch": ["x", "y"], "steps": 2, "save_as": {"name": "copy", "output": "p"}
                    PUT             | "model": "line", "output": "p"
                    """)
    void anotherOutputMayNeedFewerInputs(String way, String body) {
        put(name + "_line", """
                {"expression": "p = w * x + b\\n(p - y)^2", "inputs": {"w": 0.5, "b": 1},
                "declares": {"y": {"shape": [], "text": "what is seen"}, "x": {"shape": [], "range": [0, 9]}}}""");
        String request = "{" + body.replaceAll("line|copy", name + "_$0") + "}";
        HttpResponse<String> response = way.equals("PUT") ? put(name + "_copy", request) : post("/v1/train", request);
        assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
        JsonNode model = found("/v1/models/" + name + "_copy");
        assertThat(model.path("inputs").toString()).isEqualTo("{\"x\":{\"shape\":[],\"range\":[0.0,9.0]}}");
        assertThat(model.path("output_shape").toString()).isEqualTo("[]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"inputs": {"x": [1, 2]}}                                      | shape-mismatch /inputs/x
            {"inputs": {"b": [1, 2, 3]}}                                   | shape-mismatch /inputs/b
            {"declares": {"x": {"shape": ["n"]}}}                          | shape-mismatch /declares/x/shape
            {"declares": {"x": {"shape": [2]}}}                            | shape-mismatch /declares/x/shape
            {"declares": {"x": {"shape": [3, 1]}}}                         | shape-mismatch /declares/x/shape
            {"declares": {"b": {"range": [-1, 1]}}}                        | invalid-value /declares/b/range
            {"declares": {"b": {"shape": [2], "text": "biases"}}}          | invalid-value /declares/b/text
            {"declares": {"z": {}}}                                        | unknown-node /declares/z
            {"inputs": {"x": [1, 2, 3]}, "declares": {"x": {"shape": []}}} | shape-mismatch /declares/x/shape
            """)
    void aCopyIsRefusedWhereItDoesNotFit(String body, String error) {
        stored(DEFINITION.replace("}}", "}, \"declares\": {\"x\": {\"shape\": [3]}}}"));
        assertThat(errors(put(name + "_copy", body.replaceFirst("\\{", "{\"model\": \"" + name + "\", ")))).containsExactly(error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"name": "No"}                                        | invalid-value /save_as/name
            {"name": "m", "output": "q"}                          | unknown-node /save_as/output
            {"name": "m", "tags": ["?"]}                          | invalid-value /save_as/tags/0
            {"name": "m", "declares": {"z": {"shape": [2]}}}      | unknown-node /save_as/declares/z
            """)
    void whatCannotBeStoredIsToldBeforeTheTraining(String save, String error) {
        assertThat(errors(post("/v1/train", "{\"expression\": \"(w * x - y)^2\", \"inputs\": {\"x\": [1, 2], \"y\": [2, 4], \"w\": 0}, "
                + "\"batch\": [\"x\", \"y\"], \"wrt\": [\"w\"], \"save_as\": " + save + "}"))).containsExactly(error);
    }

    /** What a name means is looked up again each half second, by all who ask at once, while each holds one of few permits to compute. */
    @Test
    void manyCallAModelAtOnce() throws Exception {
        stored(DEFINITION);
        try (ExecutorService clients = Executors.newFixedThreadPool(16)) {
            for (int round = 0; round < 3; round++) {
                List<Future<Integer>> calls = IntStream.range(0, 64).mapToObj(_ -> clients.submit(() -> post("/v1/evaluate",
                        "{\"model\": \"" + name + "\", \"inputs\": {" + X + "}}").statusCode())).toList();
                for (Future<Integer> call : calls) {
                    assertThat(call.get()).isEqualTo(200);
                }
                TimeUnit.MILLISECONDS.sleep(600);
            }
        }
    }

    /** Answers of links that name models differ between clients, and change when a model does. */
    @Test
    void linksToModelsAreNotKeptByOthers() {
        stored("{\"expression\": \"a * x^2\", \"inputs\": {\"a\": 3}}");
        for (String link : List.of("model=" + name, "expression=" + name + "(x)")) {
            assertThat(get("/v1/gradient?in.x=2&" + link).headers().firstValue("Cache-Control")).contains("no-cache, private");
        }
        assertThat(get("/v1/gradient?in.x=2&expression=x").headers().firstValue("Cache-Control").orElseThrow()).contains("public");
    }

    private int latest() {
        return found("/v1/models/" + name).path("version").asInt();
    }

    @Test
    void whatIsDeletedIsNotTheLatest() {
        stored(DEFINITION);
        stored(DEFINITION.replace("0.25", "0.5"));
        assertThat(status("DELETE", "/v1/models/" + name + ":2")).isEqualTo(204);
        assertThat(latest()).isEqualTo(1);
        assertThat(put(name, DEFINITION).statusCode()).as("the same as the latest").isEqualTo(200);
        assertThat(json(stored(DEFINITION.replace("0.25", "0.5"))).path("version").asInt()).isEqualTo(3);
    }

    /** Whatever was done to aliases and versions before: a client that is told that its model is stored calls that. */
    @Test
    void whatIsPutIsTheLatest() {
        String other = DEFINITION.replace("0.25", "0.5");
        stored(DEFINITION);
        stored(other);
        assertThat(move("latest", 1, "If-Match", "\"2\"").statusCode()).isEqualTo(200);
        assertThat(put(name, DEFINITION).statusCode()).isEqualTo(200);
        assertThat(latest()).isEqualTo(1);
        assertThat(json(stored(other)).path("version").asInt()).isEqualTo(3);
        assertThat(latest()).isEqualTo(3);
        assertThat(status("DELETE", "/v1/models/" + name + ":3")).isEqualTo(204);
        assertThat(status("DELETE", "/v1/models/" + name + ":2")).isEqualTo(204);
        assertThat(status("POST", "/v1/models/" + name + ":2/undelete")).isEqualTo(204);
        assertThat(latest()).as("which names a version that is there").isEqualTo(1);
        assertThat(json(stored(other)).path("version").asInt()).isEqualTo(4);
        assertThat(errors(send("DELETE", "/v1/models/" + name + "/aliases/latest", BodyPublishers.noBody(), "If-Match", "\"4\"")))
                .containsExactly("invalid-value -");
        assertThat(latest()).as("which cannot be removed").isEqualTo(4);
        assertThat(found("/v1/models?prefix=" + name).path("models").size()).isEqualTo(1);
        assertThat(json(stored(DEFINITION)).path("version").asInt()).isEqualTo(5);
        assertThat(latest()).isEqualTo(5);
    }

    @Test
    void aModelOfWhichOneVersionCameBackIsThere() {
        stored(DEFINITION);
        stored(DEFINITION.replace("0.25", "0.5"));
        assertThat(status("DELETE", "/v1/models/" + name)).isEqualTo(204);
        assertThat(status("POST", "/v1/models/" + name + ":1/undelete")).isEqualTo(204);
        assertThat(latest()).isEqualTo(1);
        assertThat(found("/v1/models?prefix=" + name).path("models").size()).isEqualTo(1);
    }

    @Test
    void aValueOfACalledModelIsNotGiven() {
        stored(DEFINITION);
        assertThat(errors(post("/v1/evaluate", "{\"expression\": \"" + name + "(x)\", \"inputs\": {" + X + ", \"" + name
                + ".b\": [1, 2]}}"))).containsExactly("invalid-value /inputs/" + name + ".b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefix=A", "after=%25", "tag=%00", "tag=a%20b", "licence=%00"})
    void filtersAreWords(String filter) {
        HttpResponse<String> response = get("/v1/models?" + filter);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    }

    /** Each of the texts takes a third of what a definition may contain. */
    @Test
    void definitionsWithinAGraphAreBounded() {
        for (String end : List.of("a", "b", "c", "d")) {
            put(name + end,
                    "{\"expression\": \"sum(x) / len(x) # " + "a".repeat(300_000) + "\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        }
        String graph = """
                {"graph": {"nodes": [{"id": "a", "op": "NAMEa", "inputs": ["x"]}, {"id": "b", "op": "NAMEb", "inputs": ["x"]},
                {"id": "c", "op": "NAMEc", "inputs": ["x"]}, {"id": "d", "op": "NAMEc", "inputs": ["x"]},
                {"id": "f", "op": "stack", "inputs": ["a", "b", "c", "d"]}]}, "declares": {"x": {"shape": ["n"]}}}""".replace("NAME", name);
        assertThat(put(name, graph).statusCode()).isEqualTo(201);
        assertThat(errors(put(name, graph.replace(name + "c\", \"inputs\": [\"x\"]},\n", name + "d\", \"inputs\": [\"x\"]},\n"))))
                .containsExactly("invalid-value /graph");
    }

    /** Each model calls all that were stored before, in a text that stays one: definitions would double with each. */
    @Test
    void definitionsWithinDefinitionsAreBounded() {
        StringBuilder sum = new StringBuilder("x[0]");
        int stored = 0;
        for (int i = 0; i < 30; i++) {
            HttpResponse<String> response = put(name + "_" + i,
                    "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + x[i]\\nt + " + sum
                            + "\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
            stored += response.statusCode() == 201 ? 1 : 0;
            assertThat(response.statusCode()).as(response.body()).isIn(201, 422);
            assertThat(response.body().length()).isLessThan(100_000);
            sum.append(" + ").append(name).append('_').append(i).append("(x)");
        }
        assertThat(stored).isBetween(5, 25);
    }
}
