package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** When to stop a training early. */
@Schema(additionalProperties = FALSE)
public record EarlyStoppingRequest(
        @Schema(example = "5",
                description = "How many epochs without an improvement end the training; default 1.") @Nullable Integer patience,
        @Schema(example = "0.001", description = """
                By how much the loss must fall below the best before to be an improvement; default 0.""") @Nullable Double min_delta) {}
