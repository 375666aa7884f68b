package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A remark on an answer that is not an error. */
@Schema(name = "Diagnostic", description = "Something about the answer that is no error but worth knowing.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DiagnosticResponse(
        @Schema(description = "What kind of thing", example = "kink") String kind,
        @Schema(description = "Id of the node concerned", example = "m") @Nullable String node,
        @Schema(description = "In which pass it was found", allowableValues = {"forward", "backward"}) @Nullable String phase,
        @Schema(description = "How many elements are concerned", example = "1") @Nullable Long count,
        @Schema(description = "The thing in words") String message,
        @Schema(description = "Ids of nodes: from the one concerned to the output, or to where its gradient is lost",
                example = "[\"x\", \"f\"]") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> path,
        @Schema(description = """
                Where a value or a gradient stopped being finite: what the op read, by id, up to 64 numbers each\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, EncodedTensor> operands,
        @Schema(description = "What was measured, by name", example = """
                {"dead": 3, "units": 16, "samples": 32}""") @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, EncodedTensor> numbers,
        @Schema(description = "What helps, in a sentence") @Nullable String remedy){}
