package io.chainrule.web.v1;

import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;

/** A program as nodes with shapes, and what it would cost. */
record GraphResponse(
        @Schema(description = "The inputs in the order in which the program reads them", requiredMode = RequiredMode.REQUIRED) List<InputResponse> inputs,
        @Schema(description = "Id of the output", example = "f", requiredMode = RequiredMode.REQUIRED) String output,
        @Schema(description = "The nodes asked for, in topological order", requiredMode = RequiredMode.REQUIRED) List<NodeResponse> nodes,
        @Schema(description = "The program as text", example = "f = sum((W @ x)^2)", requiredMode = RequiredMode.REQUIRED) String expression,
        @Schema(description = "What running it would cost", requiredMode = RequiredMode.REQUIRED) CostResponse cost) {}
