package io.chainrule.web.v1.models;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.AxisDeserializer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** What is known of an input that each call of a model gives. */
@Schema(name = "ModelInput", description = "What is known of an input that each call of a model gives.", additionalProperties = FALSE)
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelInputSpec(
        @Schema(description = "Its shape: lengths, and names of axes that may have any; axes of one name have one length",
                example = "[\"n\", 784]") @JsonDeserialize(contentUsing = AxisDeserializer.class) @Nullable List<Object> shape,
        @Schema(description = "The least and the largest value that make sense", example = "[0, 1]") @Nullable List<Double> range,
        @Schema(description = "What it is, up to 500 characters", example = "brightness of pixels") @Nullable String text) {}
