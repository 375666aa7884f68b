package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import io.chainrule.service.datasets.DatasetFormat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes what rows come to into a part. The parts are joined to a file, whose rows are theirs in their order. */
interface ResultWriter extends Closeable {
    /** The column of the numbers that the rows have in the data set that was read. */
    String ROW = "row";

    /** Writes those of the rows that are not left out. */
    void write(RowResults results) throws IOException;

    /**
     * Begins a part.
     *
     * @param format one of those that {@link #isWritten}
     */
    static ResultWriter open(DatasetFormat format, Path part, List<RowQuantity> quantities) throws IOException {
        return format == DatasetFormat.PARQUET ? new RawWriter(part, quantities) : new JsonLinesWriter(part, quantities);
    }

    /** Makes a file of parts. */
    static void join(DatasetFormat format, List<Path> parts, Path whole, List<RowQuantity> quantities, Runnable checkpoint)
            throws IOException {
        if (format == DatasetFormat.PARQUET) {
            ParquetWriter.join(parts, whole, quantities, checkpoint);
        } else {
            JsonLinesWriter.join(parts, whole, checkpoint);
        }
    }

    /** Whether there is a writer of files of a format. */
    static boolean isWritten(DatasetFormat format) {
        return format == DatasetFormat.JSONL || format == DatasetFormat.PARQUET;
    }

    /** The numbers of a row, its own included. */
    static long numbersOfRow(List<RowQuantity> quantities) {
        return 1 + quantities.stream().mapToLong(quantity -> quantity.shape().size()).sum();
    }

    /** Names the columns: {@code value}, {@code gradient_w}, {@code hessian_w_b}; the column of a node has the name of the node. */
    static List<String> columns(List<RowQuantity> quantities) {
        return quantities.stream().map(quantity -> switch (quantity.kind()) {
            case VALUE -> "value";
            case NODE -> quantity.name();
            case GRADIENT -> "gradient_" + quantity.name();
            case HESSIAN -> "hessian_" + quantity.name() + "_" + quantity.by();
        }).toList();
    }

    /** The names that more than one column has. */
    static List<String> repeated(List<RowQuantity> quantities) {
        Set<String> known = new HashSet<>(Set.of(ROW));
        List<String> repeated = new ArrayList<>();
        for (String column : columns(quantities)) {
            if (!known.add(column)) {
                repeated.add(column);
            }
        }
        return repeated;
    }
}
