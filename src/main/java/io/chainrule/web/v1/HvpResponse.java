package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A product of the Hessian with a vector. */
record HvpResponse(
        @Schema(description = "The output's value") EncodedTensor value,
        @Schema(description = "By node of `wrt`: the gradient") Map<String, EncodedTensor> gradients,
        @Schema(description = "By node of `wrt`: the derivative of the gradient along the vector") Map<String, EncodedTensor> products,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
