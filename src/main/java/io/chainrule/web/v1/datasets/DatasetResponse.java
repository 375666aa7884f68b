package io.chainrule.web.v1.datasets;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.service.datasets.Column;
import io.chainrule.service.datasets.Dataset;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A data set. */
@Schema(name = "Dataset", description = "A data set.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatasetResponse(@Schema(description = "What it is called by", example = "trips") String name,
        @Schema(description = "`csv`, `jsonl`, `parquet` or `npy`", example = "csv") String format,
        @Schema(description = "How many rows it has; left out where the service cannot read them",
                example = "10000000") @Nullable Long rows,
        @Schema(description = "The bytes of its files; left out where the service cannot read them",
                example = "2120000000") @Nullable Long bytes,
        @Schema(description = "Its columns in their order; left out in lists, and where the service cannot read them") @Nullable List<ColumnResponse> columns,
        @Schema(description = "The SHA-256 of its files, one after the other; left out where the service cannot read them") @Nullable String sha256,
        @Schema(description = "Where its files are, if the service does not keep them",
                example = "file:/data/trips.csv") @Nullable String location,
        @Schema(description = "When it was stored", example = "2026-01-31T12:00:00Z") Instant created_at) {

    /** A column, as its cells were when all rows were read once. */
    @Schema(name = "DatasetColumn", description = "A column of a data set.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ColumnResponse(@Schema(description = "Its name", example = "x") String name,
            @Schema(description = "What most of its cells are: `number`; `array`; `text` (in CSV and JSON Lines, all else); or `other`, which no input can be",
                    example = "number") String type,
            @Schema(description = "The shape of its arrays, if most have one; left out of arrays with several axes that differ",
                    example = "[784]") @Nullable List<Integer> shape,
            @Schema(description = "How many rows have no such cell", example = "0") long missing,
            @Schema(description = "How many cells are something else than `type`, or arrays of another shape; 0 of `text`, since any cell is a text",
                    example = "0") long malformed,
            @Schema(description = "Where arrays begin to differ in shape; left out if all have one") @Nullable DifferingArrays differing) {

        static ColumnResponse of(Column column) {
            return new ColumnResponse(column.name(), column.type().name().toLowerCase(Locale.ROOT), column.shape(), column.missing(),
                    column.malformed(), DifferingArrays.of(column.differing()));
        }
    }

    /** Two arrays of a column that differ in shape. */
    @Schema(name = "DifferingArrays", description = "The first array of a column that has another shape than the first of all.")
    record DifferingArrays(@Schema(description = "The row that it is in, from 1", example = "17") long row,
            @Schema(description = "Its shape", example = "[783]") List<Integer> shape,
            @Schema(description = "The shape of the first array", example = "[784]") List<Integer> first) {

        static @Nullable DifferingArrays of(Column.@Nullable Differing found) {
            return found == null ? null : new DifferingArrays(found.row(), found.other(), found.first());
        }
    }

    public static DatasetResponse of(Dataset dataset, @Nullable List<Column> columns) {
        boolean isKnown = dataset.rows() >= 0;
        return new DatasetResponse(dataset.name(), dataset.format().text(), isKnown ? dataset.rows() : null,
                isKnown ? dataset.bytes() : null,
                isKnown && columns != null ? columns.stream().map(ColumnResponse::of).toList() : null,
                dataset.sha256().isEmpty() ? null : dataset.sha256(), dataset.location(), dataset.createdAt());
    }
}
