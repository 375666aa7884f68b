package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.chainrule.service.training.TrainingCall.Part;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How parameters follow their gradients. */
@Schema(additionalProperties = FALSE)
record OptimizerRequest(
        @Schema(allowableValues = {
                "sgd", "rmsprop", "adam", "adamw", "adagrad"}, description = """
                        Which update: that of the class of this name in torch.optim, with its options and their defaults. \
                        Default "sgd".""") @Nullable String type,
        @Schema(example = "0.1",
                description = """
                        The learning rate, before any schedule: default 0.001 for sgd, adam and adamw, 0.01 for rmsprop and adagrad.""") @Nullable Double lr,
        @Schema(example = "0.9", description = "sgd, rmsprop: how much of the last change goes on; default 0.") @Nullable Double momentum,
        @Schema(description = "sgd: how much less of the gradient goes into the momentum; default 0.") @Nullable Double dampening,
        @Schema(description = "sgd: whether the momentum is Nesterov's; default false.") @Nullable Boolean nesterov,
        @Schema(description = "How much of a parameter is added to its gradient, or in adamw taken from it; default 0, of adamw 0.01.") @Nullable Double weight_decay,
        @Schema(description = "rmsprop: how much of the mean square goes on; default 0.99.") @Nullable Double alpha,
        @Schema(description = "Added to what is divided by; default 1e-8, of adagrad 1e-10.") @Nullable Double eps,
        @Schema(description = "rmsprop: whether it divides by the deviation from the mean gradient; default false.") @Nullable Boolean centered,
        @Schema(example = "[0.9, 0.999]", description = """
                adam, adamw: how much of the mean and of the mean square goes on; default [0.9, 0.999].""") @Nullable List<Double> betas,
        @Schema(description = "adam, adamw: whether it divides by the largest mean square so far; default false.") @Nullable Boolean amsgrad,
        @Schema(description = "adagrad: how fast the learning rate falls; default 0.") @Nullable Double lr_decay,
        @Schema(description = "adagrad: where the sum of squares starts; default 0.") @Nullable Double initial_accumulator_value){

    /** From an object; named, since it is not the only way. */
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    OptimizerRequest {}

    /** The type alone, with its defaults. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static OptimizerRequest of(String type) {
        return new OptimizerRequest(type, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    Part part() {
        return new Part(Objects.requireNonNullElse(type, "sgd"),
                Options.of("lr", lr, "momentum", momentum, "dampening", dampening, "nesterov", nesterov, "weight_decay", weight_decay,
                        "alpha", alpha, "eps", eps, "centered", centered, "betas", betas, "amsgrad", amsgrad, "lr_decay", lr_decay,
                        "initial_accumulator_value", initial_accumulator_value));
    }
}
