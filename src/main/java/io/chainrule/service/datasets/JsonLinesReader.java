package io.chainrule.service.datasets;

import io.chainrule.core.tensor.Checkpoint;
import java.io.IOException;
import java.util.Map;

/** Reads a part of a file of JSON Lines. */
final class JsonLinesReader extends RowReading {
    private final JsonRows rows;

    /** @param places the places of the columns that were asked for, by their names */
    JsonLinesReader(RowFile file, RowSplit split, Map<String, Integer> places, Checkpoint checkpoint) throws IOException {
        super(split);
        rows = new JsonRows(file, split.from(), _ -> {}, checkpoint, name -> places.getOrDefault(name, -1));
    }

    @Override
    public boolean next() throws IOException {
        if (!begin()) {
            return false;
        }
        if (!rows.nextLine()) {
            throw new IOException("the file ends before its rows do");
        }
        String wrong = rows.read();
        if (wrong != null) {
            throw new IOException("row " + row() + " is no object of JSON: " + wrong);
        }
        return true;
    }

    @Override
    public Kind kind(int column) {
        return rows.kind(column);
    }

    @Override
    public byte[] bytes(int column) {
        return rows.window.bytes;
    }

    @Override
    public int from(int column) {
        return rows.from(column);
    }

    @Override
    public int to(int column) {
        return rows.to(column);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
