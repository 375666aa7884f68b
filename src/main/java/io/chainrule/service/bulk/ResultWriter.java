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

/** Writes what rows come to as rows of a data set. Several files are joined to one, whose rows are theirs in their order. */
interface ResultWriter extends Closeable {
    /** The column of the numbers that the rows have in the data set that was read. */
    String ROW = "row";

    /** Writes those of the rows that are not left out. */
    void write(RowResults results) throws IOException;

    /**
     * Begins a file.
     *
     * @param format one of those that {@link #isWritten}
     */
    static ResultWriter open(DatasetFormat format, Path file, List<RowQuantity> quantities) throws IOException {
        return format == DatasetFormat.PARQUET ? new ParquetWriter(file, quantities) : new JsonLinesWriter(file, quantities);
    }

    /** Joins files to one. */
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

    /** What a row comes to, as doubles. */
    static long bytesOfRow(List<RowQuantity> quantities) {
        return Double.BYTES * (1 + quantities.stream().mapToLong(quantity -> quantity.shape().size()).sum());
    }

    /** The memory in bytes that a writer takes at most: rows are held, and packed before they are written. */
    static long mostBytes(List<RowQuantity> quantities) {
        return 3 * Math.max(ParquetWriter.GROUP_BYTES, bytesOfRow(quantities));
    }

    /** The names of the columns of quantities: {@code value}, {@code gradient_w}, {@code hessian_w_b}; nodes keep their own. */
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
