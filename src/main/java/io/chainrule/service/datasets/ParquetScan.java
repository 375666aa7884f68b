package io.chainrule.service.datasets;

import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.DeadlineExceededException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Reads a Parquet file once, to see what it is. */
final class ParquetScan {
    /** Rows that are read at once. */
    static final int BATCH = 4_096;
    /** A page of a well-made file has about 1 MB; a few of each column are in memory. */
    private static final long MEMORY_A_COLUMN = 4 << 20;

    static {
        // The JDK unpacks gzip; no library is looked for on the machine.
        System.setProperty("hardwood.uselibdeflate", "false");
    }

    private ParquetScan() {}

    /** The thread that decodes pages beside the one that reads rows. */
    static HardwoodContext context() {
        return HardwoodContext.create(1);
    }

    static void file(Path path, Scan scan) throws IOException {
        try (HardwoodContext context = context();
                ParquetInput input = new ParquetInput(path);
                ParquetFileReader file = ParquetFileReader.open(input, context)) {
            scan.growth.accept(MEMORY_A_COLUMN * file.getFileSchema().getColumnCount());
            List<@Nullable ColumnScan> columns = columns(file, scan);
            List<RowGroup> groups = file.getFileMetaData().rowGroups();
            checkOrder(groups, scan);
            read(file, columns, scan);
            splits(groups, scan);
        } catch (ProblemException | CancellationException | DeadlineExceededException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            throw scan.fatal("this is no file of Parquet that can be read", 0, "Parquet, packed by snappy, zstd, gzip or not at all",
                    e instanceof OutOfMemoryError ? "pages that are too large" : e.getMessage(), null);
        }
    }

    /** The columns of a file, each null if none of its cells can be read. */
    private static List<@Nullable ColumnScan> columns(ParquetFileReader file, Scan scan) {
        boolean isFirst = scan.names().isEmpty();
        List<String> before = List.copyOf(scan.names());
        List<@Nullable ColumnScan> columns = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (List<ColumnSchema> leaves : ParquetColumn.leaves(file.getFileSchema())) {
            String name = leaves.getFirst().fieldPath().topLevelName();
            names.add(name);
            if (isFirst || before.contains(name)) {
                ColumnScan column = scan.column(name);
                boolean isReadable = ParquetColumn.isReadable(file.getFileSchema(), leaves);
                columns.add(isReadable ? column : null);
                if (!isReadable) {
                    column.other();
                }
            }
        }
        if (!isFirst && !before.equals(names)) {
            throw scan.fatal("the columns are not those of the first file", 0, String.join(",", before), String.join(",", names), null);
        }
        return columns;
    }

    private static void checkOrder(List<RowGroup> groups, Scan scan) {
        for (int i = 1; i < groups.size(); i++) {
            if (start(groups.get(i)) <= start(groups.get(i - 1))) {
                throw scan.fatal("the groups of rows are not in the order of the file", 0, null, null, "write the file anew");
            }
        }
    }

    /** Where a group of rows begins in the file. */
    static long start(RowGroup group) {
        return group.columns().getFirst().chunkStartOffset();
    }

    private static void read(ParquetFileReader file, List<@Nullable ColumnScan> columns, Scan scan) {
        List<List<ColumnSchema>> leaves = ParquetColumn.leaves(file.getFileSchema());
        String[] names = new String[columns.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = leaves.get(i).getFirst().fieldPath().topLevelName();
        }
        long rows = 0;
        if (names.length > 0) {
            try (ColumnReaders readers = file.buildColumnReaders(ColumnProjection.columns(names)).batchSize(BATCH).build();
                    WaitLimit limit = new WaitLimit()) {
                List<@Nullable ParquetColumn> cells = new ArrayList<>();
                for (int i = 0; i < names.length; i++) {
                    cells.add(columns.get(i) == null
                            ? null
                            : new ParquetColumn(readers.getColumnReader(leaves.get(i).getFirst().columnIndex())));
                }
                while (limit.await(readers::nextBatch)) {
                    scan.checkpoint.check();
                    rows += readers.getRecordCount();
                    for (int i = 0; i < names.length; i++) {
                        ColumnScan column = columns.get(i);
                        ParquetColumn cell = cells.get(i);
                        if (column != null && cell != null) {
                            count(cell, column, readers.getRecordCount(), scan);
                        }
                    }
                }
                if (limit.isOver()) {
                    throw scan.fatal("the file ends before its rows do", 0, null, null, null);
                }
            }
        }
        if (rows != file.getFileMetaData().numRows()) {
            throw scan.fatal("the file has another number of rows than it tells", 0, String.valueOf(file.getFileMetaData().numRows()),
                    String.valueOf(rows), null);
        }
    }

    private static void count(ParquetColumn cell, ColumnScan column, int rows, Scan scan) {
        cell.begin();
        for (int i = 0; i < rows; i++) {
            cell.row(i);
            switch (cell.kind()) {
                case MISSING -> column.missing(1);
                case NUMBER -> column.numbers(1);
                case ARRAY -> column.array(Arrays.stream(cell.shape()).boxed().toList());
                case TEXT -> {
                    if (!scan.isText(cell.texts(), cell.from(), cell.to())) {
                        throw scan.fatal("a text of the column '" + column.name + "' is not UTF-8", 0, "UTF-8", null, null);
                    }
                    column.cell(cell.texts(), cell.from(), cell.to());
                }
                case OTHER -> column.text();
            }
        }
    }

    private static void splits(List<RowGroup> groups, Scan scan) {
        int from = 0;
        long rows = 0;
        long bytes = 0;
        for (int i = 0; i < groups.size(); i++) {
            rows += groups.get(i).numRows();
            bytes += groups.get(i).totalByteSize();
            if (scan.isEnough(bytes) || i == groups.size() - 1) {
                scan.split(from, i + 1L, rows);
                from = i + 1;
                rows = 0;
                bytes = 0;
            }
        }
    }
}
