package io.chainrule.web.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.method.HandlerMethod;

/** Describes the headers of answers, and that a client which names the entity tag of an answer is told that it has it (304). */
@Component
class AnswerHeaders implements GlobalOperationCustomizer {
    private static final Set<String> WITH_TAG = Set.of("model", "exportModel", "putModel", "modelAlias", "putModelAlias", "dataset",
            "datasetFile", "putDataset", "gradientLink", "renderLink", "plotLink", "opPlot");
    private static final Map<String, List<String>> OTHERS = Map.of("putModel", List.of(HttpHeaders.LOCATION), "putDataset",
            List.of(HttpHeaders.LOCATION), "postJob", List.of(HttpHeaders.LOCATION), "makeKey", List.of(HttpHeaders.LOCATION),
            "exportModel", List.of(HttpHeaders.CONTENT_DISPOSITION),
            "datasetFile", List.of(HttpHeaders.ACCEPT_RANGES, HttpHeaders.CONTENT_DISPOSITION, "Repr-Digest"));
    private static final Map<String, String> DESCRIPTIONS = Map.of(
            HttpHeaders.ETAG, "The entity tag of the answer",
            HttpHeaders.LOCATION, "The address of what was stored or begun",
            HttpHeaders.ACCEPT_RANGES, "`bytes`: parts can be asked for",
            HttpHeaders.CONTENT_RANGE, "Which bytes these are, and how many there are in all",
            HttpHeaders.CONTENT_DISPOSITION, "The name of the file",
            "Repr-Digest", "The SHA-256 of the whole file (RFC 9530)");

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        String id = operation.getOperationId();
        operation.getResponses().forEach((status, response) -> {
            if (status.startsWith("2")) {
                OTHERS.getOrDefault(id, List.of()).forEach(name -> add(response, name));
                if (WITH_TAG.contains(id)) {
                    add(response, HttpHeaders.ETAG);
                }
            }
        });
        ApiResponse part = operation.getResponses().get("206");
        if (part != null) {
            add(part, HttpHeaders.CONTENT_RANGE);
        }
        if (WITH_TAG.contains(id) && method.hasMethodAnnotation(GetMapping.class)) {
            ApiResponse same = new ApiResponse().description("The client has the answer that `If-None-Match` names");
            add(same, HttpHeaders.ETAG);
            operation.getResponses().addApiResponse("304", same);
            List<Parameter> parameters = new ArrayList<>(
                    Objects.requireNonNullElse(operation.getParameters(), List.of()));
            parameters.add(new HeaderParameter().name(HttpHeaders.IF_NONE_MATCH).schema(new StringSchema())
                    .description("The `ETag` of an answer that the client has"));
            operation.setParameters(parameters);
        }
        return operation;
    }

    static void add(ApiResponse response, String header) {
        response.addHeaderObject(header, new Header().description(DESCRIPTIONS.get(header)).schema(new StringSchema()));
    }
}
