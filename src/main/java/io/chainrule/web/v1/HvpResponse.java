package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A product of the Hessian with a vector. */
record HvpResponse(
        @Schema(description = "The output's value") EncodedTensor value,
        @Schema(description = "By node of `wrt`: the gradient") Map<String, EncodedTensor> gradients,
        @Schema(description = "By node of `wrt`: the derivative of the gradient along the vector") Map<String, EncodedTensor> products,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
