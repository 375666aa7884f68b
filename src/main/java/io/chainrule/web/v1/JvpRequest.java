package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a Jacobian-vector product: one forward sweep. */
@Schema(additionalProperties = FALSE)
record JvpRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output,
        @Nullable List<String> wrt, @Nullable NodeSelection nodes, @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Nullable Language lang,
        @Schema(description = "By input, its direction, in its shape; missing ones are zero",
                example = "{\"x\": 1}") @Nullable Map<String, Tensor> tangents,
        @Schema(description = "Ids of the nodes asked for; default: the output", example = "[\"f\"]") @Nullable List<String> of)
        implements
            ProgramRequest {}
