package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.Map;

/** Whole Jacobians. */
record JacobianResponse(
        @Schema(description = "Values of the nodes of `of`", requiredMode = RequiredMode.REQUIRED) Map<String, EncodedTensor> values,
        @Schema(description = "By node of `of`, then by node of `wrt`: an array of shape(of) + shape(wrt)", requiredMode = RequiredMode.REQUIRED) Map<String, Map<String, EncodedTensor>> jacobians,
        @Schema(description = "The mode that was used", allowableValues = {"forward",
                "reverse"}, requiredMode = RequiredMode.REQUIRED) String mode,
        @Schema(description = "How many passes it took", example = "2", requiredMode = RequiredMode.REQUIRED) int passes){}
