package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the document of a service with keys says of them. */
class KeySchemeTest {
    private static Operation operation() {
        return new Operation().description("What it does.").responses(new ApiResponses().addApiResponse("200", new ApiResponse()));
    }

    private static <T> T present(@Nullable T part) {
        return Objects.requireNonNull(part);
    }

    private static OpenAPI document(PathItem.HttpMethod method, String path) {
        PathItem item = new PathItem();
        item.operation(method, operation());
        OpenAPI document = new OpenAPI().components(new Components()).paths(new Paths().addPathItem(path, item));
        new KeyScheme().customise(document);
        return document;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /v1/gradient       | `compute`
            GET  | /v1/gradient       | `compute`
            POST | /v1/train          | `train`
            GET  | /actuator/metrics  | `admin` or `metrics`
            GET  | /v1/ops/{name}     |
            GET  | /v1/none           |
            """)
    void anEndpointThatNeedsAKeySaysOfWhichScope(PathItem.HttpMethod method, String path, @Nullable String scopes) {
        Operation told = present(present(document(method, path).getPaths().get(path)).readOperationsMap().get(method));
        if (scopes == null) {
            assertThat(told).isEqualTo(operation());
        } else {
            assertThat(told.getDescription()).isEqualTo("What it does.\n\nNeeds a key or token of scope " + scopes + ".");
            assertThat(told.getSecurity()).containsExactly(new SecurityRequirement().addList("key"));
            assertThat(told.getResponses()).containsOnlyKeys("200", "401", "403");
            assertThat(present(told.getResponses().get("401")).get$ref()).isEqualTo("#/components/responses/Problem401");
            assertThat(present(told.getResponses().get("403")).get$ref()).isEqualTo("#/components/responses/Problem403");
        }
    }

    /** Nobody is refused there, while without keys hosts and sites are. */
    @Test
    void anEndpointThatNeedsNoKeyForbidsNothing() {
        PathItem item = new PathItem().get(operation());
        present(item.getGet()).getResponses().addApiResponse("403", new ApiResponse());
        new KeyScheme().customise(new OpenAPI().components(new Components()).paths(new Paths().addPathItem("/v1/ops", item)));
        assertThat(present(item.getGet()).getResponses()).containsOnlyKeys("200");
    }

    @Test
    void aKeyIsABearerTokenAndItsLackAProblem() {
        Components parts = document(PathItem.HttpMethod.POST, "/v1/gradient").getComponents();
        SecurityScheme scheme = present(parts.getSecuritySchemes().get("key"));
        assertThat(scheme.getType()).isEqualTo(SecurityScheme.Type.HTTP);
        assertThat(scheme.getScheme()).isEqualTo("bearer");
        assertThat(scheme.getDescription()).contains("Authorization");
        assertThat(parts.getResponses()).containsOnlyKeys("Problem401", "Problem403").allSatisfy((_, response) -> {
            assertThat(response.getDescription()).isNotBlank();
            assertThat(present(response.getContent().get("application/problem+json")).getSchema().get$ref())
                    .isEqualTo("#/components/schemas/Problem");
        });
    }
}
