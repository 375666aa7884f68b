package io.chainrule.service.datasets;

import io.chainrule.core.rows.CellForm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what the cells of a column are. */
final class ColumnScan {
    final String name;
    private final CellForm cells = new CellForm();
    private long missing;
    private long numbers;
    private long arrays;
    private long texts;
    /** The shape of the first array, and the first other one, with the row that has it. */
    private @Nullable List<Integer> first;
    private @Nullable List<Integer> other;
    private long firstOther;
    private long ofFirst;
    private long ofOther;
    private boolean isOther;
    private long bytesOfReader;

    ColumnScan(String name) {
        this.name = name;
    }

    void missing(long count) {
        missing += count;
    }

    void numbers(long count) {
        numbers += count;
    }

    void array(List<Integer> found) {
        arrays(found, 1);
    }

    /** Counts arrays of one shape. */
    void arrays(List<Integer> found, long count) {
        first = arrays == 0 ? found : first;
        if (found.equals(first)) {
            ofFirst += count;
        } else if (other == null) {
            other = found;
            firstOther = missing + numbers + arrays + texts + 1;
        }
        ofOther += found.equals(other) ? count : 0;
        arrays += count;
    }

    /** Notes that cells would be arrays of a shape; to be called if there is none. */
    void wouldBe(List<Integer> shape) {
        first = shape.isEmpty() ? null : shape;
    }

    /** Notes that cells are not read. */
    void other() {
        isOther = true;
    }

    /** Notes how much memory the column takes in a reader of rows. */
    void reader(long bytes) {
        bytesOfReader = Math.max(bytesOfReader, bytes);
    }

    long bytesOfReader() {
        return bytesOfReader;
    }

    void text() {
        texts++;
    }

    /** Counts a cell by its text. */
    void cell(byte[] bytes, int from, int to) {
        switch (cells.of(bytes, from, to)) {
            case MISSING -> missing++;
            case NUMBER -> numbers++;
            case ARRAY -> array(cells.shape());
            case TEXT -> texts++;
        }
    }

    /** Of several kinds of cells the most frequent one is the column's type. */
    Column column() {
        if (isOther) {
            return new Column(name, Column.Type.OTHER, null, 0, 0);
        }
        if (numbers + arrays + texts + missing == 0 && first != null) {
            return new Column(name, Column.Type.ARRAY, first, 0, 0);
        }
        if (numbers >= arrays && numbers >= texts) {
            return new Column(name, Column.Type.NUMBER, null, missing, arrays + texts);
        }
        return arrays >= texts ? ofArrays() : new Column(name, Column.Type.TEXT, null, missing, 0);
    }

    /**
     * The shape is that of most arrays, and the others are malformed. Arrays with several axes must all have it: readers of Parquet tell
     * how many numbers a cell has, which may be the same of other shapes.
     */
    private Column ofArrays() {
        List<Integer> most = 2 * ofFirst > arrays ? first : 2 * ofOther > arrays ? other : null;
        long ofMost = Math.max(ofFirst, ofOther);
        if (first == null || other == null) {
            return new Column(name, Column.Type.ARRAY, first, missing, numbers + texts);
        }
        Column.Differing differing = new Column.Differing(first, other, firstOther);
        return most == null || most.size() > 1
                ? new Column(name, Column.Type.ARRAY, null, missing, numbers + texts, differing)
                : new Column(name, Column.Type.ARRAY, most, missing, numbers + texts + arrays - ofMost, differing);
    }
}
