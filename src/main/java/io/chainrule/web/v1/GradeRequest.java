package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a backward pass to be marked. The program has the forward pass, and then lines that compute its derivatives. The output defaults
 * to the last statement that neither is such a line nor reads one.
 */
@Schema(additionalProperties = FALSE)
record GradeRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Schema(example = "{\"g1\": \"x\"}", description = """
                What lines claim: the node whose gradient a line is, by name of the line. Lines called `dx`, `dfdx`, `df_dx`, `grad_x` or \
                `x_grad` for a node `x` need no entry; `dqdx` is the local gradient ∂q/∂x where `q` is another node than the output. Of \
                several bindings of a name the last is the claim.""") @Nullable Map<String, String> claims,
        @Schema(example = "{\"x\": -4}", description = """
                Gradients that a person has worked out, by node. They are marked one by one, and the true ones are not told. Rounded \
                answers are right, if they are within two hundredths of the gradient.""") @Nullable Map<String, Tensor> answers,
        @Schema(allowableValues = {"en", "ko"},
                description = """
                        The language of the texts, English or Korean; default: what `Accept-Language` prefers, else "en".\
                        """) @Nullable Language lang)
        implements
            ProgramRequest{}
