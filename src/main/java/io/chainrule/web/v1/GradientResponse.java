package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The gradient of the output with respect to inputs, and with respect to the listed nodes. */
public record GradientResponse(
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = "Its value", example = "0.116") EncodedTensor value,
        @Schema(description = "By node of `wrt`: d output / d node, in the node's shape") Map<String, EncodedTensor> gradients,
        @Schema(description = "The nodes asked for, in topological order") List<NodeResponse> nodes,
        @Schema(description = "Local Jacobians, one entry per operand") List<LocalJacobianResponse> jacobians,
        @Schema(description = "What is worth knowing about the values and derivatives") List<DiagnosticResponse> diagnostics,
        @Schema(description = """
                By node of `wrt`, if `digits` was asked for: how many significant decimal digits of each entry are certain, from 0 to \
                15.9, rounded down to one decimal. Inputs count as exact; a number written in the program that no double is, such as 0.1, \
                as rounded.""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, EncodedTensor> digits,
        @Schema(description = "The same for the value",
                example = "15.3") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EncodedTensor value_digits,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
