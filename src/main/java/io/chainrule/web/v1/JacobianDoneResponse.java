package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a stream of Jacobians ends with: the values of the nodes that were differentiated. */
record JacobianDoneResponse(Map<String, EncodedTensor> values,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {}
