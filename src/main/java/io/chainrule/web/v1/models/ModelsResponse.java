package io.chainrule.web.v1.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Models, or versions of one. */
@Schema(name = "Models", description = "Models, or versions of one.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelsResponse(@Schema(description = "A page of them") List<ModelVersionResponse> models,
        @Schema(description = "What to ask `after` for the next page; left out on the last one",
                example = "digits") @Nullable String next) {}
