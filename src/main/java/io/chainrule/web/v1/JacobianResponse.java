package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whole Jacobians. */
record JacobianResponse(
        @Schema(description = "Values of the nodes of `of`, or of those that `pairs` differentiates") Map<String, EncodedTensor> values,
        @Schema(description = """
                By node of `of`, then by node of `wrt`, or as `pairs` says: an array of shape(of) + shape(wrt), or with format "coo" its \
                entries""") Map<String, Map<String, Object>> jacobians,
        @Schema(description = "The mode that was used; \"mixed\" where some of `pairs` took one and some the other", allowableValues = {
                "forward", "reverse", "mixed"}) String mode,
        @Schema(description = "How many passes it took", example = "2") int passes,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse{}
