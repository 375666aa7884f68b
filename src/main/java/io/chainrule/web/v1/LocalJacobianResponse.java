package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The derivative of one node with respect to one of its operands. */
@Schema(name = "LocalJacobian", description = "The derivative of a node with respect to one of its operands, all else being fixed.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record LocalJacobianResponse(
        @Schema(description = "Id of the node", example = "q", requiredMode = RequiredMode.REQUIRED) String node,
        @Schema(description = "Id of the operand", example = "x", requiredMode = RequiredMode.REQUIRED) String wrt,
        @Schema(description = "Position of the operand, from 0", example = "1", requiredMode = RequiredMode.REQUIRED) int operand,
        @Schema(description = "shape(node) + shape(operand)", example = "[2, 2]", requiredMode = RequiredMode.REQUIRED) List<Integer> shape,
        @Schema(description = "\"diagonal\" where the value holds just the diagonal, in the node's shape", allowableValues = "diagonal") @Nullable String structure,
        @Schema(description = "The Jacobian", implementation = Object.class) @Nullable EncodedTensor value,
        @Schema(description = "Why there is no value", example = "1048576 entries") @Nullable String omitted) {}
