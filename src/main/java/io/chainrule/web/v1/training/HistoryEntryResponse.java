package io.chainrule.web.v1.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.v1.ResponseMapper;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The losses and metrics of one training step. */
@Schema(name = "HistoryEntry", description = "What a step found.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HistoryEntryResponse(@Schema(description = "Which step, from 1", example = "10") long step,
        @Schema(description = "Which epoch, from 1", example = "2") long epoch,
        @Schema(implementation = Double.class, description = "The loss over the step's samples, before its update") EncodedTensor loss,
        @Schema(implementation = Double.class,
                description = """
                        The loss over the validation data, after the update, of a step that ends an epoch or the training\
                        """) @Nullable EncodedTensor validation_loss,
        @Schema(description = """
                Metrics, each the mean over the epoch's samples up to this step, before the update of their step; and `validation_…` over \
                the validation data after it""") @Nullable Map<String, EncodedTensor> metrics,
        @Schema(implementation = Double.class,
                description = "The norm of all gradients together, before clipping") EncodedTensor gradient_norm,
        @Schema(implementation = Double.class, description = "The learning rate of the step") EncodedTensor learning_rate) {

    public static HistoryEntryResponse of(HistoryEntry entry, ResponseMapper mapper) {
        Double validationLoss = entry.validationLoss();
        return new HistoryEntryResponse(entry.step(), entry.epoch(), mapper.number(entry.loss()),
                validationLoss == null ? null : mapper.number(validationLoss),
                entry.metrics().isEmpty() ? null : ResponseMapper.map(entry.metrics(), mapper::number),
                mapper.number(entry.gradientNorm()), mapper.number(entry.learningRate()));
    }
}
