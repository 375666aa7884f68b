package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.json.AttributeDeserializer;
import io.chainrule.web.json.OperandDeserializer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** A node of a program that is written as a list of nodes. */
@Schema(name = "GraphNode", description = "One operation, or an input or constant written out.", additionalProperties = FALSE)
record GraphNode(
        @Schema(description = "Name of the node, unique in the graph", example = "a", requiredMode = REQUIRED) @Nullable String id,
        @Schema(description = "An op of the catalogue, \"input\" or \"constant\"; or a stored model, of which the operands are the arguments",
                example = "mul",
                requiredMode = REQUIRED) @Nullable String op,
        @Schema(description = "Operands: ids, or numbers",
                example = "[\"w0\", 2]") @JsonDeserialize(contentUsing = OperandDeserializer.class) @Nullable List<Object> inputs,
        @Schema(description = "By name: numbers, booleans, texts or lists of these", example = "{\"axis\": 0}") @JsonDeserialize(
                contentUsing = AttributeDeserializer.class) @JsonSetter(contentNulls = Nulls.SKIP) @Nullable Map<String, Object> attributes,
        @Schema(description = "For op \"input\": its shape, if it is to be fixed", example = "[2, 3]") @Nullable Shape shape,
        @Schema(description = "For op \"constant\": its value, as in `inputs` of the request") @Nullable Tensor value) {}
