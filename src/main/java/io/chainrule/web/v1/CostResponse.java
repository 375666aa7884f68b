package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;

/** What a program costs, estimated from its shapes. */
@Schema(name = "Cost", description = "Estimates from the shapes, known before anything runs.")
record CostResponse(
        @Schema(description = "Floating point operations of one evaluation", example = "14", requiredMode = RequiredMode.REQUIRED) @JsonProperty("forward_flops") long forwardFlops,
        @Schema(description = "Floating point operations of one gradient, evaluation included", example = "46", requiredMode = RequiredMode.REQUIRED) @JsonProperty("gradient_flops") long gradientFlops,
        @Schema(description = "Bytes of memory that the gradient needs at most at one time", example = "320", requiredMode = RequiredMode.REQUIRED) @JsonProperty("peak_bytes") long peakBytes) {}
