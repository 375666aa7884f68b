package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;

/** The value of the output and of the nodes on the way. */
record EvaluateResponse(
        @Schema(description = "Id of the output", example = "f", requiredMode = RequiredMode.REQUIRED) String output,
        @Schema(description = "Its value", implementation = Object.class, example = "0.116", requiredMode = RequiredMode.REQUIRED) EncodedTensor value,
        @Schema(description = "The nodes asked for, in topological order", requiredMode = RequiredMode.REQUIRED) List<NodeResponse> nodes,
        @Schema(description = "What is worth knowing about the values", requiredMode = RequiredMode.REQUIRED) List<DiagnosticResponse> diagnostics) {}
