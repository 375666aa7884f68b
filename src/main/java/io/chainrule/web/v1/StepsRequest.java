package io.chainrule.web.v1;

import io.chainrule.core.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What trainings, and fits by steps over a few rows, have in common: how parameters follow their gradients. */
public non-sealed interface StepsRequest extends ProgramRequest {
    /** How parameters follow their gradients. */
    @Nullable
    OptimizerRequest optimizer();

    @Schema(description = "How the learning rate changes; a type alone, as a string, has its defaults. Default \"constant\".")
    @Nullable
    ScheduleRequest schedule();

    @Schema(example = "100", description = """
            How often all samples, or rows, are gone through: default once, or as often as `steps` need.""")
    @Nullable
    Integer epochs();

    @Schema(description = "How many steps are made at most.")
    @Nullable
    Integer steps();

    @Schema(example = "32", description = """
            How many samples, or rows, make a step, default 32; the last step of an epoch has those that are left.""")
    @Nullable
    Integer batch_size();

    @Schema(example = "0", description = """
            Tells the order of the samples, or rows, in each epoch: Fisher and Yates' shuffle with Java's L64X128MixRandom, of rows within \
            windows of about 16 MiB; default 0.""")
    @Nullable
    Long shuffle_seed();

    @Schema(example = "1", description = """
            The largest norm of all gradients together: above it they are scaled down, as by torch.nn.utils.clip_grad_norm_.""")
    @Nullable
    Double clip_norm();

    @Schema(description = """
            Ends the training, or the fit, when the loss of the validation data, or without them the mean of an epoch's losses, gets no \
            better.""")
    @Nullable
    EarlyStoppingRequest early_stopping();

    /** The validation data that stand in the request itself, by input. */
    default @Nullable Map<String, Tensor> heldOut() {
        return null;
    }
}
