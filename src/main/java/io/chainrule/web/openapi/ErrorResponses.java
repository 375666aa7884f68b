package io.chainrule.web.openapi;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemResponse;
import io.chainrule.web.problem.ProblemText;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.problem.RequestId;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Describes every error status once, and refers to it from each operation that may return it. */
@Component
class ErrorResponses implements GlobalOpenApiCustomizer {
    private static final List<Integer> OF_COMPUTATIONS = List.of(400, 406, 408, 413, 415, 422, 429, 503, 504);
    private static final List<Integer> OF_LINKS = List.of(400, 406, 414, 422, 429, 503, 504);
    private static final List<Integer> OF_LOOKUPS = List.of(400, 404, 406, 429, 503, 504);
    private static final List<Integer> OF_PARTS = List.of(400, 404, 406, 416, 429, 503, 504);
    private static final List<Integer> OF_LISTS = List.of(400, 406, 429, 503);
    /** Without keys, foreign hosts and sites are refused everywhere. With keys, {@code KeyScheme} removes it where none is needed. */
    private static final List<Integer> OF_ALL = List.of(403);

    /** Problems that operations have besides, by their ids. */
    private static final Map<String, List<Integer>> BESIDES = Map.ofEntries(Map.entry("jobResult", List.of(409)),
            Map.entry("jobEvents", List.of(422)), Map.entry("postJob", List.of(404, 409)), Map.entry("putModel", List.of(412)),
            Map.entry("deleteJob", List.of(404)),
            Map.entry("deleteModel", List.of(412)), Map.entry("modelVersions", List.of(404)), Map.entry("putModelAlias", List.of(404, 412)),
            Map.entry("deleteModelAlias", List.of(412, 422)), Map.entry("putDataset", List.of(409, 412)),
            Map.entry("deleteDataset", List.of(412)), Map.entry("datasetFile", List.of(409, 412)),
            Map.entry("opPlot", List.of(404)));
    /** Where a model stands for a program, there may be none of the name. */
    private static final int UNKNOWN_MODEL = 404;
    private static final String MODEL = "model";

    /** Headers of all answers to clients that have quotas. */
    private static final Map<String, String> QUOTAS = Map.of(
            "RateLimit-Policy",
            "The client's quotas: each with its most (`q`), in how many seconds it comes back (`w`), and its unit (`qu`)",
            "RateLimit", "What is left of each quota (`r`), and in how many seconds it is whole again (`t`)");

    private static final String REQUEST_ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

    private final JsonMapper json;

    ErrorResponses(JsonMapper json) {
        this.json = json;
    }

    @Override
    public void customise(OpenAPI document) {
        Components components = document.getComponents();
        ModelConverters.getInstance(true).resolveAsResolvedSchema(new AnnotatedType(ProblemResponse.class)).referencedSchemas
                .forEach(components::addSchemas);
        Stream.concat(Stream.of(OF_ALL, OF_COMPUTATIONS, OF_LINKS, OF_LOOKUPS, OF_PARTS), BESIDES.values().stream()).flatMap(List::stream)
                .distinct().sorted().forEach(status -> components.addResponses(name(status), response(status)));
        document.getPaths().values().stream().flatMap(path -> path.readOperations().stream()).forEach(operation -> {
            operation.getResponses().values().stream().filter(response -> response.get$ref() == null)
                    .forEach(ErrorResponses::addHeadersOfAll);
            List<Integer> ofModels = namesModel(operation, components) ? List.of(UNKNOWN_MODEL) : List.of();
            List<Integer> besides = BESIDES.getOrDefault(operation.getOperationId(), List.of());
            Stream.of(OF_ALL, statuses(operation), besides, ofModels).flatMap(List::stream).distinct().sorted().forEach(
                    status -> operation.getResponses().addApiResponse(String.valueOf(status), new ApiResponse().$ref(name(status))));
        });
        components.addHeaders(RequestId.HEADER, new Header().required(true).schema(new StringSchema())
                .description("Id of the request: the one that it was sent with, or a new one. Problems and the log have it too")
                .example(REQUEST_ID));
        QUOTAS.forEach(
                (name, description) -> components.addHeaders(name, new Header().schema(new StringSchema()).description(description)));
    }

    private static void addHeadersOfAll(ApiResponse response) {
        Stream.concat(Stream.of(RequestId.HEADER), QUOTAS.keySet().stream().sorted())
                .forEach(name -> response.addHeaderObject(name, new Header().$ref(name)));
    }

    private static List<Integer> statuses(Operation operation) {
        if (operation.getRequestBody() != null) {
            return OF_COMPUTATIONS;
        }
        if (operation.getResponses().containsKey(String.valueOf(HttpStatus.PARTIAL_CONTENT.value()))) {
            return OF_PARTS;
        }
        if (operation.getParameters() == null) {
            return OF_LISTS;
        }
        return operation.getParameters().stream().anyMatch(parameter -> "query".equals(parameter.getIn())) ? OF_LINKS : OF_LOOKUPS;
    }

    /** Whether a parameter, or a field of the body, is called {@code model}. */
    private static boolean namesModel(Operation operation, Components components) {
        if (operation.getRequestBody() == null) {
            return operation.getParameters() != null
                    && operation.getParameters().stream().anyMatch(parameter -> MODEL.equals(parameter.getName()));
        }
        return operation.getRequestBody().getContent().values().stream()
                .map(content -> content.getSchema() == null ? null : content.getSchema().get$ref()).filter(Objects::nonNull)
                .map(reference -> components.getSchemas().get(reference.substring(reference.lastIndexOf('/') + 1)))
                .anyMatch(schema -> schema != null && schema.getProperties() != null && schema.getProperties().containsKey(MODEL));
    }

    private static String name(int status) {
        return "Problem" + status;
    }

    private ApiResponse response(int status) {
        List<ProblemType> types = ProblemType.ofStatus(status);
        MediaType content = new MediaType().schema(new Schema<>().$ref("Problem"));
        types.forEach(type -> content.addExamples(type.code(),
                new Example().summary(type.text().title()).value(json.convertValue(example(type), Map.class))));
        ApiResponse response = new ApiResponse()
                .description(types.stream().map(type -> type.text().title()).collect(Collectors.joining("; ")))
                .content(new Content().addMediaType(org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE, content));
        addHeadersOfAll(response);
        if (status == ProblemType.OVERLOADED.status() || status == ProblemType.TOO_MANY_REQUESTS.status()) {
            response.addHeaderObject(HttpHeaders.RETRY_AFTER,
                    new Header().description("Seconds after which to try again").required(true).schema(new IntegerSchema()));
        }
        if (status == ProblemType.RANGE_NOT_SATISFIABLE.status()) {
            AnswerHeaders.add(response, HttpHeaders.CONTENT_RANGE);
        }
        return response;
    }

    private static ProblemResponse example(ProblemType type) {
        ErrorDetail error = ErrorDetail.of(type, type.text().meaning());
        ProblemText.Example example = type.text().example();
        return example == null
                ? ProblemResponse.of(new RequestException(error), "", null, REQUEST_ID)
                : ProblemResponse.of(new RequestException(error.at(example.pointer())), "", example.endpoint(), REQUEST_ID);
    }
}
