package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;
import java.util.Map;

/** The gradient of the output with respect to inputs, and with respect to every node on the way. */
record GradientResponse(
        @Schema(description = "Id of the output", example = "f", requiredMode = RequiredMode.REQUIRED) String output,
        @Schema(description = "Its value", implementation = Object.class, example = "0.116", requiredMode = RequiredMode.REQUIRED) EncodedTensor value,
        @Schema(description = "By node of `wrt`: d output / d node, in the node's shape", requiredMode = RequiredMode.REQUIRED) Map<String, EncodedTensor> gradients,
        @Schema(description = "The nodes asked for, in topological order", requiredMode = RequiredMode.REQUIRED) List<NodeResponse> nodes,
        @Schema(description = "Local Jacobians, one entry per operand", requiredMode = RequiredMode.REQUIRED) List<LocalJacobianResponse> jacobians,
        @Schema(description = "What is worth knowing about the values and derivatives", requiredMode = RequiredMode.REQUIRED) List<DiagnosticResponse> diagnostics) {}
