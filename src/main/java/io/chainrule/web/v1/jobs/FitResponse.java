package io.chainrule.web.v1.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.v1.models.SavedResponse;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters that were found. */
@Schema(name = "FitResponse", description = "The parameters that make the mean loss over the rows of a data set small.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record FitResponse(@Schema(description = "What worked on the rows", allowableValues = {"local", "spark"}) String engine,
        @Schema(description = "The parameters by name") Map<String, EncodedTensor> parameters,
        @Schema(description = """
                The mean loss there, exact but for one rounding; of steps over a few rows each the mean over the last epoch, or over those of its rows \
                for which there were steps, of each row by the parameters of its step""") EncodedTensor loss,
        @Schema(description = "The mean loss of the validation data there") @Nullable EncodedTensor validation_loss,
        @Schema(description = "L-BFGS: the largest size of an element of the gradient there") @Nullable EncodedTensor gradient_norm,
        @Schema(description = "L-BFGS: whether the gradient is as small, or the change of the loss, as it was to be") @Nullable Boolean converged,
        @Schema(description = "Why it ended", allowableValues = {"gradient", "change", "iterations", "line_search",
                "epochs", "steps", "early_stopping", "non_finite"}) String stopped_by,
        @Schema(description = "How many steps were made", example = "12") long iterations,
        @Schema(description = "L-BFGS: how often all rows were read", example = "14") @Nullable Long evaluations,
        @Schema(description = "How many epochs were completed", example = "3") @Nullable Long epochs,
        @Schema(description = "The loss at the start, and after each step; of steps over a few rows each the loss of each epoch, also of one within which the steps end, of more than 1,000 epochs of some, evenly spread, and of the last") List<EncodedTensor> history,
        @Schema(description = "The numbers of the epochs of the history, where it has not all of them") @Nullable List<Long> history_epochs,
        @Schema(description = "The loss of the validation data after each epoch of the history") @Nullable List<EncodedTensor> validation_history,
        @Schema(description = """
                The rows, and what was wrong with them; of steps over a few rows each those of the last epoch""") ReduceResponse.@Nullable Rows rows,
        @Schema(description = "The rows of the validation data, and what was wrong with them the last time") ReduceResponse.@Nullable Rows validation_rows,
        @Schema(description = "The model as which it was stored") @Nullable SavedResponse saved){}
