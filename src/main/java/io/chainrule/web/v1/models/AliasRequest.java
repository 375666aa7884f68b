package io.chainrule.web.v1.models;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Which version an alias is to name. */
@Schema(additionalProperties = FALSE)
record AliasRequest(
        @Schema(description = "A version that is not deleted", example = "1", requiredMode = REQUIRED) @Nullable Integer version) {}
