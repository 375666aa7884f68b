package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How the weights of a network, or of a layer, begin. */
@Schema(name = "Initializer", description = "How weights begin; biases begin with 0.", additionalProperties = FALSE)
record NetworkInitializer(
        @Schema(description = """
                zeros, ones, constant, uniform, normal, glorot_uniform (default), glorot_normal, he_uniform, he_normal, lecun_normal or \
                orthogonal""", example = "he_normal") @Nullable String scheme,
        @Schema(description = "What they are drawn from, for the whole network; default: the request's `seed`",
                example = "7") @Nullable Long seed,
        @Schema(description = "Of constant", example = "0.1") @Nullable Double value,
        @Schema(description = "Of uniform: lower bound; default -0.05", example = "-0.1") @Nullable Double low,
        @Schema(description = "Of uniform: upper bound; default 0.05", example = "0.1") @Nullable Double high,
        @Schema(description = "Of normal; default 0", example = "0") @Nullable Double mean,
        @Schema(description = "Of normal: the standard deviation; default 0.05", example = "0.01") @Nullable Double stddev,
        @Schema(description = "Of the schemes from glorot_uniform on: a factor", example = "1") @Nullable Double gain) {}
