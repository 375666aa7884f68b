package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A derivative as nodes, which reads like the {@link GraphProgram} of a request. */
@Schema(name = "DerivedGraph", description = "A program as a list of nodes, in topological order, as a request's `graph` takes it.")
record DerivedGraph(@Schema(description = "The nodes") List<DerivedNode> nodes,
        @Schema(description = "Id of the output", example = "output") String output) {

    @Schema(name = "DerivedNode", description = "One operation, or an input or constant.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DerivedNode(@Schema(description = "Name of the node, unique in the graph", example = "a") String id,
            @Schema(description = "An op of the catalogue, \"input\" or \"constant\"", example = "mul") String op,
            @Schema(description = "Operands: ids, or numbers", example = "[\"x\", 2]") List<Object> inputs,
            @Schema(description = "Attributes that differ from their defaults") Map<String, Object> attributes,
            @Schema(description = "For op \"input\": its shape", example = "[2, 3]") @Nullable List<Integer> shape,
            @Schema(description = "For op \"constant\": its value") @Nullable EncodedTensor value) {}
}
