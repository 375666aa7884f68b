package io.chainrule.service.datasets;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was found when all rows of a data set were read once.
 *
 * @param files in the order of their rows
 * @param splits parts of about the same length, in the order of rows
 * @param hasQuotes whether cells of a CSV file stand in quotes, so that a line may be part of a row
 * @param readers the memory, in bytes, that reading the rows takes; null in layouts that were stored before it was recorded
 */
public record Layout(List<Column> columns, List<DataFile> files, List<RowSplit> splits, boolean hasQuotes,
        @Nullable ReaderBytes readers) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A file of the data set as it was.
     *
     * @param name its name in the folder of the data set; empty if the data set is one file
     * @param bytes its length
     * @param modified when it was last modified, in milliseconds since 1970; 0 if it is a file of the service, which nobody modifies
     */
    public record DataFile(String name, long bytes, long modified) {}

    /**
     * The memory, in bytes, that one reader of rows takes at most.
     *
     * @param besides what the reader takes for any choice of columns
     * @param columns what the reader takes in addition for each column that is read, in the order of the columns
     */
    public record ReaderBytes(long besides, List<Long> columns) {}

    static Layout read(String json) {
        return JSON.readValue(json, Layout.class);
    }

    String json() {
        return JSON.writeValueAsString(this);
    }

    long rows() {
        return splits.stream().mapToLong(RowSplit::rows).sum();
    }

    long bytes() {
        return files.stream().mapToLong(DataFile::bytes).sum();
    }
}
