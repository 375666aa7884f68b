package io.chainrule.web.v1.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.problem.ErrorDetail;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The model as which a training or a fit was stored, or why it was not. */
@Schema(name = "Saved", description = "The model as which a training or a fit was stored, or why it was not.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SavedResponse(@Schema(description = "The model", example = "digits") String name,
        @Schema(description = "The version; left out if it was not stored", example = "3") @Nullable Integer version,
        @Schema(description = "Why it was not stored, as problems tell it") @Nullable List<ErrorDetail> errors) {}
