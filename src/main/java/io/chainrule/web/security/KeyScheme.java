package io.chainrule.web.security;

import io.chainrule.service.access.SecurityMode;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestId;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;

/** Tells in the OpenAPI document which endpoints need a key or a token, and of which scope. */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
@ForMode({SecurityMode.API_KEY, SecurityMode.JWT})
class KeyScheme implements GlobalOpenApiCustomizer {
    private static final String NAME = "key";

    @Override
    public void customise(OpenAPI document) {
        document.getComponents().addSecuritySchemes(NAME, new SecurityScheme().type(SecurityScheme.Type.HTTP).scheme("bearer")
                .description("A key or a token, in the header Authorization"));
        describe(document.getComponents(), ProblemType.FORBIDDEN);
        describe(document.getComponents(), ProblemType.UNAUTHENTICATED).addHeaderObject(HttpHeaders.WWW_AUTHENTICATE,
                new Header().description("How a key is sent").schema(new StringSchema()));
        document.getPaths()
                .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> close(path, method, operation)));
    }

    private static void close(String path, PathItem.HttpMethod method, Operation operation) {
        Access access = AccessTable.of(HttpMethod.valueOf(method.name()), path);
        if (access == null || access == Access.OPEN) {
            operation.getResponses().remove(String.valueOf(ProblemType.FORBIDDEN.status()));
            return;
        }
        operation.addSecurityItem(new SecurityRequirement().addList(NAME));
        String scopes = access.scopes().stream().map(scope -> "`" + scope.text() + "`").sorted().collect(Collectors.joining(" or "));
        operation.setDescription(operation.getDescription() + "\n\nNeeds a key or token of scope " + scopes + ".");
        for (ProblemType type : List.of(ProblemType.UNAUTHENTICATED, ProblemType.FORBIDDEN)) {
            operation.getResponses().addApiResponse(String.valueOf(type.status()), new ApiResponse().$ref(response(type)));
        }
    }

    /** The description of a problem, which the document may have already. */
    private static ApiResponse describe(Components parts, ProblemType type) {
        Map<String, ApiResponse> known = Objects.requireNonNullElse(parts.getResponses(), Map.of());
        ApiResponse found = known.containsKey(response(type))
                ? Objects.requireNonNull(known.get(response(type)))
                : new ApiResponse().description(type.text().title())
                        .content(new Content().addMediaType(org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                                new MediaType().schema(new Schema<>().$ref("Problem"))))
                        .addHeaderObject(RequestId.HEADER, new Header().description("The id of the request").schema(new StringSchema()));
        parts.addResponses(response(type), found);
        return found;
    }

    private static String response(ProblemType type) {
        return "Problem" + type.status();
    }
}
