package io.chainrule.web.v1.models;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** As which model a training or a fit is stored. */
@Schema(name = "SaveAs", description = "As which model a training or a fit is stored.", additionalProperties = FALSE)
public record SaveRequest(@Schema(description = """
        Its name. Under the name of the `model` that is trained or fitted it is stored only if that has got no other version \
        meanwhile""", example = "digits", requiredMode = REQUIRED) @Nullable String name,
        @Schema(description = "Id of the node that the model answers; default: the program's own output, of a network the last layer",
                example = "p") @Nullable String output,
        @Schema(description = """
                What is known of the inputs that each call gives, by name, as for a model that is put. Of a `model` that is trained or fitted \
                all stays known that was known before. Inputs in `batch` get the shapes of a sample, and those from columns that of a row, \
                where the program cannot be stored without them.""") @Nullable Map<String, ModelInputSpec> declares,
        @Schema(description = """
                What nodes of the program are, by id; left out: what a `model` that is trained or fitted says of those that are \
                still there""") @Nullable Map<String, String> outputs,
        @Schema(description = """
                What the model is; left out: as a `model` that is trained or fitted has it. An empty text clears it""",
                example = "Digits, trained on MNIST") @Nullable String description,
        @Schema(description = "Under which licence it may be used; left out and empty as for `description`",
                example = "CC-BY-4.0") @Nullable String licence,
        @Schema(description = "Words by which lists are filtered; left out and empty as for `description`",
                example = "[\"vision\"]") @Nullable List<String> tags) {}
