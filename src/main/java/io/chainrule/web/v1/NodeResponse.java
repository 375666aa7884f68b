package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node of the program, with what was computed for it. */
@Schema(name = "Node", description = "A node of the program: an operation, an input or a constant.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record NodeResponse(
        @Schema(description = "Its id: the name that the client gave it, else one made from its op", example = "q") String id,
        @Schema(description = "Its op", example = "matmul") String op,
        @Schema(description = "Its operands: ids, and numbers for literals", example = "[\"W\", \"x\"]") List<Object> inputs,
        @Schema(description = "Attributes that differ from their defaults") Map<String, Object> attributes,
        @Schema(description = "Its shape; [] is a scalar", example = "[2]") List<Integer> shape,
        @Schema(description = "Its value; not in answers of /v1/graph") @Nullable EncodedTensor value,
        @Schema(description = "d output / d node, in its shape; from /v1/gradient") @Nullable EncodedTensor gradient) {}
