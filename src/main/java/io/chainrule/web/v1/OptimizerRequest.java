package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import io.chainrule.service.training.TrainingCall.Part;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.json.OptionDeserializer;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** How parameters are updated from their gradients. */
@Schema(name = "Optimizer", additionalProperties = FALSE)
public record OptimizerRequest(
        @Schema(description = """
                Which update: that of the class of this name in torch.optim, with its options and their defaults. \
                Default "sgd".""") @Nullable String type,
        @JsonAnySetter @OptionsOf(TypeCatalogue.OPTIMIZERS) @JsonDeserialize(contentUsing = OptionDeserializer.class) @Schema(
                hidden = true) Map<String, Object> options) {

    public static final Part DEFAULT = new Part("sgd", Map.of());

    /** Reads an object. Jackson must be told to use this constructor, because {@link #of} reads a string. */
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public OptimizerRequest {
        options = Options.given(options);
    }

    /** Reads a string: the name of a type, whose options then have their defaults. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static OptimizerRequest of(String type) {
        return new OptimizerRequest(type, Map.of());
    }

    public Part part() {
        return new Part(Objects.requireNonNullElse(type, DEFAULT.type()), options);
    }
}
