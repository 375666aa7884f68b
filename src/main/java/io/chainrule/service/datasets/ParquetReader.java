package io.chainrule.service.datasets;

import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Reads a part of a Parquet file. Its pages are decoded by a thread beside the one that reads the rows. */
final class ParquetReader extends RowReading {
    private final HardwoodContext context;
    private final ParquetInput input;
    private final ParquetFileReader file;
    private final ColumnReaders readers;
    private final ParquetColumn[] columns;
    private int batch;
    private int at = -1;

    ParquetReader(Path path, RowSplit split, List<String> names) throws IOException {
        super(split);
        context = ParquetScan.context();
        input = new ParquetInput(path);
        file = ParquetFileReader.open(input, context);
        List<RowGroup> groups = file.getFileMetaData().rowGroups();
        long end = split.to() < groups.size() ? ParquetScan.start(groups.get((int) split.to())) : Long.MAX_VALUE;
        readers = file.buildColumnReaders(ColumnProjection.columns(names.stream().distinct().toArray(String[]::new)))
                .filter(RowGroupPredicate.byteRange(ParquetScan.start(groups.get((int) split.from())), end))
                .batchSize(ParquetScan.BATCH).build();
        columns = new ParquetColumn[names.size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new ParquetColumn(readers.getColumnReader(leaf(names.get(i))));
        }
    }

    private String leaf(String name) {
        for (List<ColumnSchema> leaves : ParquetColumn.leaves(file.getFileSchema())) {
            if (leaves.getFirst().fieldPath().topLevelName().equals(name)) {
                return leaves.getFirst().fieldPath().toString();
            }
        }
        throw new IllegalArgumentException("no column '" + name + "'");
    }

    @Override
    public boolean next() throws IOException {
        if (!begin()) {
            return false;
        }
        if (++at >= batch) {
            if (!readers.nextBatch()) {
                throw new IOException("the file ends before its rows do");
            }
            at = 0;
            batch = readers.getRecordCount();
            for (ParquetColumn column : columns) {
                column.begin();
            }
        }
        for (ParquetColumn column : columns) {
            column.row(at);
        }
        return true;
    }

    @Override
    public Kind kind(int column) {
        return columns[column].kind();
    }

    @Override
    public double number(int column) {
        return columns[column].number();
    }

    @Override
    public double[] array(int column) {
        return columns[column].array();
    }

    @Override
    public int[] shape(int column) {
        return columns[column].shape();
    }

    @Override
    public byte[] bytes(int column) {
        return columns[column].texts();
    }

    @Override
    public int from(int column) {
        return columns[column].from();
    }

    @Override
    public int to(int column) {
        return columns[column].to();
    }

    @Override
    public void close() throws IOException {
        readers.close();
        file.close();
        input.close();
        context.close();
    }
}
