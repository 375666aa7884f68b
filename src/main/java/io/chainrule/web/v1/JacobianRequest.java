package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;

import io.chainrule.service.program.MatrixFormat;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for whole Jacobians. */
@Schema(additionalProperties = FALSE)
record JacobianRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output,
        @Nullable List<String> wrt, @Nullable NodeSelection nodes, @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Nullable Language lang,
        @Schema(description = "Ids of the nodes to differentiate; default: the output", example = "[\"f\"]") @Nullable List<String> of,
        @Schema(example = "{\"e\": [\"camera\", \"point\"], \"r\": [\"weight\"]}",
                description = """
                        Which nodes to differentiate by which others, where not every node of `of` is wanted by every one of `wrt`: for \
                        each node to differentiate those to differentiate by. It takes the place of `of` and `wrt`.\
                        """) @Nullable Map<String, List<String>> pairs,
        @Schema(implementation = String.class, allowableValues = {"auto", "forward", "reverse"}, description = """
                How: "forward" takes one pass per entry of `wrt`, "reverse" one per entry of `of`; \
                "auto" (default) the cheaper.""") Transformation.@Nullable Mode mode,
        @Schema(implementation = String.class, allowableValues = {"dense", "coo"}, description = """
                How matrices are given: "dense" (default) as arrays, "coo" by their entries, those that can be other than zero: \
                `{"shape", "indices", "values"}`.""") @Nullable MatrixFormat format)
        implements
            ProgramRequest{}
