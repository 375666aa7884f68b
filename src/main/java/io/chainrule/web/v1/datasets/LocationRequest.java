package io.chainrule.web.v1.datasets;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A data set whose files are there already. */
@Schema(name = "DatasetLocation", description = "A data set whose files are there already.", additionalProperties = FALSE)
record LocationRequest(
        @Schema(description = "The URL of a file, or of a folder of files of one format: `file:`, or `s3a:` and `hdfs:` for the engine `spark`",
                example = "file:/data/trips.csv", requiredMode = REQUIRED) @Nullable String location,
        @Schema(description = "`csv`, `jsonl`, `parquet` or `npy`", example = "csv", requiredMode = REQUIRED) @Nullable String format) {}
