package io.chainrule.service.datasets;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was found when all rows of a data set were read once.
 *
 * @param files in the order of their rows
 * @param splits parts of about the same length, in the order of rows
 * @param hasQuotes whether cells of a CSV file stand in quotes, so that a line may be part of a row
 * @param hasLongRows whether a row of a CSV file has more than one line; null in layouts that were stored before it was recorded
 * @param readers the memory, in bytes, that reading the rows takes; null in layouts that were stored before it was recorded
 */
public record Layout(List<Column> columns, List<DataFile> files, List<RowSplit> splits, boolean hasQuotes,
        @Nullable Boolean hasLongRows, @Nullable ReaderBytes readers) {
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

    /**
     * How many characters the layout of one file may have at most in JSON.
     *
     * @param columns the shapes of their cells, by their names
     * @param rows how many rows there may be
     * @param bytes how long the file may be
     */
    static long longest(Map<String, List<Integer>> columns, long rows, long bytes) {
        RowSplit split = new RowSplit(0, bytes, bytes, rows, rows);
        Layout layout = new Layout(
                columns.entrySet().stream()
                        .map(column -> new Column(column.getKey(), Column.Type.NUMBER,
                                column.getValue().isEmpty() ? null : column.getValue(), rows,
                                rows))
                        .toList(),
                List.of(new DataFile("", bytes, bytes)), List.of(), false, false,
                new ReaderBytes(bytes, Collections.nCopies(columns.size(), (long) Integer.MAX_VALUE)));
        return layout.json().length() + Splitter.most(bytes) * (JSON.writeValueAsString(split).length() + 1);
    }

    /** Whether a layout that was stored says the same. What was not recorded then may be anything. */
    boolean isSame(Layout stored) {
        return equals(new Layout(stored.columns, stored.files, stored.splits, stored.hasQuotes,
                stored.hasLongRows == null ? hasLongRows : stored.hasLongRows, stored.readers == null ? readers : stored.readers));
    }

    /**
     * Throws {@link ProblemException} if a layout with these files is too long whatever is in them. Files may have no rows, and then they
     * have no parts.
     */
    static void checkLength(List<DataFile> files) {
        new Layout(List.of(), files, List.of(), false, null, null).checkLength();
    }

    /** Throws {@link ProblemException} if the layout is longer than one that is stored. */
    void checkLength() {
        int length = json().length();
        if (length <= DatasetRows.LONGEST_LAYOUT) {
            return;
        }
        int ofFiles = new Layout(List.of(), files, List.of(), hasQuotes, hasLongRows, null).json().length();
        int ofParts = new Layout(List.of(), List.of(), splits, hasQuotes, hasLongRows, null).json().length();
        boolean isOfColumns = length - ofFiles - ofParts > length / 2;
        String message = isOfColumns
                ? "the names of the columns are too long"
                : ofFiles > ofParts ? "there are too many files, or their names are too long" : "the files have too many parts";
        throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, message)
                .expected("at most " + DatasetRows.LONGEST_LAYOUT + " characters that describe files, their parts and columns",
                        length + ", of which files take " + ofFiles + ", and their parts " + ofParts)
                .hint(isOfColumns
                        ? "give the columns shorter names, or put numbers that belong together into a column of arrays"
                        : ofFiles > ofParts
                                ? "put the rows into fewer files, or give the files shorter names"
                                : "put the rows into fewer files; each that has rows has at least one part"));
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
