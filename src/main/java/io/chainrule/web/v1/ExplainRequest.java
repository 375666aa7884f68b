package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.explain.Explainer.Level;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for the gradient of the output in words. */
@Schema(additionalProperties = FALSE)
record ExplainRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output,
        @Nullable List<String> wrt, @Nullable NodeSelection nodes, @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Schema(description = """
                What the gradient of the output is multiplied by, in the output's shape; \
                default 1, required when the output is not a scalar.""") @Nullable Tensor cotangent,
        @Schema(implementation = String.class, allowableValues = {"short", "full"}, description = """
                How much is said: "short", a sentence a gate, or "full" (default), with the role of every gate and what is remarkable \
                at a node.""") @Nullable Level level,
        @Schema(example = "x", description = """
                Id of a node that is explained alone: the ledger has the nodes on paths to it, and `paths` the 20 paths that \
                carry the most.""") @Nullable String node,
        @Schema(example = "W[0,1]", description = """
                An entry of an array whose gradient is followed down to the numbers that are multiplied; negative indices count from \
                the end.""") @Nullable String entry,
        @Nullable Language lang,
        @Schema(description = """
                Makes one step of this optimizer with the inputs in `wrt`, as of a training, and tells what it does to the output.\
                """) @Nullable OptimizerRequest optimizer)
        implements
            ProgramRequest{}
