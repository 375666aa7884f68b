package io.chainrule.service.datasets;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import io.chainrule.service.datasets.RowReader.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cells of a column in the batch that was read last. */
final class ParquetColumn {
    private static final byte[] NO_BYTES = {};

    private final ColumnReader reader;
    private final boolean isText;
    private final boolean isUnsigned;
    private final int depth;
    private Object values = NO_BYTES;
    private int[] textOffsets = {};
    private byte[] texts = NO_BYTES;
    private int[][] offsets = {};
    private Validity[] validities = {};
    private Validity leaves = Validity.NO_NULLS;
    private int row;

    ParquetColumn(ColumnReader reader) {
        this.reader = reader;
        ColumnSchema schema = reader.getColumnSchema();
        isText = schema.type() == PhysicalType.BYTE_ARRAY;
        isUnsigned = schema.logicalType() instanceof LogicalType.IntType type && !type.isSigned();
        depth = reader.getLayerCount();
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

    /** Takes over the arrays of a new batch. */
    void begin() {
        leaves = reader.getLeafValidity();
        if (isText) {
            texts = reader.getBinaryValues();
            textOffsets = reader.getBinaryOffsets();
        } else {
            values = switch (reader.getColumnSchema().type()) {
                case BOOLEAN -> reader.getBooleans();
                case INT32 -> reader.getInts();
                case INT64 -> reader.getLongs();
                case FLOAT -> reader.getFloats();
                default -> reader.getDoubles();
            };
        }
        offsets = new int[depth][];
        validities = new Validity[depth];
        for (int i = 0; i < depth; i++) {
            offsets[i] = reader.getLayerOffsets(i);
            validities[i] = reader.getLayerValidity(i);
        }
    }

    /** Goes to a row of the batch. */
    void row(int at) {
        row = at;
    }

    Kind kind() {
        if (depth > 0) {
            return validities[0].isNull(row) ? Kind.MISSING : shape().length < depth ? Kind.OTHER : Kind.ARRAY;
        }
        return leaves.isNull(row) ? Kind.MISSING : isText ? Kind.TEXT : Kind.NUMBER;
    }

    byte[] texts() {
        return texts;
    }

    int from() {
        return textOffsets[row];
    }

    int to() {
        return textOffsets[row + 1];
    }

    double number() {
        return number(row);
    }

    private double number(int at) {
        return switch (values) {
            case double[] doubles -> doubles[at];
            case float[] floats -> floats[at];
            case long[] longs -> isUnsigned ? unsigned(longs[at]) : longs[at];
            case int[] ints -> isUnsigned ? Integer.toUnsignedLong(ints[at]) : ints[at];
            case boolean[] booleans -> booleans[at] ? 1 : 0;
            default -> throw new IllegalStateException("no column of numbers: " + reader.getColumnSchema());
        };
    }

    private static double unsigned(long value) {
        // Halved with the last bit kept, so that rounding is that of the whole number.
        return value >= 0 ? value : 2.0 * (value >>> 1 | value & 1);
    }

    /** The shape of the arrays of the row; shorter than they are deep if their lengths differ, or if one of their numbers is missing. */
    int[] shape() {
        int[] shape = new int[depth];
        int from = row;
        int to = row + 1;
        for (int layer = 0; layer < depth; layer++) {
            int[] ends = offsets[layer];
            int length = from == to ? 0 : ends[from + 1] - ends[from];
            for (int i = from; i < to; i++) {
                if (validities[layer].isNull(i) || ends[i + 1] - ends[i] != length) {
                    return Arrays.copyOf(shape, layer);
                }
            }
            shape[layer] = length;
            from = ends[from];
            to = ends[to];
        }
        for (int i = from; leaves.hasNulls() && i < to; i++) {
            if (leaves.isNull(i)) {
                return Arrays.copyOf(shape, depth - 1);
            }
        }
        return shape;
    }

    double[] array() {
        int from = row;
        int to = row + 1;
        for (int[] ends : offsets) {
            from = ends[from];
            to = ends[to];
        }
        double[] array = new double[to - from];
        for (int i = from; i < to; i++) {
            array[i - from] = number(i);
        }
        return array;
    }
}
