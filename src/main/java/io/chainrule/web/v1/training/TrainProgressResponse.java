package io.chainrule.web.v1.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How far a training has come: the data of a "progress" event. */
@Schema(name = "TrainProgress", description = "How far a training has come.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record TrainProgressResponse(@Schema(description = "How many steps are made", example = "50") long steps_done,
        @Schema(description = "How many there are if nothing ends the training before", example = "100") long steps_in_all,
        @Schema(description = "The seconds left, as the steps so far let expect", example = "1.5") @Nullable Double seconds_left,
        @Schema(description = "The latest entry of the history") @Nullable HistoryEntryResponse latest) {}
