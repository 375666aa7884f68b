package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node of the program, with what was computed for it. */
@Schema(name = "Node", description = "A node of the program: an operation, an input or a constant.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record NodeResponse(
        @Schema(description = "Its id: the name that the client gave it, else one made from its op", example = "q", requiredMode = RequiredMode.REQUIRED) String id,
        @Schema(description = "Its op", example = "matmul", requiredMode = RequiredMode.REQUIRED) String op,
        @Schema(description = "Its operands: ids, and numbers for literals", example = "[\"W\", \"x\"]", requiredMode = RequiredMode.REQUIRED) List<Object> inputs,
        @Schema(description = "Attributes that differ from their defaults", requiredMode = RequiredMode.REQUIRED) Map<String, Object> attributes,
        @Schema(description = "Its shape; [] is a scalar", example = "[2]", requiredMode = RequiredMode.REQUIRED) List<Integer> shape,
        @Schema(description = "Its value; not in answers of /v1/graph", implementation = Object.class) @Nullable EncodedTensor value,
        @Schema(description = "d output / d node, in the node's shape; in answers of /v1/gradient", implementation = Object.class) @Nullable EncodedTensor gradient) {}
