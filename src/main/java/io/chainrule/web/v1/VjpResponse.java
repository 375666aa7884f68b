package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cotangents, pulled back to the inputs. */
record VjpResponse(
        @Schema(description = "Values of the nodes that cotangents were given for") Map<String, EncodedTensor> values,
        @Schema(description = """
                By node of `wrt`: the sum of cotangent × Jacobian, in the node's shape""") Map<String, EncodedTensor> gradients,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
