package io.chainrule.web.v1.training;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Metric;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.v1.EarlyStoppingRequest;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkInitializer;
import io.chainrule.web.v1.NetworkProgram;
import io.chainrule.web.v1.OptimizerRequest;
import io.chainrule.web.v1.ScheduleRequest;
import io.chainrule.web.v1.StepsRequest;
import io.chainrule.web.v1.models.SaveRequest;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a training. The inputs in {@code wrt} are the parameters, and their values are the initial ones; for a network these are all of
 * its parameters. If {@code batch} names inputs, the program is written for one sample and the mean over the samples is minimized;
 * otherwise the program's own value is. A network's data carry samples without being named.
 */
@Schema(additionalProperties = FALSE)
public record TrainRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Long seed,
        @Nullable String output, @Nullable List<String> wrt, @Nullable List<String> batch, @Nullable ArrayForm arrays,
        @Nullable Remarks diagnostics, @Nullable Language lang,
        @Schema(description = """
                How parameters follow their gradients; a type alone, as a string, has its defaults. Default "sgd".\
                """) @Nullable OptimizerRequest optimizer,
        @Nullable ScheduleRequest schedule, @Nullable Integer epochs, @Nullable Integer steps, @Nullable Integer batch_size,
        @Nullable Long shuffle_seed, @Nullable Double clip_norm,
        @Schema(description = "Data whose loss, and metrics, are told at the end of each epoch.") @Nullable ValidationRequest validation,
        @ArraySchema(schema = @Schema(implementation = String.class, allowableValues = {
                "accuracy", "mae"}),
                arraySchema = @Schema(
                        description = """
                                What is told of predictions: "accuracy" (of classes, along the axis where the loss has them, where the \
                                target holds their numbers, of the places of the largest entries where both are rows, else of being above \
                                one half, or above 0 where a network gives logits), "mae" (the mean absolute error).\
                                """)) @Nullable List<Metric> metrics,
        @Schema(description = "Id of the node that metrics compare with `target`; default: the last layer of a network.",
                example = "p") @Nullable String prediction,
        @Schema(description = "Id of the node, mostly an input, that says what is right; default: the target of a network's loss.",
                example = "y") @Nullable String target,
        @Nullable EarlyStoppingRequest early_stopping,
        @Schema(description = """
                Stores the program with its trained parameters as a model, when the training has ended for any reason. The model keeps \
                what is trained, what models kept before, and, where `batch` names the inputs that carry samples, all inputs but these. \
                Needs the scope `models:write`.""") @Nullable SaveRequest save_as)
        implements
            StepsRequest{

    @Override
    public @Nullable Map<String, Tensor> heldOut() {
        return validation == null ? null : validation.inputs();
    }
}
