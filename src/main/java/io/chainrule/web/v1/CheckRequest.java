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

/** Asks for derivatives to be compared with differences. Over a batch, the sum or the mean of the samples' values is checked. */
@Schema(additionalProperties = FALSE)
public record CheckRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Boolean training,
        @Nullable Long seed, @Nullable String output, @Nullable List<String> wrt, @Nullable NodeSelection nodes,
        @Nullable List<String> batch,
        @Nullable Reduction reduce, @Nullable GateForm gates, @Nullable ArrayForm arrays, @Nullable Remarks diagnostics,
        @Nullable Language lang,
        @Schema(example = "0.01", description = """
                The first step, as a part of an entry's size (its magnitude, at least the root mean square of its input; 1 where that \
                is 0); smaller steps follow where it does not do. Default 2^-7.""") @Nullable Double step,
        @Schema(example = "1e-4", description = "The largest relative error that passes; default 1e-4.") @Nullable Double tolerance,
        @Schema(example = "1", description = "1 (default) for the gradient, 2 for the Hessian.") @Nullable Integer order,
        @Schema(example = "1000", description = """
                How many entries of one input are checked at most, chosen by a fixed seed; default 1000.""") @Nullable Integer samples)
        implements
            ProgramRequest {}
