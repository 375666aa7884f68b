package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.json.OptionDeserializer;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** A layer of a network. Its type determines which of the options it has. */
@Schema(name = "Layer", description = "A layer of a network; which options it has depends on its type.", additionalProperties = FALSE)
record NetworkLayer(
        @Schema(description = "What kind of layer it is; GET /v1/layers tells of each", example = "dense",
                requiredMode = REQUIRED) @Nullable String type,
        @Schema(description = "Its name, unique in the network; default: its type and a number", example = "hidden") @Nullable String name,
        @JsonAnySetter @JsonAnyGetter @OptionsOf(TypeCatalogue.LAYERS) @JsonDeserialize(contentUsing = OptionDeserializer.class) @Schema(
                hidden = true) Map<String, Object> options,
        @Schema(description = "How its weights begin; default: the request's `initializer`") @Nullable NetworkInitializer initializer,
        @Schema(description = "Of residual: the layers whose output is added to what they read") @Nullable List<NetworkLayer> layers) {

    NetworkLayer {
        options = Options.given(options);
    }
}
