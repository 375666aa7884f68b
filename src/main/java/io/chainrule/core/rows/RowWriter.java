package io.chainrule.core.rows;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the results of the rows of one part of a data set, without rows that are left out. Later the parts are joined to one file, in
 * their order. Throws {@link UncheckedIOException} if the part cannot be written.
 */
public abstract sealed class RowWriter implements RowSink, Closeable permits JsonLinesWriter, RawWriter {
    /** The column of the numbers that the rows have in the data set that was read. */
    public static final String ROW = "row";

    private static final int BUFFER = 1 << 16;

    /** How parts are written. */
    public enum Form {
        /** A line of JSON for each row, as the file has it. */
        JSON_LINES,
        /** Numbers of 8 bytes each, which {@link RawReader} reads. The final file is made of them when all parts are there. */
        RAW
    }

    final OutputStream out;

    RowWriter(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER);
    }

    /** Begins a part; {@link #close} closes {@code out}. */
    public static RowWriter of(Form form, List<RowQuantity> quantities, OutputStream out) {
        return switch (form) {
            case JSON_LINES -> new JsonLinesWriter(quantities, out);
            case RAW -> new RawWriter(quantities, out);
        };
    }

    @Override
    public final void accept(RowResults results) {
        try {
            for (int row = 0; row < results.rows(); row++) {
                if (!results.isOmitted(row)) {
                    write(results, row);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a row, counted from 0. */
    abstract void write(RowResults results, int row) throws IOException;

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The numbers of a row, its own included. */
    public static long numbersOfRow(List<RowQuantity> quantities) {
        return 1 + quantities.stream().mapToLong(quantity -> quantity.shape().size()).sum();
    }

    /** Names the columns: {@code value}, {@code gradient_w}, {@code hessian_w_b}; the column of a node has the name of the node. */
    public static List<String> columns(List<RowQuantity> quantities) {
        return quantities.stream().map(quantity -> switch (quantity.kind()) {
            case VALUE -> "value";
            case NODE -> quantity.name();
            case GRADIENT -> "gradient_" + quantity.name();
            case HESSIAN -> "hessian_" + quantity.name() + "_" + quantity.by();
        }).toList();
    }

    /** The shapes of the columns of results, by their names. */
    public static Map<String, List<Integer>> shapes(List<RowQuantity> quantities) {
        List<String> names = columns(quantities);
        Map<String, List<Integer>> shapes = new LinkedHashMap<>(Map.of(ROW, List.of()));
        for (int i = 0; i < names.size(); i++) {
            shapes.put(names.get(i), quantities.get(i).shape().toList());
        }
        return shapes;
    }

    /** The names that more than one column has. */
    public static List<String> repeated(List<RowQuantity> quantities) {
        Set<String> known = new HashSet<>(Set.of(ROW));
        List<String> repeated = new ArrayList<>();
        for (String column : columns(quantities)) {
            if (!known.add(column)) {
                repeated.add(column);
            }
        }
        return repeated;
    }
}
