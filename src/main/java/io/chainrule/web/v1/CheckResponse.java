package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Derivatives compared with differences. */
public record CheckResponse(
        @Schema(description = "Whether no relative error is above the tolerance", example = "true") boolean passed,
        @Schema(description = "One for each input; at order 2 for each pair of inputs") List<Check> checks,
        @Schema(description = """
                Where not every entry was checked: the derivative along one random direction through all inputs.\
                """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Direction direction,
        @Schema(description = """
                Inputs and shapes that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {

    @Schema(name = "Check")
    record Check(@Schema(description = "Id of the input", example = "x") String wrt,
            @Schema(description = """
                    At order 2, the input whose gradient is differentiated.\
                    """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String by,
            @Schema(implementation = Double.class, description = "The largest relative error of an entry",
                    example = "1e-10") EncodedTensor max_relative_error,
            @Schema(description = "By the largest relative error: at most 1e-7 good, 1e-4 fine, 1e-2 suspect, else wrong.",
                    allowableValues = {"good", "fine", "suspect", "wrong"}) String verdict,
            @Schema(description = """
                    The entry with the largest error among those that count; left out where there is none\
                    """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Worst worst,
            @Schema(description = "How many entries were checked", example = "6") long checked,
            @Schema(description = "How many there are", example = "6") long of,
            @Schema(description = "What differences cannot tell") List<Note> notes){}

    @Schema(name = "CheckWorst",
            description = "The entry with the largest relative error; at order 2 its index is that of the row, then of the column.")
    record Worst(@Schema(description = "Place of the entry") int[] index,
            @Schema(implementation = Double.class, description = "The derivative") EncodedTensor analytic,
            @Schema(implementation = Double.class, description = "The difference") EncodedTensor numeric) {}

    @Schema(name = "CheckNote", description = "Entries whose differences say nothing about the derivative; `index` is the first.")
    record Note(@Schema(allowableValues = {"kink", "jump", "noise", "undefined"}, description = "What hides the derivative") String kind,
            @Schema(description = "At how many entries", example = "1") long count, @Schema(description = "Place of the first") int[] index,
            @Schema(description = "The thing in words") String message){}

    @Schema(name = "CheckDirection")
    record Direction(@Schema(implementation = Double.class, description = "The derivative along the direction") EncodedTensor analytic,
            @Schema(implementation = Double.class, description = "The difference") EncodedTensor numeric,
            @Schema(implementation = Double.class, description = "Its relative error") EncodedTensor relative_error,
            @Schema(description = "As for entries", example = "good") String verdict) {}
}
