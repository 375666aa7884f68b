package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A derivative, in four forms. */
@Schema(name = "Derivative", description = "A derivative as a program that can be posted again.")
record DerivedProgram(
        @Schema(description = "As text; parts that are read often are statements of their own", example = "3 * x^2") String expression,
        @Schema(description = "What the text calls inputs whose ids are no names in it, by id",
                example = "{\"hidden.weight\": \"hidden_weight\"}") Map<String, String> renamed_inputs,
        @Schema(description = "As mathematics, in LaTeX",
                example = "\\frac{\\partial f}{\\partial x} = 3 x^{2}") String latex,
        @Schema(description = """
                The same in MathML, which browsers show without a library; left out where LaTeX takes more than 20,000 characters""",
                example = """
                        <math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mn>3</mn><msup><mi>x</mi><mn>2</mn></msup></math>\
                        """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml,
        @Schema(description = """
                Conditions, for every element, under which text and nodes have the same value up to rounding, unless products of very \
                large or small numbers leave the range of a double; left out where there are none""",
                example = "[\"x != 0\", \"isfinite(x)\"]") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> domain,
        @Schema(description = """
                How the axes of a derivative are ordered that has those of the output and of what it is differentiated by, or of several \
                of these: in numerator layout, those of the output first, as `/v1/jacobian` does; left out for other derivatives""",
                example = "numerator: [2], then [3]") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String layout,
        @Schema(description = "As a list of nodes that keeps its digits, in the form of a request's `graph`") DerivedGraph graph) {}
