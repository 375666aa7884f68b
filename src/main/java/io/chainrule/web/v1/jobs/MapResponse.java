package io.chainrule.web.v1.jobs;

import io.chainrule.web.v1.datasets.DatasetResponse;
import io.swagger.v3.oas.annotations.media.Schema;

/** What became of the rows of a data set. */
@Schema(name = "MapResponse", description = "The data set that has the results, and what was wrong with the rows that were read.")
record MapResponse(@Schema(description = "What worked on the rows", allowableValues = {
        "local", "spark"}) String engine,
        @Schema(description = "The results: a row for each row that was used, in the same order") DatasetResponse dataset,
        @Schema(description = "The rows that were read, and what was wrong with them") ReduceResponse.Rows rows){}
