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
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The cells of a column, row by row. */
final class ParquetColumn {
    private static final int[] NOTHING = {};

    private final ParquetFile file;
    private final ColumnSchema column;
    private final boolean isUnsigned;
    /** How deep lists are nested, and from which level of definition on the list at each depth is there. */
    private final int depth;
    private final int[] present;
    private final int whole;
    private final ParquetEntries entries;

    private @Nullable ParquetPages pages;
    private Object values = NOTHING;
    private int @Nullable [] definitions;
    private int @Nullable [] repetitions;
    /** Of the page, the place of the cell, or of the first entry behind a list, and how many there are. */
    private int at;
    private int size;

    private long mostOfPages;
    private long mostOfEntries;

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
        entries = new ParquetEntries(present, whole, this::chargeEntries);
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

    /** Returns how many bytes the cells of a group take in the file. */
    long packedBytes(RowGroup group) {
        return group.columns().get(column.columnIndex()).metaData().totalCompressedSize();
    }

    /** Goes before the first row of a group. */
    void begin(RowGroup group) throws IOException {
        release();
        pages = new ParquetPages(file, column, group.columns().get(column.columnIndex()), this::chargePages);
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

    /** Drops the pages of the row group. Throws {@link IOException} if the group has further rows. */
    void end() throws IOException {
        if (at < (depth > 0 ? size : size - 1) || load()) {
            throw refused("it has more rows than its group");
        }
        release();
        entries.release();
    }

    private void release() {
        pages = null;
        releasePage();
    }

    private void releasePage() {
        values = NOTHING;
        definitions = null;
        repetitions = null;
    }

    private void chargePages(long bytes) {
        mostOfPages = Math.max(mostOfPages, bytes);
        file.charge(mostBytes());
    }

    private void chargeEntries(long bytes) {
        mostOfEntries = Math.max(mostOfEntries, bytes);
        file.charge(mostBytes());
    }

    /** The most memory that the column has taken at once so far. */
    long mostBytes() {
        return mostOfPages + mostOfEntries;
    }

    private IOException refused(String what) {
        return new IOException("the column '" + column.fieldPath().topLevelName() + "': " + what);
    }

    /** Goes to the first value of the next page; returns whether there is one. */
    private boolean load() throws IOException {
        releasePage();
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
        entries.clear();
        if (at >= size && !load()) {
            throw refused("it ends before its rows do");
        }
        if (repetition() != 0) {
            throw refused("a row begins within a list");
        }
        do {
            if (entries.isFull()) {
                throw refused("a row has more than " + ParquetEntries.MOST + " numbers");
            }
            entries.add(repetition(), definition(), valueAt(at));
            at++;
        } while ((at < size || load()) && repetition() != 0);
    }

    private int repetition() {
        return repetitions == null ? 0 : repetitions[at];
    }

    private int definition() {
        return definitions == null ? whole : definitions[at];
    }

    Kind kind() {
        if (depth > 0) {
            return entries.isMissing() ? Kind.MISSING : entries.shape().length < depth ? Kind.OTHER : Kind.ARRAY;
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
            case long[] longs -> isUnsigned ? RowReading.unsigned(longs[place]) : longs[place];
            case int[] ints -> isUnsigned ? Integer.toUnsignedLong(ints[place]) : ints[place];
            case boolean[] booleans -> booleans[place] ? 1 : 0;
            default -> throw new IllegalStateException("no column of numbers: " + column);
        };
    }

    /** As of {@link ParquetEntries#shape}. */
    int[] shape() {
        return entries.shape();
    }

    double[] array() {
        return entries.array();
    }
}
