package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The derivative of one node with respect to one of its operands. */
@Schema(name = "LocalJacobian", description = "The derivative of a node with respect to one of its operands, all else being fixed.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record LocalJacobianResponse(
        @Schema(description = "Id of the node", example = "q") String node,
        @Schema(description = "Id of the operand", example = "x") String wrt,
        @Schema(description = "Position of the operand, from 0", example = "1") int operand,
        @Schema(description = "shape(node) + shape(operand)", example = "[2, 2]") List<Integer> shape,
        @Schema(description = "Says \"diagonal\" where the value is the diagonal alone",
                allowableValues = "diagonal") @Nullable String structure,
        @Schema(description = "The Jacobian") @Nullable EncodedTensor value,
        @Schema(description = "Why there is no value", example = "1048576 entries") @Nullable String omitted) {}
