package io.chainrule.service.datasets;

import dev.hardwood.metadata.RowGroup;
import io.chainrule.core.tensor.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads groups of rows of a Parquet file. */
final class ParquetReader extends RowReading {
    private final ParquetFile file;
    private final List<ParquetColumn> columns = new ArrayList<>();
    private final int end;
    private int group;
    /** The rows of the group that are left to be read. */
    private long left;

    ParquetReader(RowFile path, RowSplit split, List<String> names, Checkpoint checkpoint) throws IOException {
        super(split);
        file = new ParquetFile(path, _ -> {}, checkpoint);
        boolean isOpen = false;
        try {
            names.forEach(name -> columns.add(ParquetColumn.of(file, name)));
            group = (int) split.from();
            end = (int) Math.min(split.to(), file.groups().size());
            isOpen = true;
        } finally {
            if (!isOpen) {
                file.close();
            }
        }
    }

    @Override
    public boolean next() throws IOException {
        if (!begin()) {
            return false;
        }
        while (left == 0) {
            if (group >= end) {
                throw new IOException("the file ends before its rows do");
            }
            RowGroup rows = file.groups().get(group++);
            for (ParquetColumn column : columns) {
                column.begin(rows);
            }
            left = rows.numRows();
        }
        left--;
        for (ParquetColumn column : columns) {
            column.next();
        }
        return true;
    }

    @Override
    public Kind kind(int column) {
        return columns.get(column).kind();
    }

    @Override
    public double number(int column) {
        return columns.get(column).number();
    }

    @Override
    public double[] array(int column) {
        return columns.get(column).array();
    }

    @Override
    public int[] shape(int column) {
        return columns.get(column).shape();
    }

    @Override
    public byte[] bytes(int column) {
        return columns.get(column).text();
    }

    @Override
    public int to(int column) {
        return columns.get(column).text().length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
