package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A program as nodes with shapes, and what it would cost. */
record GraphResponse(
        @Schema(description = "The inputs in the order in which the program reads them") List<InputResponse> inputs,
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = "The nodes asked for, in topological order") List<NodeResponse> nodes,
        @Schema(description = "The program as text", example = "f = sum((W @ x)^2)") String expression,
        @Schema(description = "What the text calls inputs whose ids are no names in it, by id",
                example = "{\"hidden.weight\": \"hidden_weight\"}") Map<String, String> renamed_inputs,
        @Schema(description = "The program as mathematics, in LaTeX",
                example = "\\begin{aligned} f &= x^{2} \\end{aligned}") String latex,
        @Schema(description = """
                The same in MathML, which browsers show without a library; left out where LaTeX takes more than 20,000 characters""",
                example = """
                        <math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><msup><mi>x</mi><mn>2</mn></msup></math>\
                        """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml,
        @Schema(description = "What running it would cost") CostResponse cost,
        @Schema(description = """
                Of a network: its layers, those inside others too\
                """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<LayerResponse> layers,
        @Schema(description = """
                Of a network: sums over its layers""") @JsonInclude(JsonInclude.Include.NON_NULL) LayerResponse.@Nullable Totals totals,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics) {}
