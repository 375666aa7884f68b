package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.picture.ClusterForm;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a picture of a program. */
@Schema(additionalProperties = FALSE)
public record RenderRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output,
        @Nullable List<String> wrt, @Nullable NodeSelection nodes, @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Schema(description = """
                What the gradient of the output is multiplied by, in the output's shape; \
                default 1, required when the output is not a scalar.""") @Nullable Tensor cotangent,
        @Schema(implementation = String.class, allowableValues = {"light", "dark", "auto"}, description = """
                The ground that the picture is for: "light", "dark", or "auto" (default), which follows the reader's \
                preference where the format can.""") @Nullable Theme theme,
        @Schema(description = """
                Shows only what is known after so many steps of the computation: 0 shows what is given, each step one more value, in \
                order, and then one more gradient, from the output back. All if left out. The root element says how many there are \
                (`data-steps`).""",
                example = "3") @Nullable Integer step,
        @Schema(description = "Significant digits of the numbers beside the wires, 1 to 17; default 3. Tooltips have all.",
                example = "3") @Nullable Integer digits,
        @Schema(description = "Whether gradients are shown; default true. Without them the output may be an array.",
                example = "true") @Nullable Boolean gradients,
        @Schema(implementation = String.class, allowableValues = {"auto", "none", "all"}, description = """
                Whether a statement, or a layer of a network, is drawn as one part: "auto" (default) for programs of more than 200 \
                parts and for networks, "none", "all".""") @Nullable ClusterForm clusters,
        @Schema(implementation = String.class, allowableValues = {"plain", "contribution"}, description = """
                What the width of a wire shows: nothing ("plain", default), or the size of what goes back along it, which the gate adds \
                to the gradient of what it reads ("contribution").""") @Nullable WireWidth wires,
        @Schema(implementation = String.class, allowableValues = {"en", "ko"},
                description = """
                        The language of the words in the picture and of its description; default: what `Accept-Language` prefers, \
                        else "en".""") @Nullable Language lang,
        @Schema(implementation = String.class, allowableValues = {"svg", "png", "dot", "mermaid", "tikz"},
                description = """
                        What the picture is written as: "svg", "png", or text for Graphviz, Mermaid or TikZ; default: what `Accept` \
                        prefers, else "svg".""") @Nullable PictureFormat format)
        implements
            ProgramRequest{}
