package io.chainrule.web.v1.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.rows.RowFault;
import io.chainrule.core.rows.RowTally;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of the rows of a data set. */
@Schema(name = "ReduceResponse", description = "Sums, means and variances over the rows of a data set, exact but for one rounding.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReduceResponse(@Schema(description = "What worked on the rows", allowableValues = {
        "local", "spark"}) String engine,
        @Schema(description = "The rows, and what was wrong with them") Rows rows,
        @Schema(description = "Of the output's value") Statistics value,
        @Schema(description = "Of its gradients") @Nullable Map<String, Statistics> gradients,
        @Schema(description = "Of its second derivatives") @Nullable Map<String, Map<String, Statistics>> hessians,
        @Schema(description = "Of the values of other nodes") @Nullable Map<String, Statistics> nodes,
        @Schema(description = "Of a network: the parameters that the request gave no values, as they were drawn from the seed") @Nullable Map<String, EncodedTensor> parameters){

    /** The rows of a data set, and what was wrong with them. */
    @Schema(name = "RowCounts", description = "The rows of a data set, and what was wrong with them.")
    record Rows(@Schema(description = "All that were read") long read, @Schema(description = "Those of which there are results") long used,
            @Schema(description = "Those that were left out") long skipped,
            @Schema(description = "Those whose values an op could not use") long refused,
            @Schema(description = "Those of which a result is not finite") long not_finite,
            @Schema(description = "Columns with missing or malformed cells") Map<String, Cells> columns,
            @Schema(description = "The first rows with something wrong") List<Fault> faults) {

        static @Nullable Rows ofAny(@Nullable RowTally tally) {
            return tally == null ? null : of(tally);
        }

        static Rows of(RowTally tally) {
            Map<String, Cells> columns = new LinkedHashMap<>();
            tally.columns().forEach((name, cells) -> columns.put(name, new Cells(cells.missing(), cells.malformed())));
            return new Rows(tally.rows(), tally.used(), tally.skipped(), tally.refused(), tally.notFinite(), columns,
                    tally.faults().stream().map(Fault::of).toList());
        }
    }

    /** How many cells of a column are wrong. */
    @Schema(name = "CellCounts", description = "How many cells of a column are wrong.")
    record Cells(@Schema(description = "Those that are empty, null or not there") long missing,
            @Schema(description = "Those that are no number, or no array of the right shape") long malformed) {}

    /** Something wrong with a row. */
    @Schema(name = "RowFault", description = "Something wrong with a row.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Fault(@Schema(description = "The number of the row, from 1") long row,
            @Schema(description = "What is wrong", allowableValues = {
                    "missing-cell", "malformed-cell", "refused-row", "not-finite-value",
                    "not-finite-derivative"}) String kind,
            @Schema(description = "The column, or the node where it began") @Nullable String name,
            @Schema(description = "All of it in words") String message){

        private static Fault of(RowFault fault) {
            return new Fault(fault.row(), fault.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'), fault.name(), fault.message());
        }
    }

    /** Statistics of an array over the rows. */
    @Schema(name = "RowStatistics", description = "Statistics of an array over the rows that are used.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Statistics(@Schema(description = "The sum") EncodedTensor sum,
            @Schema(description = "The mean; NaN of no rows") EncodedTensor mean,
            @Schema(description = "The variance") @Nullable EncodedTensor variance) {}
}
