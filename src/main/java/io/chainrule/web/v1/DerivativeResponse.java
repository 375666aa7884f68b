package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Derivatives of a program's output as programs. */
record DerivativeResponse(
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = """
                The derivative of the output by each name; of higher order the name is as often repeated, as in `x,x`, and a mixed one has \
                its names in order""") Map<String, DerivedProgram> derivatives,
        @Schema(description = """
                A function that computes the value and its gradients, in the language that `format` names; left out without one. It \
                computes what `graph` does, with parts that are read often as variables, and comments that tell shapes\
                """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String code,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics) {}
