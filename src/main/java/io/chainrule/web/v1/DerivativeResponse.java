package io.chainrule.web.v1;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/** Derivatives of a program's output as programs. */
record DerivativeResponse(
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = "The derivative of the output by each name") Map<String, DerivedProgram> derivatives) {}
