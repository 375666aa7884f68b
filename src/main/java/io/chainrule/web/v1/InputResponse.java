package io.chainrule.web.v1;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** An input that a program reads. */
@Schema(name = "Input", description = "An input that the program reads.")
record InputResponse(
        @Schema(description = "Its name", example = "W") String id,
        @Schema(description = "Its shape; [] is a scalar", example = "[2, 3]") List<Integer> shape) {}
