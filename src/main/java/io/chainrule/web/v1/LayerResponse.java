package io.chainrule.web.v1;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** A layer of a network. */
@Schema(name = "LayerSummary", description = "A layer of a network, in the order in which they run.")
record LayerResponse(
        @Schema(description = "Its name, and that of the node that is its output", example = "hidden") String name,
        @Schema(description = "Its type", example = "dense") String type,
        @Schema(description = "The shape of its output, batch included", example = "[1, 3]") List<Integer> output_shape,
        @Schema(description = "Numbers that training moves", example = "9") long parameters,
        @Schema(description = "Floating point operations of one evaluation", example = "15") long flops) {

    @Schema(name = "LayerTotals", description = "Sums over the layers.")
    record Totals(@Schema(description = "Numbers that training moves", example = "13") long parameters,
            @Schema(description = "Floating point operations of one evaluation", example = "22") long flops) {}
}
