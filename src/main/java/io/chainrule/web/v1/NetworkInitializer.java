package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.json.OptionDeserializer;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** How the weights of a network, or of a layer, are initialized. */
@Schema(name = "Initializer", description = "How weights begin; biases begin with 0.", additionalProperties = FALSE)
public record NetworkInitializer(
        @Schema(description = "Which numbers they are; default glorot_uniform", example = "he_normal") @Nullable String scheme,
        @Schema(description = "What they are drawn from, for the whole network; default: the request's `seed`",
                example = "7") @Nullable Long seed,
        @JsonAnySetter @JsonAnyGetter @OptionsOf(value = TypeCatalogue.INITIALIZERS,
                chosenBy = "scheme") @JsonDeserialize(contentUsing = OptionDeserializer.class) @Schema(
                        hidden = true) Map<String, Object> options) {

    public NetworkInitializer {
        options = Options.given(options);
    }
}
