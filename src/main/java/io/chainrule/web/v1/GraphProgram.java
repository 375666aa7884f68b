package io.chainrule.web.v1;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program as a list of nodes. */
@Schema(name = "Graph", description = "A program as a list of nodes, in any order.")
record GraphProgram(
        @Schema(description = "The nodes", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable List<GraphNode> nodes,
        @Schema(description = "Id of the output; may be left out when exactly one node is used by no other", example = "f") @Nullable String output) {}
