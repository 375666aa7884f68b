package io.chainrule.web.v1.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.service.models.ModelVersion;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A version of a model in a list. */
@Schema(name = "ModelVersion", description = "A version of a model in a list.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelVersionResponse(@Schema(description = "What it is called by", example = "digits") String name,
        @Schema(description = "From 1 on", example = "3") int version,
        @Schema(description = "What it is") @Nullable String description,
        @Schema(description = "Under which licence it may be used", example = "CC-BY-4.0") @Nullable String licence,
        @Schema(description = "By these lists are filtered", example = "[\"vision\"]") List<String> tags,
        @Schema(description = "The SHA-256 of all that it is") String sha256,
        @Schema(description = "What it takes of its owner's quota, in bytes", example = "62800") long bytes,
        @Schema(description = "When it was stored", example = "2026-01-31T12:00:00Z") Instant created_at,
        @Schema(description = "When it was deleted; left out if it was not") @Nullable Instant deleted_at) {

    static ModelVersionResponse of(ModelVersion version) {
        return new ModelVersionResponse(version.name(), version.version(), version.description(), version.licence(), version.tags(),
                version.digest(), version.bytes(), version.createdAt(), version.deletedAt());
    }
}
