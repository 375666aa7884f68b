package io.chainrule.web.v1.models;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/** The aliases of a model. */
@Schema(name = "ModelAliases", description = "The aliases of a model.")
record AliasesResponse(
        @Schema(description = "Which version each names", example = "{\"latest\": 3, \"prod\": 2}") Map<String, Integer> aliases) {}
