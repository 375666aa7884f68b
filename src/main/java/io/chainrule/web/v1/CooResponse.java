package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** A matrix of derivatives in coordinate form. */
record CooResponse(
        @Schema(description = "Both shapes joined", example = "[2, 2]") List<Integer> shape,
        @Schema(description = "Per entry its position, a number an axis", example = "[[0, 0], [1, 1]]") int[][] indices,
        @Schema(description = "The entries that can be other than zero", example = "[2, 2]") EncodedTensor values) {}
