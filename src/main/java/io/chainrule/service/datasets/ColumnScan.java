package io.chainrule.service.datasets;

import io.chainrule.core.rows.CellForm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Counts what the cells of a column are. */
final class ColumnScan {
    /**
     * How many shapes with one axis are counted besides the first shape. Shapes that are found later, and those with several axes, are not
     * counted. The shape that most arrays have is usually found early.
     */
    private static final int MOST_SHAPES = 64;
    /** The memory that a shape takes besides its axes, and how often it was found. */
    private static final int BYTES_OF_SHAPE = 168;
    private static final int BYTES_OF_AXIS = 24;

    final String name;
    private final LongConsumer memory;
    private final CellForm cells = new CellForm();
    private long missing;
    private long numbers;
    private long arrays;
    /** Arrays of which readers know no shape. */
    private long ragged;
    private long texts;
    /** The shape of the first array. */
    private @Nullable List<Integer> first;
    private long ofFirst;
    /** The first other shape, and the row of the first array that has it. */
    private @Nullable List<Integer> second;
    private long rowOfSecond;
    /** How many arrays have each other shape with one axis, which alone may become that of the column. */
    private final Map<List<Integer>, Long> others = new HashMap<>();
    private boolean isOther;
    /** Whether a cell has several axes of which readers tell nothing but how many numbers it has. */
    private boolean hasDeepNumbers;
    private long bytesOfReader;

    /** @param memory is told how many bytes of memory are taken, before they are */
    ColumnScan(String name, LongConsumer memory) {
        this.name = name;
        this.memory = memory;
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

    /** Counts an array whose rows differ in length, or that lacks one, and that is no text. */
    void ragged() {
        ragged++;
    }

    private void count(List<Integer> found, long count) {
        first = arrays == 0 ? kept(found) : first;
        if (found.equals(first)) {
            ofFirst += count;
        } else {
            if (second == null) {
                second = kept(found);
                rowOfSecond = missing + numbers + arrays + ragged + texts + 1;
            }
            if (others.containsKey(found)) {
                others.merge(found, count, Long::sum);
            } else if (found.size() == 1 && others.size() < MOST_SHAPES) {
                others.put(kept(found), count);
            }
        }
        arrays += count;
    }

    private List<Integer> kept(List<Integer> shape) {
        memory.accept(BYTES_OF_SHAPE + (long) BYTES_OF_AXIS * shape.size());
        return shape;
    }

    /** Notes the shape that the arrays of a file without rows would have. It is that of the column if no other file has any rows. */
    void wouldBe(List<Integer> shape) {
        first = first == null && !shape.isEmpty() ? kept(shape) : first;
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
        long allArrays = arrays + ragged;
        if (numbers + allArrays + texts + missing == 0 && first != null) {
            return new Column(name, Column.Type.ARRAY, first, 0, 0);
        }
        if (numbers >= allArrays && numbers >= texts) {
            return new Column(name, Column.Type.NUMBER, null, missing, allArrays + texts);
        }
        return allArrays >= texts ? ofArrays() : new Column(name, Column.Type.TEXT, null, missing, 0);
    }

    /**
     * The column has the shape that more than half of its arrays have; the others are malformed. Arrays with several axes must all have
     * the same shape, except for ragged ones: a reader of Parquet knows only how many numbers a cell has, and arrays of different shapes
     * may have equally many. For the same reason the column has no shape if one array with several axes stands among those with one axis,
     * unless it is written as a text, whose shape readers see.
     */
    private Column ofArrays() {
        long wrong = numbers + texts + ragged;
        Column.Differing differing = first == null || second == null ? null : new Column.Differing(first, second, rowOfSecond);
        Map<List<Integer>, Long> all = new HashMap<>(others);
        if (first != null) {
            all.put(first, ofFirst);
        }
        return all.entrySet().stream()
                .filter(shape -> 2 * shape.getValue() > arrays + ragged)
                .filter(shape -> second == null || shape.getKey().size() == 1 && !hasDeepNumbers).findFirst()
                .map(most -> new Column(name, Column.Type.ARRAY, most.getKey(), missing, wrong + arrays - most.getValue(), differing))
                .orElse(new Column(name, Column.Type.ARRAY, null, missing, wrong, differing));
    }
}
