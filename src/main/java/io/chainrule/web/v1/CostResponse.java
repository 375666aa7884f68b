package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;

/** What a program costs, estimated from its shapes. */
@Schema(name = "Cost", description = "Estimates from the shapes, known before anything runs; floating point operations and bytes.")
record CostResponse(
        @Schema(description = "Operations of one evaluation", example = "14") @JsonProperty("forward_flops") long forwardFlops,
        @Schema(description = "Operations of one gradient, evaluation included",
                example = "46") @JsonProperty("gradient_flops") long gradientFlops,
        @Schema(description = "Bytes that the gradient needs at a time", example = "320") @JsonProperty("peak_bytes") long peakBytes) {}
