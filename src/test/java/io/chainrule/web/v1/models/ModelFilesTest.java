package io.chainrule.web.v1.models;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.TestFolder;
import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Models that go into files and come out of them as they were, with the embedded database. */
@DirtiesContext
@Timeout(300)
@TestPropertySource(properties = "chainrule.models.upload-bytes=150000000")
class ModelFilesTest extends HttpTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String GATE = """
            {"expression": "h = tanh(W @ x + b)\\ny = sigmoid(sum(v * h))",
             "inputs": {"W": [[0.5, -1], [1, 0.25]], "b": [0.1, "NaN"], "v": [2, 0]},
             "declares": {"x": {"shape": [2], "range": [-1, 1], "text": "a point"}},
             "outputs": {"h": "the hidden units"}, "description": "two units", "licence": "CC0-1.0", "tags": ["small", "gate"]}""";

    /** Removed behind the service: it comes to hundreds of megabytes. */
    @TempDir(factory = OfBuild.class)
    private static Path folder;

    final String name = "file_" + NAMES.incrementAndGet();

    @Autowired
    private Budget budget;

    @Autowired
    private MeterRegistry meters;

    /** Folders for temporary files are small on some machines. */
    static final class OfBuild implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return TestFolder.create("models-");
        }
    }

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
    }

    private HttpResponse<String> put(String as, String json) {
        return send("PUT", "/v1/models/" + as, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    private HttpResponse<String> put(String as, byte[] zip) {
        return send("PUT", "/v1/models/" + as, BodyPublishers.ofByteArray(zip), "Content-Type", "application/zip");
    }

    private HttpResponse<byte[]> exported(String reference, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest
                .newBuilder(URI.create("http://localhost:" + port + "/v1/models/" + reference + "/export"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        }
    }

    private static Map<String, byte[]> entries(byte[] zip) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private JsonNode answered(String path, String body) {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    static Stream<String> models() {
        return Stream.of(GATE, "{\"expression\": \"y = x * [1, 2.5] + a\", \"inputs\": {\"a\": 3}}",
                "{\"expression\": \"f(t, x) = 2 * x\"}", "{\"expression\": \"def f(t, x):\\n  t = 5 * x\\n  return t\"}",
                "{\"expression\": \"def f(t, x):\\n  t = x / len(x)\\n  return t\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}",
                "{\"expression\": \"z - a * x * y\", \"inputs\": {\"a\": 3, \"z\": 1, \"y\": 2}, \"declares\": {\"x\": {}}}", """
                        {"graph": {"nodes": [{"id": "x", "op": "input", "shape": [2]},
                        {"id": "y", "op": "mul", "inputs": ["x", "c"]}, {"id": "c", "op": "constant", "value": [1, 2.5]}]}}""",
                """
                        {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 3, "activation": "tanh"}],
                        "loss": {"type": "mse", "target": "t"}}, "seed": 7}""",
                """
                        {"expression": "t = 0\\nfor i in 0:len(x): t = t + x[i] * a\\nt", "inputs": {"a": 0.1}, "declares": {"x": {"shape": ["n"]}}}""");
    }

    /** The same digest means the same program and the same values. */
    @ParameterizedTest
    @MethodSource("models")
    void aModelComesBackAsItWas(String model) throws Exception {
        HttpResponse<String> first = put(name, model);
        assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
        HttpResponse<byte[]> file = exported(name);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type")).contains("application/zip");
        assertThat(file.headers().firstValue("Content-Disposition")).contains("attachment; filename=\"" + name + "-1.zip\"");
        HttpResponse<String> copy = put(name + "_copy", file.body());
        assertThat(copy.statusCode()).as(copy.body()).isEqualTo(201);
        assertThat(copy.headers().firstValue("Location").orElseThrow()).endsWith("/v1/models/" + name + "_copy:1");
        for (String field : new String[]{"sha256", "inputs", "outputs", "kept", "description", "licence", "tags", "program", "bytes"}) {
            assertThat(json(copy).path(field)).as(field).isEqualTo(json(first).path(field));
        }
        String call = "{\"model\": \"%s\", \"inputs\": {\"x\": " + (model.contains("network") ? "[[0.3, -0.8]]" : "[0.3, -0.8]") + "}}";
        for (String path : new String[]{"/v1/evaluate", "/v1/jacobian"}) {
            assertThat(answered(path, call.formatted(name + "_copy"))).isEqualTo(answered(path, call.formatted(name)));
        }
        assertThat(put(name, file.body()).statusCode()).as("it equals the newest").isEqualTo(200);
        assertThat(exported(name).body()).as("the same bytes each time").isEqualTo(file.body());
        assertNothingIsReserved(budget);
    }

    /** A graph whose nodes depend on the lengths of free axes contains the models that it calls, each as it was. */
    @Test
    void aGraphForArraysOfAnyLengthKeepsItsModels() throws Exception {
        put(name, "{\"expression\": \"s * x / len(x)\", \"inputs\": {\"s\": 2}, \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        String outer = name + "_outer";
        HttpResponse<String> made = put(outer, """
                {"graph": {"nodes": [{"id": "h", "op": "%s@latest", "inputs": ["x"]}, {"id": "f", "op": "sum", "inputs": ["h"]}]},
                "declares": {"x": {"shape": ["n"]}}}""".formatted(name));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(json(made).path("program").path("graph").path("nodes").toString()).contains("\"" + name + "@latest\"");
        assertThat(json(made).path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        HttpResponse<String> copy = put(outer + "_copy", exported(outer).body());
        assertThat(copy.statusCode()).as(copy.body()).isEqualTo(201);
        put(name, "{\"expression\": \"x\"}");
        for (String model : new String[]{outer, outer + "_copy"}) {
            JsonNode answer = answered("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": [1, 2, 6]}}");
            assertThat(answer.path("value").asDouble()).isEqualTo(6);
        }
    }

    @Test
    void aFileIsStoredOnlyAsTheClientSaysAndAsAWhole() throws Exception {
        put(name, GATE);
        byte[] file = exported(name).body();
        for (String[] refused : new String[][]{{"If-None-Match", "*", "412"}, {"If-Match", "\"2\"", "412"},
                {"Content-Range", "bytes 0-9/10", "400"}}) {
            HttpResponse<String> answer = send("PUT", "/v1/models/" + name, BodyPublishers.ofByteArray(file), "Content-Type",
                    "application/zip", refused[0], refused[1]);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(Integer.parseInt(refused[2]));
        }
        HttpResponse<String> untyped = send("PUT", "/v1/models/" + name, BodyPublishers.ofByteArray(file), "Content-Type",
                "application/x-zip-compressed");
        assertThat(untyped.statusCode()).isEqualTo(415);
        assertThat(json(untyped).at("/errors/0/expected").asString()).isEqualTo("Content-Type: application/json or application/zip");
        String tag = exported(name).headers().firstValue("ETag").orElseThrow();
        assertThat(send("PUT", "/v1/models/" + name, BodyPublishers.ofByteArray(file), "Content-Type", "application/zip", "If-Match", tag)
                .statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/v1/models/" + name + "_copy", BodyPublishers.ofByteArray(file), "Content-Type", "application/zip",
                "If-None-Match", "*").statusCode()).isEqualTo(201);
    }

    /** A file has the inputs in the order of arguments, which is not that in which the program reads them. */
    @Test
    void argumentsStayInTheirOrder() throws Exception {
        put(name, "{\"expression\": \"y - 2 * x\", \"declares\": {\"x\": {}, \"y\": {}}}");
        HttpResponse<String> copy = put(name + "_copy", exported(name).body());
        assertThat(copy.statusCode()).as(copy.body()).isEqualTo(201);
        assertThat(answered("/v1/evaluate", "{\"expression\": \"" + name + "_copy(1, 2)\"}").path("value").asInt()).isZero();
    }

    /** A definition at the end of a text does not become the program, though the file has an input of the name of its parameter. */
    @Test
    void aTextInAFileStaysTheProgram() throws Exception {
        put(name, "{\"expression\": \"y = u * sum(x) / len(x)\\ng(u) = u + 1\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        HttpResponse<String> copy = put(name + "_copy", exported(name).body());
        assertThat(copy.statusCode()).as(copy.body()).isEqualTo(201);
        assertThat(json(copy).path("sha256")).isEqualTo(json(get("/v1/models/" + name)).path("sha256"));
        String call = "{\"model\": \"" + name + "_copy\", \"inputs\": {\"x\": [1, 2, 6], \"u\": 3}}";
        assertThat(answered("/v1/evaluate", call).path("value").asDouble()).isEqualTo(9);
    }

    /** Elements that two values share are in the file once, whatever shapes they have. */
    @Test
    void valuesWithTheSameElementsMayHaveOtherShapes() throws Exception {
        put(name, "{\"expression\": \"sum(V) + W @ x\", \"inputs\": {\"V\": [1, 2, 3, 4], \"W\": [[1, 2], [3, 4]]}}");
        byte[] file = exported(name).body();
        assertThat(entries(file)).hasSize(2);
        assertThat(put(name + "_copy", file).statusCode()).isEqualTo(201);
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_copy\", \"inputs\": {\"x\": [1, 1]}}").path("value").toString())
                .isEqualTo("[13.0,17.0]");
    }

    /** A text that is stored as a text has the models that it calls. */
    @Test
    void modelsWithinAModelComeAlong() throws Exception {
        put(name, "{\"expression\": \"s * x\", \"inputs\": {\"s\": 2}}");
        put(name + "_outer",
                "{\"expression\": \"t = 0\\nfor i in 0:len(x): t = t + %s(x[i])\\nt\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}"
                        .formatted(name));
        byte[] file = exported(name + "_outer").body();
        assertThat(errors(put(name, file))).as("it would call itself").containsExactly("cycle /calls");
        send("DELETE", "/v1/models/" + name, BodyPublishers.noBody());
        HttpResponse<String> copy = put(name + "_copy", file);
        assertThat(copy.statusCode()).as(copy.body()).isEqualTo(201);
        assertThat(json(copy).path("calls").toString()).isEqualTo("[\"" + name + "\"]");
        assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "_copy\", \"inputs\": {\"x\": [1, 2, 6]}}").path("value").asInt())
                .isEqualTo(18);
    }

    /** Values of a model within a model are those of the model around it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            no-values       | missing-input /kept
            renamed         | unknown-node /kept/innr.v
            other-shape     | shape-mismatch /kept/innr.w/shape
            other-in-models | shape-mismatch /kept/innr.w/shape
            calls           | invalid-value /calls/1,invalid-value /calls/2
            no-calls        | cycle /calls
            name            | invalid-value /models/<b>
            """)
    void modelsWithinAModelHaveToFit(String change, String expected) throws Exception {
        put("innr", "{\"expression\": \"w * x\", \"inputs\": {\"w\": 3}, \"declares\": {\"x\": {\"shape\": []}}}");
        put(name,
                "{\"expression\": \"s = 0\\nfor i in 0:len(x):\\n  s = s + innr(x[i])\", \"declares\": {\"x\": {\"shape\": [\"n\"]}}}");
        Map<String, byte[]> entries = entries(exported(name).body());
        ObjectNode definition = definition(entries);
        ObjectNode kept = (ObjectNode) definition.path("kept");
        ObjectNode within = (ObjectNode) definition.at("/models/innr");
        switch (change) {
            case "no-values" -> {
                kept.removeAll();
                entries.keySet().removeIf(entry -> entry.startsWith("values/"));
            }
            case "renamed" -> {
                kept.set("innr.v", kept.path("innr.w"));
                kept.remove("innr.w");
            }
            case "other-shape" -> {
                ((ObjectNode) kept.path("innr.w")).putArray("shape").add(1);
                entries.put("values/" + kept.at("/innr.w/sha256").asString() + ".npy", npy(1, 3));
            }
            case "other-in-models" -> ((ObjectNode) within.at("/kept/w")).putArray("shape").add(1);
            case "no-calls" -> definition.remove("calls");
            case "calls" -> definition.putArray("calls").add("zzz").add("bad name!").add("<b>");
            default -> ((ObjectNode) definition.path("models")).set("<b>", within);
        }
        entries.put("model.json", JSON.writeValueAsBytes(definition));
        HttpResponse<String> refused = put(change.equals("no-calls") ? "innr" : name + "_copy", zip(entries));
        assertThat(errors(refused)).as(refused.body()).containsExactlyInAnyOrder(expected.split(",", -1));
        assertThat(get("/v1/models/" + name + "_copy").statusCode()).isEqualTo(404);
    }

    @Test
    void aNetworkInAFileKeepsNoData() throws Exception {
        put(name, """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 2}]}}""");
        Map<String, byte[]> entries = entries(exported(name).body());
        ObjectNode definition = definition(entries);
        ((ObjectNode) definition.path("kept")).set("x", definition.path("kept").path("out.bias"));
        entries.put("model.json", JSON.writeValueAsBytes(definition));
        HttpResponse<String> refused = put(name + "_copy", zip(entries));
        assertThat(errors(refused)).as(refused.body()).containsExactly("invalid-value /kept/x");
        assertThat(refused.body()).contains("'x' is data");
        ((ObjectNode) definition.path("kept")).remove("x");
        definition.putObject("outputs").put("ot", "the layer");
        entries.put("model.json", JSON.writeValueAsBytes(definition));
        assertThat(errors(put(name + "_copy", zip(entries)))).containsExactly("unknown-node /outputs/ot");
    }

    /** Models within models are counted before any of them is read, since each would be read once more for all around it. */
    @Test
    void aFileOfModelsWithinModelsIsReadOnlyIfTheseAreFew() throws Exception {
        ObjectNode model = JSON.createObjectNode().put("format", 1);
        model.putObject("graph").putArray("nodes").addObject().put("id", "y").put("op", "sinn");
        for (int depth = 0; depth < 60; depth++) {
            ObjectNode outer = JSON.createObjectNode().put("format", 1).put("expression", "inner(x)");
            outer.putObject("models").set("inner", model);
            model = outer;
        }
        HttpResponse<String> refused = put(name, zip(Map.of("model.json", JSON.writeValueAsBytes(model))));
        assertThat(errors(refused)).containsExactly("invalid-value /models");
        assertThat(refused.body()).contains("at most 1000000 bytes of definitions, 50 deep");
    }

    /** Nodes may have several names, of which one may be that of the output. */
    @Test
    void aFileHasTheSecondNamesOfNodes() throws Exception {
        put(name, "{\"expression\": \"h = tanh(x)\\ny = h\", \"outputs\": {\"y\": \"a unit\"}}");
        HttpResponse<String> copied = put(name + "_copy", exported(name).body());
        assertThat(copied.statusCode()).as(copied.body()).isEqualTo(201);
        assertThat(json(copied).path("sha256")).isEqualTo(json(get("/v1/models/" + name)).path("sha256"));
        assertThat(json(post("/v1/evaluate", "{\"model\": \"" + name + "_copy\", \"inputs\": {\"x\": 0}}")).path("output").asString())
                .isEqualTo("y");
    }

    /** It would be lost, as it is where a request says it. */
    @Test
    void aFileSaysNothingOfAKeptValueThatIsNotStored() throws Exception {
        put(name, GATE);
        Map<String, byte[]> entries = entries(exported(name).body());
        ObjectNode definition = definition(entries);
        ((ObjectNode) definition.path("declares")).putObject("W").put("text", "weights");
        entries.put("model.json", JSON.writeValueAsBytes(definition));
        assertThat(errors(put(name + "_copy", zip(entries)))).containsExactly("invalid-value /declares/W/text");
    }

    /** What stands in the file is what NumPy reads. */
    @Test
    void peopleAndNumpyCanReadTheFile() throws Exception {
        put(name, GATE);
        Map<String, byte[]> entries = entries(exported(name).body());
        JsonNode definition = JSON.readTree(entries.get("model.json"));
        assertThat(definition.path("format").asInt()).isEqualTo(1);
        assertThat(definition.path("description").asString()).isEqualTo("two units");
        assertThat(definition.path("declares").toString()).isEqualTo("{\"x\":{\"shape\":[2],\"range\":[-1.0,1.0],\"text\":\"a point\"}}");
        assertThat(definition.at("/kept/W/shape").toString()).isEqualTo("[2,2]");
        assertThat(entries).hasSize(4);
        byte[] values = entries.get("values/" + definition.at("/kept/W/sha256").asString() + ".npy");
        assertThat(values).isNotNull();
        String header = new String(values, 10, 118, StandardCharsets.ISO_8859_1);
        assertThat(header).startsWith("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }  ").endsWith("\n");
        assertThat(Arrays.copyOf(values, 10)).containsExactly(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0);
        ByteBuffer data = ByteBuffer.wrap(values, 128, 32).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new double[]{data.getDouble(), data.getDouble(), data.getDouble(), data.getDouble()}).containsExactly(0.5, -1, 1, 0.25);
        assertThat(sha256(Arrays.copyOfRange(values, 128, 160))).isEqualTo(definition.at("/kept/W/sha256").asString());
    }

    static List<Arguments.ArgumentSet> storedTexts() throws IOException {
        List<Arguments.ArgumentSet> texts = Files.readAllLines(Path.of("src/test/resources/recorded/models/texts.jsonl")).stream()
                .map(JSON::readTree)
                .map(text -> Arguments.argumentSet(text.path("name").asString(), text)).toList();
        assertThat(texts).hasSizeGreaterThanOrEqualTo(25);
        return texts;
    }

    /** What releases have stored as texts stays a text, of which each release makes the same; the numbers are those of NumPy. */
    @ParameterizedTest
    @MethodSource("storedTexts")
    void aStoredTextMeansWhatItMeantWhenItWasStored(JsonNode text) throws Exception {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("model.json", JSON.writeValueAsBytes(text.path("model")));
        text.path("values").properties()
                .forEach(values -> entries.put(values.getKey(), Base64.getDecoder().decode(values.getValue().asString())));
        HttpResponse<String> put = put(name, zip(entries));
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        JsonNode kept = definition(entries(exported(name).body()));
        for (String field : new String[]{"expression", "graph", "models"}) {
            assertThat(kept.path(field)).as(field).isEqualTo(text.path("model").path(field));
        }
        for (JsonNode call : text.path("calls")) {
            ObjectNode request = JSON.createObjectNode().put("model", name).put("nodes", "none");
            request.set("inputs", call.path("inputs"));
            call.path("gradients").propertyNames().forEach(request.putArray("wrt")::add);
            JsonNode answer = answered("/v1/gradient", request.toString());
            assertClose(answer.path("value"), call.path("value"));
            call.path("gradients").properties()
                    .forEach(gradient -> assertClose(answer.path("gradients").path(gradient.getKey()), gradient.getValue()));
        }
    }

    private static void assertClose(JsonNode found, JsonNode expected) {
        assertThat(numbers(found).toArray()).containsExactly(numbers(expected).toArray(), within(1e-11));
    }

    private static DoubleStream numbers(JsonNode value) {
        return value.isArray() ? value.valueStream().flatMapToDouble(ModelFilesTest::numbers) : DoubleStream.of(value.asDouble());
    }

    @Test
    void whoHasAVersionIsToldSo() throws Exception {
        put(name, GATE);
        put(name, GATE.replace("two units", "others"));
        HttpResponse<byte[]> file = exported(name + ":1");
        String tag = file.headers().firstValue("ETag").orElseThrow();
        assertThat(exported(name + ":1", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(exported(name, "If-None-Match", tag).statusCode()).isEqualTo(200);
        assertThat(exported(name + "@latest").body()).isEqualTo(exported(name + ":2").body());
        assertThat(exported(name + ":3").statusCode()).isEqualTo(404);
        assertThat(exported("nothing").headers().firstValue("Content-Type")).contains("application/problem+json");
        HttpResponse<String> head = send("HEAD", "/v1/models/" + name + ":1/export", BodyPublishers.noBody());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("ETag")).contains(tag);
    }

    private static ObjectNode definition(Map<String, byte[]> entries) {
        return (ObjectNode) JSON.readTree(entries.get("model.json"));
    }

    /** What is changed in a good file, and what is said then. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            no-definition    | invalid-value -               | has no 'model.json'
            missing-values   | invalid-value -               | has not all values
            extra            | invalid-value -               | an entry that does not belong there
            traversal        | invalid-value -               | an entry that does not belong there
            folder           | invalid-value -               | an entry that does not belong there
            second           | invalid-value -               | an entry that does not belong there
            changed-value    | invalid-value -               | not those that their name tells
            longer-value     | invalid-value -               | not those that their name tells
            shorter-value    | invalid-value -               | not those that their name tells
            other-header     | invalid-value -               | is not the array that 'model.json' tells
            not-json         | `malformed-json `             | model.json
            format           | invalid-value /format         | 'format' is a version that is not known here
            unknown-field    | unknown-field /other          | model.json
            no-program       | `invalid-value `              | a model has one program
            bad-program      | -                             | unknown-op
            other-shape      | -                             | -
            large-shape      | invalid-value /kept/W/shape   | the array is too large
            longer-twin      | invalid-value /kept/v/shape   | values of different lengths have one 'sha256'
            shorter-twin     | invalid-value /kept/v/shape   | values of different lengths have one 'sha256'
            kept-otherwise   | shape-mismatch /declares/v/shape | 'v' is [3]; its value has [2]
            bad-digest       | invalid-value /kept/W/sha256  | 'sha256' is no SHA-256
            missing-digest   | invalid-value /kept/W/sha256  | 'sha256' is missing
            null-digest      | invalid-value /kept/W/sha256  | 'sha256' is missing
            missing-shape    | invalid-value /kept/W/shape   | 'shape' is missing
            null-shape       | invalid-value /kept/W/shape   | 'shape' is missing
            null             | `invalid-value `              | model.json: the file does not describe a model
            bad-tag          | invalid-value /tags/0         | 'a b' cannot be a tag
            bad-axis         | invalid-value /declares/x/shape/0 | -
            unread           | unknown-node /kept/z          | does not read 'z'
            """)
    void aFileThatIsNotAsItShouldBeIsRefused(String change, @Nullable String error, @Nullable String message) throws Exception {
        put(name, GATE);
        Map<String, byte[]> entries = entries(exported(name).body());
        ObjectNode definition = definition(entries);
        String values = "values/" + definition.at("/kept/W/sha256").asString() + ".npy";
        String digestOfV = definition.at("/kept/v/sha256").asString();
        byte[] array = Objects.requireNonNull(entries.get(values));
        switch (change) {
            case "no-definition" -> entries.remove("model.json");
            case "missing-values" -> entries.remove(values);
            case "extra" -> entries.put("README", new byte[0]);
            case "traversal" -> entries.put("../../" + values, new byte[0]);
            case "folder" -> entries.put("values/", new byte[0]);
            case "second" -> entries.put("values/" + "0".repeat(64) + ".npy", array);
            case "changed-value" -> array[array.length - 1] ^= 1;
            case "longer-value" -> entries.put(values, Arrays.copyOf(array, array.length + 8));
            case "shorter-value" -> entries.put(values, Arrays.copyOf(array, array.length - 8));
            case "other-header" -> array[70] = '3';
            case "not-json" -> entries.put("model.json", new byte[]{'{'});
            case "format" -> definition.put("format", 2);
            case "unknown-field" -> definition.put("other", 2);
            case "no-program" -> definition.remove("graph");
            case "bad-program" -> ((ObjectNode) definition.at("/graph/nodes/0")).put("op", "sinn").put("id", "odd");
            case "other-shape" -> ((ObjectNode) definition.at("/kept/W")).putArray("shape").add(4);
            case "large-shape" -> ((ObjectNode) definition.at("/kept/W")).putArray("shape").add(5_000).add(5_000);
            case "longer-twin", "shorter-twin" -> {
                ((ObjectNode) definition.at("/kept/v")).put("sha256", definition.at("/kept/W/sha256").asString()).putArray("shape")
                        .add(change.equals("longer-twin") ? 5 : 3);
                entries.remove("values/" + digestOfV + ".npy");
            }
            case "kept-otherwise" -> ((ObjectNode) definition.path("declares")).putObject("v").putArray("shape").add(3);
            case "bad-digest" -> ((ObjectNode) definition.at("/kept/W")).put("sha256", "../../x");
            case "missing-digest" -> ((ObjectNode) definition.at("/kept/W")).remove("sha256");
            case "null-digest" -> ((ObjectNode) definition.at("/kept/W")).putNull("sha256");
            case "missing-shape" -> ((ObjectNode) definition.at("/kept/W")).remove("shape");
            case "null-shape" -> ((ObjectNode) definition.at("/kept/W")).putNull("shape");
            case "null" -> entries.put("model.json", "null".getBytes(StandardCharsets.UTF_8));
            case "bad-tag" -> definition.putArray("tags").add("a b");
            case "bad-axis" -> ((ObjectNode) definition.at("/declares/x")).putArray("shape").add("2n");
            default -> ((ObjectNode) definition.path("kept")).set("z", definition.at("/kept/W"));
        }
        if (!change.startsWith("no-d") && !change.equals("not-json") && !change.equals("null")) {
            entries.put("model.json", JSON.writeValueAsBytes(definition));
        }
        HttpResponse<String> refused = put(name + "_copy", zip(entries));
        assertThat(refused.statusCode()).as(refused.body()).isIn(400, 422);
        if (error != null) {
            assertThat(errors(refused)).containsExactly(error);
        }
        assertThat(refused.body()).contains(message == null ? "" : message).doesNotContain("Exception");
        assertThat(get("/v1/models/" + name + "_copy").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 100, 400, 900})
    void aFileThatEndsEarlyIsRefused(int length) throws Exception {
        put(name, GATE);
        byte[] file = exported(name).body();
        HttpResponse<String> refused = put(name + "_copy", Arrays.copyOf(file, length));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value -");
    }

    /** A file that is cut off within the directory at its end is no zip, nor is one with something before or behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "4", "22", "23", "100", "before", "behind", "twice", "elsewhere"})
    void aFileWithoutItsEndIsRefused(String change) throws Exception {
        put(name, GATE);
        byte[] file = exported(name).body();
        byte[] changed = switch (change) {
            case "before" -> joined(new byte[]{1, 2}, file);
            case "behind" -> joined(file, new byte[]{1, 2});
            case "twice" -> joined(file, file);
            case "elsewhere" -> {
                byte[] end = Arrays.copyOfRange(file, file.length - ZipFile.ENDHDR, file.length);
                Arrays.fill(end, ZipFile.ENDOFF, ZipFile.ENDOFF + 4, (byte) -1);
                yield joined(file, end);
            }
            default -> Arrays.copyOf(file, file.length - Integer.parseInt(change));
        };
        HttpResponse<String> refused = put(name + "_copy", changed);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value -");
        assertThat(get("/v1/models/" + name + "_copy").statusCode()).isEqualTo(404);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Small files that unpack to very much end soon, with little memory. */
    @ParameterizedTest
    @ValueSource(strings = {"model.json", "values"})
    void whatUnpacksToVeryMuchIsRefused(String entry) throws Exception {
        put(name, GATE);
        Map<String, byte[]> entries = entries(exported(name).body());
        String values = "values/" + definition(entries).at("/kept/W/sha256").asString() + ".npy";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
                if (each.getKey().equals(entry.equals("values") ? values : entry)) {
                    byte[] blanks = new byte[1_000_000];
                    Arrays.fill(blanks, (byte) ' ');
                    for (int i = 0; i < 400; i++) {
                        zip.write(blanks);
                    }
                }
            }
        }
        assertThat(bytes.size()).isLessThan(1_000_000);
        HttpResponse<String> refused = put(name + "_copy", bytes.toByteArray());
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertNothingIsReserved(budget);
    }

    private static byte[] npy(int length, double value) {
        byte[] header = ("{'descr': '<f8', 'fortran_order': False, 'shape': (" + length + ",), }").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate(128 + 8 * length).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0).putShort((short) 118)
                .put(header);
        while (file.position() < 127) {
            file.put((byte) ' ');
        }
        file.put((byte) '\n');
        for (int i = 0; i < length; i++) {
            file.putDouble(value + i % 7);
        }
        return file.array();
    }

    private double compiled() {
        return meters.get("cache.gets").tag("cache", "functions").tag("result", "miss").functionCounter().count();
    }

    /** Of 100 MB of parameters: it goes in, is called, and comes out while a client hardly reads. */
    @Test
    void aLargeModelGoesInAndOut() throws Exception {
        int length = 4_194_304;
        Path file = folder.resolve("large.zip");
        ObjectNode definition = JSON.createObjectNode().put("format", 1).put("expression", "sum(a * x) + sum(b * x) + sum(c * x)");
        definition.putObject("declares").putObject("x").putArray("shape");
        ObjectNode kept = definition.putObject("kept");
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(0);
            Map<String, String> digests = new LinkedHashMap<>();
            for (String each : new String[]{"a", "b", "c"}) {
                byte[] array = npy(length, each.charAt(0));
                String digest = sha256(Arrays.copyOfRange(array, 128, array.length));
                digests.put(each, digest);
                zip.putNextEntry(new ZipEntry("values/" + digest + ".npy"));
                zip.write(array);
            }
            digests.forEach((each, digest) -> kept.putObject(each).put("sha256", digest).putArray("shape").add(length));
            zip.putNextEntry(new ZipEntry("model.json"));
            zip.write(JSON.writeValueAsBytes(definition));
        }
        HttpResponse<String> stored = send("PUT", "/v1/models/" + name, BodyPublishers.ofFile(file), "Content-Type", "application/zip");
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
        assertThat(json(stored).path("bytes").asLong()).isGreaterThan(100_000_000);
        double expected = 0;
        for (int i = 0; i < length; i++) {
            expected += 'a' + 'b' + 'c' + 3 * (i % 7);
        }
        double before = meters.get("chainrule.models.loaded").functionCounter().count();
        double compiled = compiled();
        for (int call = 0; call < 4; call++) {
            assertThat(answered("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 2}, \"nodes\": \"none\"}")
                    .path("value").asDouble()).isEqualTo(2 * expected);
        }
        assertThat(meters.get("chainrule.models.loaded").functionCounter().count() - before).as("it is loaded once").isEqualTo(1);
        assertThat(compiled() - compiled).as("it is compiled once").isEqualTo(1);
        long used = budget.used();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(("GET /v1/models/" + name + "/export HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
            await().pollDelay(Duration.ofMillis(500)).untilAsserted(() -> {
                assertThat(meters.get("chainrule.permits.held").gauges().stream().mapToDouble(Gauge::value).sum()).isZero();
                assertThat(budget.used() - used).as("memory that is held").isLessThan(1_000_000);
            });
            assertThat(answered("/v1/evaluate", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}").path("value").asInt()).isEqualTo(9);
            long rest = in.transferTo(OutputStream.nullOutputStream());
            assertThat(rest).isGreaterThan(3L * 8 * length);
        }
    }

    @Test
    void aFileThatIsTooLongIsRefused() {
        HttpResponse<String> refused = send("PUT", "/v1/models/" + name,
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[150_000_001])), "Content-Type", "application/zip");
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(json(refused).at("/errors/0/expected").asString()).contains("chainrule.models.upload-bytes");
        assertThat(errors(put("Illegal", new byte[10]))).containsExactly("invalid-value -");
    }
}
