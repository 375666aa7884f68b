package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A program as a list of nodes. */
@Schema(name = "Graph", description = "A program as a list of nodes, in any order.", additionalProperties = FALSE)
public record GraphProgram(
        @Schema(description = "The nodes", requiredMode = REQUIRED) @Nullable List<GraphNode> nodes,
        @Schema(description = "Id of the output, if several nodes are used by no other", example = "f") @Nullable String output,
        @Schema(description = "Ids of nodes by second names, by which requests may ask for them, too",
                example = "{\"loss\": \"f\"}") @Nullable Map<String, String> aliases) {}
