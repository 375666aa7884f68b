package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What responses that contain values have in common. */
sealed interface ProgramResponse
        permits EvaluateResponse, GradientResponse, VjpResponse, JvpResponse, JacobianResponse, HessianResponse, HvpResponse,
        CheckResponse, ExplainResponse, JacobianDoneResponse {

    @Schema(description = "Of a network: the parameters that the request gave no values, as they were drawn from the seed")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Nullable
    Map<String, EncodedTensor> parameters();
}
