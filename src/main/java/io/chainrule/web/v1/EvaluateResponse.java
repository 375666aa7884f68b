package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of the output and of the listed nodes. */
record EvaluateResponse(
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = "Its value", example = "0.116") EncodedTensor value,
        @Schema(description = "The nodes asked for, in topological order") List<NodeResponse> nodes,
        @Schema(description = "What is worth knowing about the values") List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
