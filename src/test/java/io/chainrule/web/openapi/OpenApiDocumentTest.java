package io.chainrule.web.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class OpenApiDocumentTest extends HttpTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private record Operation(String path, String method, JsonNode description) {}

    private JsonNode document() {
        return json(get("/v3/api-docs"));
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

    @Test
    void saysWhatTheServiceIs() {
        JsonNode document = document();
        assertThat(document.path("openapi").asString()).startsWith("3.1");
        assertThat(document.at("/info/title").asString()).isEqualTo("Chainrule");
        assertThat(document.at("/info/version").asString()).isNotBlank();
        assertThat(document.at("/info/description").asString()).contains("float64");
        assertThat(document.at("/servers/0/url").asString()).isEqualTo("/");
    }

    /** Each entry of a catalogue has a path as well, which the table tells in words. */
    @Test
    void hasThePathsOfTheReadme() throws IOException {
        Set<String> told = Files.readAllLines(Path.of("README.md")).stream().filter(line -> line.matches("\\| `(GET|POST) .*"))
                .map(line -> line.split("\\|", -1)[1]).flatMap(cell -> Pattern.compile("/v1/\\w+").matcher(cell).results())
                .map(MatchResult::group).collect(Collectors.toSet());
        assertThat(document().path("paths").propertyNames()).filteredOn(path -> !path.endsWith("/{name}"))
                .as("the table of endpoints in README.md").containsExactlyInAnyOrderElementsOf(told);
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
            assertThat(description.at("/responses/200/content/application~1json/schema")).isNotEmpty();
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
                .filter(response -> !response.getKey().equals("200")).forEach(response -> {
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
        operations(document).filter(operation -> operation.method().equals("post")).forEach(operation -> {
            JsonNode content = operation.description().at("/requestBody/content/application~1json");
            assertThat(content.path("examples").size()).as("examples of %s, in src/main/resources/examples/%s", operation.path(),
                    operation.description().path("operationId").asString()).isGreaterThanOrEqualTo(2);
            for (Map.Entry<String, JsonNode> example : content.path("examples").properties()) {
                JsonNode request = example.getValue().path("value");
                assertThat(example.getValue().path("summary").asString()).isNotBlank();
                assertThat(schemas.errors(content.path("schema"), request)).as(example.getKey()).isEmpty();
                HttpResponse<String> response = post(operation.path(), request.toString());
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                JsonNode schema = operation.description().at("/responses/200/content/application~1json/schema");
                assertThat(schemas.errors(schema, json(response))).as(response.body()).isEmpty();
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
            "optimizers, OptimizerRequest, type", "schedules, ScheduleRequest, type"})
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
}
