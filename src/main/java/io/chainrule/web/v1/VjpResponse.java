package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cotangents, pulled back to the inputs. */
record VjpResponse(
        @Schema(description = "Values of the nodes that cotangents were given for") Map<String, EncodedTensor> values,
        @Schema(description = "By node of `wrt`: the sum of cotangent × Jacobian, in the node's shape") Map<String, EncodedTensor> gradients,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
