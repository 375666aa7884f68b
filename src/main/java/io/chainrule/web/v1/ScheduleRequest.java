package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.chainrule.service.training.TrainingCall.Part;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the learning rate changes in time. */
@Schema(additionalProperties = FALSE)
record ScheduleRequest(
        @Schema(allowableValues = {
                "constant", "step", "cosine", "warmup"},
                description = """
                        "constant" (default); "step": `gamma` times as much after each `step_size`; "cosine": along a half wave down to \
                        `eta_min`, and there from then on; "warmup": in a straight line up from `start_factor` times the rate.""") @Nullable String type,
        @Schema(description = "What time is counted in: \"epoch\" (default) or \"step\".", allowableValues = {"epoch",
                "step"}) @Nullable String unit,
        @Schema(description = "step: how long the rate stays; must be given.", example = "10") @Nullable Integer step_size,
        @Schema(description = "step: what the rate is multiplied by; default 0.1.") @Nullable Double gamma,
        @Schema(description = "cosine: when the lowest rate is reached; default at the end.") @Nullable Integer t_max,
        @Schema(description = "cosine: the lowest rate; default 0.") @Nullable Double eta_min,
        @Schema(description = "warmup: how long it takes; default 5.") @Nullable Integer total_iters,
        @Schema(description = "warmup: the part of the rate that it starts with; default 1/3.") @Nullable Double start_factor){

    /** From an object; named, since it is not the only way. */
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    ScheduleRequest {}

    /** The type alone, with its defaults. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ScheduleRequest of(String type) {
        return new ScheduleRequest(type, null, null, null, null, null, null, null);
    }

    Part part() {
        return new Part(Objects.requireNonNullElse(type, "constant"), Options.of("unit", unit, "step_size", step_size, "gamma", gamma,
                "t_max", t_max, "eta_min", eta_min, "total_iters", total_iters, "start_factor", start_factor));
    }
}
