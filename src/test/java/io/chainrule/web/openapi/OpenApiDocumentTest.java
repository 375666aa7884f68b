package io.chainrule.web.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springdoc.core.customizers.SpringDocCustomizers;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.providers.SpringDocProviders;
import org.springdoc.core.service.AbstractRequestService;
import org.springdoc.core.service.GenericResponseService;
import org.springdoc.core.service.OpenAPIService;
import org.springdoc.core.service.OperationService;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@TestInstance(Lifecycle.PER_CLASS)
class OpenApiDocumentTest extends HttpTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private static final String ADDRESS = "/v3/api-docs";

    @Autowired
    private OpenApiWebMvcResource resource;
    @Autowired
    private ObjectFactory<OpenAPIService> services;
    @Autowired
    private AbstractRequestService requests;
    @Autowired
    private GenericResponseService responses;
    @Autowired
    private OperationService operations;
    @Autowired
    private SpringDocConfigProperties properties;
    @Autowired
    private SpringDocProviders providers;
    @Autowired
    private SpringDocCustomizers customizers;
    @Autowired
    private Turns turns;
    private @Nullable JsonNode document;

    private record Operation(String path, String method, JsonNode description) {}

    /** Written for these tests. The one that is served may have been written for others. */
    private JsonNode document() {
        JsonNode known = document;
        if (known == null) {
            known = writtenAnew();
            document = known;
        }
        return known;
    }

    private JsonNode writtenAnew() {
        return JSON.readTree(unwritten().openapiJson(new MockHttpServletRequest("GET", ADDRESS), ADDRESS, Locale.ENGLISH));
    }

    private KeptDocument unwritten() {
        return new KeptDocument(services, requests, responses, operations, properties, providers, customizers);
    }

    /** Writing it takes seconds after a start, in which tiny work goes on. */
    @Test
    void isWrittenOnceForAllWhoWaitAndWithoutAPermit() throws Exception {
        KeptDocument unwritten = unwritten();
        MockHttpServletRequest request = new MockHttpServletRequest("GET", ADDRESS);
        List<FutureTask<byte[]>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<byte[]> one = new FutureTask<>(() -> {
                try (Turn turn = turns.begin("client", () -> false)) {
                    turn.take(0);
                    return unwritten.openapiJson(request, ADDRESS, Locale.ENGLISH);
                }
            });
            Thread.ofVirtual().start(one);
            waiting.add(one);
        }
        for (FutureTask<byte[]> one : waiting) {
            assertThat(one.get()).isSameAs(waiting.getFirst().get()).isNotEmpty();
        }
        assertThat(unwritten.openapiYaml(request, ADDRESS, Locale.ENGLISH)).asString().startsWith("openapi: 3.1");
    }

    /** On a busy machine it takes longer than requests may. */
    @Test
    void isWaitedForLongerThanOtherWork() {
        KeptDocument unwritten = unwritten();
        try (Turn turn = turns.begin("client", () -> false)) {
            turn.take(0);
            turn.shorten(Duration.ofMillis(1));
            assertThat(unwritten.openapiJson(new MockHttpServletRequest("GET", ADDRESS), ADDRESS, Locale.ENGLISH)).isNotEmpty();
        }
    }

    private static Stream<Operation> operations(JsonNode document) {
        return document.path("paths").properties().stream().flatMap(path -> path.getValue().properties().stream()
                .filter(each -> METHODS.contains(each.getKey())).map(each -> new Operation(path.getKey(), each.getKey(), each.getValue())));
    }

    /** The generated client is made from this file. */
    @Test
    void isWrittenForTheClientGenerator() throws IOException {
        Path file = Path.of("target", "openapi.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, document().toPrettyString());
        assertThat(file).isNotEmptyFile();
    }

    /** Languages are what clients write: there is no end of them. */
    @Test
    void isKeptOnceWhateverLanguageIsAskedFor() throws Exception {
        for (String path : List.of("/v3/api-docs", "/v3/api-docs.yaml")) {
            String document = get(path).body();
            for (String language : List.of("ko", "de-AT", "en-x-a1", "en-x-a2", "*")) {
                assertThat(get(path, "Accept-Language", language).body()).isEqualTo(document);
            }
        }
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/v3/api-docs");
        byte[] kept = resource.openapiJson(request, "/v3/api-docs", Locale.ENGLISH);
        byte[] yaml = resource.openapiYaml(request, "/v3/api-docs.yaml", Locale.ENGLISH);
        for (int i = 0; i < 300; i++) {
            Locale language = Locale.forLanguageTag("en-x-b" + i);
            assertThat(resource.openapiJson(request, "/v3/api-docs", language)).isSameAs(kept);
            assertThat(resource.openapiYaml(request, "/v3/api-docs.yaml", language)).isSameAs(yaml);
        }
    }

    @Test
    void saysWhatTheServiceIs() {
        JsonNode document = document();
        assertThat(document.path("openapi").asString()).startsWith("3.1");
        assertThat(document.at("/info/title").asString()).isEqualTo("Chainrule: gradients over HTTP");
        assertThat(document.at("/info/version").asString()).isNotBlank();
        assertThat(document.at("/info/description").asString()).contains("float64");
        assertThat(document.at("/servers/0/url").asString()).isEqualTo("/");
    }

    /** Each entry of a catalogue, and what is under a model, has a path as well, which the table tells in words. */
    @Test
    void hasThePathsOfTheReadmeInItsOrder() throws IOException {
        List<String> told = Files.readAllLines(Path.of("README.md")).stream().filter(line -> line.matches("\\| `(GET|POST) .*"))
                .map(line -> line.split("\\|", -1)[1])
                .flatMap(cell -> Pattern.compile("/v1/[\\w.]+(?:/\\{name\\}/[\\w.]+)?").matcher(cell).results())
                .map(MatchResult::group).distinct().toList();
        assertThat(document().path("paths").propertyNames())
                .filteredOn(path -> !path.endsWith("/{name}") && !path.startsWith("/v1/models/") && !path.startsWith("/v1/jobs/"))
                .as("the table of endpoints in README.md, in the order of EndpointOrder").containsExactlyElementsOf(told);
        assertThat(told).first().isEqualTo("/v1/gradient");
    }

    @Test
    void describesTagsInTheOrderOfTheirEndpoints() {
        JsonNode document = document();
        assertThat(document.path("tags")).map(tag -> tag.path("name").asString()).containsExactlyElementsOf(
                operations(document).map(operation -> operation.description().at("/tags/0").asString()).distinct().toList());
    }

    @Test
    void declaresTheRequestIdOfEachAnswer() {
        JsonNode document = document();
        String header = "#/components/headers/Request-Id";
        assertThat(document.at("/components/headers/Request-Id/schema/type").asString()).isEqualTo("string");
        assertThat(operations(document)).allSatisfy(operation -> assertThat(operation.description().path("responses").values())
                .allSatisfy(response -> assertThat(response.has("$ref")
                        ? document.at(response.get("$ref").asString().substring(1)).at("/headers/Request-Id/$ref").asString()
                        : response.at("/headers/Request-Id/$ref").asString()).isEqualTo(header)));
    }

    /** The description shows a request and says what is answered. */
    @Test
    void saysWhatToTryFirst() {
        String text = document().at("/info/description").asString();
        MatchResult curl = Pattern
                .compile("curl -s localhost:8080(\\S+) .*?-d '([^']+)'\\s+```\\s+which answers the value (\\S+) and the gradients "
                        + "x: (\\S+), y: (\\S+), z: (\\S+)\\. ", Pattern.DOTALL)
                .matcher(text).results().findFirst().orElseThrow();
        JsonNode answer = json(post(curl.group(1), curl.group(2)));
        assertThat(answer.path("value").asDouble()).isEqualTo(Double.parseDouble(curl.group(3)));
        assertThat(Stream.of("x", "y", "z").map(name -> answer.path("gradients").path(name).asDouble()))
                .containsExactly(Double.valueOf(curl.group(4)), Double.valueOf(curl.group(5)), Double.valueOf(curl.group(6)));
        Pattern.compile("`(/v1/[^`]*)`").matcher(text).results().map(MatchResult::group).forEach(path -> assertThat(document().path("paths")
                .propertyNames()).contains(path.replace("`", "").replaceAll("(?<=ops)/\\w+", "/{name}")));
    }

    /** Messages for what a program cannot be, and tables of functions of other libraries. */
    @Test
    void hasTheEndpointsThatMessagesAboutProgramsName() throws IOException {
        List<String> paths = document().path("paths").propertyNames().stream().toList();
        for (String folder : List.of("src/main/java/io/chainrule/core", "src/main/resources/io/chainrule/core")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(Pattern.compile("/v1/[a-z_]+").matcher(Files.readString(file)).results().map(MatchResult::group))
                            .as(file.toString()).allMatch(named -> paths.stream().anyMatch(path -> (path + "/").startsWith(named + "/")));
                }
            }
        }
    }

    /** What these answer depends on what is stored. */
    private static boolean isOfStored(Operation operation) {
        return operation.path().startsWith("/v1/models") || operation.path().startsWith("/v1/datasets")
                || operation.path().startsWith("/v1/jobs");
    }

    /** The body of a request that stores a model is one that does. */
    @Test
    void showsModelsThatCanBeStored() {
        JsonNode examples = document().at("/paths/~1v1~1models~1{name}/put/requestBody/content/application~1json/examples");
        assertThat(examples.size()).isGreaterThanOrEqualTo(2);
        examples.forEachEntry((name, example) -> {
            HttpResponse<String> response = send("PUT", "/v1/models/example_" + name,
                    BodyPublishers.ofString(example.path("value").toString()),
                    "Content-Type", "application/json");
            assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
        });
    }

    /** As the page of the document sends them, which fills in the examples of all parameters, and of a body the first of its types. */
    @ParameterizedTest
    @CsvSource({"application/json", "text/csv"})
    void whatIsStoredIsServedByTheExamplesAsTheyStand(String type) {
        boolean areModels = type.equals("application/json");
        List<String> steps = areModels
                ? List.of("putModel", "models", "model", "modelVersions", "exportModel", "putModelAlias", "modelAliases", "modelAlias",
                        "deleteModelAlias", "deleteModel", "undeleteModel")
                : List.of("putDataset", "datasets", "dataset", "datasetFile", "postJob", "jobs", "deleteDataset");
        Map<String, Operation> operations = operations(document())
                .collect(Collectors.toMap(operation -> operation.description().path("operationId").asString(), operation -> operation));
        for (String step : steps) {
            Operation operation = Objects.requireNonNull(operations.get(step), step);
            List<String> bodies = bodies(operation.description().path("requestBody").path("content"), step.equals("postJob") ? "" : type);
            for (String body : bodies) {
                String path = operation.path();
                List<String> headers = new ArrayList<>(bodies.equals(List.of("")) ? List.of() : List.of("Content-Type", type(operation)));
                StringBuilder query = new StringBuilder();
                for (JsonNode parameter : operation.description().path("parameters")) {
                    String name = parameter.path("name").asString();
                    String example = parameter.path("example").asString("");
                    if (parameter.path("in").asString().equals("path")) {
                        path = path.replace("{" + name + "}", example);
                    } else if (!example.isEmpty() && parameter.path("in").asString().equals("header")) {
                        headers.addAll(List.of(name, example));
                    } else if (!example.isEmpty()) {
                        query.append(query.isEmpty() ? "?" : "&").append(name).append('=').append(example);
                    }
                }
                HttpResponse<String> response = send(operation.method().toUpperCase(Locale.ROOT), path + query,
                        BodyPublishers.ofString(body), headers.toArray(String[]::new));
                assertThat(response.statusCode()).as(step + " " + path + query + " " + headers + " " + response.body()).isBetween(200, 204);
            }
        }
    }

    private static String type(Operation operation) {
        return operation.description().path("requestBody").path("content").propertyNames().iterator().next();
    }

    /** The examples of a body, which is of this type, or one that is made of the examples of its fields; an empty text if there is none. */
    private List<String> bodies(JsonNode contents, String type) {
        if (contents.isEmpty()) {
            return List.of("");
        }
        String first = contents.propertyNames().iterator().next();
        assertThat(first).as("the type that is shown first").contains(type);
        JsonNode content = contents.path(first);
        if (content.has("example")) {
            return List.of(content.path("example").asString());
        }
        List<String> examples = new ArrayList<>();
        content.path("examples").forEach(example -> examples.add(example.path("value").asString(example.path("value").toString())));
        if (examples.isEmpty()) {
            ObjectNode fields = JSON.createObjectNode();
            new JsonSchema(document()).resolve(content.path("schema")).path("properties")
                    .forEachEntry((name, field) -> fields.set(name, field.path("example")));
            examples.add(fields.toString());
        }
        return examples;
    }

    /** A client that fills in examples asks for what it has not chosen, and sends two conditions that exclude each other. */
    @Test
    void givesExamplesOfParametersThatAreNeededAlone() {
        operations(document()).filter(OpenApiDocumentTest::isOfStored).forEach(operation -> {
            for (JsonNode parameter : operation.description().path("parameters")) {
                boolean isOfAlias = operation.description().path("operationId").asString().equals("putModelAlias")
                        && parameter.path("name").asString().equals("If-None-Match");
                assertThat(parameter.path("required").asBoolean(false) || isOfAlias || !parameter.has("example"))
                        .as(operation.description().path("operationId").asString() + " " + parameter).isTrue();
            }
        });
    }

    @Test
    void writesTheValuesOfFieldsAsTheyAreRead() {
        for (JsonNode values : document().findValues("enum")) {
            assertThat(values).allSatisfy(value -> assertThat(value.asString()).isEqualTo(value.asString().toLowerCase(Locale.ROOT)));
        }
    }

    @Test
    void describesRequestsOfJobsThatItShows() {
        JsonNode document = document();
        JsonNode content = document.at("/paths/~1v1~1jobs/post/requestBody/content/application~1json");
        assertThat(content.path("examples").size()).isGreaterThanOrEqualTo(4);
        JsonSchema schemas = new JsonSchema(document);
        content.path("examples").forEachEntry(
                (name, example) -> assertThat(schemas.errors(content.path("schema"), example.path("value"))).as(name).isEmpty());
    }

    @Test
    void showsForEveryEndpointWhatTheServiceAnswers() {
        JsonNode document = document();
        assertThat(operations(document).filter(operation -> !isPicture(operation) && !isOfStored(operation))).allSatisfy(operation -> {
            JsonNode requests = operation.description().at("/requestBody/content/application~1json/examples");
            JsonNode answers = operation.description().at("/responses/200/content/application~1json/examples");
            assertThat(answers).as("%s: run src/test/resources/recorded/record.py", operation.path()).isNotEmpty();
            if (operation.method().equals("post")) {
                assertThat(answers.propertyNames()).as("the example that is shown first").first()
                        .isEqualTo(requests.propertyNames().iterator().next());
            }
            answers.forEachEntry((name, answer) -> assertThat(answer.path("value"))
                    .as("%s %s: run src/test/resources/recorded/record.py", operation.path(), name)
                    .isEqualTo(answered(operation, name, requests.path(name).path("value"))));
        });
    }

    private static boolean isPicture(Operation operation) {
        return !operation.description().at("/responses/200/content/image~1svg+xml").isMissingNode();
    }

    /** The address of a link with the examples of its program and inputs. */
    private static String link(Operation operation) {
        StringBuilder query = new StringBuilder(operation.path());
        for (JsonNode parameter : operation.description().path("parameters")) {
            if (List.of("expression", "inputs").contains(parameter.path("name").asString())) {
                query.append(query.indexOf("?") < 0 ? '?' : '&').append(parameter.path("name").asString()).append('=')
                        .append(URLEncoder.encode(parameter.path("example").asString(), StandardCharsets.UTF_8));
            }
        }
        return query.toString();
    }

    @Test
    void describesLinksThatWork() {
        assertThat(operations(document()).filter(operation -> operation.description().path("operationId").asString().endsWith("Link")))
                .hasSize(3).allSatisfy(operation -> {
                    assertThat(operation.description().path("parameters")).extracting(parameter -> parameter.path("name").asString())
                            .contains("expression", "inputs", "output").doesNotContain("graph", "network");
                    HttpResponse<String> response = get(link(operation));
                    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                });
    }

    /** Of a list the document shows the first entry. */
    private JsonNode answered(Operation operation, String name, JsonNode request) {
        if (operation.method().equals("post")) {
            return json(post(operation.path(), request.toString()));
        }
        boolean isLink = operation.description().path("operationId").asString().endsWith("Link");
        JsonNode answer = json(get(isLink ? link(operation) : operation.path().replace("{name}", name)));
        return answer.isArray() ? JSON.createArrayNode().add(answer.get(0)) : answer;
    }

    /** So that generated clients need not ask whether a field is there. */
    @Test
    void saysWhichFieldsAreAlwaysThere() {
        JsonNode schemas = document().at("/components/schemas");
        assertThat(schemas.at("/Problem/required")).map(JsonNode::asString).contains("type", "title", "status", "detail", "request_id",
                "code",
                "errors");
        assertThat(schemas.at("/TrainResponse/required")).map(JsonNode::asString).contains("parameters", "history", "stopped_by");
    }

    /** Generators name what an operation takes, as {@code OptimizerRequest}, and import types of their language, as {@code Type}. */
    @Test
    void hasNoNameThatGeneratorsUse() {
        JsonNode document = document();
        Set<String> lookups = operations(document).filter(operation -> operation.method().equals("get"))
                .map(operation -> operation.description().path("operationId").asString().toLowerCase(Locale.ROOT) + "request")
                .collect(Collectors.toSet());
        assertThat(document.at("/components/schemas").propertyNames()).noneMatch(name -> lookups.contains(name.toLowerCase(Locale.ROOT)))
                .doesNotContain("Type", "List", "Map", "Object", "Error", "Date", "File");
    }

    @Test
    void hasNoReferenceToNowhere() {
        JsonNode document = document();
        for (JsonNode ref : document.findValues("$ref")) {
            assertThat(document.at(ref.asString().substring(1)).isMissingNode()).as(ref.asString()).isFalse();
        }
    }

    @Test
    void describesEveryOperation() {
        JsonNode document = document();
        Set<String> ids = new HashSet<>();
        assertThat(operations(document)).isNotEmpty().allSatisfy(operation -> {
            JsonNode description = operation.description();
            assertThat(ids.add(description.path("operationId").asString())).as("operationId of " + operation.path()).isTrue();
            assertThat(description.path("summary").asString()).isNotBlank();
            assertThat(description.path("description").asString()).isNotBlank();
            assertThat(description.path("tags")).isNotEmpty();
            JsonNode responses = description.path("responses");
            if (responses.has("204") && !responses.has("200")) {
                return;
            }
            assertThat(responses.path(responses.has("200") ? "200" : "202").path("content").values()).isNotEmpty()
                    .allSatisfy(content -> assertThat(content.path("schema")).isNotEmpty());
            for (JsonNode parameter : description.path("parameters")) {
                assertThat(parameter.path("description").asString()).isNotBlank();
            }
        });
    }

    @Test
    void describesEveryField() {
        document().at("/components/schemas").forEachEntry((name, schema) -> {
            assertThat(schema.path("type").asString()).as(name).isEqualTo("object");
            schema.path("properties").forEachEntry((field, property) -> assertThat(property.path("description").asString())
                    .as(name + "." + field).isNotBlank());
            for (JsonNode required : schema.path("required")) {
                assertThat(schema.path("properties").has(required.asString())).as(name + "." + required).isTrue();
            }
        });
    }

    @Test
    void givesEveryErrorAnExampleThatFits() {
        JsonNode document = document();
        JsonSchema schemas = new JsonSchema(document);
        assertThat(operations(document)).allSatisfy(operation -> operation.description().path("responses").properties().stream()
                .filter(response -> response.getKey().compareTo("400") >= 0).forEach(response -> {
                    JsonNode content = schemas.resolve(response.getValue()).at("/content/application~1problem+json");
                    assertThat(content.path("schema").path("$ref").asString()).isEqualTo("#/components/schemas/Problem");
                    assertThat(content.path("examples")).as(operation.path() + " " + response.getKey()).isNotEmpty();
                    for (JsonNode example : content.path("examples")) {
                        assertThat(schemas.errors(content.path("schema"), example.path("value"))).isEmpty();
                        assertThat(example.at("/value/status").asString()).isEqualTo(response.getKey());
                    }
                }));
    }

    @Test
    void hasExamplesThatRunAsTheyStand() {
        JsonNode document = document();
        JsonSchema schemas = new JsonSchema(document);
        operations(document).filter(operation -> operation.method().equals("post") && !isOfStored(operation)).forEach(operation -> {
            JsonNode content = operation.description().at("/requestBody/content/application~1json");
            assertThat(content.path("examples").size()).as("examples of %s, in src/main/resources/examples/%s", operation.path(),
                    operation.description().path("operationId").asString()).isGreaterThanOrEqualTo(2);
            for (Map.Entry<String, JsonNode> example : content.path("examples").properties()) {
                JsonNode request = example.getValue().path("value");
                assertThat(example.getValue().path("summary").asString()).isNotBlank();
                assertThat(schemas.errors(content.path("schema"), request)).as(example.getKey()).isEmpty();
                HttpResponse<String> response = post(operation.path(), request.toString());
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                if (!isPicture(operation)) {
                    JsonNode schema = operation.description().at("/responses/200/content/application~1json/schema");
                    assertThat(schemas.errors(schema, json(response))).as(response.body()).isEmpty();
                }
            }
        });
    }

    @Test
    void describesTheCatalogueAsItIs() {
        JsonNode document = document();
        JsonSchema schemas = new JsonSchema(document);
        JsonNode list = document.at("/paths/~1v1~1ops/get/responses/200/content/application~1json/schema");
        assertThat(schemas.errors(list, json(get("/v1/ops")))).isEmpty();
        JsonNode one = document.at("/paths/~1v1~1ops~1{name}/get/responses/200/content/application~1json/schema");
        assertThat(schemas.errors(one, json(get("/v1/ops/softmax")))).isEmpty();
        assertThat(StreamSupport.stream(json(get("/v1/ops")).spliterator(), false)).hasSizeGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({"layers, Layer, type", "losses, NetworkLoss, type", "initializers, Initializer, scheme",
            "optimizers, Optimizer, type", "schedules, Schedule, type"})
    void describesTypesAndOptionsAsTheirCatalogueDoes(String catalogue, String schema, String chosenBy) {
        JsonNode document = document();
        JsonNode properties = document.at("/components/schemas/" + schema + "/properties");
        JsonNode types = json(get("/v1/" + catalogue));
        assertThat(properties.path(chosenBy).path("enum")).map(JsonNode::asString)
                .containsExactlyElementsOf(
                        StreamSupport.stream(types.spliterator(), false).map(type -> type.path("name").asString()).toList());
        for (JsonNode type : types) {
            for (JsonNode option : type.path("options")) {
                assertThat(properties.path(option.path("name").asString()).path("description").asString())
                        .contains(option.path("description").asString());
            }
        }
        JsonNode list = document.at("/paths/~1v1~1" + catalogue + "/get/responses/200/content/application~1json/schema");
        assertThat(new JsonSchema(document).errors(list, types)).isEmpty();
    }

    /** What may go wrong differs with what is sent: a body, a link, a name, or nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/gradient   | post | 200, 400, 403, 404, 406, 408, 413, 415, 422, 429, 503, 504
            /v1/gradient   | get  | 200, 304, 400, 403, 404, 406, 414, 422, 429, 503, 504
            /v1/ops/{name}/plot.svg | get | 200, 304, 400, 403, 404, 406, 414, 422, 429, 503, 504
            /v1/ops/{name} | get  | 200, 400, 403, 404, 406, 429, 503, 504
            /v1/ops        | get  | 200, 400, 403, 406, 429, 503
            /v1/jobs       | post | 202, 400, 403, 404, 406, 408, 409, 413, 415, 422, 429, 503, 504
            /v1/jobs/{id}/result | get | 200, 400, 403, 404, 406, 409, 429, 503, 504
            /v1/jobs/{id}/events | get | 200, 204, 400, 403, 404, 406, 422, 429, 503, 504
            /v1/jobs/{id}  | delete | 200, 204, 400, 403, 404, 406, 414, 422, 429, 503, 504
            /v1/models/{name} | put | 200, 201, 400, 403, 404, 406, 408, 412, 413, 415, 422, 429, 503, 504
            /v1/models/{name} | delete | 204, 400, 403, 404, 406, 412, 429, 503, 504
            /v1/models/{name}/versions | get | 200, 400, 403, 404, 406, 414, 422, 429, 503, 504
            /v1/models/{name}/aliases/{alias} | put | 200, 400, 403, 404, 406, 408, 412, 413, 415, 422, 429, 503, 504
            /v1/models/{name}/aliases/{alias} | delete | 204, 400, 403, 404, 406, 412, 422, 429, 503, 504
            /v1/datasets/{name} | put | 200, 201, 400, 403, 406, 408, 409, 412, 413, 415, 422, 429, 503, 504
            /v1/datasets/{name} | delete | 204, 400, 403, 404, 406, 412, 429, 503, 504
            /v1/datasets/{name}/file | get | 200, 206, 304, 400, 403, 404, 406, 409, 412, 416, 429, 503, 504
            /v1/models/{name} | get | 200, 304, 400, 403, 404, 406, 429, 503, 504
            /v1/models/{name}/export | get | 200, 304, 400, 403, 404, 406, 429, 503, 504
            /v1/models/{name}/aliases/{alias} | get | 200, 304, 400, 403, 404, 406, 429, 503, 504
            /v1/datasets/{name} | get | 200, 304, 400, 403, 404, 406, 429, 503, 504
            """)
    void tellsHowEachOperationMayFail(String path, String method, String statuses) {
        assertThat(document().path("paths").path(path).path(method).path("responses").propertyNames())
                .containsExactlyInAnyOrder(statuses.split(", ", -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/models/{name} | put | 201 | ETag, Location
            /v1/models/{name} | put | 200 | ETag, Location
            /v1/models/{name} | get | 304 | ETag
            /v1/models/{name}/export | get | 200 | Content-Disposition, ETag
            /v1/datasets/{name} | put | 201 | ETag, Location
            /v1/datasets/{name} | get | 200 | ETag
            /v1/datasets/{name}/file | get | 200 | Accept-Ranges, Content-Disposition, ETag, Repr-Digest
            /v1/datasets/{name}/file | get | 206 | Accept-Ranges, Content-Disposition, Content-Range, ETag, Repr-Digest
            /v1/jobs | post | 202 | Location
            /v1/jobs/{id} | get | 200 |
            """)
    void tellsTheHeadersOfAnswers(String path, String method, String status, @Nullable String headers) {
        JsonNode response = document().path("paths").path(path).path(method).path("responses").path(status);
        assertThat(response.path("headers").propertyNames()).contains("Request-Id", "RateLimit", "RateLimit-Policy")
                .filteredOn(name -> !name.matches("Request-Id|RateLimit.*"))
                .containsExactlyInAnyOrder(headers == null ? new String[0] : headers.split(", ", -1));
    }

    @Test
    void saysThatPartsOfFilesHaveTheTypesOfTheFiles() {
        JsonNode responses = document().at("/paths/~1v1~1datasets~1{name}~1file/get/responses");
        assertThat(responses.at("/206/content").propertyNames()).isEqualTo(responses.at("/200/content").propertyNames()).hasSize(4);
        assertThat(document().at("/components/responses/Problem416/headers").propertyNames()).contains("Content-Range");
    }

    @Test
    void tellsWhereToWaitAndHowAProblemIsNamed() {
        document().at("/components/responses").forEachEntry((name, response) -> {
            assertThat(response.at("/headers/Retry-After/schema/type").asString(null))
                    .isEqualTo(name.matches("Problem(429|503)") ? "integer" : null);
            for (String header : List.of("Request-Id", "RateLimit", "RateLimit-Policy")) {
                assertThat(response.at("/headers/" + header + "/$ref").asString()).isEqualTo("#/components/headers/" + header);
            }
            response.at("/content/application~1problem+json/examples").forEachEntry((code, example) -> {
                assertThat(response.path("description").asString()).contains(example.path("summary").asString());
                assertThat(example.at("/value/type").asString()).isEqualTo("/problems/" + code);
                assertThat(example.at("/value/errors/0/code").asString()).isEqualTo(code);
            });
        });
        JsonNode mismatch = document()
                .at("/components/responses/Problem422/content/application~1problem+json/examples/shape-mismatch/value");
        assertThat(mismatch.path("instance").asString()).startsWith("/v1/");
        assertThat(mismatch.at("/errors/0/pointer").asString()).startsWith("/");
        assertThat(document().at("/components/headers/Request-Id/required").asBoolean()).isTrue();
    }

    /** Their types stand in the catalogues; null stands for an absent one here too. */
    @ParameterizedTest
    @CsvSource({"Optimizer, lr, number, double", "Optimizer, nesterov, boolean,", "Layer, units, integer, int32",
            "Layer, activation, string,"})
    void givesOptionsTheirTypes(String schema, String option, String type, @Nullable String format) {
        JsonNode property = document().at("/components/schemas/" + schema + "/properties/" + option);
        assertThat(property.path("type")).map(JsonNode::asString).containsExactlyInAnyOrder(type, "null");
        assertThat(property.path("format").asString(null)).isEqualTo(format);
    }

    /** A link has parameters of the types that its request's fields have, where an address can hold them; lists are parted by commas. */
    @ParameterizedTest
    @CsvSource({"expression, string, false", "model, string, false", "inputs, string, false", "wrt, string, false",
            "output, string, false"})
    void givesParametersOfLinksTheirTypes(String name, String type, boolean isRequired) {
        assertThat(document().at("/paths/~1v1~1gradient/get/parameters")).filteredOn(each -> each.path("name").asString().equals(name))
                .singleElement().satisfies(parameter -> {
                    assertThat(parameter.path("in").asString()).isEqualTo("query");
                    assertThat(parameter.at("/schema/type").asString()).isEqualTo(type);
                    assertThat(parameter.path("required").asBoolean(false)).isEqualTo(isRequired);
                    assertThat(parameter.path("description").asString()).isNotBlank();
                });
    }

    /** A new user sees the first one. */
    @Test
    void showsShortExamplesFirst() throws IOException {
        for (String operation : List.of("gradient", "train", "explain")) {
            List<Long> lengths = new ArrayList<>();
            for (String name : document().path("paths").path("/v1/" + operation)
                    .at("/post/requestBody/content/application~1json/examples").propertyNames()) {
                lengths.add(Files.size(Path.of("src/main/resources/examples", operation, name + ".json")));
            }
            assertThat(lengths).hasSizeGreaterThan(1).isSorted();
        }
    }
}
