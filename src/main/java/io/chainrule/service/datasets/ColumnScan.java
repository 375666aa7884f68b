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
    private @Nullable List<Integer> shape;
    private boolean hasShapes;
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
        if (arrays == 0) {
            shape = found;
        } else if (!found.equals(shape)) {
            hasShapes = true;
        }
        arrays += count;
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
        if (numbers >= arrays && numbers >= texts) {
            return new Column(name, Column.Type.NUMBER, null, missing, arrays + texts);
        }
        return arrays >= texts
                ? new Column(name, Column.Type.ARRAY, hasShapes ? null : shape, missing, numbers + texts)
                : new Column(name, Column.Type.TEXT, null, missing, 0);
    }
}
