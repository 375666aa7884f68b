package io.chainrule.service.datasets;

import dev.hardwood.internal.reader.Page;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import io.chainrule.service.datasets.RowReader.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The cells of a column, row by row. */
final class ParquetColumn {
    private static final int[] NO_SHAPE = {};
    private static final int FIRST_NUMBERS = 64;
    private static final int MOST_NUMBERS = ByteWindow.LONGEST_ROW / Double.BYTES;

    private final ParquetFile file;
    private final ColumnSchema column;
    private final boolean isUnsigned;
    /** How deep lists are nested, and from which level of definition on the list at each depth is there. */
    private final int depth;
    private final int[] present;
    private final int whole;

    private @Nullable ParquetPages pages;
    private Object values = NO_SHAPE;
    private int @Nullable [] definitions;
    private int @Nullable [] repetitions;
    /** Of the page, the place of the cell, or of the first entry behind a list, and how many there are. */
    private int at;
    private int size;

    /** The entries of a list: the levels at which they repeat and are defined, and the numbers. */
    private int[] repeats = new int[FIRST_NUMBERS];
    private int[] levels = new int[FIRST_NUMBERS];
    private double[] numbers = new double[FIRST_NUMBERS];
    private int count;
    private int @Nullable [] shape;

    ParquetColumn(ParquetFile file, ColumnSchema column) {
        this.file = file;
        this.column = column;
        isUnsigned = column.logicalType() instanceof LogicalType.IntType type && !type.isSigned();
        depth = column.maxRepetitionLevel();
        whole = column.maxDefinitionLevel();
        present = new int[depth];
        SchemaNode node = file.schema().getField(column.fieldPath().topLevelName());
        for (int i = 0; i < depth; i++) {
            SchemaNode.GroupNode list = (SchemaNode.GroupNode) Objects.requireNonNull(node);
            present[i] = list.maxDefinitionLevel();
            node = list.getListElement();
        }
    }

    /** The column of a name, whose cells can be read. */
    static ParquetColumn of(ParquetFile file, String name) {
        ColumnSchema leaf = file.schema().getColumns().stream().filter(each -> each.fieldPath().topLevelName().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no column '" + name + "'"));
        return new ParquetColumn(file, leaf);
    }

    /** Whether cells of a column can be read: a number, a text, or nested lists of numbers. */
    static boolean isReadable(FileSchema schema, List<ColumnSchema> leaves) {
        ColumnSchema leaf = leaves.getFirst();
        SchemaNode node = schema.getField(leaf.fieldPath().topLevelName());
        boolean isList = node instanceof SchemaNode.GroupNode;
        while (node instanceof SchemaNode.GroupNode group) {
            if (!group.isList() || group.repetitionType() == RepetitionType.REPEATED) {
                return false;
            }
            node = group.getListElement();
        }
        if (leaves.size() != 1 || node == null || node.repetitionType() == RepetitionType.REPEATED) {
            return false;
        }
        LogicalType type = leaf.logicalType();
        return switch (leaf.type()) {
            case BOOLEAN, FLOAT, DOUBLE -> type == null;
            case INT32, INT64 -> type == null || type instanceof LogicalType.IntType;
            case BYTE_ARRAY -> !isList && (type instanceof LogicalType.StringType || type instanceof LogicalType.EnumType
                    || type instanceof LogicalType.JsonType);
            default -> false;
        };
    }

    /** The leaves of each column, in the order of the columns. */
    static List<List<ColumnSchema>> leaves(FileSchema schema) {
        List<List<ColumnSchema>> all = new ArrayList<>();
        String latest = null;
        for (ColumnSchema leaf : schema.getColumns()) {
            String name = leaf.fieldPath().topLevelName();
            if (!name.equals(latest)) {
                all.add(new ArrayList<>());
                latest = name;
            }
            all.getLast().add(leaf);
        }
        return all;
    }

    /** Goes before the first row of a group. */
    void begin(RowGroup group) throws IOException {
        pages = new ParquetPages(file, column, group.columns().get(column.columnIndex()));
        size = 0;
        at = depth > 0 ? 0 : -1;
    }

    /** Goes to the next row of the group. Throws {@link IOException} if there is none, or if its cell is too large. */
    void next() throws IOException {
        if (depth > 0) {
            nextList();
        } else if (++at >= size && !load()) {
            throw refused("it ends before its rows do");
        }
        if (values instanceof byte[][] texts && texts[at] != null && texts[at].length > ByteWindow.LONGEST_ROW) {
            throw refused("a text is longer than " + ByteWindow.LONGEST_ROW + " bytes");
        }
    }

    /** Throws {@link IOException} unless the row was the last of the group. */
    void end() throws IOException {
        if (at < (depth > 0 ? size : size - 1) || load()) {
            throw refused("it has more rows than its group");
        }
    }

    private IOException refused(String what) {
        return new IOException("the column '" + column.fieldPath().topLevelName() + "': " + what);
    }

    /** Goes to the first value of the next page; returns whether there is one. */
    private boolean load() throws IOException {
        Page page = Objects.requireNonNull(pages, "no group has begun").next();
        if (page == null) {
            return false;
        }
        values = switch (page) {
            case Page.BooleanPage one -> one.values();
            case Page.IntPage one -> one.values();
            case Page.LongPage one -> one.values();
            case Page.FloatPage one -> one.values();
            case Page.DoublePage one -> one.values();
            case Page.ByteArrayPage one -> one.values();
        };
        definitions = page.definitionLevels();
        repetitions = page.repetitionLevels();
        size = page.size();
        at = 0;
        return true;
    }

    /** Collects the entries of a row, which may stand in several pages. */
    private void nextList() throws IOException {
        shape = null;
        count = 0;
        if (at >= size && !load()) {
            throw refused("it ends before its rows do");
        }
        if (repetition() != 0) {
            throw refused("a row begins within a list");
        }
        do {
            if (count == numbers.length) {
                grow();
            }
            repeats[count] = repetition();
            levels[count] = definition();
            numbers[count] = valueAt(at);
            count++;
            at++;
        } while ((at < size || load()) && repetition() != 0);
    }

    private void grow() throws IOException {
        if (count == MOST_NUMBERS) {
            throw refused("a row has more than " + MOST_NUMBERS + " numbers");
        }
        int more = Math.min(MOST_NUMBERS, 2 * count);
        repeats = Arrays.copyOf(repeats, more);
        levels = Arrays.copyOf(levels, more);
        numbers = Arrays.copyOf(numbers, more);
    }

    private int repetition() {
        return repetitions == null ? 0 : repetitions[at];
    }

    private int definition() {
        return definitions == null ? whole : definitions[at];
    }

    Kind kind() {
        if (depth > 0) {
            return levels[0] < present[0] ? Kind.MISSING : shape().length < depth ? Kind.OTHER : Kind.ARRAY;
        }
        return definition() != whole ? Kind.MISSING : values instanceof byte[][] ? Kind.TEXT : Kind.NUMBER;
    }

    byte[] text() {
        return ((byte[][]) values)[at];
    }

    double number() {
        return valueAt(at);
    }

    private double valueAt(int place) {
        return switch (values) {
            case double[] doubles -> doubles[place];
            case float[] floats -> floats[place];
            case long[] longs -> isUnsigned ? unsigned(longs[place]) : longs[place];
            case int[] ints -> isUnsigned ? Integer.toUnsignedLong(ints[place]) : ints[place];
            case boolean[] booleans -> booleans[place] ? 1 : 0;
            default -> throw new IllegalStateException("no column of numbers: " + column);
        };
    }

    private static double unsigned(long value) {
        // Halved with the last bit kept, so that rounding is that of the whole number.
        return value >= 0 ? value : 2.0 * (value >>> 1 | value & 1);
    }

    /** The shape of the arrays of the row; empty if their lengths differ, or if one of their numbers is missing. */
    int[] shape() {
        if (shape == null) {
            shape = shapeOfEntries();
        }
        return shape;
    }

    private int[] shapeOfEntries() {
        int[] lengths = new int[depth];
        Arrays.fill(lengths, -1);
        int[] counts = new int[depth];
        int deepest = -1;
        for (int i = 0; i < count; i++) {
            int from = repeats[i];
            // An entry goes on with the list at the depth before this one, and ends those that are deeper.
            if (from > deepest + 1 || i > 0 && !end(from, deepest, counts, lengths)) {
                return NO_SHAPE;
            }
            if (from > 0) {
                counts[from - 1]++;
            }
            deepest = from - 1;
            boolean isEmpty = false;
            while (deepest + 1 < depth && !isEmpty) {
                deepest++;
                if (levels[i] < present[deepest]) {
                    return NO_SHAPE;
                }
                isEmpty = levels[i] == present[deepest];
                counts[deepest] = isEmpty ? 0 : 1;
            }
            if (!isEmpty && levels[i] != whole) {
                return NO_SHAPE;
            }
        }
        if (!end(0, deepest, counts, lengths)) {
            return NO_SHAPE;
        }
        // Within lists that are empty there is none.
        for (int i = 0; i < depth; i++) {
            lengths[i] = Math.max(0, lengths[i]);
        }
        return lengths;
    }

    /** Ends the lists from a depth on; returns whether each is as long as those before it at its depth. */
    private static boolean end(int from, int deepest, int[] counts, int[] lengths) {
        for (int i = from; i <= deepest; i++) {
            if (lengths[i] >= 0 && lengths[i] != counts[i]) {
                return false;
            }
            lengths[i] = counts[i];
        }
        return true;
    }

    double[] array() {
        long length = 1;
        for (int each : shape()) {
            length *= each;
        }
        return Arrays.copyOf(numbers, (int) length);
    }
}
