package io.chainrule.web.v1.models;

import io.swagger.v3.oas.annotations.media.Schema;

/** Which version an alias names. */
@Schema(name = "ModelAlias", description = "Which version an alias names.")
record AliasResponse(@Schema(description = "The model", example = "digits") String name,
        @Schema(description = "The alias: `digits@prod` is what it names", example = "prod") String alias,
        @Schema(description = "The version", example = "3") int version) {}
