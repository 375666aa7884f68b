package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.chainrule.core.tensor.Shape;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program as layers and a loss. */
@Schema(name = "Network", description = "A program as layers and a loss.", additionalProperties = FALSE)
record NetworkProgram(
        @Schema(description = "The input that the first layer reads", requiredMode = REQUIRED) @Nullable Data input,
        @Schema(description = "The layers, each of which reads the one before it",
                requiredMode = REQUIRED) @Nullable List<NetworkLayer> layers,
        @Schema(description = "What the last layer is compared by; without one the last layer is the output") @Nullable Loss loss,
        @Schema(description = "What is added to the loss for large weights") @Nullable Regularization regularization) {

    @Schema(name = "NetworkInput", description = "An input that carries a batch of samples.", additionalProperties = FALSE)
    record Data(@Schema(description = "Its name", example = "x", requiredMode = REQUIRED) @Nullable String name,
            @Schema(description = """
                    The shape of one sample; the value has a leading axis more. Images are [channels, height, width], sequences \
                    [time, features].""", example = "[2]", requiredMode = REQUIRED) @Nullable Shape shape) {}

    @Schema(name = "NetworkLoss", description = "A loss between the last layer and an input.", additionalProperties = FALSE)
    record Loss(@Schema(description = """
            mse, mae, huber, cross_entropy, binary_cross_entropy, binary_cross_entropy_with_logits, hinge, nll or kl_div""",
            example = "mse", requiredMode = REQUIRED) @Nullable String type,
            @Schema(description = "Name of the input that the last layer is compared with", example = "y",
                    requiredMode = REQUIRED) @Nullable String target,
            @Schema(description = "\"mean\" (default), \"sum\" or \"none\"", example = "mean") @Nullable String reduction,
            @Schema(description = "Of cross_entropy: how much of the target is spread over all classes",
                    example = "0.1") @Nullable Double label_smoothing,
            @Schema(description = "Of cross_entropy and nll: the label of samples that do not count",
                    example = "-100") @Nullable Integer ignore_index,
            @Schema(description = "Of cross_entropy and nll: the axis of the classes; default: the last",
                    example = "-1") @Nullable Integer axis,
            @Schema(description = "Of huber: up to where it is a parabola; default 1", example = "1") @Nullable Double delta,
            @Schema(description = "Of hinge: by how much the right class has to win; default 1", example = "1") @Nullable Double margin,
            @Schema(description = "Of kl_div: whether the target is given by logarithms",
                    example = "false") @Nullable Boolean log_target) {}

    @Schema(name = "NetworkRegularization", description = "Over weights, not over biases, norm layers and embeddings.",
            additionalProperties = FALSE)
    record Regularization(@Schema(description = "λ in λ Σ|w|", example = "0.001") @Nullable Double l1,
            @Schema(description = "λ in ½ λ Σw²", example = "0.001") @Nullable Double l2) {}
}
