package io.chainrule.service.datasets;

import io.chainrule.core.rows.CellForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what the cells of a column are. */
final class ColumnScan {
    /** How many shapes besides the first are counted. Later ones are not; a shape that most arrays have is usually among the early ones. */
    private static final int MOST_SHAPES = 64;

    final String name;
    private final CellForm cells = new CellForm();
    private long missing;
    private long numbers;
    private long arrays;
    private long texts;
    /** The shape of the first array. */
    private @Nullable List<Integer> first;
    private long ofFirst;
    /** How many arrays have each other shape, in the order in which these were found. */
    private final Map<List<Integer>, Long> others = new LinkedHashMap<>();
    /** The row of the first array that has another shape than the first one. */
    private long firstOther;
    private boolean isOther;
    /** Whether a cell has several axes of which readers tell nothing but how many numbers it has. */
    private boolean hasDeepNumbers;
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

    /** Counts arrays of one shape that are no texts: readers tell how many numbers each has, and not its shape. */
    void arrays(List<Integer> found, long count) {
        if (count == 0) {
            wouldBe(found);
            return;
        }
        hasDeepNumbers |= found.size() > 1;
        count(found, count);
    }

    private void count(List<Integer> found, long count) {
        first = arrays == 0 ? found : first;
        if (found.equals(first)) {
            ofFirst += count;
        } else {
            firstOther = others.isEmpty() ? missing + numbers + arrays + texts + 1 : firstOther;
            if (others.size() < MOST_SHAPES || others.containsKey(found)) {
                others.merge(found, count, Long::sum);
            }
        }
        arrays += count;
    }

    /** Notes the shape that the arrays of a file without rows would have. It is that of the column if no other file has any rows. */
    void wouldBe(List<Integer> shape) {
        first = first == null && !shape.isEmpty() ? shape : first;
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
            case ARRAY -> count(cells.shape(), 1);
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
     * The shape is that of more than half of the arrays; others are malformed. Arrays with several axes must all have it: readers of
     * Parquet tell how many numbers a cell has, which may be the same of other shapes. So one such array among those with one axis is
     * enough for the column to have no shape, but not if it is a text, of which readers see the shape.
     */
    private Column ofArrays() {
        if (first == null || others.isEmpty()) {
            return new Column(name, Column.Type.ARRAY, first, missing, numbers + texts);
        }
        Column.Differing differing = new Column.Differing(first, others.keySet().iterator().next(), firstOther);
        Map<List<Integer>, Long> all = new LinkedHashMap<>(others);
        all.put(first, ofFirst);
        return all.entrySet().stream()
                .filter(shape -> 2 * shape.getValue() > arrays && shape.getKey().size() == 1 && !hasDeepNumbers).findFirst()
                .map(most -> new Column(name, Column.Type.ARRAY, most.getKey(), missing, numbers + texts + arrays - most.getValue(),
                        differing))
                .orElse(new Column(name, Column.Type.ARRAY, null, missing, numbers + texts, differing));
    }
}
