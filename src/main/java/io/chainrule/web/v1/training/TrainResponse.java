package io.chainrule.web.v1.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.training.Training;
import io.chainrule.service.program.Answer;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.v1.DiagnosticResponse;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.SavedResponse;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of a training. */
public record TrainResponse(@Schema(description = "The trained inputs, by name") Map<String, EncodedTensor> parameters,
        @Schema(description = "Running statistics of normalizations, by name") Map<String, EncodedTensor> statistics,
        @Schema(description = """
                What steps found: at most 500 of them, evenly spread and the first among them, at most 500 of those that end an epoch, \
                and the last""") List<HistoryEntryResponse> history,
        @Schema(description = "How many steps were made", example = "100") long steps,
        @Schema(allowableValues = {
                "epochs", "steps", "early_stopping", "non_finite", "deadline", "shutdown"},
                description = """
                        Why there is no further step. After "non_finite", which a diagnostic explains, the parameters are the last with a \
                        finite loss; after "deadline" those when the time was over, after "shutdown" those when the service began to end.""") String stopped_by,
        @Schema(description = """
                What is worth knowing about the training: what went wrong, from which step on, and what helps\
                """) List<DiagnosticResponse> diagnostics,
        @Schema(description = "The model as which it was stored; left out where `save_as` is") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable SavedResponse saved){

    public static TrainResponse of(Answer<Training> answer, @Nullable SavedResponse saved, ResponseMapper mapper) {
        Training training = answer.result();
        return new TrainResponse(mapper.encode(training.parameters()), mapper.encode(training.statistics()),
                training.history().stream().map(entry -> HistoryEntryResponse.of(entry, mapper)).toList(), training.steps(),
                training.stoppedBy().id(), mapper.diagnostics(answer), saved);
    }
}
