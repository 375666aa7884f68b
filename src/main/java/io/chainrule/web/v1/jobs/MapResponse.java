package io.chainrule.web.v1.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.v1.datasets.DatasetResponse;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of the rows of a data set. */
@Schema(name = "MapResponse", description = "The data set that has the results, and what was wrong with the rows that were read.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record MapResponse(@Schema(description = "What worked on the rows", allowableValues = {
        "local", "spark"}) String engine,
        @Schema(description = "The results: a row for each row that was used, in the same order") DatasetResponse dataset,
        @Schema(description = "The rows that were read, and what was wrong with them") ReduceResponse.Rows rows,
        @Schema(description = "Of a network: the parameters that the request gave no values, as they were drawn from the seed") @Nullable Map<String, EncodedTensor> parameters){}
