package io.chainrule.web.v1.datasets;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of data sets. */
@Schema(name = "Datasets", description = "A page of data sets.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record DatasetsResponse(@Schema(description = "Data sets, without their columns") List<DatasetResponse> datasets,
        @Schema(description = "What to ask `after` for the next page; left out on the last one",
                example = "trips") @Nullable String next) {}
