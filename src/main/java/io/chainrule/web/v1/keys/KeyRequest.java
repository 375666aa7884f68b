package io.chainrule.web.v1.keys;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for a key. */
@Schema(additionalProperties = FALSE)
record KeyRequest(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "ana",
                description = "Who has it: up to 100 characters") @Nullable String owner,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "[\"compute\", \"train\"]",
                description = "What it allows: `compute`, `train`, `models:write`, `jobs`, `datasets:read`, `datasets:write`, `metrics`, `admin`") @Nullable List<String> scopes,
        @Schema(example = "2030-01-31T00:00:00Z",
                description = "When it ends, as RFC 3339 writes it; default: never") @JsonProperty("expires_at") @Nullable String expiresAt,
        @Nullable KeyQuotas quotas) {}
