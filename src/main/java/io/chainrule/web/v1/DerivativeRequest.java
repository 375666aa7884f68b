package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for derivatives of an output as programs; nothing is computed. */
@Schema(additionalProperties = FALSE)
record DerivativeRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output, @Nullable List<String> wrt, @Nullable NodeSelection nodes,
        @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Nullable Language lang,
        @Schema(description = "Shapes instead of values; inputs with neither are as a model declares them, whose free "
                + "axes must have lengths here or in other inputs; others are scalars, data of a network "
                + "one sample",
                example = "{\"x\": [2, 3]}") @Nullable Map<String, Shape> shapes,
        @Schema(implementation = String.class, allowableValues = {
                "textbook", "stable"},
                description = """
                        How the derivative is printed: "textbook" (default), or "stable", which keeps digits and is what the graph of the \
                        answer computes. Derivatives of more than 10,000 operations are always printed in the stable form.\
                        """) @Nullable DerivativeForm form,
        @Schema(implementation = String.class, allowableValues = {"expression", "latex", "mathml", "numpy", "java", "javascript", "c"},
                description = """
                        A language in which `code` of the answer computes the value and its gradients; with "expression" (default), \
                        "latex" and "mathml" there is none, since every derivative has these. Ops that the language does not have are \
                        refused by name.""") @Nullable DerivativeFormat format,
        @Schema(example = "1",
                description = """
                        How often the output is differentiated by each name: 1 (default) to 10. Beyond 1 the names are those of inputs.\
                        """) @Nullable Integer order,
        @Schema(example = "[\"x\", \"x\", \"y\"]", description = """
                Names of inputs by which the output is differentiated one after the other, for one mixed derivative; 1 to 10 names. \
                Instead of `wrt` and `order`.""") @Nullable List<String> mixed)
        implements
            ProgramRequest{

    /** The names to differentiate by; null for the default. */
    @Nullable
    List<String> names() {
        return mixed == null ? wrt : mixed;
    }
}
