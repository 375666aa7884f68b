package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Transformation.Locals;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for the gradient of the output. */
@Schema(additionalProperties = FALSE)
public record GradientRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output,
        @Nullable List<String> wrt, @Nullable NodeSelection nodes, @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Nullable Language lang,
        @Schema(description = """
                What the gradient of the output is multiplied by, in the output's shape; \
                default 1, required when the output is not a scalar.""") @Nullable Tensor cotangent,
        @Schema(implementation = String.class, allowableValues = {"auto", "all", "none"}, description = """
                Which local Jacobians the answer lists: "auto" (default) those of ops that mix elements, \
                up to 1,024 entries each; "all"; "none".""") @Nullable Locals jacobians,
        @Schema(description = """
                Whether the answer says how many digits of each gradient, and of the value, are certain; default false. The error \
                analysis takes a few times the gradient's time, and changes no other number.""") @Nullable Boolean digits)
        implements
            ProgramRequest{}
