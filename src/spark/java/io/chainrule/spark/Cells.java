package io.chainrule.spark;

import io.chainrule.core.rows.CellSink;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;

/** Gives the cells of Spark's rows to somebody, as the local engine gives those that it reads. */
final class Cells implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;
    private static final int UNSIGNED_DIGITS = 20;
    private static final int IRREGULAR = -1;

    private final ArrayList<DataType> types;
    private final boolean isJson;

    /**
     * @param types of the columns, in the order in which they are counted
     * @param isJson whether a text that begins with a brace is an object of JSON
     */
    Cells(List<DataType> types, boolean isJson) {
        this.types = new ArrayList<>(types);
        this.isJson = isJson;
    }

    /** How many cells a row has. */
    int columns() {
        return types.size();
    }

    /** Whether cells of a type are numbers, texts, or nested lists of numbers. */
    static boolean isReadable(DataType type) {
        DataType element = type;
        while (element instanceof ArrayType array) {
            element = array.elementType();
        }
        return isNumber(element) || type instanceof StringType;
    }

    private static boolean isNumber(DataType type) {
        return switch (type) {
            case BooleanType _,ByteType _,ShortType _,IntegerType _,LongType _,FloatType _,DoubleType _ -> true;
            // So Spark reads unsigned integers of 64 bits.
            case DecimalType decimal -> isUnsigned(decimal);
            default -> false;
        };
    }

    private static boolean isUnsigned(DecimalType type) {
        return type.precision() == UNSIGNED_DIGITS && type.scale() == 0;
    }

    void give(CellSink to, InternalRow row) {
        for (int column = 0; column < types.size(); column++) {
            DataType type = types.get(column);
            if (row.isNullAt(column)) {
                to.missing(column);
            } else if (type instanceof StringType) {
                give(to, column, row.getUTF8String(column).getBytes());
            } else if (type instanceof ArrayType array) {
                give(to, column, row.getArray(column), array);
            } else {
                to.cell(column, number(row, column, type));
            }
        }
    }

    private void give(CellSink to, int column, byte[] text) {
        if (isJson && text.length > 0 && text[0] == '{') {
            to.other(column);
        } else {
            to.cell(column, text, 0, text.length);
        }
    }

    private static void give(CellSink to, int column, ArrayData array, ArrayType type) {
        int size = size(array, type);
        double[] elements = new double[Math.max(0, size)];
        int missing = size < 0 ? IRREGULAR : fill(array, type, elements, 0, size);
        if (missing == IRREGULAR) {
            to.other(column);
        } else if (missing > 0) {
            to.missing(column);
        } else {
            to.cell(column, elements, 0, size);
        }
    }

    /** The number of elements if all arrays of a depth have one length; negative if an array is missing. */
    private static int size(ArrayData array, ArrayType type) {
        int length = array.numElements();
        if (!(type.elementType() instanceof ArrayType inner) || length == 0) {
            return length;
        }
        return array.isNullAt(0) ? IRREGULAR : Math.multiplyExact(length, size(array.getArray(0), inner));
    }

    /** Writes all elements. Returns how many numbers are missing; or {@link #IRREGULAR} if an array is missing, or if lengths differ. */
    private static int fill(ArrayData array, ArrayType type, double[] elements, int from, int size) {
        int length = array.numElements();
        int missing = 0;
        if (!(type.elementType() instanceof ArrayType inner)) {
            for (int i = 0; i < length && length == size; i++) {
                if (array.isNullAt(i)) {
                    missing++;
                } else {
                    elements[from + i] = number(array, i, type.elementType());
                }
            }
            return length == size ? missing : IRREGULAR;
        }
        int each = length == 0 ? 0 : size / length;
        for (int i = 0; i < length; i++) {
            int within = array.isNullAt(i) || array.getArray(i).numElements() != array.getArray(0).numElements()
                    ? IRREGULAR
                    : fill(array.getArray(i), inner, elements, from + i * each, each);
            if (within == IRREGULAR) {
                return IRREGULAR;
            }
            missing += within;
        }
        return each * length == size ? missing : IRREGULAR;
    }

    private static double number(SpecializedGetters values, int place, DataType type) {
        return switch (type) {
            case BooleanType _ -> values.getBoolean(place) ? 1 : 0;
            case ByteType _ -> values.getByte(place);
            case ShortType _ -> values.getShort(place);
            case IntegerType _ -> values.getInt(place);
            case LongType _ -> values.getLong(place);
            case FloatType _ -> values.getFloat(place);
            case DoubleType _ -> values.getDouble(place);
            case DecimalType _ -> values.getDecimal(place, UNSIGNED_DIGITS, 0).toJavaBigDecimal().doubleValue();
            default -> throw new IllegalStateException("a column of type " + type + " has no numbers");
        };
    }
}
