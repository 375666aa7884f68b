package io.chainrule.web.v1.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.service.models.ModelDefinition;
import io.chainrule.service.models.ModelInput;
import io.chainrule.service.models.ModelVersion;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A version of a model, without the values that it keeps. */
@Schema(name = "Model", description = "A version of a model, without the values that it keeps.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelResponse(@Schema(description = "What it is called by", example = "digits") String name,
        @Schema(description = "From 1 on; a version never changes", example = "3") int version,
        @Schema(description = "The SHA-256 of all that it is") String sha256,
        @Schema(description = """
                What each call gives, in the order of arguments. Of a network with a loss the target is no argument: it is given only \
                where `model` names the network""",
                example = """
                        {"x": {"shape": ["n", 784], "range": [0, 1], "text": "brightness of pixels"}}""") Map<String, ModelInputSpec> inputs,
        @Schema(description = "The shape of the output, where it is known", example = "[\"n\", 10]") @Nullable List<Object> output_shape,
        @Schema(description = "What nodes of the program are, by id") Map<String, String> outputs,
        @Schema(description = "The shapes of the inputs whose values it keeps",
                example = "{\"W\": [784, 10], \"b\": [10]}") Map<String, List<Integer>> kept,
        @Schema(description = "What it is") @Nullable String description,
        @Schema(description = "Under which licence it may be used", example = "CC-BY-4.0") @Nullable String licence,
        @Schema(description = "By these lists are filtered", example = "[\"vision\"]") List<String> tags,
        @Schema(description = "The models that went into it") Set<String> calls,
        @Schema(description = "What it takes of its owner's quota, in bytes", example = "62800") long bytes,
        @Schema(description = "When it was stored", example = "2026-01-31T12:00:00Z") Instant created_at,
        @Schema(description = "The program, as requests have it", implementation = Object.class,
                example = "{\"expression\": \"W @ x\"}") JsonNode program) {

    static ModelResponse of(ModelVersion version, ModelDefinition definition) {
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        definition.kept().forEach((name, value) -> kept.put(name, value.shape()));
        Map<String, ModelInputSpec> inputs = new LinkedHashMap<>();
        for (ModelInput input : definition.inputs()) {
            inputs.put(input.name(), new ModelInputSpec(input.shape(), input.range(), input.text()));
        }
        return new ModelResponse(version.name(), version.version(), version.digest(), inputs, definition.output(), definition.outputs(),
                kept, definition.description(), definition.licence(), definition.tags(), definition.calls(), version.bytes(),
                version.createdAt(), definition.program());
    }
}
