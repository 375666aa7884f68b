package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.json.OptionDeserializer;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** A program as layers and a loss. */
@Schema(name = "Network", description = "A program as layers and a loss.", additionalProperties = FALSE)
public record NetworkProgram(
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
    record Loss(
            @Schema(description = "How they are compared; GET /v1/losses tells of each", example = "mse",
                    requiredMode = REQUIRED) @Nullable String type,
            @Schema(description = "Name of the input that the last layer is compared with", example = "y",
                    requiredMode = REQUIRED) @Nullable String target,
            @JsonAnySetter @JsonAnyGetter @OptionsOf(TypeCatalogue.LOSSES) @JsonDeserialize(
                    contentUsing = OptionDeserializer.class) @Schema(
                            hidden = true) Map<String, Object> options) {

        Loss {
            options = Options.given(options);
        }
    }

    @Schema(name = "NetworkRegularization", description = "Over weights, not over biases, norm layers and embeddings.",
            additionalProperties = FALSE)
    record Regularization(@Schema(description = "λ in λ Σ|w|", example = "0.001") @Nullable Double l1,
            @Schema(description = "λ in ½ λ Σw²", example = "0.001") @Nullable Double l2) {}
}
