package io.chainrule.service.datasets;

import io.chainrule.core.rows.CellForm;
import io.chainrule.core.tensor.Checkpoint;
import java.io.IOException;

/** Reads a part of a CSV file. */
final class CsvReader extends RowReading {
    private final CsvRows rows;
    /** The places of the cells that were asked for. */
    private final int[] places;

    CsvReader(RowFile file, RowSplit split, int[] places, Checkpoint checkpoint) throws IOException {
        super(split);
        this.places = places;
        rows = new CsvRows(file, split.from(), _ -> {}, checkpoint);
    }

    @Override
    public boolean next() throws IOException {
        if (!begin()) {
            return false;
        }
        if (!rows.next()) {
            throw new IOException("the file ends before its rows do");
        }
        return true;
    }

    @Override
    public Kind kind(int column) {
        int place = places[column];
        // A row has too few cells only if the file has changed since its rows were counted. The engine reports such a change at the end.
        return place >= rows.cells || CellForm.isBlank(rows.window.bytes, rows.from[place], rows.to[place]) ? Kind.MISSING : Kind.TEXT;
    }

    @Override
    public byte[] bytes(int column) {
        return rows.window.bytes;
    }

    @Override
    public int from(int column) {
        return rows.from[places[column]];
    }

    @Override
    public int to(int column) {
        return rows.to[places[column]];
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
