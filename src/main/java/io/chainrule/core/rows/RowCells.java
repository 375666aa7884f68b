package io.chainrule.core.rows;

import io.chainrule.core.rows.CellText.Kind;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The arrays of a block of rows, one for each input, and where each column's cells go in them. Not thread-safe. */
final class RowCells {
    private final CellText text = new CellText();
    private final CellForm form = new CellForm();
    private final List<String> columns;
    private final Target[][] targets;
    private final Map<String, Tensor> values = new LinkedHashMap<>();
    private final int block;
    /** The row of the block that cells are given for. */
    private int row;
    /** The columns before this one are given: cells mostly come in the order of the columns. */
    private int next;
    /** The latest row in which another column was given, counted by {@link #begun}. */
    private final long[] givenIn;
    private long begun;

    /**
     * Where the cells of a column go: into an input's array, of which each row takes {@code size} elements, from element {@code first} on.
     *
     * @param array the shape of the cells; null for numbers
     */
    private record Target(double[] data, int size, int first, @Nullable Shape array) {}

    RowCells(RowProgram program, int block) {
        this.block = block;
        columns = program.columns();
        Map<String, List<Target>> found = new LinkedHashMap<>();
        columns.forEach(column -> found.put(column, new ArrayList<>()));
        for (RowInput input : program.inputs()) {
            Tensor value = Tensor.zeros(program.shape(input, block));
            values.put(input.input(), value);
            int size = input.shape().length();
            for (int k = 0; k < input.columns().size(); k++) {
                Target target = new Target(value.data(), size, k, input instanceof RowInput.Array ? input.shape() : null);
                Objects.requireNonNull(found.get(input.columns().get(k))).add(target);
            }
        }
        targets = found.values().stream().map(list -> list.toArray(Target[]::new)).toArray(Target[][]::new);
        givenIn = new long[targets.length];
    }

    String column(int column) {
        return columns.get(column);
    }

    /** What a cell of a column is to be. */
    String expected(int column) {
        Shape shape = targets[column][0].array;
        return shape == null ? "a number" : "an array of shape " + shape;
    }

    /** The arrays, whose leading axis counts the rows of the block. */
    Map<String, Tensor> values() {
        return values;
    }

    /** The values of one row. */
    Map<String, Tensor> valuesOf(int one) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            int size = value.length() / block;
            all.put(name, Tensor.of(value.shape().without(0), Arrays.copyOfRange(value.data(), one * size, (one + 1) * size)));
        });
        return all;
    }

    void begin(int rowOfBlock) {
        row = rowOfBlock;
        begun++;
        next = 0;
    }

    private Target[] give(int column) {
        if (column == next) {
            next++;
        } else {
            givenIn[column] = begun;
        }
        return targets[column];
    }

    /** The next column from {@code from} on that was not given; −1 if all were. */
    int notGiven(int from) {
        int column = Math.max(from, next);
        while (column < targets.length && givenIn[column] == begun) {
            column++;
        }
        return column == targets.length ? -1 : column;
    }

    Kind text(int column, byte[] bytes, int from, int end) {
        Kind kind = read(column, bytes, from, end);
        // An array that lacks a number is missing whatever its shape, as it is when the data set is stored.
        return kind == Kind.MALFORMED && form.of(bytes, from, end) == CellForm.Kind.MISSING ? Kind.MISSING : kind;
    }

    private Kind read(int column, byte[] bytes, int from, int end) {
        Target[] all = give(column);
        if (all[0].array == null) {
            Kind kind = text.number(bytes, from, end);
            put(all, text.value());
            return kind;
        }
        Kind kind = Kind.NUMBER;
        for (Target target : all) {
            kind = text.array(bytes, from, end, Objects.requireNonNull(target.array), target.data, row * target.size + target.first);
        }
        return kind;
    }

    private void put(Target[] all, double value) {
        Target only = all[0];
        only.data[row * only.size + only.first] = value;
        for (int k = 1; k < all.length; k++) {
            all[k].data[row * all[k].size + all[k].first] = value;
        }
    }

    Kind numbers(int column, double[] numbers, int from, int count) {
        Kind kind = Kind.NUMBER;
        for (Target target : give(column)) {
            int size = target.array == null ? 1 : target.size;
            if (size == count) {
                System.arraycopy(numbers, from, target.data, row * target.size + target.first, size);
            } else {
                clear(target);
                kind = Kind.MALFORMED;
            }
        }
        return kind;
    }

    Kind number(int column, double number) {
        Target[] all = give(column);
        if (all[0].array == null) {
            put(all, number);
            return Kind.NUMBER;
        }
        for (Target target : all) {
            clear(target);
        }
        return Kind.MALFORMED;
    }

    void missing(int column) {
        for (Target target : give(column)) {
            clear(target);
        }
    }

    private void clear(Target target) {
        int at = row * target.size + target.first;
        Arrays.fill(target.data, at, at + (target.array == null ? 1 : target.size), Double.NaN);
    }

    /** Fills the rows of the block from {@code from} on with copies of the row {@code copied}. */
    void fill(int from, int copied) {
        for (int i = from; i < block; i++) {
            copy(copied, i);
        }
    }

    /** Writes a row of the block over another one. */
    void copy(int from, int to) {
        values.forEach((name, value) -> {
            int size = value.length() / block;
            System.arraycopy(value.data(), from * size, value.data(), to * size, size);
        });
    }
}
